// SPDX-License-Identifier: BSD-3-Clause
/*
 * A file and /dev/null are no terminals, and say so with ENOTTY.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void no_terminal(int fd)
{
	struct winsize size = {0};
	struct termios modes;
	char name[64];

	errno = 0;
	ok(isatty(fd) == 0 && errno == ENOTTY, "isatty");
	fails(tcgetattr(fd, &modes), ENOTTY, "tcgetattr");
	fails(ioctl(fd, TIOCGWINSZ, &size), ENOTTY, "its window size");
	fails(tcgetpgrp(fd), ENOTTY, "its process group");
	fails(tcflush(fd, TCIFLUSH), ENOTTY, "tcflush");
	ok(ttyname_r(fd, name, sizeof(name)) == ENOTTY, "its name");
}

int main(void)
{
	struct termios modes;
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	no_terminal(fd);
	close(fd);
	errno = 0;
	ok(isatty(fd) == 0 && errno == EBADF, "a closed descriptor");
	fails(tcgetattr(fd, &modes), EBADF, "tcgetattr of it");
	fd = open("/dev/null", O_RDWR);
	no_terminal(fd);
	close(fd);
	return done();
}
