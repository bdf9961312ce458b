// SPDX-License-Identifier: BSD-3-Clause
/* A thread that computes, and one that maps and unmaps, for ever. */
#include <pthread.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static void *compute(void *unused)
{
	for (volatile unsigned turns = 0;; turns++)
		;
	return unused;
}

int main(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, compute, NULL) != 0)
		return 1;
	for (;;) {
		volatile char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (page == MAP_FAILED)
			return 1;
		*page = 1;
		munmap((void *)page, PAGE);
	}
}
