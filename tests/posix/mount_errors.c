// SPDX-License-Identifier: BSD-3-Clause
/*
 * What mount() and umount2() refuse.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static void mounting(void)
{
	fails(mount("none", "none", "tmpfs", 0, NULL), ENOENT, "no such place");
	fails(mount("none", "f/x", "tmpfs", 0, NULL), ENOTDIR, "below a file");
	fails(mount("none", "f", "tmpfs", 0, NULL), ENOTDIR, "on a file");
	fails(mount("none", "m", "nofs", 0, NULL), ENODEV, "no such type");
	fails(mount("none", "m", NULL, 0, NULL), EINVAL, "no type");
	fails(mount("none", "", "tmpfs", 0, NULL), ENOENT, "no name");
	fails(mount(NULL, "m", NULL, MS_REMOUNT, NULL), EINVAL,
	      "what is not mounted is not mounted anew");
	fails(mount(NULL, "m", NULL, MS_PRIVATE, NULL), EINVAL,
	      "or made private");
	fails(mount(NULL, "m", NULL, MS_BIND, NULL), EINVAL, "no source");
	fails(mount("", "m", NULL, MS_BIND, NULL), EINVAL, "an empty one");
	fails(mount("none", "m", NULL, MS_BIND, NULL), ENOENT, "none there");
	fails(mount("f", "m", NULL, MS_BIND, NULL), ENOTDIR, "a file");
}

static void unmounting(void)
{
	fails(umount2("m", 0), EINVAL, "what is not mounted");
	fails(umount2("m", 0x40), EINVAL, "a flag that there is not");
	fails(umount2("none", 0), ENOENT, "no such place");
	fails(umount2("f", 0), EINVAL, "a file");
	need(mount("none", "m", "tmpfs", 0, NULL) == 0);
	need(mkdir("m/d", 0755) == 0);
	need(symlink("m", "l") == 0);
	fails(umount2("m/d", 0), EINVAL, "a directory in a mount");
	fails(umount2("l", UMOUNT_NOFOLLOW), EINVAL, "a link");
	ok(umount2("l", 0) == 0, "which is followed else");
}

int main(void)
{
	begin_mounting();
	need(mkdir("m", 0755) == 0);
	put_text("f", "");
	mounting();
	unmounting();
	return done();
}
