// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image without a reader of archives: -l:eft-without-initrd.o. One that is
 * given is refused.
 */
#include "core/lib.h"
#include "core/vfs/root.h"

int eft_initrd_unpack(const void *data, size_t len, char *message,
		      size_t message_size)
{
	eft_snprintf(message, message_size,
		     "this image cannot read it: it was linked with "
		     "-l:eft-without-initrd.o");
	return -EINVAL;
}
