// SPDX-License-Identifier: BSD-3-Clause
/*
 * What another thread does to the memory that both have, which its CPU may
 * have to hear of, leaves a computation as it is: each register, those of
 * vectors, and the red zone.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/mman.h>

#include "registers.h"
#include "tap.h"

enum { PAGE = 4096, ROUNDS = 100 };

static void *compute(void *arg)
{
	load_and_store(1);
	return arg;
}

int main(void)
{
	int wrong = 0;
	pthread_t thread;
	char *pages = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(pages != MAP_FAILED);
	registers_begin();
	wanted = ROUNDS;
	need(pthread_create(&thread, NULL, compute, NULL) == 0);
	for (; came < ROUNDS; came++) {
		memset(pages, came, 4 * PAGE);
		wrong += mprotect(pages, 4 * PAGE, PROT_READ) != 0;
		wrong += mprotect(pages, 4 * PAGE, PROT_READ | PROT_WRITE) != 0;
		wrong += madvise(pages, 4 * PAGE, MADV_DONTNEED) != 0;
	}
	need(pthread_join(thread, NULL) == 0);
	ok(wrong == 0, "pages are taken away and given back");
	registers_check("while each register stays as it was",
			"and each vector", "and the red zone");
	return done();
}
