// SPDX-License-Identifier: BSD-3-Clause
/*
 * A thread opens a FIFO, and at about the time at which the other side comes a
 * signal does. Each has its effect: the call tells of the other side where that
 * came first, and the handler runs.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

enum { ROUNDS = 200 };

static atomic_int begun, sent, ended, handled;
static int mode, fd, error;

static void handler(int signal)
{
	(void)signal;
	handled++;
}

static void *open_it(void *arg)
{
	begun = 1;
	fd = open("fifo", mode);
	error = errno;
	ended = 1;
	while (!sent)
		usleep(100);
	return arg;
}

static pthread_t begin(int flags)
{
	pthread_t thread;

	mode = flags;
	begun = sent = ended = handled = 0;
	need(pthread_create(&thread, NULL, open_it, NULL) == 0);
	while (!begun)
		sched_yield();
	return thread;
}

static void send_signal(pthread_t thread)
{
	need(pthread_kill(thread, SIGUSR1) == 0);
	sent = 1;
}

static void end(pthread_t thread)
{
	need(pthread_join(thread, NULL) == 0);
	if (fd >= 0)
		close(fd);
}

/* The other side comes, and stays, before the signal does. */
static int side_first(int flags, int delay_us)
{
	pthread_t thread = begin(flags);
	int other;

	if (delay_us > 0)
		usleep(delay_us);
	other = open("fifo", O_RDWR);
	need(other >= 0);
	send_signal(thread);
	end(thread);
	close(other);
	return fd >= 0 && handled == 1;
}

/*
 * The other side comes only if it finds the thread there, which then has found
 * it too. A thread that had not begun when the signal came waits on, for a
 * third.
 */
static int at_once(int delay_us, int signal_first)
{
	pthread_t thread = begin(O_RDONLY);
	int found, third = -1;

	if (delay_us > 0)
		usleep(delay_us);
	if (signal_first)
		send_signal(thread);
	found = open("fifo", O_WRONLY | O_NONBLOCK);
	need(found >= 0 || errno == ENXIO);
	if (!signal_first)
		send_signal(thread);
	for (int i = 0; i < 20 && !ended; i++)
		usleep(1000);
	if (!ended)
		third = open("fifo", O_RDWR);
	end(thread);
	close(found);
	close(third);
	if (fd < 0 && (error != EINTR || found >= 0))
		printf("# errno %d, found %d\n", error, found >= 0);
	return handled == 1 && (fd >= 0 || (error == EINTR && found < 0));
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	int readers = 0, writers = 0, met = 0, lowest = dup(0);

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(mkfifo("fifo", 0600) == 0);
	for (int i = 0; i < ROUNDS; i++) {
		readers += side_first(O_RDONLY, i % 4 * 50);
		writers += side_first(O_WRONLY, i % 4 * 50);
		met += at_once(i % 5 * 40, i / 5 % 2);
	}
	ok(readers == ROUNDS, "who reads has found who came first");
	ok(writers == ROUNDS, "so has who writes");
	ok(met == ROUNDS, "both sides say the same, and no signal is lost");
	close(lowest);
	ok(dup(0) == lowest, "no descriptor is left");
	return done();
}
