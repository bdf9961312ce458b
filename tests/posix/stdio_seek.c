// SPDX-License-Identifier: BSD-3-Clause
/*
 * Seeking and buffering in stdio: positions are those of the file, buffers
 * are written when they must be, and memory streams behave as files.
 */
#define _GNU_SOURCE
#include "files.h"
#include "tap.h"

static void positions(void)
{
	fpos_t place;
	FILE *file = fopen("file", "w+");

	need(file);
	ok(fputs("0123456789", file) >= 0 && ftell(file) == 10,
	   "ftell counts what is still in the buffer");
	ok(fseek(file, 3, SEEK_SET) == 0 && fgetc(file) == '3', "SEEK_SET");
	ok(fseek(file, 2, SEEK_CUR) == 0 && fgetc(file) == '6', "SEEK_CUR");
	ok(fseek(file, -1, SEEK_END) == 0 && fgetc(file) == '9', "SEEK_END");
	ok(fgetc(file) == EOF && feof(file), "the end");
	ok(fseek(file, 0, SEEK_SET) == 0 && !feof(file), "fseek clears it");
	need(fgetc(file) == '0' && fgetpos(file, &place) == 0);
	ok(fseek(file, 5, SEEK_SET) == 0 && fsetpos(file, &place) == 0 &&
		   fgetc(file) == '1',
	   "fgetpos and fsetpos");
	ok(fseek(file, 0, SEEK_CUR) == 0 && fputc('X', file) == 'X' &&
		   fflush(file) == 0 && has_text("file", "01X3456789"),
	   "writing after reading");
	ok(fseeko(file, 20, SEEK_SET) == 0 && fputc('e', file) == 'e' &&
		   fflush(file) == 0 && size_of("file") == 21,
	   "past the end");
	fails(fseek(file, -1, SEEK_SET), EINVAL, "a negative position");
	fails(fseek(file, 0, 99), EINVAL, "an unknown whence");
	ok(ungetc('u', file) == 'u' && ftell(file) == 20, "ungetc steps back");
	fclose(file);
}

static void buffers(void)
{
	FILE *file = fopen("buffered", "w");

	need(file && setvbuf(file, NULL, _IOFBF, 4096) == 0);
	fputs("kept\n", file);
	ok(size_of("buffered") == 0, "a full buffer waits");
	ok(fflush(file) == 0 && has_text("buffered", "kept\n"), "for fflush");
	fputs("more", file);
	ok(fclose(file) == 0 && has_text("buffered", "kept\nmore"),
	   "or fclose");
	file = fopen("buffered", "w");
	need(file && setvbuf(file, NULL, _IOLBF, 4096) == 0);
	fputs("line", file);
	ok(size_of("buffered") == 0, "a line buffer waits");
	fputs("\n", file);
	ok(has_text("buffered", "line\n"), "for the line's end");
	fclose(file);
	file = fopen("buffered", "w");
	need(file && setvbuf(file, NULL, _IONBF, 0) == 0);
	fputs("now", file);
	ok(has_text("buffered", "now"), "without a buffer nothing waits");
	fclose(file);
}

static void append(void)
{
	FILE *file = fopen("buffered", "a+");

	need(file);
	rewind(file);
	ok(fgetc(file) == 'n', "a+ reads where one seeks");
	rewind(file);
	ok(fputs("ADD", file) >= 0 && fclose(file) == 0 &&
		   has_text("buffered", "nowADD"),
	   "and writes at the end");
}

static void memory(void)
{
	char text[] = "from memory";
	char buf[32];
	char *made = NULL;
	size_t size = 0;
	FILE *file = fmemopen(text, strlen(text), "r");

	need(file);
	ok(fgets(buf, sizeof(buf), file) && !strcmp(buf, "from memory"),
	   "fmemopen");
	fclose(file);
	file = open_memstream(&made, &size);
	need(file);
	fprintf(file, "%d and %s", 42, "more");
	ok(fflush(file) == 0 && size == 11 && !strcmp(made, "42 and more"),
	   "open_memstream");
	for (int i = 0; i < 10000; i++)
		fputc('x', file);
	ok(fclose(file) == 0 && size == 10011 && made[10010] == 'x' &&
		   made[10011] == 0,
	   "grows");
	free(made);
}

int main(void)
{
	positions();
	buffers();
	append();
	memory();
	return done();
}
