// SPDX-License-Identifier: BSD-3-Clause
/*
 * A stack of 2 KiB, with nothing below it, is enough for any system call, to be
 * interrupted, and to wait: as a coroutine, and as a thread.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

enum { BYTES = 2048, PAGE = 4096, TURNS = 20 };

/* The top of a new stack of so many bytes. */
static char *new_stack(void)
{
	char *guard = mmap(NULL, 2 * PAGE, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	need(guard != MAP_FAILED);
	need(mprotect(guard + PAGE, PAGE, PROT_READ | PROT_WRITE) == 0);
	return guard + PAGE + BYTES;
}

/* Call (function) on the stack below (top). */
static void call_on(char *top, void (*function)(void))
{
	__asm__ volatile("mov %%rsp, %%rbx\n\t"
			 "mov %0, %%rsp\n\t"
			 "call *%1\n\t"
			 "mov %%rbx, %%rsp"
			 : "+a"(top), "+c"(function)
			 :
			 : "rbx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
			   "memory", "cc", "xmm0", "xmm1", "xmm2", "xmm3",
			   "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9",
			   "xmm10", "xmm11", "xmm12", "xmm13", "xmm14",
			   "xmm15");
}

/* What the functions found: nothing is printed on so small a stack. */
static int files, pipes, waits, memory, sockets, names;

static void use_files(void)
{
	static struct stat facts;
	static char text[8];
	int fd = open("small", O_CREAT | O_RDWR, 0600);

	files = fd >= 0 && write(fd, "words", 5) == 5 &&
		pread(fd, text, sizeof(text), 0) == 5 &&
		lseek(fd, 0, SEEK_END) == 5 && fstat(fd, &facts) == 0 &&
		facts.st_size == 5 && stat("small", &facts) == 0 &&
		ftruncate(fd, 3) == 0 && fsync(fd) == 0 &&
		rename("small", "smaller") == 0 && close(fd) == 0 &&
		unlink("smaller") == 0;
}

static void use_pipes(void)
{
	struct iovec parts[2] = {{"a", 1}, {"bc", 2}};
	int fds[2], event = eventfd(3, 0);
	char text[4];
	uint64_t value;

	pipes = pipe(fds) == 0 && writev(fds[1], parts, 2) == 3 &&
		read(fds[0], text, sizeof(text)) == 3 && text[2] == 'c' &&
		read(event, &value, sizeof(value)) == 8 && value == 3;
	close(fds[0]);
	close(fds[1]);
	close(event);
}

static void use_waits(void)
{
	struct itimerspec soon = {.it_value = {.tv_nsec = 1000000}};
	struct timespec short_time = {.tv_nsec = 1000000};
	struct epoll_event event = {.events = EPOLLIN};
	int timer = timerfd_create(CLOCK_MONOTONIC, 0),
	    epoll = epoll_create1(0);
	struct pollfd polled = {.fd = timer, .events = POLLIN};

	waits = timerfd_settime(timer, 0, &soon, NULL) == 0 &&
		epoll_ctl(epoll, EPOLL_CTL_ADD, timer, &event) == 0 &&
		poll(&polled, 1, -1) == 1 &&
		epoll_wait(epoll, &event, 1, -1) == 1 &&
		nanosleep(&short_time, NULL) == 0;
	close(timer);
	close(epoll);
}

static void use_memory(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memory = page != MAP_FAILED && (page[5] = 7, 1) &&
		 mprotect(page, PAGE, PROT_READ) == 0 && page[5] == 7 &&
		 madvise(page, PAGE, MADV_DONTNEED) == 0 &&
		 munmap(page, PAGE) == 0;
}

static void use_sockets(void)
{
	int fds[2];
	char text[2];

	sockets = socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0 &&
		  send(fds[0], "xy", 2, 0) == 2 &&
		  recv(fds[1], text, 2, MSG_WAITALL) == 2 && text[1] == 'y';
	close(fds[0]);
	close(fds[1]);
}

static void use_names(void)
{
	static char text[PATH_MAX];

	names = mkdir("below", 0700) == 0 && chdir("below") == 0 &&
		getcwd(text, sizeof(text)) != NULL && chdir("..") == 0 &&
		rmdir("below") == 0 && readlink("/proc/self/cwd", text, 9) > 0;
}

static volatile unsigned others;
static volatile int enough;

static void *count(void *unused)
{
	(void)unused;
	while (!enough) {
		others++;
		sched_yield();
	}
	return NULL;
}

/* With one CPU the other only runs where this one is interrupted. */
static void compute(void)
{
	for (int i = 0; i < TURNS; i++) {
		unsigned before = others;

		while (others == before)
			;
	}
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int stage;

static void *live(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&mutex);
	stage = 1;
	pthread_cond_signal(&changed);
	while (stage != 2)
		pthread_cond_wait(&changed, &mutex);
	pthread_mutex_unlock(&mutex);
	use_files();
	use_waits();
	return (void *)1;
}

static void *join(pthread_t thread)
{
	void *result = NULL;

	need(pthread_join(thread, &result) == 0);
	return result;
}

int main(void)
{
	char *top = new_stack();
	pthread_attr_t attributes;
	pthread_t thread;

	call_on(top, use_files);
	call_on(top, use_pipes);
	call_on(top, use_waits);
	call_on(top, use_memory);
	call_on(top, use_sockets);
	call_on(top, use_names);
	ok(files, "a coroutine on 2 KiB uses a file");
	ok(pipes, "a pipe and an eventfd");
	ok(waits, "it waits, for a timer, by poll, epoll and sleep");
	ok(memory, "it maps memory");
	ok(sockets, "it uses sockets");
	ok(names, "and directories");

	need(pthread_create(&thread, NULL, count, NULL) == 0);
	call_on(top, compute);
	enough = 1;
	join(thread);
	ok(1, "it is interrupted while it computes, and goes on");

	files = waits = 0;
	need(pthread_attr_init(&attributes) == 0);
	need(pthread_attr_setstack(&attributes, new_stack() - BYTES, BYTES) ==
	     0);
	need(pthread_create(&thread, &attributes, live, NULL) == 0);
	pthread_mutex_lock(&mutex);
	while (stage != 1)
		pthread_cond_wait(&changed, &mutex);
	stage = 2;
	pthread_cond_signal(&changed);
	pthread_mutex_unlock(&mutex);
	ok(join(thread) == (void *)1 && files && waits,
	   "so does a thread with such a stack");
	return done();
}
