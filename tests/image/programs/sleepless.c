// SPDX-License-Identifier: BSD-3-Clause
/* Sleeps for a moment, again and again, until it is killed. */
#include <time.h>

int main(void)
{
	const struct timespec moment = {0, 100000};

	for (;;)
		nanosleep(&moment, NULL);
}
