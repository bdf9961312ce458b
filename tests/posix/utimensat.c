// SPDX-License-Identifier: BSD-3-Clause
/*
 * utimensat() and its family set a file's times: to given ones, to now, or
 * leave one as it is; writing and reading move them forward.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>
#include <utime.h>

#include "files.h"
#include "tap.h"

static struct stat status(const char *path)
{
	struct stat st;

	need(lstat(path, &st) == 0);
	return st;
}

static int set(const char *path, struct timespec atime, struct timespec mtime,
	       int flags)
{
	struct timespec times[2] = {atime, mtime};

	return utimensat(AT_FDCWD, path, times, flags);
}

static const struct timespec early = {.tv_sec = 1000000000};
static const struct timespec later = {.tv_sec = 1234567890};
static const struct timespec now = {.tv_nsec = UTIME_NOW};
static const struct timespec keep = {.tv_nsec = UTIME_OMIT};

static void given_times(void)
{
	struct stat st;

	ok(set("file", early, later, 0) == 0, "two times");
	st = status("file");
	ok(st.st_atime == 1000000000 && st.st_mtime == 1234567890, "are set");
	ok(set("file", keep, early, 0) == 0, "only the second");
	st = status("file");
	ok(st.st_atime == 1000000000 && st.st_mtime == 1000000000, "is set");
	ok(set("file", later, keep, 0) == 0, "only the first");
	st = status("file");
	ok(st.st_atime == 1234567890 && st.st_mtime == 1000000000, "is set");
	ok(st.st_ctime > 1234567890, "the change time is the clock's");
}

static void current_time(void)
{
	time_t before = time(NULL);
	struct stat st;

	ok(set("file", keep, now, 0) == 0, "UTIME_NOW");
	st = status("file");
	ok(st.st_mtime >= before - 1 && st.st_mtime <= time(NULL), "is now");
	ok(st.st_atime == 1234567890, "the other is kept");
	ok(utimensat(AT_FDCWD, "file", NULL, 0) == 0, "no times");
	st = status("file");
	ok(st.st_atime >= before - 1 && st.st_mtime >= before - 1,
	   "are both now");
}

static void by_other_calls(void)
{
	struct timeval micro[2] = {{.tv_sec = 5000}, {.tv_sec = 6000}};
	struct utimbuf seconds = {.actime = 7000, .modtime = 8000};
	struct timespec nano[2] = {early, later};
	int fd = open("file", O_RDONLY);

	ok(futimens(fd, nano) == 0 && status("file").st_mtime == 1234567890,
	   "futimens");
	close(fd);
	ok(utimes("file", micro) == 0 && status("file").st_atime == 5000 &&
		   status("file").st_mtime == 6000,
	   "utimes");
	ok(utime("file", &seconds) == 0 && status("file").st_atime == 7000 &&
		   status("file").st_mtime == 8000,
	   "utime");
}

static void by_use(void)
{
	time_t before = time(NULL);

	need(set("file", early, early, 0) == 0);
	put_text("file", "data");
	ok(status("file").st_mtime >= before - 1, "writing sets the mtime");
	need(set("file", early, early, 0) == 0 && mkdir("dir", 0700) == 0);
	need(chmod("file", 0640) == 0);
	ok(status("file").st_mtime == 1000000000, "chmod does not");
	need(truncate("file", 1) == 0);
	ok(status("file").st_mtime >= before - 1, "truncating does");
	need(set("dir", early, early, 0) == 0);
	put_text("dir/new", "");
	ok(status("dir").st_mtime >= before - 1, "a new entry sets the dir's");
	need(set("dir", early, early, 0) == 0 && unlink("dir/new") == 0);
	ok(status("dir").st_mtime >= before - 1, "a removed one too");
}

static void links_and_errors(void)
{
	const struct timespec bad = {.tv_nsec = 1000000000};
	const struct timespec negative = {.tv_nsec = -1};

	need(symlink("file", "sym") == 0 && set("file", early, early, 0) == 0);
	ok(set("sym", later, later, AT_SYMLINK_NOFOLLOW) == 0 &&
		   status("sym").st_mtime == 1234567890 &&
		   status("file").st_mtime == 1000000000,
	   "AT_SYMLINK_NOFOLLOW sets the link's");
	ok(set("sym", later, later, 0) == 0 &&
		   status("file").st_mtime == 1234567890,
	   "without it the target's");
	fails(set("file", bad, later, 0), EINVAL, "too many nanoseconds");
	fails(set("file", early, negative, 0), EINVAL, "or too few");
	fails(set("missing", early, later, 0), ENOENT, "a missing file");
	fails(set("file/x", early, later, 0), ENOTDIR, "an entry of a file");
	fails(futimens(-1, NULL), EBADF, "no descriptor");
	fails(set("file", early, later, 0x40000000), EINVAL, "an unknown flag");
}

int main(void)
{
	put_text("file", "");
	given_times();
	current_time();
	by_other_calls();
	by_use();
	links_and_errors();
	return done();
}
