// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: unread WAY: do not read the terminal, in one of the WAYs, for ever.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(const char *text)
{
	write(STDOUT_FILENO, text, strlen(text));
}

static void handle(int signal)
{
	say(signal == SIGINT ? "handled\n" : "another\n");
	_exit(3);
}

int main(int argc, char **argv)
{
	const char *way = argc == 2 ? argv[1] : "";
	volatile unsigned long count = 0;
	char c;

	if (strcmp(way, "handle") == 0)
		signal(SIGINT, handle);
	if (strcmp(way, "ignore") == 0)
		signal(SIGINT, SIG_IGN);
	say("ready\n");
	if (strcmp(way, "read") == 0) /* the one that does */
		read(STDIN_FILENO, &c, 1);
	while (strcmp(way, "sleep") == 0)
		sleep(1);
	while (strcmp(way, "print") == 0) {
		say("x\n");
		usleep(50000);
	}
	if (strcmp(way, "pause") == 0)
		pause();
	for (;;)
		count++;
}
