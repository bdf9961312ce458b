// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing what the tree keeps of a file beside its contents, and telling what
 * the tree is: by description and by path.
 */
#include "core/vfs/vfs.h"

enum { TMPFS_MAGIC = 0x01021994 };

/* Linux include/linux/statfs.h: the flags are there; times as relatime has. */
enum { ST_VALID = 0x20, ST_RELATIME = 0x1000 };

int eft_node_chmod(struct eft_node *node, unsigned mode)
{
	if (eft_node_is(node, S_IFLNK))
		return -EOPNOTSUPP;
	eft_mutex_lock(&node->lock);
	node->mode = (node->mode & S_IFMT) | (mode & 07777);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

/* S_ISUID; S_ISGID too, which means something else where no group executes. */
static uint32_t rights_of(uint32_t mode)
{
	return mode & 010 ? 06000 : 04000;
}

int eft_node_chown(struct eft_node *node, unsigned uid, unsigned gid)
{
	eft_mutex_lock(&node->lock);
	if (uid != UINT32_MAX)
		node->uid = uid;
	if (gid != UINT32_MAX)
		node->gid = gid;
	/* A new owner does not get the old one's rights. */
	if (!eft_node_is(node, S_IFDIR))
		node->mode &= ~rights_of(node->mode);
	node->ctime = eft_node_now();
	eft_mutex_unlock(&node->lock);
	return 0;
}

static bool is_valid_time(const struct eft_timespec *time)
{
	return time->nsec == UTIME_NOW || time->nsec == UTIME_OMIT ||
	       (time->nsec >= 0 && time->nsec < 1000000000);
}

static void set_time(struct eft_timespec *time, const struct eft_timespec *to,
		     const struct eft_timespec *now)
{
	if (to->nsec == UTIME_NOW)
		*time = *now;
	else if (to->nsec != UTIME_OMIT)
		*time = *to;
}

int eft_node_set_times(struct eft_node *node,
		       const struct eft_timespec times[2])
{
	static const struct eft_timespec both_now[2] = {
		{.nsec = UTIME_NOW},
		{.nsec = UTIME_NOW},
	};
	struct eft_timespec now = eft_node_now();

	if (times == NULL)
		times = both_now;
	if (!is_valid_time(&times[0]) || !is_valid_time(&times[1]))
		return -EINVAL;
	eft_mutex_lock(&node->lock);
	set_time(&node->atime, &times[0], &now);
	set_time(&node->mtime, &times[1], &now);
	node->ctime = now;
	eft_mutex_unlock(&node->lock);
	return 0;
}

int eft_node_file_statfs(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	*ret_statfs = (struct eft_statfs){
		.type = TMPFS_MAGIC,
		.bsize = EFT_PAGE_SIZE,
		.frsize = EFT_PAGE_SIZE,
		.blocks = pages.total,
		.bfree = pages.free,
		.bavail = pages.free,
		/* A file takes less than a page, as long as it is empty. */
		.files = pages.total,
		.ffree = pages.free,
		.namelen = NAME_MAX,
		.flags = ST_VALID | ST_RELATIME,
	};
	return 0;
}

/* Memory has nothing to be written back to; a device does not take part. */
int eft_node_file_sync(struct eft_file *file, bool data_only)
{
	return eft_node_is(eft_node_file(file)->node, S_IFCHR) ? -EINVAL : 0;
}

int eft_node_file_chmod(struct eft_file *file, unsigned mode)
{
	return eft_node_chmod(eft_node_file(file)->node, mode);
}

int eft_node_file_chown(struct eft_file *file, unsigned uid, unsigned gid)
{
	return eft_node_chown(eft_node_file(file)->node, uid, gid);
}

int eft_node_file_set_times(struct eft_file *file,
			    const struct eft_timespec times[2])
{
	return eft_node_set_times(eft_node_file(file)->node, times);
}

/*
 * Open what is at (path) only to be asked about: a description whose
 * operations act on it, be it of the tree or what a link of /proc leads
 * to.
 */
static int open_path(struct eft_file *at, const char *path, int flags,
		     struct eft_file **ret_file)
{
	int nofollow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;

	return eft_tree_open(at, path, O_PATH | nofollow, 0, ret_file);
}

int eft_tree_chmod(struct eft_file *at, const char *path, unsigned mode)
{
	struct eft_file *file;
	int error = open_path(at, path, 0, &file);

	if (error != 0)
		return error;
	error = file->ops->chmod != NULL ? file->ops->chmod(file, mode)
					 : -EPERM;
	eft_file_put(file);
	return error;
}

int eft_tree_chown(struct eft_file *at, const char *path, unsigned uid,
		   unsigned gid, int flags)
{
	struct eft_file *file;
	int error = open_path(at, path, flags, &file);

	if (error != 0)
		return error;
	error = file->ops->chown != NULL ? file->ops->chown(file, uid, gid)
					 : -EPERM;
	eft_file_put(file);
	return error;
}

int eft_tree_set_times(struct eft_file *at, const char *path,
		       const struct eft_timespec times[2], int flags)
{
	struct eft_file *file;
	int error = open_path(at, path, flags, &file);

	if (error != 0)
		return error;
	error = file->ops->set_times != NULL ? file->ops->set_times(file, times)
					     : -EPERM;
	eft_file_put(file);
	return error;
}
