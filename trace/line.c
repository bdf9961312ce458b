// SPDX-License-Identifier: BSD-3-Clause
#include "trace/line.h"
#include "core/abi.h"
#include "core/lib.h"
#include "core/mem.h"
#include "trace/tracer.h"

void put_char(struct line *line, char c)
{
	if (line->len < LINE_BYTES - 1)
		line->text[line->len++] = c;
}

void put(struct line *line, const char *fmt, ...)
{
	size_t room = LINE_BYTES - line->len;
	va_list ap;

	va_start(ap, fmt);
	line->len += eft_min(eft_vsnprintf(line->text + line->len, room, fmt,
					   ap),
			     room - 1);
	va_end(ap);
}

bool readable(uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;
	struct eft_range range;

	if (end < addr)
		return false;
	if (addr >= services.image_start && end <= services.image_end)
		return true;
	while (addr < end) {
		if (!services.range_peek(addr, &range) || range.start > addr ||
		    !(range.prot & EFT_PROT_READ))
			return false;
		addr = range.end;
	}
	return true;
}

void put_address(struct line *line, uintptr_t addr)
{
	put(line, addr == 0 ? "NULL" : "%p", (void *)addr);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* (c) as in C; as short an octal number as what follows allows. */
static void put_escaped(struct line *line, unsigned char c, char next)
{
	static const char letters[] = "\tt\nn\vv\ff\rr\"\"\\\\";

	for (const char *at = letters; *at != '\0'; at += 2) {
		if ((char)c == *at) {
			put(line, "\\%c", at[1]);
			return;
		}
	}
	if (c >= ' ' && c < 0x7f)
		put_char(line, (char)c);
	else
		put(line, is_digit(next) ? "\\%03o" : "\\%o", c);
}

void put_bytes(struct line *line, uintptr_t addr, size_t len, size_t max)
{
	const char *bytes = (const char *)addr;
	size_t shown = eft_min(len, max);

	if (addr == 0 || !readable(addr, shown)) {
		put_address(line, addr);
		return;
	}
	put_char(line, '"');
	for (size_t i = 0; i < shown; i++)
		put_escaped(line, bytes[i], i + 1 < shown ? bytes[i + 1] : 0);
	put(line, shown < len ? "\"..." : "\"");
}

/* The length of the string at (addr), as far as it can be read. */
static size_t length(uintptr_t addr, size_t max)
{
	size_t len = 0;

	while (len < max && (len % 64 != 0 || readable(addr + len, 1)) &&
	       ((addr + len) % EFT_PAGE_SIZE != 0 || readable(addr + len, 1)) &&
	       ((const char *)addr)[len] != '\0')
		len++;
	return len;
}

void put_string(struct line *line, uintptr_t addr, size_t max)
{
	if (addr == 0 || !readable(addr, 1))
		put_address(line, addr);
	else
		put_bytes(line, addr, length(addr, max + 1), max);
}

void put_name(struct line *line, uint64_t value, const struct name *names,
	      const char *what)
{
	for (; names->name != NULL; names++) {
		if (names->value == value) {
			put(line, "%s", names->name);
			return;
		}
	}
	put(line, "0x%lx", value);
	if (what != NULL)
		put(line, " /* %s */", what);
}

void put_flags(struct line *line, uint64_t value, const struct name *names,
	       const char *what)
{
	const char *between = "";

	if (value == 0) {
		put_name(line, 0, names, NULL);
		return;
	}
	for (; names->name != NULL; names++) {
		if (names->value == 0 || (value & names->value) != names->value)
			continue;
		put(line, "%s%s", between, names->name);
		between = "|";
		value &= ~names->value;
	}
	if (value == 0)
		return;
	put(line, "%s0x%lx", between, value);
	if (*between == '\0' && what != NULL)
		put(line, " /* %s */", what);
}
