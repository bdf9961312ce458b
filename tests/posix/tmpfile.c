// SPDX-License-Identifier: BSD-3-Clause
/*
 * mkstemp() and mkdtemp() make files and directories of a name that is free,
 * private to the user. (tmpfile() would need a /tmp.)
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void files(void)
{
	char a[] = "a.XXXXXX", b[] = "a.XXXXXX";
	struct stat st;
	int x = mkstemp(a), y = mkstemp(b);

	ok(x >= 0 && y >= 0, "mkstemp");
	ok(!strncmp(a, "a.", 2) && strlen(a) == 8, "keeps the name's start");
	ok(strcmp(a, "a.XXXXXX") != 0 && strcmp(a, b) != 0, "and is new");
	ok(stat(a, &st) == 0 && S_ISREG(st.st_mode) &&
		   (st.st_mode & 0777) == 0600,
	   "private");
	ok(write(x, "x", 1) == 1 && has_text(a, "x") && has_text(b, ""),
	   "open for writing");
	close(x);
	close(y);
}

static void variants(void)
{
	char suffixed[] = "b.XXXXXX.txt", flagged[] = "c.XXXXXX";
	int fd = mkstemps(suffixed, 4);

	ok(fd >= 0 && !strcmp(suffixed + 8, ".txt") && exists(suffixed),
	   "mkstemps keeps the end too");
	close(fd);
	fd = mkostemp(flagged, O_CLOEXEC | O_APPEND);
	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   (fcntl(fd, F_GETFL) & O_APPEND),
	   "mkostemp takes flags");
	close(fd);
}

static void directories(void)
{
	char a[] = "d.XXXXXX", b[] = "missing/d.XXXXXX";
	struct stat st;

	ok(mkdtemp(a) == a && stat(a, &st) == 0 && S_ISDIR(st.st_mode) &&
		   (st.st_mode & 0777) == 0700,
	   "mkdtemp");
	fails_null(mkdtemp(b), ENOENT, "in no directory");
}

static void errors(void)
{
	char few[] = "f.XXXXX", none[] = "", missing[] = "missing/XXXXXX";

	fails(mkstemp(few), EINVAL, "five X are too few");
	fails(mkstemp(none), EINVAL, "none too");
	fails(mkstemp(missing), ENOENT, "no directory");
}

int main(void)
{
	umask(0);
	files();
	variants();
	directories();
	errors();
	return done();
}
