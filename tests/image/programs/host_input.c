// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: host_input interrupted|woken
 *
 * Standard input is a pipe in which nothing comes. A signal ends each of many
 * reads of it, from many descriptors' poll() too (interrupted); or a thread
 * reads it, so that an idle CPU watches it, and another thread is woken again
 * and again by one that computes until it has run (woken).
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

enum { TIMES = 400, WAKE_UPS = 20, PATIENCE_S = 10 };

static atomic_int alarms, ran;
static sem_t wanted;

static void count(int signal)
{
	alarms += signal == SIGALRM;
}

static int interrupted(void)
{
	struct sigaction action = {.sa_handler = count};
	struct itimerval often = {{0, 1000}, {0, 1000}};
	struct pollfd in = {.fd = 0, .events = POLLIN};
	int reads = 0, polls = 0;
	char c;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (reads < TIMES && read(0, &c, 1) == -1 && errno == EINTR)
		reads++;
	while (polls < TIMES && poll(&in, 1, -1) == -1 && errno == EINTR)
		polls++;
	printf("%d reads, %d polls, %s\n", reads, polls,
	       alarms >= reads + polls ? "each by a signal" : "for no reason");
	return 0;
}

static void *read_input(void *arg)
{
	char c;

	return read(0, &c, 1) == 0 ? arg : NULL;
}

static void *run_when_wanted(void *arg)
{
	for (;;) {
		while (sem_wait(&wanted) != 0)
			continue;
		ran++;
	}
	return arg;
}

static int is_woken(int before)
{
	time_t start = time(NULL);

	while (ran == before) {
		if (time(NULL) > start + PATIENCE_S)
			return 0;
	}
	return 1;
}

static int woken(void)
{
	struct timespec moment = {.tv_nsec = 20000000};
	pthread_t reader, runner;
	int done = 0;

	sem_init(&wanted, 0, 0);
	if (pthread_create(&reader, NULL, read_input, NULL) != 0 ||
	    pthread_create(&runner, NULL, run_when_wanted, NULL) != 0)
		return 2;
	for (; done < WAKE_UPS; done++) {
		int before = ran;

		nanosleep(&moment, NULL);
		sem_post(&wanted);
		if (!is_woken(before))
			break;
	}
	printf("woken %d times\n", done);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 2)
		return 1;
	return strcmp(argv[1], "woken") == 0 ? woken() : interrupted();
}
