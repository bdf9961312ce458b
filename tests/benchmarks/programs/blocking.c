// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: blocking NAME [MS]: say how many nanoseconds a round takes with an
 * object that blocks, in a loop of MS milliseconds (30) or more. A ping-pong is
 * from one thread to another and back; on one CPU, or on "two CPUs".
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LEAST_MS     30
#define FIRST_ROUNDS 100

static int there[2], back[2]; /* ends to read from and to write to */
static size_t message;
static struct pollfd ready;
static int epoll;

static void need(int met)
{
	if (!met)
		abort();
}

static void transfer(int in, int out)
{
	uint64_t word = 1;

	need(write(out, &word, message) == (ssize_t)message);
	need(read(in, &word, message) == (ssize_t)message);
}

static void stay_on(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	need(sched_setaffinity(0, sizeof(one), &one) == 0);
}

static int apart; /* each player on a CPU of its own */

static void *echo(void *nothing)
{
	uint64_t word;

	stay_on(apart);
	while (read(there[0], &word, message) == (ssize_t)message)
		need(write(back[1], &word, message) == (ssize_t)message);
	return nothing;
}

static void start_echo(size_t size)
{
	pthread_t thread;

	message = size;
	need(pthread_create(&thread, NULL, echo, NULL) == 0);
}

static void set_up_pipes(void)
{
	need(pipe(there) == 0 && pipe(back) == 0);
	start_echo(1);
}

static void set_up_eventfds(void)
{
	there[0] = there[1] = eventfd(0, 0);
	back[0] = back[1] = eventfd(0, 0);
	need(there[0] >= 0 && back[0] >= 0);
	start_echo(8);
}

static void ping_pong(void)
{
	transfer(back[0], there[1]);
}

static void set_up_ready(void)
{
	need(pipe(there) == 0 && write(there[1], "x", 1) == 1);
	ready = (struct pollfd){.fd = there[0], .events = POLLIN};
}

static void call_poll(void)
{
	need(poll(&ready, 1, 1000) == 1);
}

static void call_select(void)
{
	struct timeval second = {.tv_sec = 1};
	fd_set set;

	FD_ZERO(&set);
	FD_SET(ready.fd, &set);
	need(select(ready.fd + 1, &set, NULL, NULL, &second) == 1);
}

static void set_up_epoll(void)
{
	struct epoll_event event = {.events = EPOLLIN};

	set_up_ready();
	epoll = epoll_create1(0);
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, ready.fd, &event) == 0);
}

static void call_epoll_wait(void)
{
	struct epoll_event event;

	need(epoll_wait(epoll, &event, 1, 1000) == 1);
}

/* A pipe with one thread: no switches. */
static void set_up_pipe(void)
{
	need(pipe(there) == 0);
	message = 1;
}

static void write_read(void)
{
	transfer(there[0], there[1]);
}

static void set_up_file(void)
{
	int fd;

	need(mkdir("dir", 0755) == 0 || access("dir", F_OK) == 0);
	fd = open("dir/file", O_RDWR | O_CREAT, 0644);
	need(fd >= 0 && close(fd) == 0);
}

static void open_close(void)
{
	need(close(open("dir/file", O_RDONLY)) == 0);
}

static void call_stat(void)
{
	struct stat st;

	need(stat("dir/file", &st) == 0);
}

static const struct {
	const char *name;
	void (*set_up)(void);
	void (*round)(void);
} rounds[] = {
	{"pipe", set_up_pipes, ping_pong},
	{"pipe, two CPUs", set_up_pipes, ping_pong},
	{"eventfd", set_up_eventfds, ping_pong},
	{"eventfd, two CPUs", set_up_eventfds, ping_pong},
	{"poll", set_up_ready, call_poll},
	{"select", set_up_ready, call_select},
	{"epoll_wait", set_up_epoll, call_epoll_wait},
	{"write+read", set_up_pipe, write_read},
	{"open+close", set_up_file, open_close},
	{"stat", set_up_file, call_stat},
};

static double now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1e9 + now.tv_nsec;
}

/* Rounds are doubled until they take long enough: (least_ns). */
static double measure(void (*round)(void), double least_ns)
{
	for (long count = FIRST_ROUNDS;; count *= 2) {
		double start = now_ns(), took;

		for (long i = 0; i < count; i++)
			round();
		took = now_ns() - start;
		if (took >= least_ns)
			return took / count;
	}
}

int main(int argc, char **argv)
{
	double ms = argc > 2 ? atof(argv[2]) : LEAST_MS;

	apart = argc > 1 && strstr(argv[1], "two CPUs") != NULL;
	stay_on(0);
	for (size_t i = 0; i < sizeof(rounds) / sizeof(rounds[0]); i++) {
		if (argc < 2 || strcmp(argv[1], rounds[i].name) != 0)
			continue;
		rounds[i].set_up();
		printf("%.3f\n", measure(rounds[i].round, ms * 1e6));
		return EXIT_SUCCESS;
	}
	return EXIT_FAILURE;
}
