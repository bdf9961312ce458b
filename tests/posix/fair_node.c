// SPDX-License-Identifier: BSD-3-Clause
/* A file's contents: one thread writes all of it, the other a byte. */
#include <fcntl.h>
#include <unistd.h>

#include "fair.h"

enum { SIZE = 256 << 10 };

static int fd, other;
static char data[SIZE];

static void write_all(void)
{
	need(pwrite(fd, data, SIZE, 0) == SIZE);
}

static void write_one(void)
{
	need(pwrite(other, data, 1, 0) == 1);
}

int main(void)
{
	char name[] = "/tmp/fair-XXXXXX";

	fd = mkstemp(name);
	other = open(name, O_WRONLY);
	need(fd >= 0 && other >= 0 && unlink(name) == 0);
	fair(write_all, write_one, "who writes a byte has its turn");
	return done();
}
