// SPDX-License-Identifier: BSD-3-Clause
#include "core/inherited.h"
#include "core/dev/host.h"
#include "core/file.h"

void eft_fd_name_inherited(int first, int last)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	int fd = first;

	while (host != NULL && (fd = host->next_inherited(fd)) >= 0 &&
	       fd <= last)
		eft_fd_flags(fd++, -1);
}
