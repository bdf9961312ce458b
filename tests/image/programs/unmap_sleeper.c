// SPDX-License-Identifier: BSD-3-Clause
/* Unmaps the stack of a thread that sleeps, and wakes it. */
#include <pthread.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 128 << 10 };

static int ends[2];

static void *sleeper(void *arg)
{
	char byte;

	read(ends[0], &byte, 1);
	return arg;
}

int main(void)
{
	const struct timespec moment = {.tv_nsec = 50000000};
	void *stack = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;

	pipe(ends);
	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, BYTES);
	pthread_create(&thread, &attr, sleeper, NULL);
	nanosleep(&moment, NULL);
	munmap(stack, BYTES);
	write(ends[1], "x", 1);
	pthread_join(thread, NULL);
	return 0;
}
