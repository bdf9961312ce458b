// SPDX-License-Identifier: BSD-3-Clause
/*
 * MNT_DETACH takes a busy mount away, with all below it: who is in it stays, and
 * nobody else comes in. Mounts at one place lie on one another.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static void detaching(void)
{
	int fd, dir;

	need(mount("none", "m", "tmpfs", 0, NULL) == 0);
	need(mkdir("m/d", 0755) == 0);
	need(mount("none", "m/d", "tmpfs", 0, NULL) == 0);
	put_text("m/f", "text");
	put_text("m/d/g", "deep");
	fd = open("m/f", O_RDWR);
	dir = open("m", O_RDONLY | O_DIRECTORY);
	need(fd >= 0 && dir >= 0);
	fails(umount2("m", MNT_FORCE), EBUSY, "force alone is not enough");
	ok(umount2("m", MNT_DETACH) == 0, "detached");
	ok(!exists("m/f") && !exists("m/d"), "it is not there");
	ok(fd_has_text(fd, "text"), "but for who has it open");
	ok(faccessat(dir, "f", R_OK, 0) == 0, "or its directory");
	ok(openat(dir, "new", O_CREAT | O_WRONLY, 0600) >= 0,
	   "where files are made");
	fails(umount("m"), EINVAL, "nothing is mounted there");
	close(fd);
	close(dir);
}

static void stacking(void)
{
	for (int i = 0; i < 3; i++) {
		char text[2] = {(char)('0' + i), 0};

		need(mount("none", "m", "tmpfs", 0, NULL) == 0);
		put_text("m/f", text);
	}
	ok(has_text("m/f", "2"), "the last is on top");
	ok(umount("m") == 0 && has_text("m/f", "1"), "then the second");
	ok(umount("m") == 0 && has_text("m/f", "0"), "then the first");
	ok(umount("m") == 0 && !exists("m/f"), "then nothing");
	fails(umount("m"), EINVAL, "and that is all");
}

int main(void)
{
	begin_mounting();
	need(mkdir("m", 0755) == 0);
	detaching();
	stacking();
	return done();
}
