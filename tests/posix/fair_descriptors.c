// SPDX-License-Identifier: BSD-3-Clause
/* The table of descriptors: one thread looks for a free one, so does another.
 */
#include <fcntl.h>
#include <unistd.h>

#include "fair.h"

static void duplicate(void)
{
	int fd = fcntl(0, F_DUPFD, 500);

	need(fd >= 500 && close(fd) == 0);
}

int main(void)
{
	for (int i = 0; i < 200; i++)
		need(fcntl(0, F_DUPFD, 500) >= 0);
	fair(duplicate, duplicate, "who duplicates has its turn");
	return done();
}
