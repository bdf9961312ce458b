// SPDX-License-Identifier: BSD-3-Clause
/*
 * Device nodes, and /dev. A node's number says which device it is, as on
 * Linux: one that nobody knows can be made, and opens with ENXIO.
 */
#include "core/file/root.h"
#include "core/file/tree.h"
#include "core/file/tty.h"
#include "core/random.h"

#define RDEV(major, minor) ((major) << 8 | (minor))

_Static_assert((int)EFT_TTY_DEV == EFT_TREE_DEV, "fstat() agrees with stat()");

static ssize_t null_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	return 0;
}

static size_t total(const struct eft_iovec *iov, int count)
{
	size_t len = 0;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	return len;
}

static ssize_t null_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return (ssize_t)total(iov, count);
}

static ssize_t zero_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	for (int i = 0; i < count; i++)
		memset(iov[i].base, 0, iov[i].len);
	return (ssize_t)total(iov, count);
}

/* A private mapping is a copy of what is read; a shared one is not there. */
static int zero_page(struct eft_file *file, off_t offset, void **ret_page)
{
	return -ENODEV;
}

static ssize_t full_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return total(iov, count) > 0 ? -ENOSPC : 0;
}

/* By way of a buffer: the generator works under a spin lock. */
static ssize_t random_read(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	uint8_t chunk[256];

	for (int i = 0; i < count; i++) {
		for (size_t done = 0, n; done < iov[i].len; done += n) {
			n = eft_min(iov[i].len - done, sizeof(chunk));
			eft_random(chunk, n);
			memcpy((char *)iov[i].base + done, chunk, n);
		}
	}
	return (ssize_t)total(iov, count);
}

static off_t dev_seek(struct eft_file *file, off_t offset, int whence)
{
	return 0;
}

static int terminal_open(struct eft_node *node, struct eft_dentry *dentry,
			 int flags, struct eft_file **ret_file)
{
	return eft_tty_open(flags, ret_file);
}

static int unknown_open(struct eft_node *node, struct eft_dentry *dentry,
			int flags, struct eft_file **ret_file)
{
	return -ENXIO;
}

static void dev_release(struct eft_node *node)
{
	eft_free(node);
}

static const struct eft_file_ops null_ops = {
	EFT_NODE_FILE_OPS,
	.read = null_read,
	.write = null_write,
	.seek = dev_seek,
};
static const struct eft_file_ops zero_ops = {
	EFT_NODE_FILE_OPS, .read = zero_read, .write = null_write,
	.seek = dev_seek,  .page = zero_page,
};
static const struct eft_file_ops full_ops = {
	EFT_NODE_FILE_OPS,
	.read = zero_read,
	.write = full_write,
	.seek = dev_seek,
};
static const struct eft_file_ops random_ops = {
	EFT_NODE_FILE_OPS,
	.read = random_read,
	.write = null_write,
	.seek = dev_seek,
};

static const struct eft_node_type null_type = {
	.file_ops = &null_ops,
	.release = dev_release,
};
static const struct eft_node_type zero_type = {
	.file_ops = &zero_ops,
	.release = dev_release,
};
static const struct eft_node_type full_type = {
	.file_ops = &full_ops,
	.release = dev_release,
};
static const struct eft_node_type random_type = {
	.file_ops = &random_ops,
	.release = dev_release,
};
static const struct eft_node_type terminal_type = {
	.open = terminal_open,
	.release = dev_release,
};
static const struct eft_node_type unknown_type = {
	.open = unknown_open,
	.release = dev_release,
};

/* Linux: Documentation/admin-guide/devices.txt. */
static const struct device {
	const char *path;
	unsigned mode;
	uint64_t rdev;
	const struct eft_node_type *type;
} devices[] = {
	{"/dev/null", S_IFCHR | 0666, RDEV(1, 3), &null_type},
	{"/dev/zero", S_IFCHR | 0666, RDEV(1, 5), &zero_type},
	{"/dev/full", S_IFCHR | 0666, RDEV(1, 7), &full_type},
	{"/dev/random", S_IFCHR | 0666, RDEV(1, 8), &random_type},
	{"/dev/urandom", S_IFCHR | 0666, RDEV(1, 9), &random_type},
	{"/dev/tty", S_IFCHR | 0666, RDEV(5, 0), &terminal_type},
	{"/dev/console", S_IFCHR | 0600, EFT_TTY_RDEV, &terminal_type},
};

static const struct {
	const char *path, *target;
} links[] = {
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
};

struct eft_node *eft_dev_create(unsigned mode, uint64_t rdev)
{
	const struct eft_node_type *type = &unknown_type;
	struct eft_node *node = eft_alloc(sizeof(*node));

	if (node == NULL)
		return NULL;
	for (size_t i = 0; i < eft_array_size(devices); i++) {
		if (devices[i].rdev == rdev && (mode & S_IFMT) == S_IFCHR)
			type = devices[i].type;
	}
	eft_node_init(node, type, mode);
	node->rdev = rdev;
	if (rdev == EFT_TTY_RDEV)
		node->ino = EFT_TTY_INO;
	return node;
}

int eft_dev_init(void)
{
	int error = 0;

	for (size_t i = 0; i < eft_array_size(devices) && error == 0; i++) {
		struct eft_node *node =
			eft_dev_create(devices[i].mode, devices[i].rdev);

		error = node != NULL ? eft_tree_add(devices[i].path, node)
				     : -ENOMEM;
	}
	for (size_t i = 0; i < eft_array_size(links) && error == 0; i++) {
		const char *target = links[i].target;
		struct eft_node *node =
			eft_symlink_create(target, eft_strlen(target));

		error = node != NULL ? eft_tree_add(links[i].path, node)
				     : -ENOMEM;
	}
	return error;
}
