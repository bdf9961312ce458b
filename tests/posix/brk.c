// SPDX-License-Identifier: BSD-3-Clause
/*
 * sbrk(0) tells the end of the heap; growing it, where the libc lets one
 * (musl does not), gives memory behind.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define SIZE (256 * 1024)

static void grow(char *end)
{
	char *old = sbrk(SIZE);
	int grown, back = 1;

#ifdef __GLIBC__
	grown = old == end && sbrk(0) == end + SIZE;
	need(grown);
	memset(end, 'b', SIZE);
	grown = all_bytes(end, 'b', SIZE);
	back = sbrk(-SIZE) == end + SIZE;
#else
	grown = end && (intptr_t)old == -1 && errno == ENOMEM;
#endif
	ok(grown, "growing gives memory, or is refused");
	ok(back, "it can be given back");
}

int main(void)
{
	char *end;

	/* The first line printed may take a buffer from the heap. */
	ok((intptr_t)sbrk(0) != -1, "sbrk(0) tells the end");
	end = sbrk(0);
	ok(sbrk(0) == end, "asking changes nothing");
	grow(end);
	ok(sbrk(0) == end, "at last the end is where it was");
	return done();
}
