// SPDX-License-Identifier: BSD-3-Clause
/*
 * A program that sends signals, and names nothing else of them: no handler, no
 * mask. So it carries no more of the libOS than it needs for that.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	static const int ignored[] = {SIGCHLD, SIGURG, SIGWINCH, SIGCONT};

	for (unsigned i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		printf("%d\n", kill(getpid(), ignored[i]));
	printf("%d\n", kill(getpid(), 0));
	return 0;
}
