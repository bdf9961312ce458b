// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes. A server that has none does not know the messages.
 */
#include "core/xattr.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/lib.h"
#include "core/vfs/root.h"

static int error_of(ssize_t error)
{
	return error == -ENOSYS ? -EOPNOTSUPP : (int)error;
}

static struct eft_virtiofs_message *begin_get(struct eft_remote *remote,
					      eft_remote_handle handle,
					      const char *name, size_t size)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote),
		name != NULL ? EFT_FUSE_GETXATTR : EFT_FUSE_LISTXATTR, handle);
	struct eft_fuse_getxattr_in in = {.size = (uint32_t)size};

	eft_virtiofs_put(message, &in, sizeof(in));
	if (name != NULL)
		eft_virtiofs_put_name(message, name, eft_strlen(name));
	return message;
}

/* The answer is a number if it is asked how much there is. */
static ssize_t get(struct eft_remote *remote, eft_remote_handle handle,
		   const char *name, const struct eft_remote_data *data)
{
	struct eft_virtiofs_message *message =
		begin_get(remote, handle, name, data != NULL ? data->bytes : 0);
	struct eft_fuse_getxattr_out out = {0};
	ssize_t n;

	if (data != NULL) {
		eft_virtiofs_lend(message, data, true);
		n = eft_virtiofs_call(message, NULL, 0);
	} else {
		n = eft_virtiofs_call(message, &out, sizeof(out));
		n = n == 0 ? (ssize_t)out.size : n;
	}
	eft_virtiofs_end(message);
	return n < 0 ? error_of(n) : n;
}

static int set(struct eft_remote *remote, eft_remote_handle handle,
	       const char *name, const struct eft_remote_data *data, int flags)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), EFT_FUSE_SETXATTR, handle);
	struct eft_fuse_setxattr_in in = {
		.size = data != NULL ? (uint32_t)data->bytes : 0,
		.flags = (uint32_t)flags,
	};
	ssize_t error;

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_put_name(message, name, eft_strlen(name));
	if (data != NULL)
		eft_virtiofs_lend(message, data, false);
	error = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return error_of(error);
}

static int remove(struct eft_remote *remote, eft_remote_handle handle,
		  const char *name)
{
	struct eft_virtiofs_message *message = eft_virtiofs_ask(
		eft_virtiofs(remote), EFT_FUSE_REMOVEXATTR, handle);
	ssize_t error;

	eft_virtiofs_put_name(message, name, eft_strlen(name));
	error = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return error_of(error);
}

const struct eft_remote_xattr_ops eft_virtiofs_xattr_ops = {get, set, remove};

static ssize_t virtiofs_get(struct eft_node *node, const char *name,
			    void *value, size_t size)
{
	return eft_remote_xattr_get(node, &eft_virtiofs_xattr_ops, name, value,
				    size);
}

static int virtiofs_set(struct eft_node *node, const char *name,
			const void *value, size_t size, int flags)
{
	return eft_remote_xattr_set(node, &eft_virtiofs_xattr_ops, name, value,
				    size, flags);
}

static ssize_t virtiofs_list(struct eft_node *node, char *names, size_t size)
{
	return eft_remote_xattr_list(node, &eft_virtiofs_xattr_ops, names,
				     size);
}

const struct eft_xattr_ops eft_virtiofs_xattrs = {
	.get = virtiofs_get,
	.set = virtiofs_set,
	.list = virtiofs_list,
};
