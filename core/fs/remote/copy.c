// SPDX-License-Identifier: BSD-3-Clause
/*
 * copy_file_range(2) between two files of one server: it copies, and no byte
 * comes here.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"
#include "core/move.h"

static struct eft_remote_node *regular(struct eft_file *file)
{
	return file->ops == &eft_remote_direct_ops ||
			       file->ops == &eft_remote_mapped_ops ||
			       file->ops == &eft_remote_kept_ops
		       ? eft_remote_node_of(file)
		       : NULL;
}

static ssize_t ask(struct eft_file *in, off_t in_at, struct eft_file *out,
		   off_t out_at, size_t len)
{
	struct eft_remote_node *from = eft_remote_node_of(in),
			       *to = eft_remote_node_of(out);
	struct eft_remote *remote = to->remote;
	struct eft_remote_name *from_name = eft_remote_name_get(from),
			       *to_name = eft_remote_name_get(to);
	const struct eft_remote_end ends[] = {
		{from_name->handle, eft_remote_file(in)->open->handle,
		 (uint64_t)in_at},
		{to_name->handle, eft_remote_file(out)->open->handle,
		 (uint64_t)out_at},
	};
	ssize_t n = remote->ops->copy(remote, &ends[0], &ends[1], len);

	eft_remote_name_put(remote, to_name);
	eft_remote_name_put(remote, from_name);
	return n > 0 && (size_t)n > len ? -EIO : n;
}

/* The server has both, and what pages show of (out) is old afterwards. */
static ssize_t copy_locked(struct eft_file *in, off_t in_at,
			   struct eft_file *out, off_t out_at, size_t len)
{
	struct eft_remote_node *to = eft_remote_node_of(out);
	ssize_t n;

	eft_remote_write_back(eft_remote_node_of(in));
	eft_remote_write_back(to);
	n = ask(in, in_at, out, out_at, len);
	if (n > 0)
		eft_remote_changed(to, (uint64_t)out_at, (uint64_t)n);
	return n;
}

bool eft_remote_copy_range(struct eft_file *in, off_t *in_at,
			   struct eft_file *out, off_t *out_at, size_t len,
			   long *ret_n)
{
	struct eft_remote_node *from = regular(in), *to = regular(out);
	ssize_t n;

	if (from == NULL || to == NULL || from->remote != to->remote ||
	    to->remote->ops->copy == NULL)
		return false;
	eft_mutex_lock(&to->node.lock);
	n = copy_locked(in, *in_at, out, *out_at, len);
	eft_mutex_unlock(&to->node.lock);
	if (n == -ENOSYS || n == -EOPNOTSUPP || n == -EXDEV)
		return false;
	if (n > 0) {
		*in_at += n;
		*out_at += n;
	}
	*ret_n = eft_remote_file_written(out, n);
	return true;
}
