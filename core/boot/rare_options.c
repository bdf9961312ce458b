// SPDX-License-Identifier: BSD-3-Clause
/*
 * Options that few images know.
 */
#include "core/abi.h"
#include "core/dev/block.h"
#include "core/file.h"
#include "core/options.h"
#include "core/socket.h"

#pragma weak eft_mount_option
#pragma weak eft_disk_option
#pragma weak eft_net_option

bool eft_rare_option(const char *key, char *value)
{
	return (eft_mount_option != NULL && eft_mount_option(key, value)) ||
	       (eft_disk_option != NULL && eft_disk_option(key, value)) ||
	       (eft_net_option != NULL && eft_net_option(key, value));
}
