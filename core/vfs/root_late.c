// SPDX-License-Identifier: BSD-3-Clause
/*
 * What boot does to the root in a thread, for it may sleep: disks are looked
 * for, and file systems mounted. An end that is asked for writes them back.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/dev/block.h"
#include "core/dev/button.h"
#include "core/log.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

eft_needs(eft_rare_option);

#pragma weak eft_disks
#pragma weak eft_proc_disks_init
#pragma weak eft_plat_guest_button_start
#pragma weak eft_mount_all

/* In the root in memory, also for paths of a host's root (root.c). */
static int add_special_files(void)
{
	struct eft_node *dev;
	int error = eft_vfs_add(eft_root_mount.root, "/dev", NULL, 0755, &dev);

	if (error != 0)
		return error;
	error = eft_disks(eft_node_dir(dev));
	eft_node_put(dev);
	return error;
}

static void add_disks(void)
{
	int error = 0;

	/* A root that is a host's folder is walked; its /dev is the host's. */
	if (eft_root_mount.root->node.type == &eft_dir_type)
		error = add_special_files();
	if (error == 0)
		error = eft_proc_disks_init();
	if (error == 0)
		return;
	eft_console_printf("eft: no memory for the disks in /dev\n");
	eft_plat->exit(1);
}

static void boot_late(void *arg)
{
	const struct eft_boot_info *info = arg;

	if (eft_disks != NULL)
		add_disks();
	if (eft_mount_all != NULL)
		eft_mount_all(info->initrd_len > 0 ||
			      eft_options.initrd != NULL);
	if (eft_plat_guest_button_start != NULL)
		eft_plat_guest_button_start();
	eft_boot_program(info);
	eft_thread_exit();
}

enum { STACK_ORDER = 2 };

void eft_root_late(const struct eft_boot_info *info)
{
	if (eft_thread_create("boot", boot_late, (void *)info, STACK_ORDER) !=
	    NULL)
		return;
	eft_console_printf("eft: not enough memory to start\n");
	eft_plat->exit(1);
}
