// SPDX-License-Identifier: BSD-3-Clause
/*
 * iconv() between UTF-8, UTF-16, UTF-32 and Latin-1; cut and wrong input
 * and full output are told apart.
 */
#define _GNU_SOURCE
#include <iconv.h>

#include "tap.h"

/* Convert (size) bytes; the result is (want), of (want_size) bytes. */
static int gives(const char *to, const char *from, const char *text,
		 size_t size, const char *want, size_t want_size)
{
	iconv_t conversion = iconv_open(to, from);
	char out[64];
	char *in_at = (char *)text, *out_at = out;
	size_t room = sizeof(out);
	size_t result;

	need(conversion != (iconv_t)-1);
	result = iconv(conversion, &in_at, &size, &out_at, &room);
	iconv_close(conversion);
	return result == 0 && size == 0 &&
	       (size_t)(out_at - out) == want_size &&
	       memcmp(out, want, want_size) == 0;
}

/* The error of converting (size) bytes of UTF-8 with (room) for UTF-16. */
static int error_of(const char *text, size_t size, size_t room)
{
	iconv_t conversion = iconv_open("UTF-16LE", "UTF-8");
	char out[64];
	char *in_at = (char *)text, *out_at = out;

	need(conversion != (iconv_t)-1);
	errno = 0;
	if (iconv(conversion, &in_at, &size, &out_at, &room) != (size_t)-1)
		errno = 0;
	iconv_close(conversion);
	return errno;
}

int main(void)
{
	ok(gives("UTF-16LE", "UTF-8", "a\xc3\xa4", 3, "a\0\xe4\0", 4),
	   "UTF-8 to UTF-16");
	ok(gives("UTF-8", "UTF-16BE", "\0a\x20\xac", 4, "a\xe2\x82\xac", 4),
	   "UTF-16 to UTF-8");
	ok(gives("UTF-8", "ISO-8859-1", "\xe4", 1, "\xc3\xa4", 2),
	   "Latin-1 to UTF-8");
	ok(gives("ISO-8859-1", "UTF-8", "\xc3\xa4", 2, "\xe4", 1),
	   "UTF-8 to Latin-1");
	ok(gives("UTF-32BE", "UTF-8", "\xf0\x9f\xa6\x8e", 4, "\0\x01\xf9\x8e",
		 4),
	   "UTF-8 to UTF-32");
	ok(gives("UTF-16BE", "UTF-8", "\xf0\x9f\xa6\x8e", 4, "\xd8\x3e\xdd\x8e",
		 4),
	   "a surrogate pair");
	ok(error_of("abc", 3, 64) == 0, "no error");
	ok(error_of("\xe2\x82", 2, 64) == EINVAL, "cut input");
	ok(error_of("\xff", 1, 64) == EILSEQ, "wrong input");
	ok(error_of("abc", 3, 4) == E2BIG, "full output");
	ok(iconv_open("no-such-code", "UTF-8") == (iconv_t)-1, "no such code");
	return done();
}
