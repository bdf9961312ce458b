// SPDX-License-Identifier: BSD-3-Clause
/*
 * Standard input, output and error: the host's handles where there is a host,
 * the console otherwise. Nothing here may lead to paths or to the tree: an
 * image that only prints carries what this file refers to.
 */
#include "core/file/hostfile.h"
#include "core/file/tty.h"
#include "core/log.h"

/* A host's handle that is closed leaves the descriptor closed. */
static void open_host_stream(const struct eft_host_files *host, int fd)
{
	struct eft_file *file;
	int flags = host->get_flags(fd);

	if (flags < 0)
		return;
	if (eft_hostfile_create(fd, flags, NULL, &file) != 0)
		eft_panic("no memory for the standard streams");
	eft_fd_replace(fd, file, false);
}

void eft_stdio_init(void)
{
	const struct eft_host_files *host = eft_plat_host_files();

	for (int fd = 0; fd <= 2; fd++) {
		if (host != NULL)
			open_host_stream(host, fd);
		else
			eft_fd_replace(fd, eft_tty_console(), false);
	}
}
