// SPDX-License-Identifier: BSD-3-Clause
/*
 * An image without /proc: -l:eft-without-proc.o. These are all functions of
 * core/fs/procfs that others call, and those that lead there from the host's
 * /proc. So the linker takes in none of it.
 */
#include "core/fs/procfs/proc.h"
#include "core/vfs/root.h"

int eft_proc_init(void)
{
	return 0;
}

int eft_proc_guest_init(void)
{
	return 0;
}

int eft_hostself_start(struct eft_at *at)
{
	return 0;
}

struct eft_file *eft_hostself_find(struct eft_file *at, const char *path,
				   bool surely)
{
	return NULL;
}

/* There is nothing that the rest is called for. */

int eft_proc_reopen(struct eft_file *file, int flags,
		    struct eft_file **ret_file)
{
	eft_file_put(file);
	return -ENOENT;
}

ssize_t eft_proc_getdents(struct eft_file *file, void eft_user *buf,
			  size_t size)
{
	return -ENOENT;
}

ssize_t eft_proc_fd_readlink(struct eft_node *node, char *buf, size_t size)
{
	return -ENOENT;
}

void eft_proc_list_mounts(struct eft_text *text)
{
}

static int no_proc(const char *source, const char *options, uint32_t dev,
		   struct eft_dir **ret_root)
{
	return -ENODEV;
}

const struct eft_fs_type eft_procfs_type = {.name = "proc", .create = no_proc};
