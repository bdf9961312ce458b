// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading directories.
 *
 * A description's position is the server's (cookie) behind the last name that
 * was put, so that it is as stable as on the server. What the server said and
 * was not put yet is kept, for who goes on from there.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

enum { FETCH_BYTES = EFT_PAGE_SIZE };

/* A name that the server said; they are packed. */
struct entry {
	uint64_t ino, cookie;
	uint8_t type, len;
	char name[];
};

struct dir_file {
	struct eft_node_file nf;
	eft_remote_handle open;

	/* Owned by the description's lock. */
	char *kept; /* FETCH_BYTES; NULL: nothing was asked for */
	size_t filled, put;
	uint64_t from, last; /* before the next in (kept); behind all of it */
	int error;	     /* of a name */
};

static struct dir_file *dir_file(struct eft_file *file)
{
	return eft_container_of(file, struct dir_file, nf.file);
}

static struct eft_remote_node *node_of(struct dir_file *df)
{
	return eft_remote_node(df->nf.place.node);
}

static size_t entry_bytes(size_t len)
{
	return eft_align_up(sizeof(struct entry) + len, 8);
}

static bool is_name(const char *name, size_t len)
{
	if (len == 0 || len > NAME_MAX)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (name[i] == '/' || name[i] == '\0')
			return false;
	}
	return true;
}

/* Keep one name, as long as there is room. */
static bool keep(void *arg, const char *name, size_t len, uint64_t ino,
		 unsigned type, uint64_t cookie)
{
	enum { TYPE_MAX = 15 };
	struct dir_file *df = arg;
	struct entry *entry = (void *)(df->kept + df->filled);

	if (!is_name(name, len) || cookie > INT64_MAX) {
		df->error = -EIO;
		return false;
	}
	if (FETCH_BYTES - df->filled < entry_bytes(len))
		return false;
	entry->ino = ino;
	entry->cookie = df->last = cookie;
	entry->type = (uint8_t)(type <= TYPE_MAX ? type : 0);
	entry->len = (uint8_t)len;
	memcpy(entry->name, name, len);
	df->filled += entry_bytes(len);
	return true;
}

static int fetch(struct dir_file *df, uint64_t position)
{
	struct eft_remote_node *node = node_of(df);
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name;
	int error;

	if (df->kept == NULL)
		df->kept = eft_alloc(FETCH_BYTES);
	if (df->kept == NULL)
		return -ENOMEM;
	df->filled = df->put = 0;
	df->error = 0;
	df->from = df->last = position;
	name = eft_remote_name_get(node);
	error = remote->ops->read_dir(remote, name->handle, df->open, position,
				      keep, df);
	eft_remote_name_put(remote, name);
	if (error != 0)
		return error;
	if (df->filled == 0)
		return df->error; /* names before one that is bad are good */
	return df->last == position ? -EIO : 0; /* it would never end */
}

static const struct entry *next(const struct dir_file *df)
{
	return df->put < df->filled ? (const void *)(df->kept + df->put) : NULL;
}

/* Put names into (buf) from where *position is: how many bytes, or an error. */
static ssize_t put_kept(struct dir_file *df, char eft_user *buf, size_t size,
			uint64_t *position)
{
	const struct entry *entry;
	size_t done = 0;

	while ((entry = next(df)) != NULL) {
		const struct eft_dirent dirent = {
			.ino = entry->ino,
			.off = (int64_t)entry->cookie,
			.type = entry->type,
		};
		ssize_t n = eft_dirent_put(buf + done, size - done, &dirent,
					   entry->name, entry->len);

		if (n < 0)
			return done > 0 ? (ssize_t)done : n;
		done += (size_t)n;
		df->put += entry_bytes(entry->len);
		df->from = *position = entry->cookie;
	}
	return (ssize_t)done;
}

/* Has it been removed? By us: else the server says so. */
static bool is_removed(struct eft_remote_node *node)
{
	return eft_dir_removed_locked(&node->dir) && node->links == 0;
}

static ssize_t put_some(struct dir_file *df, char eft_user *buf, size_t size,
			uint64_t *position)
{
	int error = 0;

	if (is_removed(node_of(df)))
		return -ENOENT;
	if (df->from != *position || next(df) == NULL)
		error = fetch(df, *position);
	return error == 0 ? put_kept(df, buf, size, position) : error;
}

static ssize_t dir_getdents(struct eft_file *file, void eft_user *buf,
			    size_t size)
{
	struct dir_file *df = dir_file(file);
	uint64_t position;
	ssize_t n;

	eft_mutex_lock(&file->lock);
	position = (uint64_t)file->position;
	n = put_some(df, buf, size, &position);
	file->position = (off_t)position;
	eft_mutex_unlock(&file->lock);
	return n;
}

/* To go back to the start is to ask anew, as rewinddir(3) does. */
static off_t dir_seek(struct eft_file *file, off_t offset, int whence)
{
	struct dir_file *df = dir_file(file);

	offset = eft_file_seek_position(file, offset, whence);
	if (offset >= 0 && whence == SEEK_SET) {
		eft_mutex_lock(&file->lock);
		df->put = df->filled;
		eft_mutex_unlock(&file->lock);
	}
	return offset;
}

static int dir_sync(struct eft_file *file, bool data_only)
{
	struct dir_file *df = dir_file(file);
	struct eft_remote_node *node = node_of(df);
	struct eft_remote_name *name = eft_remote_name_get(node);
	int error = node->remote->ops->sync(node->remote, name->handle,
					    df->open, data_only);

	eft_remote_name_put(node->remote, name);
	return error;
}

static void dir_release(struct eft_file *file)
{
	struct dir_file *df = dir_file(file);
	struct eft_remote_node *node = node_of(df);
	struct eft_remote_name *name = eft_remote_name_get(node);

	node->remote->ops->close(node->remote, name->handle, df->open);
	eft_remote_name_put(node->remote, name);
	eft_free(df->kept);
	eft_node_file_fini(&df->nf);
	eft_free(df);
}

static const struct eft_file_ops dir_ops = {
	EFT_NODE_FILE_ATTRIBUTES, .sync = dir_sync,
	.getdents = dir_getdents, .seek = dir_seek,
	.release = dir_release,
};

int eft_remote_dir_open(const struct eft_place *place, int flags,
			struct eft_file **ret_file)
{
	struct eft_remote_node *node = eft_remote_node(place->node);
	struct dir_file *df = eft_alloc(sizeof(*df));
	struct eft_remote_name *name;
	int error;

	if (df == NULL)
		return -ENOMEM;
	name = eft_remote_name_get(node);
	error = node->remote->ops->open(node->remote, name->handle,
					O_RDONLY | O_DIRECTORY, &df->open);
	eft_remote_name_put(node->remote, name);
	if (error != 0) {
		eft_free(df);
		return error;
	}
	eft_node_file_init(&df->nf, place, eft_remote_watched(place, &dir_ops),
			   flags);
	*ret_file = &df->nf.file;
	return 0;
}
