// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a mount's flags change: times of access, devices, and code in files.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

enum { LONG_AGO = 1000000 };

/* Have (path) be accessed at (atime), in seconds, and changed at (mtime). */
static void set_times(const char *path, time_t atime, time_t mtime)
{
	const struct timespec times[2] = {{atime, 0}, {mtime, 0}};

	need(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) == 0);
}

/* Before its last change, so that an access is noted. */
static void make_stale(const char *path)
{
	set_times(path, LONG_AGO, LONG_AGO + 1);
}

static bool was_noted(const char *path)
{
	struct stat st;

	need(lstat(path, &st) == 0);
	return st.st_atime != LONG_AGO;
}

static void read_one(const char *path, int flags)
{
	int fd = open(path, O_RDONLY | flags);
	char byte;

	need(fd >= 0 && read(fd, &byte, 1) == 1);
	close(fd);
}

static void map_one(const char *path)
{
	int fd = open(path, O_RDONLY);
	void *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);

	need(fd >= 0 && page != MAP_FAILED);
	munmap(page, 4096);
	close(fd);
}

static void list_one(const char *path)
{
	DIR *dir = opendir(path);

	need(dir != NULL && readdir(dir) != NULL);
	closedir(dir);
}

/* All ways of access: is each noted, and those of directories? */
static void access_all(bool expected, bool in_folders)
{
	make_stale("m/f");
	read_one("m/f", 0);
	ok(was_noted("m/f") == expected, "read");
	make_stale("m/f");
	read_one("m/f", O_NOATIME);
	ok(!was_noted("m/f"), "read with O_NOATIME");
	make_stale("m/f");
	map_one("m/f");
	ok(was_noted("m/f") == expected, "mmap");
	make_stale("m/d");
	list_one("m/d");
	ok(was_noted("m/d") == in_folders, "readdir");
}

static void remount(unsigned long flags)
{
	need(mount(NULL, "m", NULL, MS_REMOUNT | MS_BIND | flags, NULL) == 0);
}

/* Longer than the clock's step that files' times have. */
static void nap(void)
{
	const struct timespec some = {0, 20000000};

	nanosleep(&some, NULL);
}

static void by_relatime(void)
{
	struct stat st;
	struct timespec before;
	time_t now = time(NULL);

	set_times("m/f", now - 3600, now - 7200);
	need(chmod("m/f", 0640) == 0);
	read_one("m/f", 0);
	need(stat("m/f", &st) == 0);
	ok(st.st_atime >= now, "after a change of the mode");
	set_times("m/f", now - 3600, now - 7200);
	read_one("m/f", 0);
	need(stat("m/f", &st) == 0);
	ok(st.st_atime >= now, "the times' own change is one");
	need(utimensat(AT_FDCWD, "m/f", NULL, 0) == 0);
	nap();
	read_one("m/f", 0);
	need(stat("m/f", &st) == 0);
	before = st.st_atim;
	nap();
	read_one("m/f", 0);
	need(stat("m/f", &st) == 0);
	ok(st.st_atim.tv_sec == before.tv_sec &&
		   st.st_atim.tv_nsec == before.tv_nsec,
	   "a second read is not noted");
	remount(MS_STRICTATIME);
	read_one("m/f", 0);
	need(stat("m/f", &st) == 0);
	ok(st.st_atim.tv_sec != before.tv_sec ||
		   st.st_atim.tv_nsec != before.tv_nsec,
	   "with strictatime it is");
}

static void times(void)
{
	access_all(true, true);
	by_relatime();
	remount(MS_NOATIME);
	access_all(false, false);
	remount(MS_NODEV);
	access_all(false, false);
	remount(MS_NODIRATIME);
	access_all(true, false);
}

static void devices(void)
{
	int fd;

	need(mknod("m/null", S_IFCHR | 0666, makedev(1, 3)) == 0);
	fd = open("m/null", O_WRONLY);
	ok(fd >= 0, "a device");
	close(fd);
	remount(MS_NODEV);
	fails(open("m/null", O_WRONLY), EACCES, "with nodev");
	fd = open("m/null", O_PATH);
	ok(fd >= 0, "but by its path");
	close(fd);
}

static void code(void)
{
	int fd = open("m/f", O_RDONLY);
	void *page =
		mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);

	ok(page != MAP_FAILED, "code in a file");
	munmap(page, 4096);
	close(fd);
	remount(MS_NOEXEC);
	fd = open("m/f", O_RDONLY);
	page = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	ok(page == MAP_FAILED && errno == EPERM, "with noexec");
	page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	ok(page != MAP_FAILED, "but to be read");
	ok(mprotect(page, 4096, PROT_READ | PROT_EXEC) == -1 && errno == EACCES,
	   "and not made code later");
	munmap(page, 4096);
	close(fd);
	need(chmod("m/f", 0777) == 0);
	fails(access("m/f", X_OK), EACCES, "nor can it be run");
	ok(access("m/d", X_OK) == 0, "a directory can be searched");
}

int main(void)
{
	begin_mounting();
	need(mkdir("m", 0755) == 0);
	need(mount("tmpfs", "m", "tmpfs", 0, NULL) == 0);
	put_text("m/f", "text");
	need(mkdir("m/d", 0755) == 0);
	times();
	devices();
	code();
	need(umount("m") == 0);
	return done();
}
