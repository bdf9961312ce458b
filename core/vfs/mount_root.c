// SPDX-License-Identifier: BSD-3-Clause
/*
 * The option mount./: a root that is mounted, in the place of the one in memory.
 *
 * HOW  It becomes the first mount itself, so that nothing is above it. What boot
 *      has put into /dev and /proc of the one in memory is mounted over the
 *      folders of these names, as a Linux kernel does it with devtmpfs: the
 *      nodes are the same, and so is what stat() says of a terminal. As there, a
 *      folder that is not there is not made: the file system may not be changed
 *      by who only looks.
 */
#include "core/log.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

static struct eft_super dev_super = {
	.type = &eft_devfs_type, .references = 1, /* never given back */
};

/* The directory /dev that boot has made, counted. */
static int find_dev(struct eft_dir **ret_dev)
{
	struct eft_node *node;
	int error = eft_vfs_add(eft_root_mount.root, "/dev", NULL, 0755, &node);

	if (error == 0)
		*ret_dev = eft_node_dir(node);
	return error;
}

/* There is one /proc; it is mounted again in the new root. */
static int unmount_proc(void)
{
	struct eft_file *file;
	int error = eft_vfs_open(eft_root_for("/"), "/proc", O_PATH, 0, &file);

	if (error != 0)
		return error;
	error = eft_umount(file, 0);
	eft_file_put(file);
	return error;
}

static int change_root(void)
{
	struct eft_file *root;
	int error = eft_vfs_open_root(&root);

	if (error != 0)
		return error;
	eft_root_change(root);
	return eft_chdir(eft_file_get(root));
}

/* The folder (path) of the new root; NULL, if there is none. */
static int open_folder(const char *path, struct eft_file **ret_file)
{
	int error = eft_vfs_open(eft_root_for("/"), path, O_PATH | O_DIRECTORY,
				 0, ret_file);

	if (error != -ENOENT && error != -ENOTDIR)
		return error;
	eft_log(EFT_LOG_WARN, "the root has no folder %s to mount it on", path);
	*ret_file = NULL;
	return 0;
}

static int mount_dev(struct eft_dir *dev)
{
	struct eft_file *file;
	int error = open_folder("/dev", &file);

	if (error != 0 || file == NULL)
		return error;
	dev_super.root = dev;
	error = eft_mount_add(&dev_super, dev, eft_place_of(file), "devtmpfs",
			      0);
	eft_file_put(file);
	return error;
}

static int mount_proc(void)
{
	struct eft_file *file;
	int error = open_folder("/proc", &file);

	if (error != 0 || file == NULL)
		return error;
	error = eft_mount(file, "proc", "proc", 0, NULL);
	eft_file_put(file);
	return error;
}

int eft_mount_root(const char *source, const char *type, unsigned long flags,
		   const char *options)
{
	struct eft_dir *dev;
	int error = find_dev(&dev);

	if (error == 0)
		error = unmount_proc();
	if (error == 0)
		error = eft_mount_as_root(source, type, flags, options);
	if (error == 0)
		error = change_root();
	if (error == 0)
		error = mount_proc();
	return error != 0 ? error : mount_dev(dev);
}
