// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing what is kept of a file beside its contents, and telling what its
 * file system is: by description and by path.
 */
#include "core/vfs/notify.h"

/* What it is tells its type, which few ask for (see eft_needs). */
static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_procfs_type;

/*
 * Linux include/linux/statfs.h: the flags are there; times as relatime has. The
 * others have the numbers that they have for mount(2).
 */
enum { ST_VALID = 0x20, ST_RELATIME = 0x1000 };
enum {
	ST_OF_MOUNT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC |
		      MS_NOATIME | MS_NODIRATIME,
};

/*
 * Give (node), locked, the (wanted) mode, owner and times, of which (which)
 * change, and a new time of change; the file system may refuse.
 */
static int set_locked(struct eft_node *node, struct eft_stat *wanted,
		      unsigned which)
{
	const struct eft_name_ops *ops = node->type->names;
	int error = 0;

	wanted->ctime = eft_node_now();
	if (ops != NULL && ops->set_attributes != NULL)
		error = ops->set_attributes(node, wanted, which);
	if (error != 0)
		return error;
	node->mode = wanted->mode;
	node->uid = wanted->uid;
	node->gid = wanted->gid;
	node->atime = wanted->atime;
	node->mtime = wanted->mtime;
	node->ctime = wanted->ctime;
	return 0;
}

static struct eft_stat attributes_locked(const struct eft_node *node)
{
	return (struct eft_stat){
		.mode = node->mode,
		.uid = node->uid,
		.gid = node->gid,
		.atime = node->atime,
		.mtime = node->mtime,
	};
}

int eft_node_chmod(struct eft_node *node, unsigned mode)
{
	struct eft_stat wanted;
	int error;

	if (eft_node_is(node, S_IFLNK))
		return -EOPNOTSUPP;
	eft_mutex_lock(&node->lock);
	wanted = attributes_locked(node);
	wanted.mode = (node->mode & S_IFMT) | (mode & 07777);
	error = set_locked(node, &wanted, EFT_NODE_MODE);
	eft_mutex_unlock(&node->lock);
	return error;
}

/* S_ISUID; S_ISGID too, which means something else where no group executes. */
static uint32_t rights_of(uint32_t mode)
{
	return mode & 010 ? 06000 : 04000;
}

int eft_node_chown(struct eft_node *node, unsigned uid, unsigned gid)
{
	unsigned which = (uid != UINT32_MAX ? EFT_NODE_UID : 0) |
			 (gid != UINT32_MAX ? EFT_NODE_GID : 0);
	struct eft_stat wanted;
	int error;

	eft_mutex_lock(&node->lock);
	wanted = attributes_locked(node);
	if (uid != UINT32_MAX)
		wanted.uid = uid;
	if (gid != UINT32_MAX)
		wanted.gid = gid;
	/* A new owner does not get the old one's rights. */
	if (!eft_node_is(node, S_IFDIR))
		wanted.mode &= ~rights_of(node->mode);
	if (wanted.mode != node->mode)
		which |= EFT_NODE_MODE;
	error = set_locked(node, &wanted, which);
	eft_mutex_unlock(&node->lock);
	return error;
}

static bool is_valid_time(const struct eft_timespec *time)
{
	return time->nsec == UTIME_NOW || time->nsec == UTIME_OMIT ||
	       (time->nsec >= 0 && time->nsec < 1000000000);
}

/* Returns whether it does. */
static bool set_time(struct eft_timespec *time, const struct eft_timespec *to,
		     const struct eft_timespec *now)
{
	if (to->nsec == UTIME_NOW)
		*time = *now;
	else if (to->nsec != UTIME_OMIT)
		*time = *to;
	return to->nsec != UTIME_OMIT;
}

int eft_node_set_times(struct eft_node *node,
		       const struct eft_timespec times[2])
{
	static const struct eft_timespec both_now[2] = {
		{.nsec = UTIME_NOW},
		{.nsec = UTIME_NOW},
	};
	struct eft_timespec now = eft_node_now();
	struct eft_stat wanted;
	unsigned which = 0;
	int error;

	if (times == NULL)
		times = both_now;
	if (!is_valid_time(&times[0]) || !is_valid_time(&times[1]))
		return -EINVAL;
	eft_mutex_lock(&node->lock);
	wanted = attributes_locked(node);
	if (set_time(&wanted.atime, &times[0], &now))
		which |= EFT_NODE_ATIME;
	if (set_time(&wanted.mtime, &times[1], &now))
		which |= EFT_NODE_MTIME;
	error = set_locked(node, &wanted, which);
	eft_mutex_unlock(&node->lock);
	return error;
}

/* Of a file system in memory; of those that are not tmpfs Linux tells 0. */
static struct eft_statfs stat_memory(const struct eft_mount *mount)
{
	struct eft_page_stats pages = {.total = 0};

	if (mount->super->type->magic == eft_ramfs_type.magic)
		eft_page_stats(&pages);
	return (struct eft_statfs){
		.bsize = EFT_PAGE_SIZE,
		.frsize = EFT_PAGE_SIZE,
		.blocks = pages.total,
		.bfree = pages.free,
		.bavail = pages.free,
		/* A file takes less than a page, as long as it is empty. */
		.files = pages.total,
		.ffree = pages.free,
		.fsid = {(int32_t)mount->root->node.dev},
		.namelen = NAME_MAX,
	};
}

static uint64_t flags_of(const struct eft_mount *mount)
{
	uint64_t flags = ST_VALID | (mount->flags & ST_OF_MOUNT);

	if (eft_mount_is_read_only(mount))
		flags |= MS_RDONLY;
	return mount->flags & MS_NOATIME ? flags : flags | ST_RELATIME;
}

int eft_node_file_statfs(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	const struct eft_mount *mount = eft_node_file(file)->place.mount;
	const struct eft_fs_type *type = mount->super->type;
	struct eft_statfs found = stat_memory(mount);
	int error = 0;

	if (type->statfs != NULL)
		error = type->statfs(&mount->root->node,
				     eft_node_file(file)->place.node, &found);
	if (error != 0)
		return error;
	if (found.type == 0)
		found.type = type->magic;
	found.flags |= flags_of(mount);
	*ret_statfs = found;
	return 0;
}

/* Memory has nothing to be written back to; a device does not take part. */
int eft_node_file_sync(struct eft_file *file, bool data_only)
{
	return eft_node_is(eft_node_file(file)->place.node, S_IFCHR) ? -EINVAL
								     : 0;
}

/* Tell of a change that is (error), if it was made. */
static int changed(struct eft_file *file, int error)
{
	if (error == 0 && eft_watch_place != NULL)
		eft_watch_place(&eft_node_file(file)->place, IN_ATTRIB);
	return error;
}

/* May the node of (file) be changed? */
static int check_writable(struct eft_file *file)
{
	return eft_mount_is_read_only(eft_node_file(file)->place.mount) ? -EROFS
									: 0;
}

int eft_node_file_chmod(struct eft_file *file, unsigned mode)
{
	int error = check_writable(file);

	if (error == 0)
		error = eft_node_chmod(eft_node_file(file)->place.node, mode);
	return changed(file, error);
}

int eft_node_file_chown(struct eft_file *file, unsigned uid, unsigned gid)
{
	int error = check_writable(file);

	if (error == 0)
		error = eft_node_chown(eft_node_file(file)->place.node, uid,
				       gid);
	return changed(file, error);
}

int eft_node_file_set_times(struct eft_file *file,
			    const struct eft_timespec times[2])
{
	int error = check_writable(file);

	if (error == 0)
		error = eft_node_set_times(eft_node_file(file)->place.node,
					   times);
	return changed(file, error);
}

/*
 * Open what is at (path) only to be asked about: a description whose
 * operations act on it, be it a node's or what a link of /proc leads to.
 */
static int open_path(struct eft_file *at, const char *path, int flags,
		     struct eft_file **ret_file)
{
	int nofollow = flags & AT_SYMLINK_NOFOLLOW ? O_NOFOLLOW : 0;

	return eft_vfs_open(at, path, O_PATH | nofollow, 0, ret_file);
}

int eft_vfs_chmod(struct eft_file *at, const char *path, unsigned mode)
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

int eft_vfs_chown(struct eft_file *at, const char *path, unsigned uid,
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

int eft_vfs_set_times(struct eft_file *at, const char *path,
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
