-- SPDX-License-Identifier: BSD-3-Clause
-- Files as a script sees them: modes, buffers, positions, errors, big ones.
print(#arg, arg[1], arg[2])

local function errors(name, mode)
	local file, message, number = io.open(name, mode)
	print(name, mode, file, message, number)
end

errors("missing", "r")
errors("no/where", "w")
errors(".", "w")

local file = assert(io.open("big", "w+"))
file:setvbuf("full", 4096)
for i = 1, 40000 do file:write(("%06d\n"):format(i)) end
print(file:seek("end"), file:seek("set", 7 * 20000), file:read("l", "n"))
file:seek("cur", 3)
print(file:read(4))
file:close()

local sum, lines = 0, 0
for line in io.lines("big") do sum, lines = sum + tonumber(line), lines + 1 end
print(lines, sum)

file = assert(io.open("big", "a"))
file:write("the end")
file:close()
file = assert(io.open("big", "rb"))
file:seek("end", -7)
print(file:read("a"), file:read("a"), file:read("l"))
file:close()

print(os.rename("big", "large"), os.rename("big", "larger"))
print(os.remove("large"), os.remove("large"))
local temporary = io.tmpfile()
temporary:write("temporary")
temporary:seek("set")
print(temporary:read("a"))
local name = os.tmpname and "unnamed"
print(name, os.getenv("NO_SUCH_VARIABLE"), type(os.time()), os.time({year = 2024, month = 2, day = 29, hour = 12}) ~= nil)
print(pcall(io.lines, "missing"))
io.stderr:write("")
io.stdout:write("done\n")
