// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory that another thread unmaps while calls read and write it: each answers
 * with what could be moved, or EFAULT.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tap.h"

enum { PAGE = 4096, BYTES = 3000, ROUNDS = 4000 };

static char *page;
static int over; /* atomic */

static void *change(void *arg)
{
	(void)arg;
	for (int i = 0; !__atomic_load_n(&over, __ATOMIC_RELAXED); i++) {
		if (i % 2 == 0) {
			need(munmap(page, PAGE) == 0);
			sched_yield();
			need(mmap(page, PAGE, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
				  0) == page);
		} else {
			need(mprotect(page, PAGE, PROT_NONE) == 0);
			sched_yield();
			need(mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0);
		}
	}
	return NULL;
}

/* It moved some of the bytes, or none and said so. */
static int is_honest(long result)
{
	return (result > 0 && result <= BYTES) ||
	       (result == -1 && errno == EFAULT);
}

int main(void)
{
	int pipes[2], file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	int zero = open("/dev/zero", O_RDONLY), good = 1, stats = 1;
	static char bytes[BYTES];
	pthread_t changer;

	page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	need(pipe2(pipes, O_NONBLOCK) == 0);
	need(write(file, bytes, BYTES) == BYTES);
	need(pthread_create(&changer, NULL, change, NULL) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		struct iovec iov = {page, BYTES};
		long result;

		good &= is_honest(pread(file, page, BYTES, 0));
		good &= is_honest(pwrite(file, page, BYTES, 0));
		good &= is_honest(preadv(zero, &iov, 1, 0));
		while ((result = write(pipes[1], page, BYTES)) == BYTES)
			;
		good &= result == -1 && (errno == EAGAIN || errno == EFAULT);
		while ((result = read(pipes[0], page, BYTES)) > 0)
			;
		good &= result == -1 && (errno == EAGAIN || errno == EFAULT);
		while (read(pipes[0], bytes, BYTES) > 0)
			;
		result = syscall(SYS_fstat, file, page);
		stats &= result == 0 || (result == -1 && errno == EFAULT);
		result = syscall(SYS_futex, page, 128 /* FUTEX_WAIT */, 12345,
				 NULL, NULL, 0);
		stats &= result == -1 && (errno == EFAULT || errno == EAGAIN);
	}
	__atomic_store_n(&over, 1, __ATOMIC_RELAXED);
	need(pthread_join(changer, NULL) == 0);
	ok(good, "transfers");
	ok(stats, "structures and words");
	return done();
}
