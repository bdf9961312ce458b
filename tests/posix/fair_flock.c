// SPDX-License-Identifier: BSD-3-Clause
/* A lock on a file: one thread takes it again and again, the other at times. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "fair.h"

enum { WORK = 3000 };

static int one, other;

static void work(void)
{
	for (volatile int i = 0; i < WORK; i++)
		;
}

static void hold(int fd)
{
	need(flock(fd, LOCK_EX) == 0);
	work();
	need(flock(fd, LOCK_UN) == 0);
}

static void hold_one(void)
{
	hold(one);
}

static void hold_other(void)
{
	hold(other);
}

static void hold_bytes(int fd)
{
	struct flock lock = {.l_type = F_WRLCK, .l_len = 10};

	need(fcntl(fd, F_OFD_SETLKW, &lock) == 0);
	work();
	lock.l_type = F_UNLCK;
	need(fcntl(fd, F_OFD_SETLK, &lock) == 0);
}

static void hold_bytes_of_one(void)
{
	hold_bytes(one);
}

static void hold_bytes_of_other(void)
{
	hold_bytes(other);
}

int main(void)
{
	char name[] = "/tmp/fair-XXXXXX";

	one = mkstemp(name);
	other = open(name, O_RDWR);
	need(one >= 0 && other >= 0 && unlink(name) == 0);
	fair(hold_one, hold_other, "who locks a file has its turn");
	fair(hold_bytes_of_one, hold_bytes_of_other,
	     "who locks bytes has its turn");
	return done();
}
