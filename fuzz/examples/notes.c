// SPDX-License-Identifier: BSD-3-Clause
/*
 * A program to be fuzzed, whose bug shows only when something goes wrong: it
 * keeps notes in a file, and a disk may be full.
 *
 *	./eft fuzz --program --faults fuzz/examples/notes.c
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct note {
	size_t len;
	char *text;
};

static int write_all(int fd, const void *data, size_t len)
{
	const char *at = data;

	while (len > 0) {
		ssize_t n = write(fd, at, len);

		if (n < 0)
			return -1;
		at += n;
		len -= n;
	}
	return 0;
}

/* The bug: who calls this frees the text too. */
static int save(int fd, struct note *note)
{
	if (write_all(fd, &note->len, sizeof(note->len)) < 0)
		return -1;
	if (write_all(fd, note->text, note->len) < 0) {
		free(note->text);
		return -1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct note note = {.len = size, .text = malloc(size)};
	int fd = open("/notes", O_WRONLY | O_CREAT | O_TRUNC, 0644);

	if (fd >= 0 && note.text != NULL) {
		memcpy(note.text, data, size);
		save(fd, &note);
	}
	free(note.text);
	if (fd >= 0)
		close(fd);
	return 0;
}
