// SPDX-License-Identifier: BSD-3-Clause
/*
 * Wide characters: strings, numbers and formatting, and UTF-8 where the
 * locale C.UTF-8 exists (as it does in musl and glibc alike).
 */
#define _GNU_SOURCE
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

#include "files.h"
#include "tap.h"

static void strings(void)
{
	wchar_t buf[32];
	wchar_t *end;

	ok(wcslen(L"wide") == 4, "wcslen");
	ok(wcscmp(L"a", L"b") < 0 && wcsncmp(L"ab", L"ac", 1) == 0, "wcscmp");
	ok(wcscpy(buf, L"abc") == buf && wcscat(buf, L"def") == buf &&
		   wmemcmp(buf, L"abcdef", 7) == 0,
	   "wcscpy and wcscat");
	ok(wcsstr(L"haystack", L"stack") != NULL, "wcsstr");
	ok(wcstol(L"-12x", &end, 10) == -12 && *end == L'x', "wcstol");
	ok(wcstod(L"2.5", NULL) == 2.5, "wcstod");
	ok(swprintf(buf, 32, L"%d %ls", 7, L"wide") == 6 &&
		   wcscmp(buf, L"7 wide") == 0,
	   "swprintf");
	ok(towupper(L'a') == L'A' && iswalpha(L'z') && !iswdigit(L'z'),
	   "classes");
}

static void multibyte(void)
{
	const char *text = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\xa6\x8e";
	wchar_t wide[16];
	char back[32];
	mbstate_t state = {0};

	ok(setlocale(LC_CTYPE, "C.UTF-8") != NULL, "C.UTF-8 exists");
	ok(MB_CUR_MAX >= 4, "characters of several bytes");
	ok(mbstowcs(wide, text, 16) == 4, "mbstowcs");
	ok(wide[0] == 'a' && wide[1] == 0xe4 && wide[2] == 0x20ac &&
		   wide[3] == 0x1f98e,
	   "of one, two, three and four bytes");
	ok(wcstombs(back, wide, 32) == 10 && !strcmp(back, text), "and back");
	ok(mbrtowc(wide, "\xe2\x82", 2, &state) == (size_t)-2,
	   "half a character");
	ok(mbrtowc(wide, "\xac", 1, &state) == 1 && wide[0] == 0x20ac,
	   "and its rest");
	memset(&state, 0, sizeof(state));
	errno = 0;
	ok(mbrtowc(wide, "\xff", 1, &state) == (size_t)-1 && errno == EILSEQ,
	   "what is none");
	ok(mblen("\xc3\xa4", 2) == 2, "mblen");
}

static void streams(void)
{
	FILE *file = fopen("file", "w+");

	need(file);
	ok(fwide(file, 0) == 0 && fputws(L"\x20ac\n", file) >= 0 &&
		   fwide(file, 0) > 0,
	   "a stream becomes wide");
	rewind(file);
	ok(fgetwc(file) == 0x20ac && fgetwc(file) == L'\n' &&
		   fgetwc(file) == WEOF,
	   "fgetwc");
	fclose(file);
	ok(has_text("file", "\xe2\x82\xac\n"), "the file is UTF-8");
}

int main(void)
{
	strings();
	multibyte();
	streams();
	return done();
}
