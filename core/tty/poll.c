// SPDX-License-Identifier: BSD-3-Clause
/*
 * poll() of the console.
 */
#include "core/tty/tty.h"

unsigned eft_tty_poll(struct eft_file *file, unsigned events,
		      struct eft_poll *poll)
{
	unsigned in = events & (POLLIN | POLLRDNORM);
	unsigned out = events & (POLLOUT | POLLWRNORM);

	if (in != 0) {
		eft_tty_start_input();
		if (poll->entries != NULL)
			eft_poll_add(poll, &eft_tty.readers);
		if (!eft_tty_has_input())
			in = 0;
	}
	return in | out;
}
