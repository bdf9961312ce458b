// SPDX-License-Identifier: BSD-3-Clause
#include "posix/trace.h"
#include "core/lib.h"
#include "core/log.h"

enum { LINE_BYTES = 160, STRING_SHOWN = 48 };

static size_t print_argument(char *line, size_t size, char format, long value)
{
	switch (format) {
	case 'd':
		return eft_snprintf(line, size, "%d", (int)value);
	case 'l':
		return eft_snprintf(line, size, "%ld", value);
	case 'u':
		return eft_snprintf(line, size, "%lu", value);
	case 's':
		if (value != 0)
			return eft_snprintf(line, size, "\"%.*s\"",
					    STRING_SHOWN, (char *)value);
	}
	return eft_snprintf(line, size, value ? "0x%lx" : "NULL", value);
}

/* A line before the call, ended after it: a call that never returns shows. */
long eft_syscall_traced(const struct eft_description *description,
			void *handler, long a, long b, long c, long d, long e,
			long f)
{
	const long args[] = {a, b, c, d, e, f};
	char line[LINE_BYTES];
	size_t len = 0;
	long result;

	for (unsigned i = 0; description->format[i] != '\0'; i++) {
		if (i > 0)
			len += eft_snprintf(line + len, LINE_BYTES - len, ", ");
		len += print_argument(line + len, LINE_BYTES - len,
				      description->format[i], args[i]);
		len = eft_min(len, LINE_BYTES - 1);
	}
	line[len] = '\0';
	eft_console_printf("%s(%s)", description->name, line);
	result = ((eft_handler *)handler)(a, b, c, d, e, f);
	if (description->format[0] == 'p' || (unsigned long)result >> 32)
		eft_console_printf(" = 0x%lx\n", result);
	else
		eft_console_printf(" = %ld\n", result);
	return result;
}
