// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which calls change which times: of the file, and of the directories that
 * have its names (POSIX.1-2017, 4.9 "File Times Update", and each call).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { OLD = 1000000000, EXCHANGE = 2 /* renameat2(2) */ };

static struct stat was[2];

static struct stat stat_of(const char *path)
{
	struct stat st;

	need(lstat(path, &st) == 0);
	return st;
}

/* Make the times old, and let the clock pass what is there now. */
static void watch(const char *a, const char *b)
{
	const struct timespec old[2] = {{.tv_sec = OLD}, {.tv_sec = OLD}};
	const char *const paths[2] = {a, b};

	for (int i = 0; i < 2; i++) {
		need(utimensat(AT_FDCWD, paths[i], old, AT_SYMLINK_NOFOLLOW) ==
		     0);
		was[i] = stat_of(paths[i]);
	}
	usleep(20000); /* a tick of the host's clock for files */
}

static int later(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec
				    : a.tv_nsec > b.tv_nsec;
}

enum { NONE, CTIME, MTIME_CTIME };

static int changed(const char *path, int i)
{
	struct stat now = stat_of(path);
	int m = now.st_mtim.tv_sec != OLD;
	int c = later(now.st_ctim, was[i].st_ctim);

	need(!m || c);
	return m ? MTIME_CTIME : c ? CTIME : NONE;
}

static void expect(const char *what, const char *a, int a_changes,
		   const char *b, int b_changes)
{
	int a_is = changed(a, 0), b_is = changed(b, 1);

	if (a_is != a_changes || b_is != b_changes)
		printf("# %s: %d, %s: %d\n", a, a_is, b, b_is);
	ok(a_is == a_changes && b_is == b_changes, what);
}

static void names(void)
{
	watch("d", "e");
	close(open("d/f", O_CREAT | O_RDWR, 0600));
	expect("a new file", "d", MTIME_CTIME, "e", NONE);
	watch("d", "d/f");
	close(open("d/f", O_CREAT | O_RDWR, 0600));
	expect("one that is there", "d", NONE, "d/f", NONE);
	watch("e", "d/f");
	need(link("d/f", "e/g") == 0);
	expect("link", "e", MTIME_CTIME, "d/f", CTIME);
	watch("e", "d/f");
	need(unlink("e/g") == 0);
	expect("unlink", "e", MTIME_CTIME, "d/f", CTIME);
	watch("d", "e");
	need(rename("d/f", "e/f") == 0);
	expect("rename changes both", "d", MTIME_CTIME, "e", MTIME_CTIME);
	watch("e", "e/f");
	need(rename("e/f", "e/h") == 0);
	expect("rename, and the file", "e", MTIME_CTIME, "e/h", CTIME);
	close(open("d/i", O_CREAT | O_RDWR, 0600));
	watch("d", "e");
	need(syscall(SYS_renameat2, AT_FDCWD, "d/i", AT_FDCWD, "e/h",
		     EXCHANGE) == 0);
	expect("an exchange", "d", MTIME_CTIME, "e", MTIME_CTIME);
	watch("d", "e");
	need(mkdir("d/sub", 0700) == 0);
	expect("mkdir", "d", MTIME_CTIME, "e", NONE);
	watch("d", "d/sub");
	close(open("d/sub/f", O_CREAT | O_RDWR, 0600));
	expect("below it", "d", NONE, "d/sub", MTIME_CTIME);
	need(unlink("d/sub/f") == 0);
	watch("d", "e");
	need(rmdir("d/sub") == 0);
	expect("rmdir", "d", MTIME_CTIME, "e", NONE);
	watch("d", "e");
	need(symlink("x", "d/link") == 0);
	expect("symlink", "d", MTIME_CTIME, "e", NONE);
	watch("d", "e");
	need(mkfifo("d/fifo", 0600) == 0);
	expect("mkfifo", "d", MTIME_CTIME, "e", NONE);
	watch("d", "d/i");
	need(open("d/none", O_RDWR) == -1 && mkdir("d/i", 0700) == -1 &&
	     unlink("d/none") == -1 && link("d/i", "d/link") == -1);
	expect("what fails", "d", NONE, "d/i", NONE);
}

static void contents(void)
{
	int fd = open("d/i", O_RDWR);
	char byte;

	watch("d/i", "d");
	need(write(fd, "abc", 3) == 3);
	expect("a write", "d/i", MTIME_CTIME, "d", NONE);
	watch("d/i", "d");
	need(pread(fd, &byte, 1, 0) == 1 && write(fd, "", 0) == 0);
	expect("a read, and a write of nothing", "d/i", NONE, "d", NONE);
	watch("d/i", "d");
	need(ftruncate(fd, 1) == 0);
	expect("ftruncate", "d/i", MTIME_CTIME, "d", NONE);
	watch("d/i", "d");
	need(fchmod(fd, 0640) == 0);
	expect("chmod", "d/i", CTIME, "d", NONE);
	watch("d/i", "d");
	need(fchown(fd, getuid(), getgid()) == 0);
	expect("chown", "d/i", CTIME, "d", NONE);
	watch("d/i", "d");
	close(open("d/i", O_WRONLY | O_TRUNC));
	expect("O_TRUNC", "d/i", MTIME_CTIME, "d", NONE);
	close(fd);
}

static void links(void)
{
	struct stat before = stat_of("d"), file;

	need(mkdir("d/one", 0700) == 0 && mkdir("d/two", 0700) == 0);
	need(rename("d/one", "e/one") == 0 && link("d/i", "e/again") == 0);
	file = stat_of("d/i");
	ok(file.st_nlink == 2, "two names");
	need(rename("e/again", "d/i2") == 0 && unlink("d/i") == 0);
	ok(stat_of("d/i2").st_nlink == 1 &&
		   stat_of("d/i2").st_ino == file.st_ino,
	   "one is left");
	ok(before.st_nlink == 1 || stat_of("d").st_nlink == before.st_nlink + 1,
	   "a directory counts those in it");
	need(syscall(SYS_renameat2, AT_FDCWD, "d/two", AT_FDCWD, "e/one",
		     EXCHANGE) == 0 &&
	     mkdir("e/longer", 0700) == 0);
	ok(syscall(SYS_renameat2, AT_FDCWD, "d/two", AT_FDCWD, "e/longer",
		   EXCHANGE) == 0 &&
		   access("d/two", F_OK) == 0 && access("e/longer", F_OK) == 0,
	   "names of other lengths change places");
	need(rmdir("e/longer") == 0 && rmdir("d/two") == 0);
	ok(stat_of("d").st_nlink == before.st_nlink, "and as they go");
}

int main(void)
{
	need(mkdir("d", 0700) == 0 && mkdir("e", 0700) == 0);
	names();
	contents();
	links();
	return done();
}
