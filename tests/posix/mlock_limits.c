// SPDX-License-Identifier: BSD-3-Clause
/*
 * RLIMIT_MEMLOCK, for a user who is not root.
 */
#define _GNU_SOURCE
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "answers.h"

enum { PAGE = 4096 };

int main(void)
{
	struct rlimit limit = {2 * PAGE, 2 * PAGE}, none = {0, 0};
	char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(pages != MAP_FAILED);
	need(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
	if (getuid() == 0)
		need(setuid(65534) == 0);
	answers(mlock(pages, 2 * PAGE), 0, "what the limit lets");
	answers(mlock(pages, 2 * PAGE), 0, "the same again");
	answers(mlock(pages + PAGE, 2 * PAGE), ENOMEM, "one page more");
	answers(munlock(pages, PAGE), 0, "one page less");
	answers(mlock(pages + PAGE, 2 * PAGE), 0, "and it can be had");
	answers(mlockall(MCL_CURRENT), ENOMEM, "all is too much");
	answers(mlockall(MCL_FUTURE), 0, "but not what is to come");
	answers(munlockall(), 0, "munlockall");
	need(setrlimit(RLIMIT_MEMLOCK, &none) == 0);
	answers(mlock(pages, PAGE), EPERM, "a limit of 0");
	answers(mlockall(MCL_FUTURE), EPERM, "for all");
	answers(munlock(pages, PAGE), 0, "it forbids no munlock");
	return done();
}
