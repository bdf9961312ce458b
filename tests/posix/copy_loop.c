// SPDX-License-Identifier: BSD-3-Clause
/*
 * Copying files as programs do: read and write, stdio, mmap; all copies are
 * equal.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define SIZE 200001

static void make(void)
{
	FILE *file = fopen("original", "w");

	need(file);
	for (int i = 0; i < SIZE; i++)
		fputc(i * 31 + i / 251, file);
	need(fclose(file) == 0);
}

static int equal(const char *a, const char *b)
{
	FILE *x = fopen(a, "r"), *y = fopen(b, "r");
	int c, d;
	long size = 0;

	need(x && y);
	do {
		c = fgetc(x);
		d = fgetc(y);
		size++;
	} while (c == d && c != EOF);
	fclose(x);
	fclose(y);
	return c == d && size == SIZE + 1;
}

static void by_descriptor(size_t piece, const char *name)
{
	static char buf[65536];
	int from = open("original", O_RDONLY);
	int to = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
	ssize_t size;

	need(from >= 0 && to >= 0);
	while ((size = read(from, buf, piece)) > 0)
		need(write(to, buf, size) == size);
	ok(size == 0 && equal("original", name), name);
	close(from);
	close(to);
}

static void by_stream(void)
{
	char buf[1000];
	FILE *from = fopen("original", "r"), *to = fopen("streamed", "w");
	size_t size;

	need(from && to);
	while ((size = fread(buf, 1, sizeof(buf), from)) > 0)
		need(fwrite(buf, 1, size, to) == size);
	fclose(from);
	fclose(to);
	ok(equal("original", "streamed"), "streamed");
}

static void by_mapping(void)
{
	int from = open("original", O_RDONLY);
	int to = open("mapped", O_RDWR | O_CREAT, 0600);
	char *in, *out;

	need(from >= 0 && to >= 0 && ftruncate(to, SIZE) == 0);
	in = mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, from, 0);
	out = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
	need(in != MAP_FAILED && out != MAP_FAILED);
	memcpy(out, in, SIZE);
	munmap(in, SIZE);
	munmap(out, SIZE);
	close(from);
	close(to);
	ok(equal("original", "mapped"), "mapped");
}

static void onto_itself(void)
{
	char buf[100];
	int from = open("original", O_RDONLY);
	int to = open("original", O_WRONLY | O_APPEND);

	need(read(from, buf, 100) == 100 && write(to, buf, 100) == 100);
	ok(size_of("original") == SIZE + 100, "a file's start to its end");
	ok(lseek(from, SIZE, SEEK_SET) == SIZE && read(from, buf, 1) == 1 &&
		   buf[0] == 0,
	   "is read there");
	close(from);
	close(to);
}

int main(void)
{
	make();
	by_descriptor(65536, "in pieces of 64 KiB");
	by_descriptor(1000, "in pieces of 1000 bytes");
	by_stream();
	by_mapping();
	onto_itself();
	return done();
}
