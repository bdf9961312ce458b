// SPDX-License-Identifier: BSD-3-Clause
/*
 * What is told where more than one thing is wrong, or what is wrong is unusual:
 * descriptors that are paths only, that neither read nor write, that are no
 * descriptors.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { NEITHER = 3, FACCESSAT2 = 439 };

static char buf[64];

/* Linux's fourth access mode: for ioctl(), on devices. */
static void neither(void)
{
	int fd = open("file", NEITHER);
	struct flock lock = {.l_type = F_RDLCK};

	need(fd >= 0);
	fails(read(fd, buf, 1), EBADF, "does not read");
	fails(write(fd, buf, 1), EBADF, "nor write");
	fails(ftruncate(fd, 0), EINVAL, "nor cut");
	fails(fallocate(fd, 0, 0, 1), EBADF, "nor make room");
	fails(fcntl(fd, F_SETLK, &lock), EBADF, "nor lock for reading");
	lock.l_type = F_WRLCK;
	fails(fcntl(fd, F_SETLK, &lock), EBADF, "nor for writing");
	fails(flock(fd, LOCK_SH | LOCK_NB), EBADF, "nor as a whole");
	ok(flock(fd, LOCK_UN) == 0, "but unlock");
	close(fd);
}

static void paths_only(void)
{
	int fd = open("file", O_PATH), dir = open(".", O_PATH);

	need(fd >= 0 && dir >= 0);
	fails(lseek(fd, 0, 77), EBADF, "a path only: lseek");
	fails(lseek(fd, 0, SEEK_SET), EBADF, "of any kind");
	fails(flock(fd, LOCK_SH), EBADF, "flock");
	fails(fallocate(fd, 0, 0, 0), EBADF, "fallocate");
	fails(syscall(SYS_getdents64, dir, buf, sizeof(buf)), EBADF,
	      "getdents64");
	fails(pread(fd, buf, 1, 0), EBADF, "pread");
	close(fd);
	close(dir);
}

static void pipes(void)
{
	int fds[2];

	need(pipe(fds) == 0);
	fails(pread(fds[0], buf, 1, 0), ESPIPE, "no place in a pipe to read");
	fails(pread(fds[1], buf, 1, 0), ESPIPE, "nor of the other end");
	fails(pwrite(fds[0], buf, 1, 0), ESPIPE, "nor to write");
	fails(fallocate(fds[1], 0, 0, 1), ESPIPE, "nor room to be made");
	close(fds[0]);
	close(fds[1]);
}

static void locks(void)
{
	int fd = open("file", O_RDONLY);
	struct flock lock = {.l_type = F_UNLCK};

	need(fd >= 0);
	fails(flock(-1, 77), EINVAL, "no operation, nor a descriptor");
	fails(ftruncate(-1, -1), EINVAL, "no size, nor a descriptor");
	fails(fcntl(fd, F_GETLK, &lock), EINVAL, "who unlocks?");
	lock = (struct flock){.l_type = F_WRLCK, .l_whence = 77};
	fails(fcntl(fd, F_SETLK, &lock), EINVAL,
	      "from nowhere, and not open for writing");
	close(fd);
}

static void names(void)
{
	fails(mknod("missing/name", S_IFLNK | 0600, 0), EINVAL,
	      "mknod makes no links, nowhere");
	fails(mknod("missing/name", S_IFDIR | 0600, 0), EPERM,
	      "and no directories");
	fails(readlinkat(-1, "", buf, sizeof(buf)), EBADF,
	      "the link that no descriptor is");
	fails(readlinkat(AT_FDCWD, "", buf, sizeof(buf)), ENOENT,
	      "and that no name is");
}

static void access_open(void)
{
	int fd = open("file", O_RDONLY);

	need(fd >= 0);
	ok(syscall(FACCESSAT2, fd, "", F_OK, AT_EMPTY_PATH) == 0,
	   "what is open exists");
	ok(syscall(FACCESSAT2, fd, "", R_OK, AT_EMPTY_PATH) == 0,
	   "and can be read");
	fails(syscall(FACCESSAT2, fd, "", X_OK, AT_EMPTY_PATH), EACCES,
	      "but not run");
	fails(syscall(FACCESSAT2, -1, "", F_OK, AT_EMPTY_PATH), EBADF,
	      "what is not open does not");
	close(fd);
}

/* truncate() opens nothing, and so is no writer. */
static void fifos(void)
{
	struct pollfd poller = {.events = POLLIN};

	need(mkfifo("fifo", 0600) == 0);
	fails(open("fifo", NEITHER | O_NONBLOCK), EINVAL,
	      "a FIFO is for one or the other");
	poller.fd = open("fifo", O_RDONLY | O_NONBLOCK);
	need(poller.fd >= 0);
	fails(truncate("fifo", 0), EINVAL, "a FIFO has no size");
	ok(poll(&poller, 1, 0) == 0, "nobody has written and left");
	fails(fsync(poller.fd), EINVAL, "nor is it stored");
	close(poller.fd);
}

/* The set-ID bits go with the owner, but the group's where none executes. */
static void owners(void)
{
	struct stat st;

	need(chmod("fifo", 06755) == 0 &&
	     chown("fifo", geteuid(), getegid()) == 0);
	ok(stat("fifo", &st) == 0 && (st.st_mode & 07777) == 0755,
	   "a new owner without the old one's rights");
	need(chmod("fifo", 06745) == 0 &&
	     chown("fifo", geteuid(), getegid()) == 0);
	ok(stat("fifo", &st) == 0 && (st.st_mode & 07777) == 02745,
	   "which mean something else for groups that execute nothing");
}

static void behind(void)
{
	int fd = open("file", O_RDONLY), left = 0;

	need(fd >= 0 && lseek(fd, 10, SEEK_SET) == 10);
	ok(ioctl(fd, FIONREAD, &left) == 0 && left == 4 - 10,
	   "what is left to read behind the end");
	close(fd);
}

int main(void)
{
	put_text("file", "text");
	neither();
	paths_only();
	pipes();
	locks();
	names();
	access_open();
	fifos();
	owners();
	behind();
	return done();
}
