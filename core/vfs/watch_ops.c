// SPDX-License-Identifier: BSD-3-Clause
/*
 * Descriptions that tell those who watch (core/ipc/watches.c) what they do: each has
 * operations that call those of its file system, and tell of it. There is one
 * such table for each of theirs, made when a file is first opened with it.
 */
#include "core/lock.h"
#include "core/vfs/notify.h"

enum { TABLES_MAX = 24 }; /* kinds of files */

struct watched {
	struct eft_file_ops ops;
	const struct eft_file_ops *original;
};

static struct watched tables[TABLES_MAX];
static struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_WATCHES);
static unsigned table_count; /* atomic; changed with the lock held */

static const struct eft_file_ops *original(struct eft_file *file)
{
	return eft_container_of(file->ops, struct watched, ops)->original;
}

static void tell(struct eft_file *file, uint32_t mask)
{
	eft_watch_place(&eft_node_file(file)->place, mask);
}

static ssize_t watched_read(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	ssize_t n = original(file)->read(file, iov, count, at);

	if (n > 0)
		tell(file, IN_ACCESS);
	return n;
}

static ssize_t watched_write(struct eft_file *file, const struct eft_iovec *iov,
			     int count, off_t at)
{
	ssize_t n = original(file)->write(file, iov, count, at);

	if (n > 0)
		tell(file, IN_MODIFY);
	return n;
}

static int watched_set_size(struct eft_file *file, off_t size)
{
	int error = original(file)->set_size(file, size);

	if (error == 0)
		tell(file, IN_MODIFY);
	return error;
}

static int watched_allocate(struct eft_file *file, int mode, off_t offset,
			    off_t len)
{
	int error = original(file)->allocate(file, mode, offset, len);

	if (error == 0)
		tell(file, IN_MODIFY);
	return error;
}

static ssize_t watched_getdents(struct eft_file *file, void eft_user *buf,
				size_t size)
{
	ssize_t n = original(file)->getdents(file, buf, size);

	if (n >= 0)
		tell(file, IN_ACCESS);
	return n;
}

static void watched_release(struct eft_file *file)
{
	bool wrote = (file->flags & O_ACCMODE) != O_RDONLY;

	tell(file, wrote ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	original(file)->release(file);
}

static void fill(struct watched *watched, const struct eft_file_ops *ops)
{
	watched->original = ops;
	watched->ops = *ops;
	if (ops->read != NULL)
		watched->ops.read = watched_read;
	if (ops->write != NULL)
		watched->ops.write = watched_write;
	if (ops->set_size != NULL)
		watched->ops.set_size = watched_set_size;
	if (ops->allocate != NULL)
		watched->ops.allocate = watched_allocate;
	if (ops->getdents != NULL)
		watched->ops.getdents = watched_getdents;
	watched->ops.release = watched_release;
}

static const struct eft_file_ops *find(const struct eft_file_ops *ops)
{
	unsigned known = __atomic_load_n(&table_count, __ATOMIC_ACQUIRE);

	for (unsigned i = 0; i < known; i++) {
		if (tables[i].original == ops)
			return &tables[i].ops;
	}
	return NULL;
}

const struct eft_file_ops *eft_watch_ops(const struct eft_place *place,
					 const struct eft_file_ops *ops)
{
	const struct eft_file_ops *found = find(ops);

	if (place->dentry == NULL && !eft_node_is(place->node, S_IFDIR))
		return ops;
	if (found != NULL)
		return found;
	eft_lock(&lock);
	found = find(ops);
	if (found == NULL && table_count < TABLES_MAX) {
		fill(&tables[table_count], ops);
		found = &tables[table_count].ops;
		__atomic_store_n(&table_count, table_count + 1,
				 __ATOMIC_RELEASE);
	}
	eft_unlock(&lock);
	return found != NULL ? found : ops;
}
