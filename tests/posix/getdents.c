// SPDX-License-Identifier: BSD-3-Clause
/*
 * readdir() gives each entry once, dot and dot-dot among them, also for many
 * entries; rewinddir() and seekdir() go back to where they say.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

#define MANY 500

/* Count the entries called (name), or all if NULL, from the stream's place. */
static int count(DIR *dir, const char *name)
{
	struct dirent *entry;
	int found = 0;

	while ((entry = readdir(dir)) != NULL) {
		if (!name || !strcmp(entry->d_name, name))
			found++;
	}
	return found;
}

static int count_in(const char *path, const char *name)
{
	DIR *dir = opendir(path);
	int found;

	need(dir);
	found = count(dir, name);
	closedir(dir);
	return found;
}

static void few(void)
{
	DIR *dir;

	need(mkdir("few", 0700) == 0);
	ok(count_in("few", NULL) == 2, "an empty directory has two entries");
	ok(count_in("few", ".") == 1 && count_in("few", "..") == 1,
	   "dot and dot-dot");
	put_text("few/file", "");
	need(mkdir("few/dir", 0700) == 0 && symlink("x", "few/sym") == 0);
	ok(count_in("few", NULL) == 5, "three more");
	ok(count_in("few", "file") == 1 && count_in("few", "dir") == 1 &&
		   count_in("few", "sym") == 1,
	   "by their names");
	dir = opendir("few");
	need(dir);
	errno = 0;
	ok(count(dir, NULL) == 5 && errno == 0, "the end is no error");
	ok(readdir(dir) == NULL && errno == 0, "and stays the end");
	put_text("few/late", "");
	rewinddir(dir);
	ok(count(dir, "late") == 1, "rewinddir sees a new entry");
	need(unlink("few/late") == 0);
	rewinddir(dir);
	ok(count(dir, "late") == 0, "and no removed one");
	closedir(dir);
}

static int type_fits(const struct dirent *entry, const struct stat *st)
{
	return entry->d_type == DT_UNKNOWN ||
	       entry->d_type == IFTODT(st->st_mode);
}

static void details(void)
{
	DIR *dir = opendir("few");
	struct dirent *entry;
	struct stat st;
	int types = 0, inodes = 0, entries = 0;

	need(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		need(fstatat(dirfd(dir), entry->d_name, &st,
			     AT_SYMLINK_NOFOLLOW) == 0);
		entries++;
		types += type_fits(entry, &st);
		inodes += entry->d_ino == st.st_ino;
	}
	ok(entries == 3 && types == 3, "types are those of stat, or unknown");
	ok(inodes == 3, "inode numbers are those of stat");
	closedir(dir);
}

/* Every name from f000 on is seen once; returns the number of entries. */
static int all_once(DIR *dir)
{
	static int seen[MANY];
	struct dirent *entry;
	int entries = 0;

	memset(seen, 0, sizeof(seen));
	while ((entry = readdir(dir)) != NULL) {
		entries++;
		if (entry->d_name[0] == 'f')
			seen[atoi(entry->d_name + 1)]++;
	}
	for (int i = 0; i < MANY; i++) {
		if (seen[i] != 1)
			return -1;
	}
	return entries;
}

static void many(void)
{
	char name[32];
	DIR *dir;

	need(mkdir("many", 0700) == 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "many/f%03d", i);
		put_text(name, "");
	}
	dir = opendir("many");
	need(dir);
	ok(all_once(dir) == MANY + 2, "500 entries, each once");
	rewinddir(dir);
	ok(all_once(dir) == MANY + 2, "and again after rewinddir");
	closedir(dir);
}

static void seeking(void)
{
	DIR *dir = opendir("many");
	char name[256];
	int rest;
	long place;

	need(dir);
	for (int i = 0; i < 100; i++)
		need(readdir(dir));
	place = telldir(dir);
	strcpy(name, readdir(dir)->d_name);
	rest = count(dir, NULL);
	ok(rest == MANY + 2 - 101, "the rest after 101 entries");
	seekdir(dir, place);
	ok(!strcmp(readdir(dir)->d_name, name), "seekdir gives that entry");
	ok(count(dir, NULL) == rest, "and that rest again");
	closedir(dir);
}

static void removal_while_reading(void)
{
	DIR *dir = opendir("many");
	struct dirent *entry;

	need(dir);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == 'f')
			need(unlinkat(dirfd(dir), entry->d_name, 0) == 0);
	}
	closedir(dir);
	ok(count_in("many", NULL) == 2, "removing while reading gets all");
	ok(rmdir("many") == 0, "the directory is empty then");
}

static void errors(void)
{
	int fd = open("few/file", O_RDONLY);
	DIR *dir;

	fails_null(opendir("missing"), ENOENT, "a missing directory");
	fails_null(opendir("few/file"), ENOTDIR, "a file");
	fails_null(opendir(""), ENOENT, "an empty path");
	fails_null(fdopendir(fd), ENOTDIR, "fdopendir of a file");
	fails_null(fdopendir(-1), EBADF, "fdopendir of no descriptor");
	close(fd);
	fd = open("few", O_RDONLY);
	dir = fdopendir(fd);
	ok(dir && dirfd(dir) == fd && count(dir, NULL) == 5, "fdopendir");
	closedir(dir);
	fails(fcntl(fd, F_GETFD), EBADF, "closedir closes its descriptor");
}

int main(void)
{
	few();
	details();
	many();
	seeking();
	removal_while_reading();
	errors();
	return done();
}
