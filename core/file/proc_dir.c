// SPDX-License-Identifier: BSD-3-Clause
/*
 * Directories of /proc whose entries are numbers, made when they are first
 * looked for: what /proc/self/fd and /proc/self/task have in common.
 */
#include "core/file/proc.h"

enum { NAME_BYTES = 16 };

/* The name of the entry at (position): `.`, `..`, or number position - 2. */
static bool name_entry(off_t *position, int (*next)(int from),
		       char name[NAME_BYTES])
{
	int number;

	if (*position < 2) {
		eft_strlcpy(name, *position == 0 ? "." : "..", NAME_BYTES);
		return true;
	}
	if (*position - 2 > INT32_MAX)
		return false;
	number = next((int)(*position - 2));
	if (number < 0)
		return false;
	*position = number + 2;
	eft_snprintf(name, NAME_BYTES, "%d", number);
	return true;
}

ssize_t eft_proc_list(struct eft_file *file, void *buf, size_t size,
		      int (*next)(int from), unsigned type)
{
	struct eft_node *dir = eft_node_of(file);
	char name[NAME_BYTES];
	size_t done = 0, n = 1;

	eft_mutex_lock(&file->lock);
	while (n > 0 && name_entry(&file->position, next, name)) {
		struct eft_dirent entry = {
			.ino = dir->ino + (uint64_t)file->position,
			.off = file->position + 1,
			.type = (file->position < 2 ? S_IFDIR : type) >> 12,
		};

		n = eft_dirent_put((char *)buf + done, size - done, &entry,
				   name, eft_strlen(name));
		done += n;
		file->position += n > 0;
	}
	eft_mutex_unlock(&file->lock);
	return n == 0 && done == 0 ? -EINVAL : (ssize_t)done;
}

off_t eft_proc_seek(struct eft_file *file, off_t offset, int whence)
{
	return eft_dir_ops.seek(file, offset, whence);
}

struct eft_dir *eft_proc_dir_create(const struct eft_node_type *type,
				    unsigned mode)
{
	struct eft_dir *dir = eft_dir_create(mode);

	if (dir != NULL) {
		dir->node.type = type;
		dir->fixed = true;
	}
	return dir;
}
