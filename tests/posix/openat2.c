// SPDX-License-Identifier: BSD-3-Clause
/*
 * openat2(2): its structure, and restrictions on the way.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { OPENAT2 = 437, NO_XDEV = 1, NO_MAGICLINKS = 2, NO_SYMLINKS = 4 };
enum { BENEATH = 8, IN_ROOT = 16, UNKNOWN = 0x1000 };

struct how {
	uint64_t flags, mode, resolve, more[2];
};

static int base;

static int opens(const char *path, uint64_t flags, uint64_t mode,
		 uint64_t resolve)
{
	struct how how = {flags, mode, resolve, {0, 0}};
	int fd = (int)syscall(OPENAT2, base, path, &how, 24);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static void of_structure(void)
{
	struct how how = {O_RDONLY, 0, 0, {0, 0}};
	int fd = (int)syscall(OPENAT2, base, "file", &how, 24);

	ok(fd >= 0 && fd_has_text(fd, "text"), "openat2");
	close(fd);
	answers(fd = (int)syscall(OPENAT2, base, "file", &how, sizeof(how)), 0,
		"a longer structure");
	close(fd);
	how.more[1] = 1;
	answers(syscall(OPENAT2, base, "file", &how, sizeof(how)), E2BIG,
		"that asks for more");
	answers(syscall(OPENAT2, base, "file", &how, 23), EINVAL,
		"a shorter one");
	answers(syscall(OPENAT2, base, "file", &how, 5000), E2BIG,
		"one that is too long");
	answers(opens("file", 1ull << 40, 0, 0), EINVAL, "bad flags");
	answers(opens("file", O_RDONLY, 0600, 0), EINVAL,
		"a mode that nobody needs");
	answers(opens("new", O_CREAT | O_RDWR, 0100600, 0), EINVAL,
		"a bad one");
	answers(opens("file", O_RDONLY, 0, UNKNOWN), EINVAL,
		"a bad restriction");
	answers(opens("file", O_RDONLY, 0, BENEATH | IN_ROOT), EINVAL,
		"two that exclude each other");
	answers(opens("file", O_PATH | O_RDWR, 0, 0), EINVAL,
		"O_PATH to write");
	answers(opens("new", O_CREAT | O_RDWR, 0600, 0), 0, "O_CREAT");
	answers(opens("new", O_CREAT | O_EXCL | O_RDWR, 0600, BENEATH), EEXIST,
		"O_EXCL");
	answers(opens("", O_RDONLY, 0, BENEATH), ENOENT, "an empty path");
	need(unlinkat(base, "new", 0) == 0);
}

static void of_links(void)
{
	answers(opens("link", O_RDONLY, 0, NO_SYMLINKS), ELOOP, "a link");
	answers(opens("to_dir/file", O_RDONLY, 0, NO_SYMLINKS), ELOOP,
		"on the way");
	answers(opens("dir/file", O_RDONLY, 0, NO_SYMLINKS), 0, "none");
	answers(opens("link", O_PATH | O_NOFOLLOW, 0, NO_SYMLINKS), 0,
		"the link itself");
	answers(opens("link", O_RDONLY, 0, NO_MAGICLINKS), 0,
		"a link of the usual kind");
	answers(opens("/proc/self/fd/0", O_RDONLY, 0, NO_MAGICLINKS), ELOOP,
		"one to a description");
	answers(opens("loop", O_RDONLY, 0, BENEATH), ELOOP, "a loop");
	answers(opens("missing", O_RDONLY, 0, BENEATH), ENOENT,
		"one to nothing");
}

static void beneath(void)
{
	answers(opens("dir/file", O_RDONLY, 0, BENEATH), 0, "a path below");
	answers(opens("dir/../file", O_RDONLY, 0, BENEATH), 0,
		"that goes up within");
	answers(opens("../base/file", O_RDONLY, 0, BENEATH), EXDEV,
		"that leaves, and comes back");
	answers(opens("dir/../../base/file", O_RDONLY, 0, BENEATH), EXDEV,
		"later");
	answers(opens("/", O_RDONLY, 0, BENEATH), EXDEV, "the root");
	answers(opens("absolute", O_RDONLY, 0, BENEATH), EXDEV,
		"a link to the root");
	answers(opens("up", O_RDONLY, 0, BENEATH), EXDEV, "a link that leaves");
	answers(opens("dir/link", O_RDONLY, 0, BENEATH), 0,
		"a link that stays");
	answers(opens("dir/new", O_CREAT | O_RDWR, 0600, BENEATH), 0,
		"a new file");
	ok(exists("base/dir/new"), "is there");
	answers(opens("file/", O_RDONLY, 0, BENEATH), ENOTDIR,
		"a slash after a file");
	answers(opens("file/x", O_RDONLY, 0, BENEATH), ENOTDIR,
		"or a name after it");
	answers(opens("dir/", O_RDONLY, 0, BENEATH), 0, "after a directory");
	answers(opens(".", O_RDONLY, 0, BENEATH), 0, "the directory itself");
	answers(opens("dir/..", O_RDONLY, 0, BENEATH), 0, "by going up");
	answers(opens("..", O_RDONLY, 0, BENEATH), EXDEV, "what is above");
	need(unlink("base/dir/new") == 0);
}

static void in_root(void)
{
	answers(opens("/dir/file", O_RDONLY, 0, IN_ROOT), 0,
		"the directory as root");
	answers(opens("../../dir/file", O_RDONLY, 0, IN_ROOT), 0,
		"nothing is above it");
	answers(opens("absolute", O_RDONLY, 0, IN_ROOT), 0,
		"a link to its root");
	answers(opens("up", O_RDONLY, 0, IN_ROOT), ENOENT,
		"a link that leaves it stays");
	answers(opens("dir/link", O_RDONLY, 0, IN_ROOT), 0, "another link");
}

static void within_mount(void)
{
	answers(opens("dir/file", O_RDONLY, 0, NO_XDEV), 0, "within a mount");
	answers(opens("/proc/self/status", O_RDONLY, 0, NO_XDEV), EXDEV,
		"to another");
}

int main(void)
{
	need(mkdir("base", 0700) == 0 && mkdir("base/dir", 0700) == 0);
	put_text("base/file", "text");
	put_text("base/dir/file", "text");
	put_text("outside", "text");
	need(symlink("file", "base/link") == 0 &&
	     symlink("dir", "base/to_dir") == 0 &&
	     symlink("../file", "base/dir/link") == 0 &&
	     symlink("/file", "base/absolute") == 0 &&
	     symlink("../outside", "base/up") == 0 &&
	     symlink("loop", "base/loop") == 0);
	base = open("base", O_RDONLY | O_DIRECTORY);
	need(base >= 0);
	of_structure();
	of_links();
	beneath();
	in_root();
	within_mount();
	return done();
}
