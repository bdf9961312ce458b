// SPDX-License-Identifier: BSD-3-Clause
/*
 * stdio streams on files: each mode opens, creates, cuts or appends as it
 * says, and lines, blocks, characters and pushed-back ones go through.
 */
#define _GNU_SOURCE
#include "files.h"
#include "tap.h"

static void modes(void)
{
	FILE *file;

	fails_null(fopen("file", "r"), ENOENT, "r does not make a file");
	fails_null(fopen("file", "r+"), ENOENT, "nor does r+");
	fails_null(fopen("file", "bad"), EINVAL, "a mode that is none");
	file = fopen("file", "w");
	ok(file && fputs("one\n", file) >= 0 && fclose(file) == 0, "w");
	ok(has_text("file", "one\n"), "makes and writes");
	file = fopen("file", "a");
	ok(file && fputs("two\n", file) >= 0 && fclose(file) == 0, "a");
	ok(has_text("file", "one\ntwo\n"), "appends");
	file = fopen("file", "r+");
	ok(file && fputs("ONE", file) >= 0 && fclose(file) == 0, "r+");
	ok(has_text("file", "ONE\ntwo\n"), "writes over");
	fails_null(fopen("file", "wx"), EEXIST, "x refuses an existing file");
	file = fopen("file", "w+");
	ok(file && fgetc(file) == EOF && feof(file), "w+ cuts");
	fclose(file);
}

static void lines(void)
{
	char buf[8];
	FILE *file;

	put_text("lines", "short\na longer line\n\nlast");
	file = fopen("lines", "r");
	need(file);
	ok(fgets(buf, 8, file) && !strcmp(buf, "short\n"), "fgets: a line");
	ok(fgets(buf, 8, file) && !strcmp(buf, "a longe"), "a full buffer");
	ok(fgets(buf, 8, file) && !strcmp(buf, "r line\n"), "and its rest");
	ok(fgets(buf, 8, file) && !strcmp(buf, "\n"), "an empty line");
	ok(fgets(buf, 8, file) && !strcmp(buf, "last"), "a line without end");
	ok(!fgets(buf, 8, file) && feof(file) && !ferror(file), "the end");
	fclose(file);
}

static void long_lines(void)
{
	char *line = NULL;
	size_t capacity = 0;
	FILE *file = fopen("long", "w+");

	need(file);
	for (int i = 0; i < 3000; i++)
		fputs("0123456789", file);
	fputs("\nsecond", file);
	rewind(file);
	ok(getline(&line, &capacity, file) == 30001 && line[29999] == '9',
	   "getline: 30 001 bytes");
	ok(getline(&line, &capacity, file) == 6 && !strcmp(line, "second"),
	   "the next one");
	ok(getline(&line, &capacity, file) == -1, "the end");
	free(line);
	fclose(file);
}

static void blocks_and_characters(void)
{
	short numbers[100], again[100];
	FILE *file = fopen("blocks", "w+b");

	need(file);
	for (int i = 0; i < 100; i++)
		numbers[i] = (short)(i * 300);
	ok(fwrite(numbers, 2, 100, file) == 100, "fwrite");
	rewind(file);
	ok(fread(again, 2, 100, file) == 100 && !memcmp(numbers, again, 200),
	   "fread");
	rewind(file);
	ok(fread(again, 3, 100, file) == 66 && feof(file),
	   "fread counts whole items only");
	rewind(file);
	ok(!feof(file) && fgetc(file) == 0, "rewind clears the end");
	ok(ungetc('u', file) == 'u' && fgetc(file) == 'u', "ungetc");
	ok(fgetc(file) == 0, "and on behind it");
	fclose(file);
}

static void wrong_direction(void)
{
	FILE *file = fopen("lines", "r");

	need(file);
	errno = 0;
	ok(fputc('x', file) == EOF && ferror(file), "r does not write");
	fclose(file);
	file = fopen("lines", "a");
	ok(file && fgetc(file) == EOF && ferror(file), "a does not read");
	fclose(file);
	ok(size_of("lines") == 25, "and nothing has changed");
}

static void descriptors(void)
{
	int fd = open("lines", O_RDWR);
	FILE *file = fdopen(fd, "r+");

	ok(file && fileno(file) == fd, "fdopen");
	ok(fclose(file) == 0 && fcntl(fd, F_GETFD) == -1, "fclose closes it");
	file = fopen("lines", "r");
	file = freopen("file", "w", file);
	ok(file && fputs("re", file) >= 0 && fclose(file) == 0 &&
		   has_text("file", "re"),
	   "freopen");
}

int main(void)
{
	modes();
	lines();
	long_lines();
	blocks_and_characters();
	wrong_direction();
	descriptors();
	return done();
}
