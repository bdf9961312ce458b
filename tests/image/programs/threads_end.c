// SPDX-License-Identifier: BSD-3-Clause
/*
 * Of several threads that print one ends the program: by "exit" with status 7,
 * by a "fault"; or "all" but one fault at once.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { THREADS = 3 };

static const char *how;
static pthread_t threads[THREADS];
static atomic_int started;
static int *volatile nowhere;

/* Memory that comes and goes is the business of all CPUs. */
static void churn(void)
{
	char *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		_exit(1);
	*p = 1;
	munmap(p, 4096);
}

static void *work(void *arg)
{
	atomic_fetch_add(&started, 1);
	while (atomic_load(&started) < THREADS)
		;
	for (int i = 0; i < 20 || arg != NULL; i++) {
		write(1, "busy\n", 5);
		churn();
		if (strcmp(how, "all") == 0 && arg != threads)
			*nowhere = 1;
	}
	if (strcmp(how, "exit") == 0)
		exit(7);
	*nowhere = 1;
	return NULL;
}

int main(int argc, char **argv)
{
	how = argc > 1 ? argv[1] : "exit";
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work,
				   i == 1 ? NULL : &threads[i]) != 0)
			return 1;
	pthread_join(threads[0], NULL);
	return 1;
}
