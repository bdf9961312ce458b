// SPDX-License-Identifier: BSD-3-Clause
/*
 * fcntl() reads and sets descriptor flags (of one descriptor) and status
 * flags (of the open file description, shared by duplicates).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void descriptor_flags(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);
	int cloexec = open("file", O_RDONLY | O_CLOEXEC);

	ok(fcntl(fd, F_GETFD) == 0, "no flag at first");
	ok(fcntl(cloexec, F_GETFD) == FD_CLOEXEC, "O_CLOEXEC sets one");
	ok(!(fcntl(cloexec, F_GETFL) & O_CLOEXEC), "which F_GETFL has not");
	ok(fcntl(fd, F_SETFD, FD_CLOEXEC) == 0, "F_SETFD sets it");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC, "F_GETFD tells it");
	ok(fcntl(fd, F_SETFD, 0) == 0 && fcntl(fd, F_GETFD) == 0,
	   "F_SETFD clears it");
	close(fd);
	close(cloexec);
}

static void access_modes(void)
{
	static const int modes[] = {O_RDONLY, O_WRONLY, O_RDWR};
	static const char *names[] = {"O_RDONLY is told", "O_WRONLY is told",
				      "O_RDWR is told"};

	for (int i = 0; i < 3; i++) {
		int fd = open("file", modes[i]);

		ok((fcntl(fd, F_GETFL) & O_ACCMODE) == modes[i], names[i]);
		close(fd);
	}
}

static void status_flags(void)
{
	int fd = open("file", O_RDWR | O_APPEND | O_CREAT | O_TRUNC, 0600);
	int copy = dup(fd);
	int flags = fcntl(fd, F_GETFL);

	ok(flags & O_APPEND, "O_APPEND is told");
	ok(!(flags & (O_CREAT | O_TRUNC | O_EXCL)),
	   "flags of the opening are not kept");
	ok(!(flags & O_CLOEXEC), "O_CLOEXEC is no status flag");
	ok(fcntl(fd, F_SETFL, O_NONBLOCK) == 0, "F_SETFL");
	flags = fcntl(fd, F_GETFL);
	ok((flags & O_NONBLOCK) && !(flags & O_APPEND), "sets and clears");
	ok((flags & O_ACCMODE) == O_RDWR, "but not the access mode");
	ok(fcntl(copy, F_GETFL) == flags, "a duplicate shares them");
	ok(fcntl(fd, F_SETFL, O_WRONLY | O_APPEND) == 0 &&
		   (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR,
	   "an access mode to F_SETFL is ignored");
	need(pwrite(fd, "abc", 3, 0) == 3 && lseek(fd, 0, SEEK_SET) == 0);
	ok(write(copy, "d", 1) == 1 && has_text("file", "abcd"),
	   "O_APPEND set later works");
	close(fd);
	close(copy);
}

static void errors(void)
{
	int fd = open("file", O_RDONLY);

	fails(fcntl(fd, 9999, 0), EINVAL, "an unknown command");
	fails(fcntl(-1, F_GETFD), EBADF, "no descriptor");
	close(fd);
	fails(fcntl(fd, F_GETFD), EBADF, "F_GETFD of a closed descriptor");
	fails(fcntl(fd, F_GETFL), EBADF, "F_GETFL of it");
	fails(fcntl(fd, F_SETFD, 0), EBADF, "F_SETFD of it");
	fails(fcntl(fd, F_SETFL, 0), EBADF, "F_SETFL of it");
	fails(close(fd), EBADF, "close of it");
	fails(close(-1), EBADF, "close of no descriptor");
}

int main(void)
{
	descriptor_flags();
	access_modes();
	status_flags();
	errors();
	return done();
}
