// SPDX-License-Identifier: BSD-3-Clause
/*
 * After each line of input has a thread open a FIFO many times, while a signal
 * and the other side come at once, and answers with a line.
 * Expected: the host has no descriptor open then that it had not before.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROUNDS = 100 };

static atomic_int begun, ended;
static int broken;

static void handler(int signal)
{
	(void)signal;
}

static void *open_it(void *arg)
{
	int fd;

	begun = 1;
	fd = open("fifo", O_RDONLY);
	if (fd < 0 && errno != EINTR)
		broken = 1;
	if (fd >= 0)
		close(fd);
	while (!ended)
		usleep(100);
	return arg;
}

static void once(int delay_us)
{
	pthread_t thread;
	int fd;

	begun = ended = 0;
	if (pthread_create(&thread, NULL, open_it, NULL) != 0) {
		broken = 1;
		return;
	}
	while (!begun)
		usleep(50);
	usleep(delay_us);
	pthread_kill(thread, SIGUSR1);
	fd = open("fifo", O_RDWR);
	ended = 1;
	pthread_join(thread, NULL);
	close(fd);
}

int main(void)
{
	struct sigaction action = {.sa_handler = handler};
	char line[32];

	sigaction(SIGUSR1, &action, NULL);
	mkfifo("fifo", 0600);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		for (int i = 0; i < ROUNDS; i++)
			once(i % 10 * 50);
		puts(broken ? "broken" : "done");
		fflush(stdout);
	}
	return 0;
}
