// SPDX-License-Identifier: BSD-3-Clause
/* A handler that interrupts a computation. */
#include <signal.h>
#include <unistd.h>

static volatile sig_atomic_t came;

static void on_alarm(int signal)
{
	came = signal;
}

int main(void)
{
	signal(SIGALRM, on_alarm);
	alarm(1);
	while (!came)
		;
	return 0;
}
