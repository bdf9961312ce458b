// SPDX-License-Identifier: BSD-3-Clause
/*
 * Paths that end where their memory does, or where nothing was written yet: what
 * lies behind the NUL is nobody's to read (valgrind tells who does).
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"

enum { LONGEST = 40 };

/* (offset) bytes into a block of (room) more than the path needs. */
static void ask(size_t len, size_t offset, size_t room)
{
	char *block = malloc(offset + len + 1 + room), *path = block + offset;

	need(block != NULL);
	memset(path, 'x', len);
	path[len] = '\0';
	errno = 0;
	need(access(path, F_OK) == -1 && errno == ENOENT);
	free(block);
}

int main(void)
{
	for (size_t len = 1; len <= LONGEST; len++) {
		for (size_t offset = 0; offset < 8; offset++) {
			ask(len, offset, 0);
			ask(len, offset, 16);
		}
	}
	ok(1, "paths of 1 to 40 bytes");
	return done();
}
