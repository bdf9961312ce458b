// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linux's side is this very process, for the time of an input: with an empty
 * tmpfs for its root directory, its descriptors put aside, and name spaces
 * that it has left for good when it began. (A process of its own would be
 * simpler, and wait for its turn of the CPU twice an input.)
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "fuzz/linuxside.h"

enum { ASIDE = 512 }; /* where this process's own descriptors are meanwhile */

static int scratch = -1, old_root = -1, old_directory = -1;
static unsigned old_umask;
static struct rlimit old_limit;
static int limit;

static void must(bool ok, const char *what)
{
	if (!ok) {
		perror(what);
		abort();
	}
}

/* libc's, with the kernel's way to say errors. */
long linux_side_call(long number, long a, long b, long c, long d, long e,
		     long f)
{
	long result = syscall(number, a, b, c, d, e, f);

	return result == -1 ? -errno : result;
}

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), n;

	if (fd < 0)
		return -1;
	n = write(fd, text, strlen(text));
	close(fd);
	return n;
}

/* As root, or as one who is root in a user name space. */
static int unshare_all(void)
{
	const int spaces = CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC;
	unsigned uid = getuid(), gid = getgid();
	char map[64];

	if (unshare(spaces) == 0)
		return 0;
	if (unshare(spaces | CLONE_NEWUSER) != 0)
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", uid);
	if (write_file("/proc/self/uid_map", map) < 0)
		return -1;
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "0 %u 1", gid);
	return write_file("/proc/self/gid_map", map);
}

static int open_high(const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), high;

	high = fcntl(fd, F_DUPFD_CLOEXEC, 2 * ASIDE);
	close(fd);
	return high;
}

/* Older ones tell some errors of sockets and locks in another order. */
static bool is_new_enough(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	if (uname(&name) != 0 ||
	    sscanf(name.release, "%d.%d", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 14);
}

bool linux_side_init(int descriptors)
{
	limit = descriptors;
	if (!is_new_enough() || unshare_all() < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", "/tmp", "tmpfs", 0, "mode=755") != 0)
		return false;
	scratch = open_high("/tmp");
	must(umount2("/tmp", MNT_DETACH) == 0, "umount"); /* lives by scratch */
	old_root = open_high("/");
	old_directory = open_high(".");
	return scratch >= 0 && old_root >= 0 && old_directory >= 0;
}

static void move(int from, int to)
{
	if (dup2(from, to) >= 0)
		close(from);
}

void linux_side_enter(void)
{
	struct rlimit low;

	for (int fd = 0; fd < limit; fd++)
		move(fd, ASIDE + fd);
	must(getrlimit(RLIMIT_NOFILE, &old_limit) == 0, "getrlimit");
	low = (struct rlimit){limit, old_limit.rlim_max};
	must(setrlimit(RLIMIT_NOFILE, &low) == 0, "setrlimit");
	signal(SIGPIPE, SIG_IGN);
	old_umask = umask(022);
	must(fchdir(scratch) == 0 && chroot(".") == 0, "chroot");
}

static void remove_all(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		char name[4096];

		if (strcmp(entry->d_name, ".") == 0 ||
		    strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (unlink(name) != 0)
			remove_all(name);
		rmdir(name);
	}
	if (dir != NULL)
		closedir(dir);
}

void linux_side_leave(void)
{
	close_range(0, limit - 1, 0);
	must(chdir("/") == 0, "chdir");
	remove_all(".");
	must(chmod(".", 0755) == 0 && chown(".", 0, 0) == 0, "chmod");
	must(fchdir(old_root) == 0 && chroot(".") == 0, "chroot");
	must(fchdir(old_directory) == 0, "fchdir");
	umask(old_umask);
	must(setrlimit(RLIMIT_NOFILE, &old_limit) == 0, "setrlimit");
	for (int fd = 0; fd < limit; fd++)
		move(ASIDE + fd, fd);
}
