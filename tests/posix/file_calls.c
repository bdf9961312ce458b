// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small calls on descriptors and memory: close_range(2), statx(2), readahead(2),
 * sync_file_range(2), syncfs(2), mincore(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { CLOSE_RANGE = 436, UNSHARE = 2, CLOEXEC = 4, STATX = 332 };
enum { PAGE = 4096 };

static long close_range_by(unsigned first, unsigned last, unsigned flags)
{
	return syscall(CLOSE_RANGE, first, last, flags);
}

static void ranges(void)
{
	int fds[4];

	for (int i = 0; i < 4; i++)
		need((fds[i] = fcntl(0, F_DUPFD, 100 + 10 * i)) ==
		     100 + 10 * i);
	answers(close_range_by(100, 99, 0), EINVAL, "an empty range");
	answers(close_range_by(100, 101, 64), EINVAL, "bad flags");
	answers(close_range_by(110, 120, CLOEXEC), 0, "CLOSE_RANGE_CLOEXEC");
	ok(fcntl(100, F_GETFD) == 0 && fcntl(110, F_GETFD) == FD_CLOEXEC &&
		   fcntl(120, F_GETFD) == FD_CLOEXEC &&
		   fcntl(130, F_GETFD) == 0,
	   "has marked them");
	answers(close_range_by(105, 120, 0), 0, "close_range");
	ok(fcntl(100, F_GETFD) == 0 && fcntl(110, F_GETFD) == -1 &&
		   fcntl(120, F_GETFD) == -1 && fcntl(130, F_GETFD) == 0,
	   "has closed them");
	answers(close_range_by(100, UINT32_MAX, UNSHARE), 0, "all of them");
	ok(fcntl(100, F_GETFD) == -1 && fcntl(130, F_GETFD) == -1,
	   "are closed");
	answers(close_range_by(UINT32_MAX, UINT32_MAX, 0), 0, "of no number");
}

/* struct statx; musl 1.2.3 has none. */
struct facts {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size, blocks, attributes_mask;
	struct {
		int64_t sec;
		uint32_t nsec, pad;
	} atime, btime, ctime, mtime;
	uint32_t rdev_major, rdev_minor, dev_major, dev_minor;
	uint64_t more[14];
};

static long statx_by(int dirfd, const char *path, int flags, unsigned mask,
		     struct facts *facts)
{
	return syscall(STATX, dirfd, path, flags, mask, facts);
}

static int is_as(const struct facts *facts, const struct stat *st)
{
	return facts->ino == st->st_ino && facts->mode == st->st_mode &&
	       facts->nlink == st->st_nlink && facts->uid == st->st_uid &&
	       facts->size == (uint64_t)st->st_size &&
	       facts->mtime.sec == st->st_mtim.tv_sec &&
	       facts->mtime.nsec == (uint32_t)st->st_mtim.tv_nsec &&
	       facts->blksize == (uint32_t)st->st_blksize;
}

static void facts(int fd)
{
	struct facts facts = {0};
	struct stat st;

	need(stat("file", &st) == 0);
	ok(statx_by(AT_FDCWD, "file", 0, 0x7ff, &facts) == 0 &&
		   (facts.mask & 0x7ff) == 0x7ff && is_as(&facts, &st),
	   "statx");
	ok(statx_by(fd, "", AT_EMPTY_PATH, 0x7ff, &facts) == 0 &&
		   is_as(&facts, &st),
	   "of a descriptor");
	need(lstat("link", &st) == 0);
	ok(statx_by(AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW, 0x7ff, &facts) ==
			   0 &&
		   is_as(&facts, &st),
	   "of a link");
	ok(statx_by(AT_FDCWD, "/dev/null", 0, 0x7ff, &facts) == 0 &&
		   facts.rdev_major == 1 && facts.rdev_minor == 3,
	   "of a device");
	answers(statx_by(AT_FDCWD, "missing", 0, 0x7ff, &facts), ENOENT,
		"of nothing");
	answers(statx_by(AT_FDCWD, "", 0, 0x7ff, &facts), ENOENT,
		"of an empty path");
	answers(statx_by(999, "file", 0, 0x7ff, &facts), EBADF,
		"from no directory");
	answers(statx_by(AT_FDCWD, "file", 8, 0x7ff, &facts), EINVAL,
		"by bad flags");
	answers(statx_by(AT_FDCWD, "file", 0, 0x80000000, &facts), EINVAL,
		"a bad mask");
	answers(statx_by(AT_FDCWD, "file", 0x6000, 0x7ff, &facts), EINVAL,
		"two ways to be in step");
}

static void advice(int fd)
{
	int ends[2], write_only = open("file", O_WRONLY), pair[2];
	int directory = open(".", O_RDONLY | O_DIRECTORY);

	need(pipe(ends) == 0 && write_only >= 0 && directory >= 0 &&
	     socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	answers(readahead(fd, 0, 100), 0, "readahead");
	answers(readahead(999, 0, 100), EBADF, "of no descriptor");
	answers(readahead(write_only, 0, 100), EBADF, "of one to write");
	answers(readahead(ends[0], 0, 100), EINVAL, "of a pipe");
	answers(sync_file_range(fd, 0, 0, 7), 0, "sync_file_range");
	answers(sync_file_range(fd, 0, 0, 2), 0, "only begun");
	answers(sync_file_range(999, 0, 0, 2), EBADF, "of no descriptor");
	answers(sync_file_range(fd, 0, 0, 8), EINVAL, "by bad flags");
	answers(sync_file_range(fd, -1, 0, 2), EINVAL, "below 0");
	answers(sync_file_range(fd, 1, INT64_MAX, 2), EINVAL, "too far");
	answers(sync_file_range(ends[0], 0, 0, 2), ESPIPE, "of a pipe");
	answers(syncfs(fd), 0, "syncfs");
	answers(syncfs(directory), 0, "of a directory");
	answers(syncfs(999), EBADF, "of no descriptor");
	answers(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED), 0,
		"posix_fadvise");
	close(ends[0]), close(ends[1]), close(write_only), close(directory);
	close(pair[0]), close(pair[1]);
}

static void resident(void)
{
	unsigned char vec[4] = "";
	char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(pages != MAP_FAILED);
	memset(pages, 1, 4 * PAGE);
	ok(mincore(pages, 4 * PAGE, vec) == 0 && all_bytes(vec, 1, 4),
	   "mincore");
	vec[1] = 9;
	ok(mincore(pages, 1, vec) == 0 && vec[0] == 1 && vec[1] == 9,
	   "of a part of a page");
	answers(mincore(pages + 1, PAGE, vec), EINVAL, "not of a page");
	answers(mincore(pages, 0, vec), 0, "of nothing");
	need(munmap(pages + PAGE, PAGE) == 0);
	answers(mincore(pages, 4 * PAGE, vec), ENOMEM, "of a hole");
}

int main(void)
{
	int fd;

	put_text("file", "text");
	need(symlink("file", "link") == 0);
	fd = open("file", O_RDWR);
	need(fd >= 0);
	ranges();
	facts(fd);
	advice(fd);
	resident();
	return done();
}
