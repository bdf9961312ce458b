// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading directories in memory: a description's position is the number
 * of the next entry (see dir.c).
 */
#include "core/fs/procfs/proc.h"
#include "core/log.h"
#include "core/user.h"

static struct eft_dentry *by_cookie(struct eft_treap_node *node)
{
	return eft_container_of(node, struct eft_dentry, by_cookie);
}

ssize_t eft_dirent_put(void eft_user *buf, size_t size,
		       const struct eft_dirent *entry, const char *name,
		       size_t len)
{
	enum { HEADER = offsetof(struct eft_dirent, name) };
	size_t reclen = eft_align_up(HEADER + len + 1, 8);
	union {
		struct eft_dirent entry;
		uint64_t words[(HEADER + NAME_MAX + 8) / sizeof(uint64_t)];
	} record = {.words = {0}}; /* the name's end, and what pads it */

	eft_assert(len > 0 && len <= NAME_MAX);
	if (reclen > size)
		return -EINVAL;
	/* Not all of *entry: its padding is where the name is. */
	record.entry.ino = entry->ino;
	record.entry.off = entry->off;
	record.entry.reclen = (uint16_t)reclen;
	record.entry.type = entry->type;
	memcpy(record.entry.name, name, len);
	return eft_copy_out(buf, &record, reclen) ?: (ssize_t)reclen;
}

/* The record of the first entry at or after *cookie, which moves past it. */
static ssize_t put_next_locked(struct eft_dir *dir, uint64_t parent_ino,
			       uint64_t *cookie, char eft_user *buf,
			       size_t size)
{
	struct eft_dirent entry = {.off = (int64_t)(*cookie + 1)};
	const struct eft_node *node = &dir->node;
	uint64_t ino = parent_ino;
	const char *name = "..";
	size_t len = *cookie + 1;
	ssize_t n;

	if (*cookie >= EFT_DIR_FIRST_COOKIE) {
		struct eft_treap_node *next =
			eft_treap_at_or_after(&dir->by_cookie, *cookie);

		if (next == NULL)
			return 0;
		entry.off = (int64_t)next->key + 1;
		node = by_cookie(next)->node;
		name = by_cookie(next)->name;
		len = by_cookie(next)->len;
	}
	if (*cookie != 1)
		ino = node->ino;
	entry.ino = ino;
	entry.type = (uint8_t)((node->mode & S_IFMT) >> 12);
	n = eft_dirent_put(buf, size, &entry, name, len);
	if (n > 0)
		*cookie = (uint64_t)entry.off;
	return n;
}

/* The number of the directory above, which a rename may change. */
static uint64_t find_parent_ino(struct eft_dir *dir)
{
	uint64_t ino;

	eft_rename_lock();
	ino = dir->parent->node.ino;
	eft_rename_unlock();
	return ino;
}

ssize_t eft_dir_getdents(struct eft_file *file, void eft_user *buf, size_t size)
{
	struct eft_dir *dir = eft_node_dir(eft_node_file(file)->place.node);
	size_t done = 0;
	ssize_t n = 0;
	uint64_t cookie, parent;

	if (dir->node.type != &eft_dir_type)
		return eft_proc_getdents(file, buf, size);
	eft_mutex_lock(&file->lock);
	parent = find_parent_ino(dir);
	eft_mutex_lock(&dir->lock);
	cookie = (uint64_t)file->position;
	if (eft_dir_removed_locked(dir))
		n = -ENOENT;
	while (n >= 0 && (n = put_next_locked(dir, parent, &cookie,
					      (char eft_user *)buf + done,
					      size - done)) > 0)
		done += (size_t)n;
	eft_mutex_unlock(&dir->lock);
	file->position = (off_t)cookie;
	eft_mutex_unlock(&file->lock);
	eft_mutex_lock(&dir->node.lock);
	eft_node_file_accessed_locked(eft_node_file(file));
	eft_mutex_unlock(&dir->node.lock);
	return done > 0 ? (ssize_t)done : n;
}
