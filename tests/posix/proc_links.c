// SPDX-License-Identifier: BSD-3-Clause
/*
 * Paths that go on below links of /proc to what is open: cwd, root, fd/N,
 * however they are spelled.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static bool same(const char *path, const char *other)
{
	struct stat st, wanted;

	if (stat(path, &st) != 0)
		return false;
	need(stat(other, &wanted) == 0);
	return st.st_ino == wanted.st_ino && st.st_dev == wanted.st_dev;
}

static void through(const char *link, const char *name, const char *wanted)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/%s", link, name);
	ok(same(path, wanted), name);
}

static void check_all(const char *self)
{
	char link[40];
	int fd = open("dir", O_RDONLY | O_DIRECTORY);

	need(fd >= 0);
	snprintf(link, sizeof(link), "%s/cwd", self);
	through(link, "dir/file", "dir/file");
	through(link, "dir/../dir", "dir");
	through(link, "", ".");
	snprintf(link, sizeof(link), "%s/root", self);
	through(link, "tmp", "/tmp");
	through(link, "proc/self/cwd/dir", "dir");
	snprintf(link, sizeof(link), "%s/fd/%d", self, fd);
	through(link, "file", "dir/file");
	through(link, "/file", "dir/file");
	through(link, "..", ".");
	through(link, "link", "dir/file");
	close(fd);
}

static void changes(void)
{
	char path[80], text[8];
	int fd = open("dir", O_PATH | O_DIRECTORY);

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d/new", fd);
	ok(mkdir(path, 0700) == 0 && same("dir/new", path), "mkdir");
	ok(rmdir(path) == 0 && access("dir/new", F_OK) != 0, "rmdir");
	fails(mkdir("/proc/self/cwd/dir/", 0700), EEXIST, "a slash behind it");
	snprintf(path, sizeof(path), "/proc/self/fd/%d/link", fd);
	ok(readlink(path, text, sizeof(text)) == 4, "readlink");
	ok(rename("/proc/self/cwd/dir/file", "/proc/self/cwd/dir/other") == 0 &&
		   access("dir/other", F_OK) == 0,
	   "rename");
	need(rename("dir/other", "dir/file") == 0);
	close(fd);
}

static void mistakes(void)
{
	char path[80];
	int fd = open("dir/file", O_RDONLY), self;

	snprintf(path, sizeof(path), "/proc/self/fd/%d/x", fd);
	fails(access(path, F_OK), ENOTDIR, "below a file");
	close(fd);
	fails(access(path, F_OK), ENOENT, "below no descriptor");
	fails(access("/proc/self/cwd/nothing/x", F_OK), ENOENT,
	      "below what is not there");
	fails(access("/proc/self/root/x/y", F_OK), ENOENT, "nor is this");
	self = open("/proc/self", O_RDONLY | O_DIRECTORY);
	ok(faccessat(self, "cwd/dir/file", F_OK, 0) == 0, "from /proc/self");
	ok(faccessat(self, "status", F_OK, 0) == 0, "which is still there");
	close(self);
}

static void *from_thread(void *)
{
	int fd = open("dir", O_PATH | O_DIRECTORY);
	char path[60];

	snprintf(path, sizeof(path), "/proc/thread-self/fd/%d/file", fd);
	need(same(path, "dir/file"));
	need(same("/proc/thread-self/cwd/dir/file", "dir/file"));
	close(fd);
	return NULL;
}

/* Directories of threads that have ended go, with what is in them. */
static void many_threads(void)
{
	for (int i = 0; i < 100; i++) {
		pthread_t thread;

		need(pthread_create(&thread, NULL, from_thread, NULL) == 0);
		need(pthread_join(thread, NULL) == 0);
	}
	ok(true, "of 100 threads");
}

int main(void)
{
	char self[40];

	need(mkdir("dir", 0700) == 0);
	put_text("dir/file", "hello");
	need(symlink("file", "dir/link") == 0);
	check_all("/proc/self");
	check_all("/proc/thread-self");
	check_all("/proc/self/task/../");
	check_all("//proc/./self");
	snprintf(self, sizeof(self), "/proc/%d", getpid());
	check_all(self);
	changes();
	mistakes();
	many_threads();
	need(unlink("dir/link") == 0 && unlink("dir/file") == 0 &&
	     rmdir("dir") == 0);
	return done();
}
