// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device nodes, and /dev. A node's number says which device it is, as on
 * Linux: one that nobody knows can be made, and opens with ENXIO.
 */
#include "core/block/disk.h"
#include "core/fd/iov.h"
#include "core/fs/devfs/devfs.h"
#include "core/random.h"
#include "core/tty/tty.h"
#include "core/vfs/root.h"

/* Only images that map files have it. */
#pragma weak eft_dev_zero_open

#define RDEV(major, minor) ((major) << 8 | (minor))

/* Linux: Documentation/admin-guide/devices.txt. */
enum {
	DEV_NULL = RDEV(1, 3),
	DEV_ZERO = RDEV(1, 5),
	DEV_FULL = RDEV(1, 7),
	DEV_RANDOM = RDEV(1, 8),
	DEV_URANDOM = RDEV(1, 9),
	DEV_TTY = RDEV(5, 0),
};

_Static_assert((int)EFT_TTY_DEV == EFT_ROOT_DEV, "fstat() agrees with stat()");

static uint64_t device_of(struct eft_file *file)
{
	return eft_node_file(file)->place.node->rdev;
}

/* By way of a buffer: the generator works under a spin lock. */
static ssize_t dev_read(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t at)
{
	uint64_t device = device_of(file);
	size_t done = 0, n = 0;

	if (device == DEV_NULL)
		return 0;
	for (int i = 0; i < count; i++) {
		if (device == DEV_RANDOM || device == DEV_URANDOM)
			n = eft_random_out(iov[i].base, iov[i].len);
		else
			n = eft_clear_some(iov[i].base, iov[i].len);
		done += n;
		if (n < iov[i].len)
			return eft_iov_result(done, iov[i].len);
	}
	return (ssize_t)done;
}

static ssize_t dev_write(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	size_t len = eft_iov_total(iov, count);

	return device_of(file) == DEV_FULL && len > 0 ? -ENOSPC : (ssize_t)len;
}

static off_t dev_seek(struct eft_file *file, off_t offset, int whence)
{
	return 0;
}

/* A private mapping is a copy of what is read; a shared one is not there. */
static struct eft_pages *zero_pages(struct eft_file *file)
{
	return NULL;
}

static void dev_release(struct eft_node *node)
{
	eft_free(node);
}

static const struct eft_file_ops dev_ops = {
	EFT_NODE_FILE_OPS,
	.read = dev_read,
	.write = dev_write,
	.seek = dev_seek,
};
const struct eft_file_ops eft_dev_zero_ops = {
	EFT_NODE_FILE_OPS, .read = dev_read,	.write = dev_write,
	.seek = dev_seek,  .pages = zero_pages,
};

static int dev_open(const struct eft_place *place, int flags,
		    struct eft_file **ret_file)
{
	const struct eft_node *node = place->node;

	if (!eft_node_is(node, S_IFCHR))
		return -ENXIO;
	if (node->rdev == DEV_ZERO && eft_dev_zero_open != NULL)
		return eft_dev_zero_open(place, flags, ret_file);
	switch (node->rdev) {
	case DEV_ZERO:
	case DEV_NULL:
	case DEV_FULL:
	case DEV_RANDOM:
	case DEV_URANDOM:
		return eft_node_open_by(place, &dev_ops, flags, ret_file);
	case DEV_TTY:
	case EFT_TTY_RDEV:
		return eft_tty_open(flags, ret_file);
	}
	return -ENXIO;
}

static const struct eft_node_type dev_type = {
	.open = dev_open,
	.release = dev_release,
};

static const struct device {
	const char *name;
	uint16_t mode, rdev;
} devices[] = {
	{"null", 0666, DEV_NULL},	 {"zero", 0666, DEV_ZERO},
	{"full", 0666, DEV_FULL},	 {"random", 0666, DEV_RANDOM},
	{"urandom", 0666, DEV_URANDOM},	 {"tty", 0666, DEV_TTY},
	{"console", 0600, EFT_TTY_RDEV},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},
	{"stdin", "/proc/self/fd/0"},
	{"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"},
};

/* Only images with disks have it. */
#pragma weak eft_disk_node_type

struct eft_node *eft_dev_create(unsigned mode, uint64_t rdev)
{
	const struct eft_node_type *type = &dev_type;
	struct eft_node *node = eft_alloc(sizeof(*node));

	if (node == NULL)
		return NULL;
	if ((mode & S_IFMT) == S_IFBLK && &eft_disk_node_type != NULL)
		type = &eft_disk_node_type;
	eft_node_init(node, type, mode);
	node->rdev = rdev;
	if (rdev == EFT_TTY_RDEV)
		node->ino = EFT_TTY_INO;
	return node;
}

static int add(struct eft_dir *dir, const char *name, struct eft_node *node)
{
	return node != NULL ? eft_vfs_add(dir, name, node, 0755, NULL)
			    : -ENOMEM;
}

int eft_dev_fill(struct eft_dir *dir)
{
	int error = 0;

	for (size_t i = 0; i < eft_array_size(devices) && error == 0; i++)
		error = add(dir, devices[i].name,
			    eft_dev_create(S_IFCHR | devices[i].mode,
					   devices[i].rdev));
	for (size_t i = 0; i < eft_array_size(links) && error == 0; i++) {
		const char *target = links[i].target;

		error = add(dir, links[i].name,
			    eft_symlink_create(target, eft_strlen(target)));
	}
	return error;
}
