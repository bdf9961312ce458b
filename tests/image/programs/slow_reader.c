// SPDX-License-Identifier: BSD-3-Clause
/*
 * Writes numbered lines, more than a pipe holds, to a reader that lets it wait.
 * A signal ends each wait; the rest is written then. Another thread runs
 * meanwhile. Both are told of at the end.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/time.h>
#include <unistd.h>

enum { LINES = 16384, LINE = 16, TICK_US = 10000 };

static atomic_int alarms, rounds;

static void count(int signal)
{
	alarms += signal == SIGALRM;
}

static void *live(void *arg)
{
	for (;;) {
		usleep(TICK_US);
		rounds++;
	}
	return arg;
}

static int write_all(const char *text, size_t len)
{
	int stops = 0;

	while (len > 0) {
		int rounds_before = rounds;
		ssize_t n = write(1, text, len);

		if (n < 0 && errno != EINTR)
			return -1;
		stops += rounds > rounds_before;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return stops;
}

int main(void)
{
	static char text[LINES * LINE + 1];
	struct sigaction action = {.sa_handler = count};
	struct itimerval often = {{0, 20 * TICK_US}, {0, 20 * TICK_US}};
	struct itimerval never = {{0, 0}, {0, 0}};
	sigset_t alarm;
	pthread_t thread;
	int stops;

	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_BLOCK, &alarm, NULL);
	if (pthread_create(&thread, NULL, live, NULL) != 0)
		return 2;
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
	for (int i = 0; i < LINES; i++)
		sprintf(text + i * LINE, "%015d\n", i);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	stops = write_all(text, LINES * LINE);
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%s, %s\n", alarms > 0 ? "interrupted" : "undisturbed",
	       stops > 0 ? "others ran" : "others waited");
	return 0;
}
