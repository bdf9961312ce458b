-- SPDX-License-Identifier: BSD-3-Clause
-- What a script does all day: text, tables, files, sums. Its output depends on
-- nothing but this file, so it is the same wherever it runs.

local function heading(text)
	print(("\n== %s %s"):format(text, ("="):rep(60 - #text)))
end

-- Keys of a table in order: pairs() promises none.
local function sorted_keys(t, before)
	local keys = {}
	for k in pairs(t) do keys[#keys + 1] = k end
	table.sort(keys, before)
	return keys
end

-- A generator of numbers that are random enough and always the same.
local function numbers(seed)
	local state = seed
	return function(limit)
		state = (state * 1103515245 + 12345) & 0x7fffffff
		return (state >> 8) % limit + 1
	end
end

-- 1. Text: the words of this very script -----------------------------------

local function read_all(name)
	local file <close> = assert(io.open(name, "r"))
	return file:read("a")
end

local function count_words(text)
	local counts, total = {}, 0
	for word in text:lower():gmatch("%a+") do
		counts[word] = (counts[word] or 0) + 1
		total = total + 1
	end
	return counts, total
end

heading("words of this script")
local source = read_all(arg[0])
local counts, total = count_words(source)
local words = sorted_keys(counts, function(a, b)
	if counts[a] ~= counts[b] then return counts[a] > counts[b] end
	return a < b
end)
print(("%d bytes, %d words, %d of them different"):format(#source, total, #words))
for i = 1, 8 do
	local share = 100 * counts[words[i]] / total
	print(("%-12s %4d %5.1f %% %s"):format(words[i], counts[words[i]], share,
		("#"):rep(math.floor(share * 4))))
end

-- 2. Files: CSV out and in, a line at a time, seek, rename, remove ---------

local function csv_field(value)
	local text = tostring(value)
	if text:find('[",\n]') then
		text = '"' .. text:gsub('"', '""') .. '"'
	end
	return text
end

local function csv_parse(line)
	local fields, at = {}, 1
	while at <= #line + 1 do
		if line:sub(at, at) == '"' then
			local text, from = "", at + 1
			while true do
				local quote = assert(line:find('"', from, true), "open quote")
				text = text .. line:sub(from, quote - 1)
				if line:sub(quote + 1, quote + 1) ~= '"' then
					at = quote + 2
					break
				end
				text, from = text .. '"', quote + 2
			end
			fields[#fields + 1] = text
		else
			local comma = line:find(",", at, true) or #line + 1
			fields[#fields + 1] = line:sub(at, comma - 1)
			at = comma + 1
		end
	end
	return fields
end

heading("a CSV file, written and read")
local random = numbers(42)
local towns = {"Aachen", "Brno", "Cork, City of", 'Den "Haag"', "Évora", "Fez"}
do
	local file <close> = assert(io.open("sales.csv.new", "w"))
	file:setvbuf("full", 512)
	file:write("id,town,amount\n")
	for id = 1, 2000 do
		file:write(id, ",", csv_field(towns[random(#towns)]), ",",
			("%.2f"):format(random(100000) / 100), "\n")
	end
end
assert(os.rename("sales.csv.new", "sales.csv"))
assert(not io.open("sales.csv.new"))

local by_town, rows = {}, 0
for line in io.lines("sales.csv") do
	local id, town, amount = table.unpack(csv_parse(line))
	if id ~= "id" then
		local sum = by_town[town] or {n = 0, amount = 0, most = 0}
		by_town[town] = sum
		amount = tonumber(amount)
		sum.n, sum.amount = sum.n + 1, sum.amount + amount
		sum.most = math.max(sum.most, amount)
		rows = rows + 1
	end
end
for _, town in ipairs(sorted_keys(by_town)) do
	local sum = by_town[town]
	print(("%-14s %4d sales %12.2f in all %8.2f mean %8.2f most"):format(
		town, sum.n, sum.amount, sum.amount / sum.n, sum.most))
end
do
	local file <close> = assert(io.open("sales.csv", "r+"))
	local size = file:seek("end")
	file:seek("set", 3)
	local part = file:read(4)
	file:seek("set", 3)
	file:write(part:upper())
	file:seek("end", -1)
	file:write("!\n")
	print(("%d rows, %d bytes; then %q ... %d bytes"):format(rows, size,
		read_all("sales.csv"):sub(1, 9), file:seek("end")))
end
assert(os.remove("sales.csv"))
print(select(2, io.open("sales.csv")))

-- 3. Structures: JSON there and back ----------------------------------------

local encode
local encoders = {
	["nil"] = function() return "null" end,
	boolean = tostring,
	number = function(x) return ("%.14g"):format(x) end,
	string = function(s)
		return '"' .. s:gsub('[%c"\\]', function(c)
			return ("\\u%04x"):format(c:byte())
		end) .. '"'
	end,
	table = function(t)
		local parts = {}
		if #t > 0 then
			for _, v in ipairs(t) do parts[#parts + 1] = encode(v) end
			return "[" .. table.concat(parts, ",") .. "]"
		end
		for _, k in ipairs(sorted_keys(t)) do
			parts[#parts + 1] = encode(k) .. ":" .. encode(t[k])
		end
		return "{" .. table.concat(parts, ",") .. "}"
	end,
}
encode = function(value) return encoders[type(value)](value) end

local function decode(text)
	local at = 1
	local function take(pattern)
		local from, to, capture = text:find("^%s*" .. pattern, at)
		if from then at = to + 1 end
		return from and (capture or true)
	end
	local value
	local function sequence(close, item)
		if take(close) then return end
		repeat item() until not take(",")
		assert(take(close), "a closing bracket at " .. at)
	end
	value = function()
		if take("{") then
			local t = {}
			sequence("}", function()
				local key = assert(take('"([^"]*)"'))
				assert(take(":"))
				t[key] = value()
			end)
			return t
		elseif take("%[") then
			local t = {}
			sequence("%]", function() t[#t + 1] = value() end)
			return t
		elseif take("true") then return true
		elseif take("false") then return false
		elseif take("null") then return nil
		end
		local string = take('"([^"]*)"')
		if string then
			return (string:gsub("\\u(%x%x%x%x)", function(hex)
				return utf8.char(tonumber(hex, 16))
			end))
		end
		return assert(tonumber(take("(-?[%d.eE+-]+)")), "a value at " .. at)
	end
	return value()
end

heading("JSON, there and back")
local animal = {
	name = "eft", habitats = {"land", "water"}, legs = 4, lungs = true,
	note = 'a "newt"\tin its land stage', sizes = {7.5, 11, 1e-3},
	kin = {salamander = {order = "Urodela"}, frog = {order = "Anura"}},
}
local json = encode(animal)
print(json)
assert(encode(decode(json)) == json)
print(pcall(decode, '{"a": [1, 2'))

-- 4. Sums: sieve, queens, matrices, coroutines, strings ---------------------

local function primes(limit)
	local composite, found = {}, {}
	for n = 2, limit do
		if not composite[n] then
			found[#found + 1] = n
			for m = n * n, limit, n do composite[m] = true end
		end
	end
	return found
end

local function queens(n)
	local found, columns, up, down = 0, {}, {}, {}
	local function place(row)
		if row > n then found = found + 1 return end
		for c = 1, n do
			if not (columns[c] or up[row + c] or down[row - c]) then
				columns[c], up[row + c], down[row - c] = true, true, true
				place(row + 1)
				columns[c], up[row + c], down[row - c] = nil, nil, nil
			end
		end
	end
	place(1)
	return found
end

local Matrix = {}
Matrix.__index = Matrix
function Matrix.new(n, f)
	local m = setmetatable({n = n}, Matrix)
	for i = 1, n do
		m[i] = {}
		for j = 1, n do m[i][j] = f(i, j) end
	end
	return m
end
function Matrix.__mul(a, b)
	return Matrix.new(a.n, function(i, j)
		local sum = 0
		for k = 1, a.n do sum = sum + a[i][k] * b[k][j] end
		return sum
	end)
end
function Matrix:trace()
	local sum = 0
	for i = 1, self.n do sum = sum + self[i][i] end
	return sum
end

local function permutations(items)
	local function generate(n)
		if n == 0 then coroutine.yield(table.concat(items)) return end
		for i = 1, n do
			items[i], items[n] = items[n], items[i]
			generate(n - 1)
			items[i], items[n] = items[n], items[i]
		end
	end
	return coroutine.wrap(function() generate(#items) end)
end

heading("sums")
local found = primes(200000)
print(("%d primes below 200000, the last is %d"):format(#found, found[#found]))
print(("%d ways for 7 queens, %d for 8"):format(queens(7), queens(8)))
local hilbert = Matrix.new(60, function(i, j) return 1 / (i + j - 1) end)
print(("trace of the cube of a 60 by 60 Hilbert matrix: %.9f"):format(
	(hilbert * hilbert * hilbert):trace()))
local seen, least = 0, "~"
for p in permutations {"n", "e", "w", "t", "s"} do
	seen, least = seen + 1, p < least and p or least
end
print(("%d orders of the letters of newts, the first is %s"):format(seen, least))

local hash = 2166136261
for i = 1, 50000 do
	local packed = string.pack("<I4d", i, i / 3)
	for k = 1, #packed, 5 do
		hash = ((hash ~ packed:byte(k)) * 16777619) & 0xffffffff
	end
end
print(("hash of 50000 packed records: %08x"):format(hash))

local joined = {}
for i = 1, 20000 do joined[i] = ("%d:%x"):format(i, i * i) end
local text = table.concat(joined, ";")
local digits = select(2, text:gsub("%d", ""))
print(("%d bytes of text, %d digits, reversed it begins %s"):format(#text, digits,
	text:reverse():sub(1, 12)))

heading("errors are values too")
print(pcall(error, {code = 7}) == false, select(2, pcall(error, "said so", 0)))
print(select(2, pcall(function() return nil + 1 end)):gsub("^.-:%d+: ", ""))
print(utf8.len("Évora"), ("%q"):format(1 / 3), math.maxinteger // -7, 7 % -3, -7 // 2.0)
print(os.date("!%Y-%m-%d %H:%M:%S", 86400 * 365), os.getenv("EFT_NO_SUCH_NAME"))
