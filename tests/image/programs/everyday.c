// SPDX-License-Identifier: BSD-3-Clause
/*
 * What programs do every day, a little of each: files, pipes, threads that
 * compute, time, memory, signals.
 * Expected: "all is well", exit status 0, whatever the host refuses, if it
 * does not end with a word about that.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define must(fact)                                          \
	do {                                                \
		if (!(fact)) {                              \
			fprintf(stderr, "%s: %m\n", #fact); \
			exit(3);                            \
		}                                           \
	} while (0)

static volatile int stop;
static volatile sig_atomic_t seen;

static void *computes(void *arg)
{
	while (!stop)
		;
	return arg;
}

static void handler(int number)
{
	seen = number;
}

static void files(void)
{
	char buf[16] = "";
	struct stat st;
	int fd = open("everyday.txt", O_RDWR | O_CREAT | O_TRUNC, 0600);

	must(fd >= 0);
	must(write(fd, "some text", 9) == 9 && lseek(fd, 5, SEEK_SET) == 5);
	must(read(fd, buf, sizeof(buf)) == 4 && strcmp(buf, "text") == 0);
	must(fstat(fd, &st) == 0 && st.st_size == 9);
	must(stat("everyday.txt", &st) == 0 && st.st_size == 9);
	must(close(fd) == 0 && unlink("everyday.txt") == 0);
}

static void memory(void)
{
	char *p = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED);
	memset(p, 1, 1 << 20);
	must(mprotect(p, 1 << 20, PROT_READ) == 0 && munmap(p, 1 << 20) == 0);
}

/* Two compute, so that one has to be interrupted. */
static void threads(void)
{
	struct timespec nap = {.tv_nsec = 20000000};
	pthread_t a, b;

	must(pthread_create(&a, NULL, computes, NULL) == 0);
	must(pthread_create(&b, NULL, computes, NULL) == 0);
	must(nanosleep(&nap, NULL) == 0);
	stop = 1;
	must(pthread_join(a, NULL) == 0 && pthread_join(b, NULL) == 0);
}

/* The input says something after a while, then ends. */
static void input(void)
{
	struct pollfd fd = {.fd = 0, .events = POLLIN};
	char buf[16];

	must(poll(&fd, 1, 10000) == 1 && fd.revents & POLLIN);
	must(read(0, buf, sizeof(buf)) == 5);
	must(read(0, buf, sizeof(buf)) == 0);
}

static void signals(void)
{
	must(signal(SIGUSR1, handler) != SIG_ERR);
	must(raise(SIGUSR1) == 0 && seen == SIGUSR1);
}

int main(void)
{
	files();
	memory();
	signals();
	input();
	threads();
	puts("all is well");
	return 0;
}
