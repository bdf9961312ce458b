// SPDX-License-Identifier: BSD-3-Clause
/* A pipe with room: one thread writes and reads much, the other a byte. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "fair.h"

enum { MUCH = 512 << 10, ALL = 1 << 20 };

static int fds[2];
static char data[ALL], byte;

static void much(void)
{
	need(write(fds[1], data, MUCH) == MUCH);
	need(read(fds[0], data, ALL) >= MUCH);
}

static void little(void)
{
	need(write(fds[1], &byte, 1) == 1);
}

int main(void)
{
	need(pipe(fds) == 0 && fcntl(fds[1], F_SETPIPE_SZ, ALL) == ALL);
	fair(much, little, "who writes a byte has its turn");
	return done();
}
