// SPDX-License-Identifier: BSD-3-Clause
/*
 * Two hundred descriptors at once: each its own file, numbers reused lowest
 * first, all closed again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define COUNT 200

static int fds[COUNT];

static void opening(void)
{
	char name[16];
	int rising = 1;

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fds[i] = open(name, O_RDWR | O_CREAT, 0600);
		need(fds[i] >= 0);
		rising &= i == 0 || fds[i] > fds[i - 1];
	}
	ok(rising, "200 descriptors, each the lowest free one");
}

static void in_use(void)
{
	char name[16];
	int fine = 1;

	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		need(write(fds[i], name, strlen(name)) > 0);
	}
	for (int i = 0; i < COUNT; i++) {
		snprintf(name, sizeof(name), "f%d", i);
		fine &= has_text(name, name) && fd_has_text(fds[i], name);
	}
	ok(fine, "each is its own file");
}

static void reusing(void)
{
	int reused = 1;

	for (int i = 0; i < COUNT; i += 3)
		need(close(fds[i]) == 0);
	for (int i = 0; i < COUNT; i += 3)
		reused &= open("f0", O_RDONLY) == fds[i];
	ok(reused, "closed numbers come again, lowest first");
	ok(fd_has_text(fds[199], "f199") && fd_has_text(fds[198], "f0") &&
		   fd_has_text(fds[197], "f197"),
	   "the others are what they were");
}

static void far_apart(void)
{
	ok(dup2(fds[0], 900) == 900 && fd_has_text(900, "f0"),
	   "a number far above");
	ok(close(900) == 0, "and closed");
}

static void closing(void)
{
	int closed = 1, gone = 1;

	for (int i = 0; i < COUNT; i++)
		closed &= close(fds[i]) == 0;
	for (int i = 0; i < COUNT; i++)
		gone &= fcntl(fds[i], F_GETFD) == -1 && errno == EBADF;
	ok(closed && gone, "all are closed");
}

int main(void)
{
	opening();
	in_use();
	reusing();
	far_apart();
	closing();
	return done();
}
