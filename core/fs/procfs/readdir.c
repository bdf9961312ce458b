// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading the directories of /proc whose entries are numbers.
 */
#include "core/boot.h"
#include "core/dev/host.h"
#include "core/fs/procfs/proc.h"
#include "core/process.h"

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

static ssize_t list(struct eft_file *file, void eft_user *buf, size_t size,
		    int (*next)(int from), unsigned type)
{
	struct eft_node *dir = eft_node_of(file);
	char name[NAME_BYTES];
	size_t done = 0;
	ssize_t n = 1;

	eft_mutex_lock(&file->lock);
	while (n > 0 && name_entry(&file->position, next, name)) {
		struct eft_dirent entry = {
			.ino = dir->ino + (uint64_t)file->position,
			.off = file->position + 1,
			.type = (file->position < 2 ? S_IFDIR : type) >> 12,
		};

		n = eft_dirent_put((char eft_user *)buf + done, size - done,
				   &entry, name, eft_strlen(name));
		if (n > 0) {
			done += (size_t)n;
			file->position++;
		}
	}
	eft_mutex_unlock(&file->lock);
	return n < 0 && done == 0 ? n : (ssize_t)done;
}

static ssize_t list_fds(struct eft_file *file, void eft_user *buf, size_t size)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	int fd = 0;

	/* Name what exec has left, so that the table knows it. */
	while (host != NULL && (fd = host->next_inherited(fd)) >= 0)
		eft_fd_flags(fd++, -1);
	return list(file, buf, size, eft_fd_next, S_IFLNK);
}

/* The lowest number of a thread that is (tid) or more, or -1. */
static int next_tid(int tid)
{
	int next = eft_threads_next_id(tid);

	if (next < 0 && eft_threads_count() == 0 &&
	    tid <= eft_process()->identity.pid)
		return eft_process()->identity.pid;
	return next;
}

ssize_t eft_proc_getdents(struct eft_file *file, void eft_user *buf,
			  size_t size)
{
	const struct eft_node_type *type = eft_node_of(file)->type;

	if (type == &eft_proc_task_type)
		return list(file, buf, size, next_tid, S_IFDIR);
	if (type == &eft_proc_fd_type)
		return list_fds(file, buf, size);
	return list(file, buf, size, eft_fd_next, S_IFREG);
}
