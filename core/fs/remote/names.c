// SPDX-License-Identifier: BSD-3-Clause
/*
 * Operations by name. The VFS has locked the directories.
 *
 * OTHERS If the server's files may change by other hands, each look for a name
 *        is a question: an entry that means another file by now is dropped. If
 *        they may not (cache=loose), entries are believed, but for those whose
 *        file has lost the name that the server knew it by.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

/* A question about a name in a directory. */
struct question {
	struct eft_remote *remote;
	struct eft_remote_node *dir;
	struct eft_remote_name *at;
	const char *name;
	size_t len;
};

static struct question ask(struct eft_dir *dir, const char *name, size_t len)
{
	struct eft_remote_node *node = eft_remote_node(&dir->node);

	return (struct question){node->remote, node, eft_remote_name_get(node),
				 name, len};
}

/* A directory that was changed has other times, and perhaps links. */
static void end(const struct question *question, bool changed)
{
	if (changed)
		eft_remote_set_flag(&question->dir->stale, true);
	eft_remote_name_put(question->remote, question->at);
}

static int lookup(struct eft_dir *dir, const char *name, size_t len,
		  eft_remote_handle *ret_handle,
		  struct eft_remote_attributes *ret_attributes)
{
	struct question question = ask(dir, name, len);
	struct eft_remote *remote = question.remote;
	int error = remote->ops->lookup(remote, question.at->handle, name, len,
					ret_handle, ret_attributes);

	end(&question, false);
	return error;
}

static int node_of(struct eft_dir *dir, eft_remote_handle handle,
		   const struct eft_remote_attributes *attributes,
		   struct eft_node **ret_node)
{
	struct eft_remote_node *node;
	int error = eft_remote_node_get(eft_remote_node(&dir->node)->remote,
					handle, attributes, false, &node);

	if (error == 0)
		*ret_node = &node->node;
	return error;
}

static int remote_lookup(struct eft_dir *dir, const char *name, size_t len,
			 struct eft_node **ret_node)
{
	struct eft_remote_attributes attributes;
	eft_remote_handle handle;
	int error = lookup(dir, name, len, &handle, &attributes);

	return error != 0 ? error : node_of(dir, handle, &attributes, ret_node);
}

/* Is what (dentry) says believed? */
static bool is_believed(const struct eft_dir *dir,
			const struct eft_dentry *dentry)
{
	const struct eft_remote_node *at =
		eft_container_of(dir, struct eft_remote_node, dir);

	if (dentry != NULL && dentry->mounts > 0)
		return true;
	if (at->remote->trust != EFT_REMOTE_LOOSE)
		return false;
	return dentry == NULL || dentry->node == NULL ||
	       !eft_remote_get_flag(&eft_remote_node(dentry->node)->lost);
}

/* There is (handle) at a name that (dentry), NULL: nothing, stood for. */
static int found(struct eft_dir *dir, const char *name, size_t len,
		 struct eft_dentry *dentry, eft_remote_handle handle,
		 const struct eft_remote_attributes *attributes,
		 struct eft_dentry **ret_dentry)
{
	struct eft_node *node;
	int error;

	if (dentry != NULL && dentry->node != NULL &&
	    eft_remote_node_is(eft_remote_node(dentry->node), handle,
			       attributes)) {
		error = eft_remote_node_renew(eft_remote_node(dentry->node),
					      handle, attributes);
		if (error == 0)
			*ret_dentry = dentry;
		return error;
	}
	if (dentry != NULL)
		eft_cache_drop(dentry);
	error = node_of(dir, handle, attributes, &node);
	return error == 0 ? eft_cache_add(dir, name, len, node, ret_dentry)
			  : error;
}

static int remote_find(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_dentry **ret_dentry)
{
	struct eft_dentry *dentry = eft_dir_find_locked(dir, name, len);
	struct eft_remote_attributes attributes;
	eft_remote_handle handle;
	int error;

	if (is_believed(dir, dentry))
		return eft_cache_find(dir, name, len, ret_dentry);
	error = lookup(dir, name, len, &handle, &attributes);
	if (error == 0)
		error = found(dir, name, len, dentry, handle, &attributes,
			      &dentry);
	else if (error == -ENOENT && dentry != NULL)
		eft_cache_drop(dentry);
	if (error != 0)
		return error == -ENOENT ? 0 : error;
	eft_cache_use(dentry);
	*ret_dentry = dentry;
	return 0;
}

/*
 * create()
 */
static bool is_regular(const struct eft_node_spec *spec)
{
	return (spec->mode & S_IFMT) == S_IFREG;
}

/* Somebody else has made one: what was known of the name is wrong. */
static int lost_race(struct eft_dir *dir, const char *name, size_t len,
		     int error)
{
	if (error == -EEXIST)
		eft_cache_forget(dir, name, len);
	return error;
}

static int make(const struct question *q, const struct eft_node_spec *spec,
		struct eft_remote_node **ret_node)
{
	struct eft_remote *remote = q->remote;
	eft_remote_handle handle, open = EFT_REMOTE_NO_OPEN;
	struct eft_remote_attributes attributes;
	int error = remote->ops->create(remote, q->at->handle, q->name, q->len,
					spec, &handle, &attributes, &open);

	if (error != 0)
		return lost_race(&q->dir->dir, q->name, q->len, error);
	if ((attributes.mode ^ spec->mode) & S_IFMT)
		attributes.mode = 0; /* not what was asked for: of no type */
	error = eft_remote_node_get(remote, handle, &attributes, true,
				    ret_node);
	if (error == 0 && open != EFT_REMOTE_NO_OPEN && is_regular(spec)) {
		eft_remote_open_came(*ret_node, open);
		return 0;
	}
	if (open != EFT_REMOTE_NO_OPEN)
		remote->ops->close(remote, handle, open);
	if (error != 0 && q->name != NULL)
		remote->ops->unlink(remote, q->at->handle, q->name, q->len,
				    (spec->mode & S_IFMT) == S_IFDIR);
	return error;
}

static int remote_create(struct eft_dir *dir, const char *name, size_t len,
			 const struct eft_node_spec *spec,
			 struct eft_node **ret_node)
{
	struct question question = ask(dir, name, len);
	struct eft_remote_node *node;
	int error = make(&question, spec, &node);

	end(&question, name != NULL);
	if (error == 0)
		*ret_node = &node->node;
	return error;
}

/*
 * link() and unlink()
 */
static int remote_link(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node *at)
{
	struct question question = ask(dir, name, len);
	struct eft_remote *remote = question.remote;
	struct eft_remote_node *node = eft_remote_node(at);
	struct eft_remote_name *linked = eft_remote_name_get(node);
	int error = remote->ops->link(remote, question.at->handle, name, len,
				      linked->handle);

	eft_remote_name_put(remote, linked);
	end(&question, true);
	eft_remote_set_flag(&node->stale, true);
	return lost_race(dir, name, len, error);
}

/* (at) has lost a name. */
static void lose_name(struct eft_node *at)
{
	struct eft_remote_node *node = eft_remote_node(at);
	bool last;

	eft_mutex_lock(&at->lock);
	if (node->links > 0)
		node->links -= eft_node_is(at, S_IFDIR) ? node->links : 1;
	last = node->links == 0;
	eft_mutex_unlock(&at->lock);
	eft_remote_set_flag(&node->stale, !last);
	eft_remote_set_flag(&node->lost, !node->remote->handle_is_file);
	if (last)
		eft_remote_node_unname(node);
}

static int remote_unlink(struct eft_dentry *dentry)
{
	struct question question = ask(dentry->dir, dentry->name, dentry->len);
	struct eft_remote *remote = question.remote;
	bool is_dir = eft_dentry_dir(dentry) != NULL;
	int error = remote->ops->unlink(remote, question.at->handle,
					dentry->name, dentry->len, is_dir);

	end(&question, true);
	if (error == 0)
		lose_name(dentry->node);
	else if (error == -ENOENT && !is_dir)
		eft_cache_drop(dentry); /* others did it */
	return error;
}

static int remote_rename(struct eft_dentry *from, struct eft_dir *dir,
			 const char *name, size_t len, struct eft_dentry *to,
			 bool exchange)
{
	struct question old = ask(from->dir, from->name, from->len);
	struct question new = ask(dir, name, len);
	struct eft_remote *remote = old.remote;
	int error =
		remote->ops->rename(remote, old.at->handle, old.name, old.len,
				    new.at->handle, name, len, exchange);

	end(&new, true);
	end(&old, true);
	if (error != 0)
		return error;
	eft_remote_set_flag(&eft_remote_node(from->node)->stale, true);
	if (to != NULL && exchange)
		eft_remote_set_flag(&eft_remote_node(to->node)->stale, true);
	else if (to != NULL)
		lose_name(to->node);
	return 0;
}

const struct eft_name_ops eft_remote_names = {
	.unnamed = true,
	.scarce = true,
	.find = remote_find,
	.lookup = remote_lookup,
	.create = remote_create,
	.link = remote_link,
	.unlink = remote_unlink,
	.rename = remote_rename,
	.set_attributes = eft_remote_set_attributes,
};
