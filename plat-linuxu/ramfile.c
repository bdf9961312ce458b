// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files of the host's memory, for what the program maps of the tree.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

enum { MFD_CLOEXEC = 1 };

int eft_plat_host_memory(void)
{
	long handle;

	eft_linuxu_note_given();
	do
		handle = eft_linux3(SYS_memfd_create, (long)"file", MFD_CLOEXEC,
				    0);
	while (handle == -EMFILE && eft_linuxu_raise_limit());
	return (int)handle;
}
