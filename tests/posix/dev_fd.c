// SPDX-License-Identifier: BSD-3-Clause
/*
 * /dev/fd, /dev/stdin and /proc/self/fd are the program's own descriptors,
 * however their names are spelled.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { ELSEWHERE = 40 };

/* What (path), opened anew, has is (text). */
static int opens_with(const char *path, const char *text)
{
	char buf[64] = "";
	int fd = open(path, O_RDWR);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	close(fd);
	return n == (ssize_t)strlen(text) && strcmp(buf, text) == 0;
}

static int is_same(const char *path, int fd)
{
	struct stat a, b;

	return stat(path, &a) == 0 && fstat(fd, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void spellings(int fd)
{
	static const char *const folders[] = {
		"/dev/fd",
		"/proc/self/fd",
		"//proc//self///fd",
		"/proc/./self/fd/.",
		"/proc/../proc/self/fd",
		"/dev/../proc/self/fd",
		"/proc/self/../self/fd",
		"/proc/self/fd/../fd",
	};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		char what[64];

		snprintf(what, sizeof(what), "by %s", folders[i]);
		snprintf(path, sizeof(path), "%s/%d", folders[i], fd);
		ok(opens_with(path, "content") && is_same(path, fd), what);
	}
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", getpid(), fd);
	ok(opens_with(path, "content") && is_same(path, fd), "by its number");
}

static void links(int fd)
{
	char path[PATH_MAX];

	need(symlink("/proc/self", "self") == 0);
	need(symlink("self/fd", "descriptors") == 0);
	need(symlink("/dev/fd", "short") == 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	need(symlink(path, "one") == 0);
	ok(opens_with("one", "content"), "a link to one");
	snprintf(path, sizeof(path), "self/fd/%d", fd);
	ok(opens_with(path, "content"), "below a link to /proc/self");
	snprintf(path, sizeof(path), "descriptors/%d", fd);
	ok(opens_with(path, "content"), "by a link over another");
	snprintf(path, sizeof(path), "short/%d", fd);
	ok(opens_with(path, "content"), "by a link to /dev/fd");
	ok(open("one", O_RDONLY | O_NOFOLLOW) < 0 && errno == ELOOP,
	   "a link is not followed");
}

static void folders(int fd)
{
	int proc = open("/proc", O_RDONLY | O_DIRECTORY);
	int dev = open("/dev", O_PATH | O_DIRECTORY);
	char self[64], short_one[64];
	struct stat st, own;
	char here[PATH_MAX];

	need(proc >= 0 && dev >= 0 && getcwd(here, sizeof(here)) != NULL);
	snprintf(self, sizeof(self), "self/fd/%d", fd);
	snprintf(short_one, sizeof(short_one), "fd/%d", fd);
	need(fstat(fd, &own) == 0);
	ok(fstatat(proc, self, &st, 0) == 0 && st.st_ino == own.st_ino,
	   "from /proc");
	ok(fstatat(dev, short_one, &st, 0) == 0 && st.st_ino == own.st_ino,
	   "from /dev");
	need(chdir("/proc/self") == 0);
	ok(opens_with(short_one, "content"), "in /proc/self");
	need(chdir("/proc") == 0);
	ok(opens_with(self, "content"), "in /proc");
	need(chdir("/proc/self/fd") == 0);
	snprintf(self, sizeof(self), "%d", fd);
	ok(opens_with(self, "content"), "in /proc/self/fd");
	need(chdir(here) == 0);
	close(proc);
	close(dev);
}

/* Those that are listed are those that are open. */
static void listing(void)
{
	DIR *dir = opendir("/dev/fd");
	struct dirent *entry;
	int wrong = 0, count = 0;

	need(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		count++;
		wrong += fcntl(atoi(entry->d_name), F_GETFD) < 0;
	}
	closedir(dir);
	ok(count > 2 && wrong == 0, "/dev/fd lists what is open");
}

static void streams(int fd)
{
	int out = dup(STDOUT_FILENO);

	need(dup2(fd, STDIN_FILENO) == STDIN_FILENO);
	ok(opens_with("/dev/stdin", "content"), "/dev/stdin is descriptor 0");
	ok(is_same("/dev/stdin", fd) && access("/dev/stdin", R_OK) == 0,
	   "for stat() and access(), too");
	need(dup2(fd, STDOUT_FILENO) == STDOUT_FILENO);
	need(truncate("/dev/stdout", 4) == 0);
	need(dup2(out, STDOUT_FILENO) == STDOUT_FILENO);
	ok(fd_has_text(fd, "cont"), "/dev/stdout is cut short");
	close(STDIN_FILENO);
	fails(open("/dev/stdin", O_RDONLY), ENOENT, "none that is closed");
	fails(open("/dev/fd/1000", O_RDONLY), ENOENT, "nor ever was open");
	fails(open("/dev/fd/x", O_RDONLY), ENOENT, "nor has no number");
}

int main(void)
{
	int fd, pipes[2];
	char path[64];

	put_text("own", "content");
	fd = open("own", O_RDWR);
	need(fd >= 0 && pipe(pipes) == 0);
	spellings(fd);
	links(fd);
	folders(fd);
	listing();
	need(dup2(fd, ELSEWHERE) == ELSEWHERE);
	snprintf(path, sizeof(path), "/dev/fd/%d", ELSEWHERE);
	ok(opens_with(path, "content"), "after dup2()");
	need(dup2(pipes[0], ELSEWHERE) == ELSEWHERE);
	ok(is_same(path, pipes[0]), "a pipe");
	close(ELSEWHERE);
	fails(open(path, O_RDONLY), ENOENT, "after close()");
	streams(fd);
	return done();
}
