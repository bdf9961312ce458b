// SPDX-License-Identifier: BSD-3-Clause
/*
 * umask() takes permission bits away from what is made, and from nothing
 * else.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static mode_t mode_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_mode & 07777 : (mode_t)-1;
}

static void make(const char *path, mode_t mode)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL, mode);

	need(fd >= 0 && close(fd) == 0);
}

int main(void)
{
	umask(022);
	ok(umask(027) == 022, "umask answers the mask before");
	ok(umask(027) == 027, "and the one just set");
	make("a", 0666);
	ok(mode_of("a") == 0640, "files lose its bits");
	make("b", 0777);
	ok(mode_of("b") == 0750, "also the x bits");
	need(mkdir("dir", 0777) == 0);
	ok((mode_of("dir") & 0777) == 0750, "directories too");
	ok(chmod("a", 0666) == 0 && mode_of("a") == 0666, "chmod does not");
	umask(0);
	make("c", 0666);
	ok(mode_of("c") == 0666, "no mask, no loss");
	umask(0777);
	make("d", 0666);
	ok(mode_of("d") == 0, "a full mask takes all");
	ok(umask(07022) == 0777, "from 0777");
	ok(umask(0) == 0022, "only permission bits are kept");
	make("e", 04755);
	ok(mode_of("e") == 04755, "open sets the set-user-ID bit");
	return done();
}
