// SPDX-License-Identifier: BSD-3-Clause
/*
 * Takes the signals that its parent queues, each with its number as its value,
 * in the way that the first argument says, beside a thread that computes, or
 * "alone". Says how many came, and how many were not as they were sent, or not
 * in order.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNT = 500, NAPS_MAX = 8000 };

static volatile sig_atomic_t came, wrong;

static void note(int signal, siginfo_t *info, void *context)
{
	(void)context;
	if (info->si_signo != signal || info->si_code != SI_QUEUE ||
	    info->si_pid != getppid() || info->si_uid != getuid() ||
	    info->si_value.sival_int != came)
		wrong++;
	came++;
}

static void compute(void)
{
	while (came < COUNT)
		;
}

static void call(void)
{
	while (came < COUNT)
		getppid();
}

/* Or until none has come for so long that none will. */
static void sleep_until_all(void)
{
	int naps = 0, seen = 0;

	while (came < COUNT && naps++ < NAPS_MAX) {
		usleep(1000);
		if (seen != came)
			naps = 0;
		seen = came;
	}
}

static void read_until_all(void)
{
	char byte;

	while (came < COUNT && read(0, &byte, 1) < 0)
		;
}

static void take(void)
{
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 5);
	sigprocmask(SIG_BLOCK, &set, NULL);
	puts("blocked"), fflush(stdout);
	while (came < COUNT)
		note(sigwaitinfo(&set, &info), &info, NULL);
}

static void *compute_beside(void *arg)
{
	for (;;)
		;
	return arg;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*function)(void);
	} ways[] = {
		{"compute", compute},
		{"call", call},
		{"sleep", sleep_until_all},
		{"read", read_until_all},
		{"take", take},
	};
	struct sigaction action = {.sa_sigaction = note,
				   .sa_flags = SA_SIGINFO};
	sigset_t all, before;
	pthread_t thread;

	sigaction(SIGRTMIN + 5, &action, NULL);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (argc < 3 || strcmp(argv[2], "alone") != 0)
		pthread_create(&thread, NULL, compute_beside, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	printf("%d\n", SIGRTMIN + 5), fflush(stdout);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc > 1 && !strcmp(argv[1], ways[i].name))
			ways[i].function();
	}
	printf("%d came, %d wrong\n", (int)came, (int)wrong);
	return came != COUNT || wrong;
}
