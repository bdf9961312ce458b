// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: threads_map_storm [THREADS [MS]]
 *
 * Threads (24) that for a while (300 ms) map, touch, protect, discard, unmap,
 * read, write and cut the same four files, and memory of none: each sees bytes
 * of the file's own, zeroes, or SIGBUS.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { PAGE = 4096, PAGES = 24, BYTES = PAGES * PAGE, FILES = 4 };
enum { THREADS_MAX = 500, STACK = 64 << 10 };

struct player {
	pthread_t thread;
	uint64_t random;
	sigjmp_buf back;
};

static struct player player[THREADS_MAX];
static _Thread_local struct player *self;
static int file[FILES];
static atomic_int finished;
static atomic_long wrong, touched, past_end;

static void handle(int signal)
{
	siglongjmp(self->back, signal);
}

/* Knuth's MMIX generator; the high bits are the better ones. */
static unsigned any(unsigned below)
{
	self->random = self->random * 6364136223846793005 + 1442695040888963407;
	return (unsigned)(self->random >> 33) % below;
}

static void check(int which, const char *bytes, long len)
{
	for (long i = 0; i < len; i++)
		wrong += bytes[i] != 0 && bytes[i] != 'a' + which;
}

/* A byte of the mapping of file (which), or of none, -1. */
static void touch(volatile char *at, volatile int which, int write)
{
	char byte = (char)('a' + which);

	if (sigsetjmp(self->back, 1) != 0) {
		past_end++;
		wrong += which < 0; /* memory of no file has no end */
		return;
	}
	if (write)
		*at = which < 0 ? 'm' : byte;
	byte = *at;
	check(which < 0 ? 'm' - 'a' : which, &byte, 1);
	touched++;
}

static void use_mapping(void)
{
	int which = (int)any(FILES + 1) - 1;
	int flags = which < 0 ? MAP_PRIVATE | MAP_ANONYMOUS
		    : any(2)  ? MAP_SHARED
			      : MAP_PRIVATE;
	unsigned first = any(PAGES), pages = 1 + any(PAGES - first);
	char *at = mmap(NULL, pages * (size_t)PAGE, PROT_READ | PROT_WRITE,
			flags, which < 0 ? -1 : file[which],
			which < 0 ? 0 : first * PAGE);

	need(at != MAP_FAILED);
	for (int i = 0; i < 8; i++) {
		unsigned page = any(pages);

		touch(at + page * PAGE + any(PAGE), which, any(3) == 0);
		if (any(16) == 0)
			need(madvise(at + page * PAGE, PAGE, MADV_DONTNEED) ==
			     0);
		if (any(16) == 0) {
			need(mprotect(at + page * PAGE, PAGE, PROT_READ) == 0);
			touch(at + page * PAGE, which, 0);
			need(mprotect(at + page * PAGE, PAGE,
				      PROT_READ | PROT_WRITE) == 0);
		}
	}
	need(munmap(at, pages * (size_t)PAGE) == 0);
}

static void use_calls(void)
{
	int which = (int)any(FILES);
	char buf[300];
	ssize_t n =
		pread(file[which], buf, 1 + any(sizeof(buf) - 1), any(BYTES));

	need(n >= 0);
	check(which, buf, n);
	memset(buf, 'a' + which, sizeof(buf));
	if (any(2))
		need(pwrite(file[which], buf, 1 + any(200), any(BYTES - 200)) >
		     0);
}

static void *play(void *arg)
{
	self = arg;
	while (!finished) {
		switch (any(8)) {
		case 0:
			need(ftruncate(file[any(FILES)], any(BYTES)) == 0);
			break;
		case 1:
		case 2:
			use_calls();
			break;
		default:
			use_mapping();
		}
	}
	return NULL;
}

static long number(int argc, char **argv, int i, long otherwise)
{
	return argc > i ? atol(argv[i]) : otherwise;
}

int main(int argc, char **argv)
{
	long count = number(argc, argv, 1, 24), ms = number(argc, argv, 2, 300);
	struct timespec time = {ms / 1000, ms % 1000 * 1000000};
	pthread_attr_t small;
	char name[] = "a";

	need(count > 0 && count <= THREADS_MAX);
	for (int i = 0; i < FILES; i++, name[0]++) {
		file[i] = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
		need(file[i] >= 0 && unlink(name) == 0);
	}
	need(signal(SIGBUS, handle) != SIG_ERR);
	need(pthread_attr_init(&small) == 0);
	need(pthread_attr_setstacksize(&small, STACK) == 0);
	for (long i = 0; i < count; i++) {
		player[i].random = (uint64_t)i;
		need(pthread_create(&player[i].thread, &small, play,
				    &player[i]) == 0);
	}
	nanosleep(&time, NULL);
	while (touched == 0 || past_end == 0)
		usleep(1000);
	finished = 1;
	for (long i = 0; i < count; i++)
		need(pthread_join(player[i].thread, NULL) == 0);
	ok(wrong == 0, "each byte is the file's");
	ok(touched > 0 && past_end > 0, "some were there, some were not");
	return done();
}
