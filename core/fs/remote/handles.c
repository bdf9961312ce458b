// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the server calls a file, and opens of it.
 *
 * NAMES  A 9P server may find a file by the path that it was found by: what was
 *        found last is right. So a node's handle is replaced by newer ones, and
 *        forgotten when the last question by it is over.
 * OPENS  Descriptions share opens: a file has one by each access mode at most.
 *        Dirty pages are written before the last description that can write
 *        goes (file.c), so that they find one, also without a name.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

struct eft_remote_name *eft_remote_name_create(struct eft_remote *remote,
					       eft_remote_handle handle)
{
	struct eft_remote_name *name = eft_alloc(sizeof(*name));

	if (name == NULL) {
		remote->ops->forget(remote, handle);
		return NULL;
	}
	name->references = 1;
	name->handle = handle;
	return name;
}

struct eft_remote_name *eft_remote_name_get(struct eft_remote_node *node)
{
	struct eft_remote_name *name;

	eft_lock(&node->remote->handles);
	name = node->name;
	eft_assert(name->references > 0);
	name->references++;
	eft_unlock(&node->remote->handles);
	return name;
}

void eft_remote_name_put(struct eft_remote *remote,
			 struct eft_remote_name *name)
{
	bool last;

	eft_lock(&remote->handles);
	eft_assert(name->references > 0);
	last = --name->references == 0;
	eft_unlock(&remote->handles);
	if (!last)
		return;
	remote->ops->forget(remote, name->handle);
	eft_free(name);
}

void eft_remote_name_set(struct eft_remote_node *node,
			 struct eft_remote_name *name)
{
	struct eft_remote_name *old;

	eft_lock(&node->remote->handles);
	old = node->name;
	node->name = name;
	eft_unlock(&node->remote->handles);
	eft_remote_name_put(node->remote, old);
}

/*
 * Opens.
 */

/* Can an open of mode (open) do what (mode) wants? */
static bool serves(int open, int mode)
{
	return open == mode || open == O_RDWR;
}

static struct eft_remote_open *find_locked(struct eft_remote_node *node,
					   int mode)
{
	for (int open = O_RDONLY; open <= O_RDWR; open++) {
		if (node->opens[open].users > 0 && serves(open, mode))
			return &node->opens[open];
	}
	return NULL;
}

static int open_locked(struct eft_remote_node *node, int mode,
		       struct eft_remote_open **ret_open)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	struct eft_remote_open *open = &node->opens[mode];
	int error =
		remote->ops->open(remote, name->handle, mode, &open->handle);

	eft_remote_name_put(remote, name);
	if (error == 0)
		*ret_open = open;
	return error;
}

/* A page that is written in part is read, too: if that can be. */
static int open_for_pages_locked(struct eft_remote_node *node, int mode,
				 struct eft_remote_open **ret_open)
{
	int error = -EACCES;

	if (mode == O_WRONLY && node->remote->trust == EFT_REMOTE_LOOSE)
		error = open_locked(node, O_RDWR, ret_open);
	if (error == -EACCES || error == -EPERM)
		error = open_locked(node, mode, ret_open);
	return error;
}

static void put_locked(struct eft_remote_node *node,
		       struct eft_remote_open *open)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name;

	eft_assert(open->users > 0);
	if (--open->users > 0)
		return;
	name = eft_remote_name_get(node);
	remote->ops->close(remote, name->handle, open->handle);
	eft_remote_name_put(remote, name);
}

int eft_remote_open_get(struct eft_remote_node *node, int mode,
			struct eft_remote_open **ret_open)
{
	struct eft_remote_open *open;
	int error = 0;

	eft_mutex_lock(&node->opening);
	open = find_locked(node, mode);
	if (open == NULL)
		error = open_for_pages_locked(node, mode, &open);
	if (error == 0) {
		open->users++;
		*ret_open = open;
	}
	/* It was for this one, whether it needs it or not. */
	if (node->came_open) {
		node->came_open = false;
		put_locked(node, &node->opens[O_RDWR]);
	}
	eft_mutex_unlock(&node->opening);
	return error;
}

void eft_remote_open_put(struct eft_remote_node *node,
			 struct eft_remote_open *open)
{
	eft_mutex_lock(&node->opening);
	put_locked(node, open);
	eft_mutex_unlock(&node->opening);
}

void eft_remote_open_came(struct eft_remote_node *node,
			  eft_remote_handle handle)
{
	eft_assert(node->opens[O_RDWR].users == 0);
	node->opens[O_RDWR] = (struct eft_remote_open){handle, 1};
	node->came_open = true;
}

void eft_remote_open_end(struct eft_remote_node *node)
{
	if (node->came_open)
		eft_remote_open_put(node, &node->opens[O_RDWR]);
	for (int open = O_RDONLY; open <= O_RDWR; open++)
		eft_assert(node->opens[open].users == 0);
}
