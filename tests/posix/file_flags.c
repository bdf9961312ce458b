// SPDX-License-Identifier: BSD-3-Clause
/*
 * Flags of the calls on files: what each one takes, and refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { LARGE = 0100000 }; /* O_LARGEFILE of the kernel, which adds it */

/* What F_GETFL says of a file that is opened so. */
struct opening {
	const char *name, *path;
	int flags, want, error;
};

static const struct opening openings[] = {
	{"status flags stay", "file",
	 O_RDWR | O_APPEND | O_NONBLOCK | O_NOATIME | O_SYNC,
	 O_RDWR | O_APPEND | O_NONBLOCK | O_NOATIME | O_SYNC, 0},
	{"those of opening do not", "file",
	 O_WRONLY | O_CREAT | O_TRUNC | O_NOCTTY | O_CLOEXEC, O_WRONLY, 0},
	{"O_NOFOLLOW", "file", O_RDONLY | O_NOFOLLOW, O_NOFOLLOW, 0},
	{"O_DIRECTORY", ".", O_RDONLY | O_DIRECTORY, O_DIRECTORY, 0},
	{"O_DIRECTORY of a file", "file", O_RDONLY | O_DIRECTORY, 0, ENOTDIR},
	{"O_PATH", "file", O_PATH, O_PATH, 0},
	{"O_PATH ignores the rest", "file",
	 O_PATH | O_RDWR | O_APPEND | O_NONBLOCK | O_CREAT | O_EXCL, O_PATH, 0},
	{"O_PATH | O_DIRECTORY", ".", O_PATH | O_DIRECTORY,
	 O_PATH | O_DIRECTORY, 0},
	{"O_PATH | O_NOFOLLOW of a link", "link", O_PATH | O_NOFOLLOW,
	 O_PATH | O_NOFOLLOW, 0},
	{"O_NOFOLLOW of a link", "link", O_RDONLY | O_NOFOLLOW, 0, ELOOP},
	{"O_CREAT | O_EXCL of what is there", "file", O_CREAT | O_EXCL, 0,
	 EEXIST},
	{"O_CREAT | O_DIRECTORY", "new", O_CREAT | O_DIRECTORY, 0, EINVAL},
	{"a directory to be written", ".", O_RDWR, 0, EISDIR},
	{"O_TRUNC of a directory", ".", O_RDONLY | O_TRUNC, 0, EISDIR},
	{"O_TMPFILE", ".", O_TMPFILE | O_RDWR, O_TMPFILE | O_RDWR, 0},
	{"O_TMPFILE to be read only", ".", O_TMPFILE | O_RDONLY, 0, EINVAL},
	{"O_TMPFILE in a file", "file", O_TMPFILE | O_RDWR, 0, ENOTDIR},
	{"O_TMPFILE nowhere", "none", O_TMPFILE | O_RDWR, 0, ENOENT},
	{"O_TMPFILE | O_CREAT", ".", O_TMPFILE | O_RDWR | O_CREAT, 0, EINVAL},
	{"a flag nobody knows", "file", O_RDONLY | 0x40000000, O_RDONLY, 0},
};

static void opens(void)
{
	for (size_t i = 0; i < sizeof(openings) / sizeof(openings[0]); i++) {
		const struct opening *at = &openings[i];
		int fd = open(at->path, at->flags, 0600);

		if (at->error != 0)
			ok(fd < 0 && errno == at->error, at->name);
		else
			ok((fcntl(fd, F_GETFL) & ~LARGE) == at->want, at->name);
		if (fd >= 0)
			close(fd);
	}
}

static void settable(void)
{
	int fd = open("file", O_RDWR | O_SYNC);
	int mode = O_RDWR | O_SYNC;

	need(fd >= 0);
	ok(fcntl(fd, F_SETFL, O_APPEND | O_NONBLOCK | O_NOATIME) == 0 &&
		   (fcntl(fd, F_GETFL) & ~LARGE) ==
			   (mode | O_APPEND | O_NONBLOCK | O_NOATIME),
	   "F_SETFL sets three");
	ok(fcntl(fd, F_SETFL, O_WRONLY | O_CREAT | O_DIRECTORY) == 0 &&
		   (fcntl(fd, F_GETFL) & ~LARGE) == mode,
	   "and no mode, nor what opening means");
	answers(fcntl(fd, 9999, 0), EINVAL, "a command nobody knows");
	ok(fcntl(fd, F_GETOWN) == 0 && fcntl(fd, F_GETSIG) == 0,
	   "nobody is told by a signal");
	ok(fcntl(fd, F_GETLEASE) == F_UNLCK, "nobody has a lease");
	close(fd);
}

static void path_only(void)
{
	int fd = open("file", O_PATH);
	struct flock lock = {.l_type = F_RDLCK};
	struct stat st;
	char byte;

	need(fd >= 0);
	answers(read(fd, &byte, 1), EBADF, "O_PATH: read");
	answers(write(fd, "x", 1), EBADF, "write");
	answers(lseek(fd, 0, SEEK_SET), EBADF, "lseek");
	answers(fcntl(fd, F_SETFL, 0), EBADF, "F_SETFL");
	answers(fcntl(fd, F_GETLK, &lock), EBADF, "F_GETLK");
	answers(fcntl(fd, F_GETPIPE_SZ), EBADF, "F_GETPIPE_SZ");
	answers(fcntl(fd, F_GETOWN), EBADF, "F_GETOWN");
	answers(fcntl(fd, 9999), EBADF, "a command nobody knows");
	answers(flock(fd, LOCK_SH), EBADF, "flock");
	answers(posix_fadvise(fd, 0, 0, 0) == EBADF ? 0 : -1, 0,
		"posix_fadvise");
	answers(fsync(fd), EBADF, "fsync");
	answers(ftruncate(fd, 0), EBADF, "ftruncate");
	answers(syscall(SYS_fchmod, fd, 0600), EBADF, "fchmod");
	ok(fstat(fd, &st) == 0 && st.st_size == 5, "fstat");
	ok(fcntl(fd, F_GETFD) == 0, "F_GETFD");
	close(fd);
}

static long rename_by(const char *to, int flags)
{
	return syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, to, flags);
}

static void ways(int fd)
{
	answers(rename_by("new", 8), EINVAL, "renameat2: a flag nobody knows");
	answers(rename_by("new", 3), EINVAL,
		"RENAME_NOREPLACE and RENAME_EXCHANGE");
	answers(rename_by("file", 1), EEXIST, "RENAME_NOREPLACE");
	answers(linkat(AT_FDCWD, "file", AT_FDCWD, "new", 1), EINVAL,
		"linkat: a flag nobody knows");
	answers(linkat(AT_FDCWD, "file", AT_FDCWD, "new", AT_SYMLINK_NOFOLLOW),
		EINVAL, "AT_SYMLINK_NOFOLLOW");
	answers(unlinkat(AT_FDCWD, "file", 1), EINVAL,
		"unlinkat: a flag nobody knows");
	answers(unlinkat(AT_FDCWD, "none", AT_REMOVEDIR | 1), EINVAL,
		"whatever is there");
	answers(unlinkat(AT_FDCWD, "file", AT_REMOVEDIR), ENOTDIR,
		"AT_REMOVEDIR of a file");
	answers(fchownat(AT_FDCWD, "file", -1, -1, 1), EINVAL,
		"fchownat: a flag nobody knows");
	answers(fchownat(AT_FDCWD, "file", -1, -1, AT_NO_AUTOMOUNT), EINVAL,
		"AT_NO_AUTOMOUNT");
	answers(fchownat(fd, "", -1, -1, AT_EMPTY_PATH), 0, "AT_EMPTY_PATH");
	answers(fchownat(fd, "", -1, -1, 0), ENOENT, "an empty path without");
	answers(syscall(SYS_dup3, fd, fd + 10, O_NONBLOCK), EINVAL,
		"dup3: a flag nobody knows");
	answers(syscall(SYS_dup3, fd, fd, 0), EINVAL, "onto itself");
	answers(syscall(SYS_dup3, 999, 999, 0), EINVAL, "even of none");
}

static long stat_by(int fd, const char *path, int flags)
{
	char st[sizeof(struct stat)];

	return syscall(SYS_newfstatat, fd, path, st, flags);
}

static void stats(int fd)
{
	answers(stat_by(AT_FDCWD, "file", 1), EINVAL,
		"fstatat: a flag nobody knows");
	answers(stat_by(AT_FDCWD, "file", AT_SYMLINK_FOLLOW), EINVAL,
		"AT_SYMLINK_FOLLOW");
	answers(stat_by(AT_FDCWD, "file", AT_NO_AUTOMOUNT), 0,
		"AT_NO_AUTOMOUNT");
	answers(stat_by(AT_FDCWD, "file", 0x2000), 0, "AT_STATX_FORCE_SYNC");
	answers(stat_by(AT_FDCWD, "file", 0x4000), 0, "AT_STATX_DONT_SYNC");
	answers(stat_by(fd, "", AT_EMPTY_PATH), 0, "AT_EMPTY_PATH");
	answers(stat_by(fd, "", 0), ENOENT, "an empty path without");
	answers(faccessat(AT_FDCWD, "file", 8, 0), EINVAL,
		"faccessat: a mode nobody knows");
	answers(access("file", -1), EINVAL, "access of -1");
}

static void times(int fd)
{
	struct timespec omit[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}};
	struct timespec bad[2] = {{0, 1000000000}, {0, 0}};

	answers(utimensat(AT_FDCWD, "file", NULL, 1), EINVAL,
		"utimensat: a flag nobody knows");
	answers(utimensat(AT_FDCWD, "file", bad, 0), EINVAL,
		"a second of nanoseconds");
	answers(utimensat(AT_FDCWD, "none", omit, 0), 0,
		"nothing to set is done before all checks");
	answers(utimensat(AT_FDCWD, "none", omit, 1), 0, "of the flags too");
	answers(syscall(SYS_utimensat, fd, NULL, NULL, 0L), 0,
		"a descriptor alone");
	answers(syscall(SYS_utimensat, fd, NULL, NULL,
			(long)AT_SYMLINK_NOFOLLOW),
		EINVAL, "which takes no flags");
}

static void advice(int fd)
{
	int ends[2];

	need(pipe(ends) == 0);
	ok(posix_fadvise(fd, 0, 0, 5) == 0, "the last advice");
	ok(posix_fadvise(fd, 0, 0, 6) == EINVAL, "advice nobody knows");
	ok(posix_fadvise(fd, 0, -1, 0) == EINVAL, "a negative size");
	ok(posix_fadvise(ends[0], 0, 0, 6) == ESPIPE, "of a pipe");
	answers(fallocate(fd, 0x80, 0, 4), EOPNOTSUPP,
		"fallocate: a mode nobody knows");
	answers(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4), EOPNOTSUPP,
		"a hole that changes the size");
	answers(fallocate(ends[1], 0, 0, 4), ESPIPE, "of a pipe");
	answers(fallocate(ends[0], 0, 0, 4), EBADF, "of the end that is read");
	close(ends[0]);
	close(ends[1]);
}

static void locks(int fd)
{
	answers(flock(fd, 0), EINVAL, "flock: nothing");
	answers(flock(fd, LOCK_NB), EINVAL, "LOCK_NB alone");
	answers(flock(fd, LOCK_SH | LOCK_EX), EINVAL, "two ways at once");
	answers(flock(fd, LOCK_SH | 16), EINVAL, "a flag nobody knows");
	answers(flock(fd, LOCK_UN), 0, "LOCK_UN of what is free");
}

int main(void)
{
	int fd;

	put_text("file", "hello");
	need(symlink("file", "link") == 0);
	fd = open("file", O_RDWR);
	need(fd >= 0);
	opens();
	put_text("file", "hello");
	settable();
	path_only();
	ways(fd);
	stats(fd);
	times(fd);
	advice(fd);
	locks(fd);
	need(unlink("link") == 0 && unlink("file") == 0);
	return done();
}
