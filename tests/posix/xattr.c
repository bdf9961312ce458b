// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes: xattr(7), and the twelve calls. Where the file system has
 * none that a user may set, there is nothing to try.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static char value[70000];

static int has_value(const char *path, const char *name, const char *text)
{
	ssize_t len = getxattr(path, name, value, sizeof(value));

	return len == (ssize_t)strlen(text) && memcmp(value, text, len) == 0;
}

/* Is (name) in the (len) bytes of a list, once? Others are not looked at. */
static int is_listed(const char *list, ssize_t len, const char *name)
{
	int times = 0;

	for (ssize_t at = 0; at < len; at += strlen(list + at) + 1)
		times += strcmp(list + at, name) == 0;
	return times == 1;
}

static void values(void)
{
	ok(has_value("file", "user.a", "one"), "a value is read");
	ok(getxattr("file", "user.a", NULL, 0) == 3, "its length is asked for");
	fails(getxattr("file", "user.a", value, 2), ERANGE, "too little room");
	fails(getxattr("file", "user.b", value, 10), ENODATA, "no such name");
	ok(setxattr("file", "user.a", "longer", 6, 0) == 0 &&
		   has_value("file", "user.a", "longer"),
	   "it is replaced");
	ok(setxattr("file", "user.empty", NULL, 0, 0) == 0 &&
		   has_value("file", "user.empty", ""),
	   "one without a byte");
	ok(getxattr("file", "user.empty", value, 1) == 0, "is there");
	fails(setxattr("file", "user.a", "x", 1, XATTR_CREATE), EEXIST,
	      "what is there is not made");
	fails(setxattr("file", "user.b", "x", 1, XATTR_REPLACE), ENODATA,
	      "what is not there is not replaced");
	ok(setxattr("file", "user.b", "two", 3, XATTR_CREATE) == 0,
	   "it is made");
	ok(setxattr("file", "user.b", "2", 1, XATTR_REPLACE) == 0 &&
		   has_value("file", "user.b", "2"),
	   "and replaced");
	fails(setxattr("file", "user.b", "x", 1, 4), EINVAL, "no flag");
	ok(has_text("file", "contents"), "the contents are what they were");
}

static void lists(void)
{
	char list[1000];
	ssize_t len = listxattr("file", NULL, 0);

	ok(len >= (ssize_t)sizeof("user.a user.b user.empty"),
	   "there is a list");
	ok(listxattr("file", list, sizeof(list)) == len, "it is read");
	ok(is_listed(list, len, "user.a") && is_listed(list, len, "user.b") &&
		   is_listed(list, len, "user.empty"),
	   "and has the names");
	fails(listxattr("file", list, len - 1), ERANGE, "too little room");
	ok(removexattr("file", "user.b") == 0, "one is removed");
	fails(removexattr("file", "user.b"), ENODATA, "once");
	fails(getxattr("file", "user.b", value, 9), ENODATA, "it is gone");
	len = listxattr("file", list, sizeof(list));
	ok(len > 0 && !is_listed(list, len, "user.b") &&
		   is_listed(list, len, "user.a"),
	   "from the list, too");
}

static void names(void)
{
	char name[300];

	memset(name, 'n', sizeof(name));
	memcpy(name, "user.", 5);
	name[255] = '\0';
	ok(setxattr("file", name, "long", 4, 0) == 0 &&
		   has_value("file", name, "long"),
	   "a name of 255 bytes");
	ok(removexattr("file", name) == 0, "is removed");
	name[255] = 'n';
	name[256] = '\0';
	fails(setxattr("file", name, "x", 1, 0), ERANGE, "one of 256");
	fails(getxattr("file", name, value, 1), ERANGE, "is not asked for");
	fails(removexattr("file", name), ERANGE, "nor removed");
	fails(setxattr("file", "", "x", 1, 0), ERANGE, "none");
	fails(setxattr("file", "user.", "x", 1, 0), EINVAL, "no name");
	fails(setxattr("file", "nobody.x", "x", 1, 0), EOPNOTSUPP,
	      "no such namespace");
	fails(getxattr("file", "nobody.x", value, 1), EOPNOTSUPP, "to read");
	fails(removexattr("file", "nospace"), EOPNOTSUPP, "nor none");
	fails(setxattr("file", "user.a", value, 65537, 0), E2BIG,
	      "too large a value");
	ok(has_value("file", "user.a", "longer"), "the old one is there");
}

static void subjects(void)
{
	int fd = open("file", O_RDONLY);
	char list[100];

	need(fd >= 0);
	ok(fgetxattr(fd, "user.a", value, sizeof(value)) == 6,
	   "by a descriptor");
	ok(fsetxattr(fd, "user.fd", "f", 1, 0) == 0, "which only reads");
	ok(has_value("file", "user.fd", "f") &&
		   is_listed(list, flistxattr(fd, list, sizeof(list)),
			     "user.fd"),
	   "it is the file's");
	ok(fremovexattr(fd, "user.fd") == 0, "removed, too");
	close(fd);
	fails(fgetxattr(fd, "user.a", value, 9), EBADF, "no descriptor");
	fd = open("file", O_PATH);
	fails(fgetxattr(fd, "user.a", value, 9), EBADF, "by its path alone");
	fails(flistxattr(fd, list, 9), EBADF, "nor a list");
	close(fd);
	need(mkdir("dir", 0755) == 0);
	ok(setxattr("dir", "user.d", "dir", 3, 0) == 0 &&
		   has_value("dir", "user.d", "dir"),
	   "a directory");
	fails(getxattr("none", "user.a", value, 9), ENOENT, "no file");
	fails(getxattr("file/x", "user.a", value, 9), ENOTDIR, "below a file");
	fails(getxattr("", "user.a", value, 9), ENOENT, "no path");
	need(rename("file", "other") == 0 && link("other", "file") == 0);
	ok(has_value("other", "user.a", "longer"), "it goes with a name");
	need(unlink("other") == 0);
}

static void links(void)
{
	char list[100];

	need(symlink("file", "link") == 0);
	ok(has_value("link", "user.a", "longer"), "a link is followed");
	ok(setxattr("link", "user.l", "l", 1, 0) == 0 &&
		   has_value("file", "user.l", "l") &&
		   removexattr("link", "user.l") == 0,
	   "and changed is what it leads to");
	fails(lsetxattr("link", "user.l", "l", 1, 0), EPERM,
	      "a link itself has none of the user's");
	fails(lgetxattr("link", "user.a", value, 9), ENODATA, "to read");
	fails(lremovexattr("link", "user.a"), EPERM, "to remove");
	ok(!is_listed(list, llistxattr("link", list, sizeof(list)), "user.a"),
	   "nor in its list");
	need(mkfifo("fifo", 0600) == 0);
	fails(setxattr("fifo", "user.f", "f", 1, 0), EPERM, "nor has a FIFO");
	fails(getxattr("fifo", "user.f", value, 9), ENODATA, "to read");
}

static void others(void)
{
	char list[100];
	int fds[2];

	need(pipe(fds) == 0);
	fails(fsetxattr(fds[0], "user.p", "p", 1, 0), EPERM, "nor a pipe");
	fails(fgetxattr(fds[0], "user.p", value, 9), ENODATA, "to read");
	ok(flistxattr(fds[0], list, sizeof(list)) == 0, "its list is empty");
	fails(setxattr("/proc/self/status", "user.p", "p", 1, 0), EOPNOTSUPP,
	      "/proc has none");
	fails(getxattr("/proc/self/status", "user.p", value, 9), EOPNOTSUPP,
	      "to read");
	ok(listxattr("/proc/self/status", list, sizeof(list)) == 0,
	   "its list is empty");
	fails(setxattr("/dev/null", "user.p", "p", 1, 0), EPERM,
	      "nor has a device");
}

int main(void)
{
	put_text("file", "contents");
	if (setxattr("file", "user.a", "one", 3, 0) != 0 &&
	    errno == EOPNOTSUPP) {
		printf("1..0 # SKIP the file system has no attributes\n");
		return 77;
	}
	values();
	lists();
	names();
	subjects();
	links();
	others();
	return done();
}
