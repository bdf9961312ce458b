// SPDX-License-Identifier: BSD-3-Clause
/* Unmaps the stack that it runs on: there is no way back from that. */
#include <pthread.h>
#include <sys/mman.h>

enum { BYTES = 128 << 10 };

static void *unmap(void *stack)
{
	munmap(stack, BYTES);
	return stack;
}

int main(void)
{
	void *stack = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstack(&attr, stack, BYTES);
	pthread_create(&thread, &attr, unmap, stack);
	pthread_join(thread, NULL);
	return 0;
}
