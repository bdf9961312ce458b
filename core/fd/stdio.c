// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the program finds open: of a host, what exec has handed on; otherwise
 * standard input, output and error, which are the console. Nothing here may
 * lead to paths or to the tree: an image that only prints carries what this
 * file refers to.
 */
#include "core/boot.h"
#include "core/corefile.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/log.h"
#include "core/tty/tty.h"
#include "core/vfs/root.h"

/* What not every image has: paths, core files, files that go out. */
#pragma weak eft_hostfs
#pragma weak eft_corefile_owns
#pragma weak eft_export_to

/*
 * A host's handle that is closed leaves the descriptor closed. A directory
 * has operations on paths, where there are any (see core/fs/hostfs/hostfs.c).
 */
bool eft_stdio_inherit(int fd)
{
	const struct eft_host_files *host = eft_plat_host_files();
	struct eft_file *file;
	int flags = host != NULL ? host->inherited(fd) : -EBADF;

	if (flags >= 0 && eft_corefile_owns != NULL && eft_corefile_owns(fd))
		flags = -EBADF;
	if (&eft_export_to != NULL && fd > 2 && (uint64_t)fd == eft_export_to)
		flags = -EBADF;
	if (flags < 0) {
		eft_fd_adopt(fd, NULL);
		return false;
	}
	file = eft_handle_wrap(fd, flags, &eft_hostfs);
	if (file == NULL)
		return false;
	if (!eft_fd_adopt(fd, file))
		eft_handle_unwrap(file);
	return true;
}

uint64_t eft_stdio_limit(void)
{
	enum { WITHOUT_HOST = 1024 };
	uint64_t limit[2] = {WITHOUT_HOST};

	eft_caller_limit(EFT_RLIMIT_NOFILE, limit);
	return limit[0];
}

void eft_stdio_init(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (eft_plat_host_files() != NULL)
			eft_stdio_inherit(fd);
		else
			eft_fd_adopt(fd, eft_tty_console());
	}
}
