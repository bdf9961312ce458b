// SPDX-License-Identifier: BSD-3-Clause
#include "core/lib.h"

/* Where the text goes: (len) counts on past (size). */
struct out {
	char *buf;
	size_t size, len;
};

/* One conversion: %[-0][width][.precision][l|ll|z]verb */
struct spec {
	bool left, zero;
	int width, precision;
	unsigned longs;
};

static void put(struct out *out, char c)
{
	if (out->len + 1 < out->size)
		out->buf[out->len] = c;
	out->len++;
}

static void put_field(struct out *out, const struct spec *spec, const char *s,
		      size_t len)
{
	int pad = spec->width - (int)len;
	char fill = spec->zero && !spec->left ? '0' : ' ';

	if (fill == '0' && len > 0 && *s == '-') {
		put(out, *s++);
		len--;
	}
	for (; !spec->left && pad > 0; pad--)
		put(out, fill);
	while (len-- > 0)
		put(out, *s++);
	for (; pad > 0; pad--)
		put(out, ' ');
}

static void put_number(struct out *out, const struct spec *spec, uint64_t value,
		       unsigned base, bool negative)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value != 0);
	if (negative)
		digits[--at] = '-';
	put_field(out, spec, digits + at, sizeof(digits) - at);
}

static const char *parse_number(const char *fmt, va_list *ap, int *ret_number)
{
	*ret_number = 0;
	if (*fmt == '*') {
		*ret_number = va_arg(*ap, int);
		return fmt + 1;
	}
	for (; *fmt >= '0' && *fmt <= '9'; fmt++)
		*ret_number = *ret_number * 10 + (*fmt - '0');
	return fmt;
}

static const char *parse_spec(const char *fmt, va_list *ap, struct spec *spec)
{
	*spec = (struct spec){.precision = -1};
	for (; *fmt == '-' || *fmt == '0'; fmt++) {
		spec->left |= *fmt == '-';
		spec->zero |= *fmt == '0';
	}
	fmt = parse_number(fmt, ap, &spec->width);
	if (*fmt == '.')
		fmt = parse_number(fmt + 1, ap, &spec->precision);
	for (; *fmt == 'l' || *fmt == 'z'; fmt++)
		spec->longs++;
	return fmt;
}

static void put_string(struct out *out, const struct spec *spec, const char *s)
{
	size_t max = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;

	if (s == NULL)
		s = "(null)";
	put_field(out, spec, s, eft_strnlen(s, max));
}

static void put_signed(struct out *out, const struct spec *spec, int64_t value)
{
	uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value;

	put_number(out, spec, magnitude, 10, value < 0);
}

static void convert(struct out *out, struct spec *spec, char verb, va_list *ap)
{
	char c = verb;

	switch (verb) {
	case 'd':
		put_signed(out, spec,
			   spec->longs ? va_arg(*ap, long) : va_arg(*ap, int));
		return;
	case 'u':
	case 'x':
	case 'o':
		put_number(out, spec,
			   spec->longs ? va_arg(*ap, unsigned long)
				       : va_arg(*ap, unsigned),
			   verb == 'u'	 ? 10
			   : verb == 'x' ? 16
					 : 8,
			   false);
		return;
	case 'p':
		put(out, '0');
		put(out, 'x');
		put_number(out, spec, va_arg(*ap, uintptr_t), 16, false);
		return;
	case 's':
		put_string(out, spec, va_arg(*ap, const char *));
		return;
	case 'c':
		c = (char)va_arg(*ap, int);
		break;
	}
	put_field(out, spec, &c, 1);
}

size_t eft_vsnprintf(char *buf, size_t size, const char *fmt, va_list args)
{
	struct out out = {.buf = buf, .size = size};
	va_list ap;

	va_copy(ap, args);
	while (*fmt != '\0') {
		struct spec spec;

		if (*fmt != '%') {
			put(&out, *fmt++);
			continue;
		}
		fmt = parse_spec(fmt + 1, &ap, &spec);
		if (*fmt == '\0')
			break;
		convert(&out, &spec, *fmt++, &ap);
	}
	va_end(ap);
	if (size > 0)
		buf[eft_min(out.len, size - 1)] = '\0';
	return out.len;
}

size_t eft_snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = eft_vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return len;
}
