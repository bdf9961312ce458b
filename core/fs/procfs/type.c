// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc as a type of file systems, for who mounts it or asks what it is: there
 * is one, wherever it is mounted.
 */
#include "core/fs/procfs/proc.h"

static int proc_create(const char *source, const char *options, uint32_t dev,
		       struct eft_dir **ret_root)
{
	eft_node_get(&eft_proc_super.root->node);
	*ret_root = eft_proc_super.root;
	return 0;
}

enum { PROC_MAGIC = 0x9fa0 };

static void proc_destroy(struct eft_dir *root)
{
}

const struct eft_fs_type eft_procfs_type = {
	.name = "proc",
	.magic = PROC_MAGIC,
	.create = proc_create,
	.destroy = proc_destroy,
};
