// SPDX-License-Identifier: BSD-3-Clause
/*
 * A mapping that is longer than its file: the rest of the last page is zero,
 * and what comes after it is SIGBUS until the file grows.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { PAGE = 4096, PAGES = 4 };

static sigjmp_buf back;
static volatile int code;
static void *volatile where;
static volatile char seen; /* a load that nobody uses may be left out */

static void handle(int signal, siginfo_t *info, void *context)
{
	(void)context;
	code = info->si_code;
	where = info->si_addr;
	siglongjmp(back, signal);
}

/* The signal that a read, or a write, of the byte at (at) raises, or 0. */
static int touch(volatile char *at, int writes)
{
	int signal;

	code = 0;
	signal = sigsetjmp(back, 1);
	if (signal != 0)
		return signal;
	if (writes)
		*at = 'w';
	else
		seen = *at;
	return 0;
}

static char *map(int fd, int type)
{
	char *at =
		mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, type, fd, 0);

	need(at != MAP_FAILED);
	return at;
}

static void past(int fd, int type, const char *kind)
{
	char what[80], *at = map(fd, type);

	snprintf(what, sizeof(what), "%s: the rest of the last page", kind);
	ok(touch(at + PAGE + 10, 0) == 0 && at[PAGE + 10] == 0 &&
		   touch(at + 2 * PAGE - 1, 1) == 0,
	   what);
	snprintf(what, sizeof(what), "%s: a read of the next is SIGBUS", kind);
	ok(touch(at + 2 * PAGE, 0) == SIGBUS && code == BUS_ADRERR &&
		   where == at + 2 * PAGE,
	   what);
	snprintf(what, sizeof(what), "%s: so is a write", kind);
	ok(touch(at + 3 * PAGE + 5, 1) == SIGBUS && code == BUS_ADRERR, what);
	need(ftruncate(fd, 3 * PAGE) == 0 && pwrite(fd, "z", 1, 2 * PAGE) == 1);
	snprintf(what, sizeof(what), "%s: it is there when the file has grown",
		 kind);
	ok(touch(at + 2 * PAGE, 0) == 0 && at[2 * PAGE] == 'z' &&
		   touch(at + 2 * PAGE + 1, 1) == 0,
	   what);
	snprintf(what, sizeof(what), "%s: and not what is after it", kind);
	ok(touch(at + 3 * PAGE, 0) == SIGBUS, what);
	need(munmap(at, PAGES * PAGE) == 0);
	need(ftruncate(fd, PAGE + 10) == 0);
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = handle,
				   .sa_flags = SA_SIGINFO};
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char page[2 * PAGE], *none;

	need(sigaction(SIGBUS, &action, NULL) == 0);
	memset(page, 'a', sizeof(page));
	need(fd >= 0 && write(fd, page, PAGE + 10) == PAGE + 10);
	past(fd, MAP_SHARED, "shared");
	past(fd, MAP_PRIVATE, "private");
	ok(size_of("file") == PAGE + 10 && pread(fd, page, PAGE, PAGE) == 10,
	   "no write past the end is in the file");
	need(ftruncate(fd, 0) == 0);
	none = map(fd, MAP_PRIVATE);
	ok(touch(none, 0) == SIGBUS, "an empty file has no page");
	need(munmap(none, PAGES * PAGE) == 0);
	need(unlink("file") == 0);
	return done();
}
