// SPDX-License-Identifier: BSD-3-Clause
/*
 * What poll() and those that made a file lead to, and is not explored: no file
 * is the host's, or a terminal, and nobody asks who made one.
 */
#include "core/boot.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/tty/tty.h"

unsigned eft_hostfile_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll)
{
	return 0;
}

unsigned eft_tty_poll(struct eft_file *file, unsigned events,
		      struct eft_poll *poll)
{
	return 0;
}
