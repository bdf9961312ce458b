// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image that does not read its console: -l:eft-without-input.o. A read finds
 * the end of the input.
 */
#include "core/tty/tty.h"

ssize_t eft_tty_read(struct eft_file *file, const struct eft_iovec *iov,
		     int count, off_t at)
{
	return 0;
}

void eft_tty_start_input(void)
{
}

bool eft_tty_has_input(void)
{
	return true;
}
