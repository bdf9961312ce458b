// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image that gives no files back: -l:eft-without-out.o. The option out=
 * stops it, for whoever asks waits for files.
 */
#include "core/file.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/vfs/root.h"

uint64_t eft_export_to;

void eft_export_begin(void)
{
	if (eft_export_to == 0)
		return;
	eft_console_printf("eft: option 'out': this image was linked with "
			   "-l:eft-without-out.o\n");
	eft_plat->exit(1);
}
