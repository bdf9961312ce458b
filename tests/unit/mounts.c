// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounts: what is where, what is busy, what is not to be written; and the cache
 * of entries, over a file system that counts what it is asked.
 */
#include "core/thread.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/vfs.h"
#include "tests/unit/files.h"

static int mount_at(const char *path, const char *type, unsigned long flags)
{
	struct eft_file *file;
	int error = f_open(path, O_PATH, &file);

	if (error != 0)
		return error;
	error = eft_mount(file, "none", type, flags, NULL);
	eft_file_put(file);
	return error;
}

static int bind_at(const char *source, const char *path)
{
	struct eft_file *file = f_must(path, O_PATH);
	int error = eft_mount(file, source, NULL, MS_BIND, NULL);

	eft_file_put(file);
	return error;
}

static int umount_at(const char *path, int flags)
{
	struct eft_file *file;
	int error = f_open(path, O_PATH, &file);

	if (error != 0)
		return error;
	error = eft_umount(file, flags);
	eft_file_put(file);
	return error;
}

static uint64_t dev_of(const char *path)
{
	struct eft_stat st = {0};

	check_eq(f_stat(path, &st), 0);
	return st.dev;
}

static uint64_t ino_of(const char *path)
{
	struct eft_stat st = {0};

	check_eq(f_stat(path, &st), 0);
	return st.ino;
}

static const char *path_of(struct eft_file *file)
{
	static char path[128];
	ssize_t len = eft_file_path(file, path, sizeof(path) - 1);

	check(len > 0);
	path[len] = '\0';
	return path;
}

Test(mounts, cover)
{
	struct files_usage before;

	files_boot(NULL, 0);
	f_mkdir("/m");
	f_create("/m/below", "below");
	before = files_usage();
	check_eq(mount_at("/m", "tmpfs", 0), 0);
	check(dev_of("/m") != dev_of("/"));
	check_eq(f_try("/m/below", O_RDONLY), -ENOENT);
	f_create("/m/f", "above");
	check_eq(f_mkdir("/m/d"), 0);
	check_eq(f_symlink("/m/f", "/m/l"), 0);
	check_str(f_text("/m/l"), "above");
	check_eq(dev_of("/m/d"), dev_of("/m"));
	check_eq(ino_of("/m/.."), ino_of("/"));
	check_eq(ino_of("/m/d/../.."), ino_of("/"));
	check_eq(ino_of("/m/d/../../m/d"), ino_of("/m/d"));
	check_eq(f_rename("/m/f", "/f"), -EXDEV);
	check_eq(f_link("/m/f", "/f"), -EXDEV);
	check_eq(f_rmdir("/m"), -EBUSY);
	check_eq(f_rename("/m", "/n"), -EBUSY);
	check_eq(f_mkdir("/m"), -EEXIST);
	f_mkdir("/other");
	check_eq(f_rename("/other", "/m"), -EBUSY);
	check_eq(f_two(false, "/other", "/m", RENAME_EXCHANGE), -EBUSY);
	f_rmdir("/other");
	check_eq(umount_at("/m/d", 0), -EINVAL);
	check_eq(umount_at("/m", 0), 0);
	check_eq(umount_at("/m", 0), -EINVAL);
	check_str(f_text("/m/below"), "below");
	check_usage(before);
}

Test(mounts, errors)
{
	files_boot(NULL, 0);
	f_mkdir("/m");
	f_create("/f", "");
	check_eq(mount_at("/m", "ext9", 0), -ENODEV);
	check_eq(mount_at("/m", NULL, 0), -EINVAL);
	check_eq(mount_at("/f", "tmpfs", 0), -ENOTDIR);
	check_eq(mount_at("/none", "tmpfs", 0), -ENOENT);
	check_eq(mount_at("/m", NULL, MS_REMOUNT), -EINVAL);
	check_eq(mount_at("/f", NULL, MS_REMOUNT), -EINVAL);
	check_eq(mount_at("/m", NULL, MS_MOVE), -EINVAL);
	check_eq(mount_at("/m", NULL, MS_PRIVATE), -EINVAL);
	check_eq(mount_at("/", NULL, MS_PRIVATE | MS_REC), 0);
	check_eq(mount_at("/", NULL, MS_PRIVATE | MS_SHARED), -EINVAL);
	check_eq(mount_at("/m", "hostfs", 0), -ENODEV); /* no host */
	check_eq(mount_at("/proc", "proc", 0), -EBUSY);
	check_eq(bind_at("", "/m"), -EINVAL);
	check_eq(bind_at("/none", "/m"), -ENOENT);
	check_eq(bind_at("/f", "/m"), -ENOTDIR);
	check_eq(umount_at("/", 0), -EBUSY);
	check_eq(umount_at("/", MNT_DETACH), -EINVAL);
	check_eq(umount_at("/m", 0), -EINVAL);
	check_eq(umount_at("/f", 0), -EINVAL);
}

Test(mounts, busy)
{
	struct files_usage before;
	struct eft_file *file, *dir;
	char cwd[16];

	files_boot(NULL, 0);
	f_mkdir("/m");
	check_eq(eft_chdir(f_must("/", O_PATH)), 0);
	before = files_usage();
	check_eq(mount_at("/m", "tmpfs", 0), 0);
	f_mkdir("/m/d");
	file = f_must("/m/f", O_CREAT | O_RDWR);
	check_str(path_of(file), "/m/f");
	check_eq(umount_at("/m", 0), -EBUSY);
	check_eq(mount_at("/m", NULL, MS_REMOUNT | MS_RDONLY), -EBUSY);
	eft_file_put(file);
	file = f_must("/m/f", O_RDONLY);
	check_eq(mount_at("/m", NULL, MS_REMOUNT | MS_RDONLY), 0);
	check_eq(mount_at("/m", NULL, MS_REMOUNT), 0);
	check_eq(umount_at("/m", 0), -EBUSY);
	eft_file_put(file);
	check_eq(mount_at("/m/d", "ramfs", 0), 0);
	check_eq(umount_at("/m", 0), -EBUSY);
	check_eq(umount_at("/m/d", 0), 0);
	check_eq(eft_chdir(f_must("/m/d", O_PATH)), 0);
	check_eq(eft_getcwd(cwd, sizeof(cwd)), 5);
	check_str(cwd, "/m/d");
	check_eq(umount_at("/m", MNT_FORCE), -EBUSY);
	dir = f_must(".", O_PATH);
	/* Whoever is in there stays, and there is no way back. */
	check_eq(umount_at("/m", MNT_DETACH), 0);
	check_eq(f_try("/m/d", O_RDONLY), -ENOENT);
	f_create("f", "lost");
	check_str(f_text("../d/f"), "lost");
	check_str(f_text("../../d/f"), "lost");
	check_eq(eft_chdir(f_must("/", O_PATH)), 0);
	eft_file_put(dir);
	check_usage(before);
}

/* What is below goes with it, the topmost first. */
Test(mounts, detach_all)
{
	struct files_usage before;

	files_boot(NULL, 0);
	f_mkdir("/m");
	before = files_usage();
	for (int i = 0; i < 3; i++)
		check_eq(mount_at("/m", "tmpfs", 0), 0);
	f_mkdir("/m/d");
	check_eq(mount_at("/m/d", "tmpfs", 0), 0);
	f_mkdir("/m/d/e");
	check_eq(mount_at("/m/d/e", "proc", 0), 0);
	check(strncmp(f_text("/m/d/e/self/comm"), "-", 1) != 0);
	check_eq(umount_at("/m/d", MNT_DETACH), 0);
	check_eq(f_try("/m/d/e", O_RDONLY), -ENOENT);
	check_eq(umount_at("/m", 0), 0);
	check_eq(umount_at("/m", 0), 0);
	check_eq(umount_at("/m", 0), 0);
	check_eq(umount_at("/m", 0), -EINVAL);
	check_usage(before);
}

/* What boot has mounted is a mount like another. */
Test(mounts, proc_again)
{
	files_boot(NULL, 0);
	check_eq(umount_at("/proc", 0), 0);
	check_eq(f_try("/proc/self/stat", O_RDONLY), -ENOENT);
	check_eq(f_mkdir("/proc/d"), 0);
	check_eq(mount_at("/proc", "proc", 0), 0);
	check_eq(f_try("/proc/self/stat", O_RDONLY), 0);
	check_eq(umount_at("/proc", 0), 0);
	check_eq(f_rmdir("/proc/d"), 0);
	check_eq(f_rmdir("/proc"), 0);
}

Test(mounts, bind)
{
	struct files_usage before;
	struct eft_file *file;

	files_boot(NULL, 0);
	f_mkdir("/a");
	f_mkdir("/a/in");
	f_mkdir("/b");
	f_create("/a/in/f", "text");
	before = files_usage();
	check_eq(bind_at("/a/in", "/b"), 0);
	check_str(f_text("/b/f"), "text");
	check_eq(dev_of("/b"), dev_of("/a"));
	check_eq(ino_of("/b/.."), ino_of("/")); /* and not /a's */
	check_eq(f_rename("/b/f", "/a/f"), -EXDEV);
	file = f_must("/b/f", O_RDONLY);
	check_str(path_of(file), "/b/f");
	eft_file_put(file);
	check_eq(mount_at("/b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY), 0);
	check_eq(f_unlink("/b/f"), -EROFS);
	f_create("/a/in/g", "other");
	check_str(f_text("/b/g"), "other");
	check_eq(f_unlink("/a/in/g"), 0);
	check_eq(umount_at("/b", 0), 0);
	check_str(f_text("/a/in/f"), "text");
	check_usage(before);
}

Test(mounts, read_only)
{
	const struct eft_timespec times[2] = {{1, 0}, {1, 0}};
	struct eft_statfs statfs;
	struct eft_file *file;

	files_boot(NULL, 0);
	f_mkdir("/m");
	check_eq(mount_at("/m", "tmpfs", 0), 0);
	f_create("/m/f", "text");
	f_mkdir("/m/d");
	check_eq(f_call(mknod, "/m/null", S_IFCHR | 0666, 0x103), 0);
	check_eq(mount_at("/m", NULL, MS_REMOUNT | MS_RDONLY), 0);
	check_eq(f_try("/m/f", O_RDWR), -EROFS);
	check_eq(f_try("/m/f", O_RDONLY | O_TRUNC), -EROFS);
	check_eq(f_try("/m/new", O_CREAT | O_RDWR), -EROFS);
	check_eq(f_try("/m/f", O_CREAT | O_RDONLY), 0);
	check_eq(f_try("/m/f", O_CREAT | O_EXCL | O_RDONLY), -EEXIST);
	check_eq(f_try("/m", O_TMPFILE | O_RDWR), -EROFS);
	check_eq(f_try("/m/null", O_RDWR), 0);
	check_eq(f_mkdir("/m/new"), -EROFS);
	check_eq(f_mkdir("/m/d"), -EEXIST);
	check_eq(f_rmdir("/m/d"), -EROFS);
	check_eq(f_unlink("/m/f"), -EROFS);
	check_eq(f_unlink("/m/none"), -EROFS);
	check_eq(f_rename("/m/f", "/m/g"), -EROFS);
	check_eq(f_link("/m/f", "/m/g"), -EROFS);
	check_eq(f_symlink("f", "/m/l"), -EROFS);
	check_eq(f_call(mknod, "/m/x", S_IFREG, 0), -EROFS);
	check_eq(f_call(chmod, "/m/f", 0600), -EROFS);
	check_eq(f_call(chown, "/m/f", 1, 1, 0), -EROFS);
	check_eq(f_call(set_times, "/m/f", times, 0), -EROFS);
	check_eq(f_call(access, "/m/f", R_OK, 0), 0);
	check_eq(f_call(access, "/m/f", W_OK, 0), -EROFS);
	check_eq(f_call(access, "/m", W_OK, 0), -EROFS);
	check_eq(f_call(access, "/m/null", W_OK, 0), 0);
	file = f_must("/m/f", O_RDONLY);
	check_eq(file->ops->chmod(file, 0600), -EROFS);
	check_eq(file->ops->statfs(file, &statfs), 0);
	check_eq(statfs.flags & 1, 1);
	eft_file_put(file);
	check_str(f_text("/m/f"), "text");
	check_eq(mount_at("/m", NULL, MS_REMOUNT), 0);
	check_eq(f_unlink("/m/f"), 0);
}

Test(mounts, listed)
{
	files_boot(NULL, 0);
	f_mkdir("/m m");
	check_eq(mount_at("/m m", "ramfs", MS_RDONLY | MS_NOSUID), 0);
	check_str(f_text("/proc/self/mounts"),
		  "rootfs / tmpfs rw,relatime 0 0\n"
		  "proc /proc proc rw,relatime 0 0\n"
		  "none /m\\040m ramfs ro,nosuid,relatime 0 0\n");
	check_str(f_text("/proc/mounts"), f_text("/proc/self/mounts"));
	check_str(f_text("/proc/self/mountinfo"),
		  "1 1 0:1 / / rw,relatime - tmpfs rootfs rw\n"
		  "2 1 0:2 / /proc rw,relatime - proc proc rw\n"
		  "3 1 0:3 / /m\\040m ro,nosuid,relatime - ramfs none rw\n");
}

Test(mounts, options)
{
	char ramfs[] = "ramfs:x,ro,noexec", devices[] = "devtmpfs",
	     bad[] = "ext9:y";
	const char *path;

	files_boot(NULL, 0);
	check(!eft_mount_option("mount.data", ramfs));
	check(eft_mount_option("mount./data/x", ramfs));
	check(eft_mount_option("mount./data/dev", devices));
	check(eft_mount_option("mount./bad", bad));
	check_eq(eft_mount_each(true, &path), -ENODEV);
	check_str(path, "/bad");
	check_eq(f_mkdir("/data/x/d"), -EROFS);
	check_eq(f_try("/data/dev/null", O_RDWR), 0);
}

/* A root that is mounted: nothing of the one in memory is left but /dev, /proc. */
Test(mounts, root)
{
	char ramfs[] = "devtmpfs,ro", other[] = "ramfs:x";
	struct eft_file *dir;
	const char *path;

	files_boot(NULL, 0);
	f_create("/old", "hidden");
	check(eft_mount_option("mount./", ramfs));
	check(!eft_mount_option("mount.//", other));
	check_eq(eft_mount_each(false, &path), 0);
	check_eq(f_try("/old", O_RDONLY), -ENOENT);
	check_eq(f_try("/null", O_RDWR), 0);
	check_eq(f_try("/proc", O_RDONLY), -ENOENT);
	check_eq(f_try("/proc/self/stat", O_RDONLY), -ENOENT);
	check_eq(ino_of("/.."), ino_of("/"));
	check_eq(ino_of("."), ino_of("/"));
	check_eq(f_mkdir("/dev"), -EROFS);
	dir = f_must("/", O_PATH);
	check_str(path_of(dir), "/");
	eft_file_put(dir);
	check_eq(umount_at("/", 0), -EBUSY);
}

/* One that would hide an archive's files is refused. */
Test(mounts, root_and_archive)
{
	char ramfs[] = "ramfs";
	const char *path = NULL;

	files_boot(NULL, 0);
	check(eft_mount_option("mount./", ramfs));
	check_eq(eft_mount_each(true, &path), -EINVAL);
	check_str(path, "/");
	check_eq(f_mkdir("/here"), 0);
}

/* A mount that fails leaves nothing, wherever it does. */
Test(mounts, no_memory)
{
	static const char *const types[] = {"tmpfs", "devtmpfs", "proc"};

	files_boot(NULL, 0);
	f_mkdir("/m");
	for (unsigned i = 0; i < 3; i++) {
		struct files_usage before = files_usage();
		int error = -ENOMEM;

		for (unsigned n = 0; error != 0; n++) {
			check(n < 100);
			eft_alloc_fail_after(n);
			error = mount_at("/m", types[i], 0);
			eft_alloc_fail_after(UINT64_MAX);
			check(error == 0 || error == -ENOMEM);
			if (error != 0)
				check_usage(before);
		}
		check_eq(umount_at("/m", 0), 0);
		check_usage(before);
	}
}

/*
 * A disk: names in one table. What it is asked is counted, and it may take its
 * time.
 */
enum { ENTRIES = 600 };

struct disk_node {
	struct eft_dir dir; /* or its node alone */
	unsigned index;
};

static struct {
	char name[16];
	unsigned above, mode; /* 0: free */
} disk[ENTRIES];
static unsigned lookups, nodes;
static bool slow;
static const struct eft_node_type disk_type;

static unsigned index_of(struct eft_node *node)
{
	return eft_container_of(node, struct disk_node, dir.node)->index;
}

static struct eft_node *disk_node(unsigned index)
{
	struct disk_node *dn = eft_alloc(sizeof(*dn));

	if (dn == NULL)
		return NULL;
	eft_dir_init(&dn->dir, &disk_type, 0755);
	dn->dir.node.mode = disk[index].mode;
	dn->dir.node.ino = index + 1;
	dn->dir.node.dev = 77;
	dn->dir.node.nlink = 2;
	dn->index = index;
	nodes++;
	return &dn->dir.node;
}

static unsigned find_on_disk(unsigned above, const char *name, size_t len)
{
	for (unsigned i = 1; i < ENTRIES; i++) {
		if (disk[i].mode != 0 && disk[i].above == above &&
		    strlen(disk[i].name) == len &&
		    memcmp(disk[i].name, name, len) == 0)
			return i;
	}
	return 0;
}

static unsigned add_to_disk(unsigned above, const char *name, size_t len,
			    unsigned mode)
{
	unsigned i = 1;

	while (i < ENTRIES && disk[i].mode != 0)
		i++;
	check(i < ENTRIES && len < sizeof(disk[i].name));
	memcpy(disk[i].name, name, len);
	disk[i].name[len] = '\0';
	disk[i].above = above;
	disk[i].mode = mode;
	return i;
}

static int disk_lookup(struct eft_dir *dir, const char *name, size_t len,
		       struct eft_node **ret_node)
{
	unsigned index = find_on_disk(index_of(&dir->node), name, len);

	lookups++;
	if (slow)
		eft_yield();
	if (index == 0)
		return -ENOENT;
	*ret_node = disk_node(index);
	return *ret_node != NULL ? 0 : -ENOMEM;
}

static int disk_create(struct eft_dir *dir, const char *name, size_t len,
		       const struct eft_node_spec *spec,
		       struct eft_node **ret_node)
{
	unsigned index =
		add_to_disk(index_of(&dir->node), name, len, spec->mode);

	*ret_node = disk_node(index);
	if (*ret_node == NULL)
		disk[index].mode = 0;
	else
		(*ret_node)->nlink = 0;
	return *ret_node != NULL ? 0 : -ENOMEM;
}

static int disk_unlink(struct eft_dentry *dentry)
{
	unsigned index = index_of(dentry->node);

	if (slow)
		eft_yield();
	for (unsigned i = 1; i < ENTRIES; i++) {
		if (disk[i].mode != 0 && disk[i].above == index)
			return -ENOTEMPTY;
	}
	disk[index].mode = 0;
	return 0;
}

static int disk_rename(struct eft_dentry *from, struct eft_dir *dir,
		       const char *name, size_t len, struct eft_dentry *to,
		       bool exchange)
{
	unsigned index = index_of(from->node);

	if (to != NULL && !exchange && disk_unlink(to) != 0)
		return -ENOTEMPTY;
	if (exchange) {
		strcpy(disk[index_of(to->node)].name, disk[index].name);
		disk[index_of(to->node)].above = disk[index].above;
	}
	memcpy(disk[index].name, name, len);
	disk[index].name[len] = '\0';
	disk[index].above = index_of(&dir->node);
	return 0;
}

static void disk_release(struct eft_node *node)
{
	nodes--;
	eft_free(eft_container_of(node, struct disk_node, dir.node));
}

static struct eft_name_ops disk_names = {
	.find = eft_cache_find,
	.lookup = disk_lookup,
	.create = disk_create,
	.unlink = disk_unlink,
	.rename = disk_rename,
};

static const struct eft_node_type disk_type = {
	.file_ops = &eft_dir_ops,
	.names = &disk_names,
	.release = disk_release,
};

static const struct eft_fs_type disk_fs = {
	.name = "disk",
	.destroy = eft_cache_leave_all,
};

static void mount_disk(void)
{
	struct eft_super *super = eft_alloc(sizeof(*super));
	struct eft_file *file;

	disk[0].mode = S_IFDIR | 0755;
	super->type = &disk_fs;
	super->references = 1;
	super->root = eft_node_dir(disk_node(0));
	super->root->parent = super->root;
	f_mkdir("/disk");
	file = f_must("/disk", O_PATH);
	check_eq(eft_mount_add(super, super->root, eft_place_of(file), "d", 0),
		 0);
	eft_super_put(super);
	eft_file_put(file);
}

static bool is_there(const char *path)
{
	struct eft_stat st;
	int error = f_lstat(path, &st);

	check(error == 0 || error == -ENOENT);
	return error == 0;
}

Test(cache, remembers)
{
	struct files_usage before;

	files_boot(NULL, 0);
	f_mkdir("/disk");
	before = files_usage();
	mount_disk();
	add_to_disk(add_to_disk(0, "d", 1, S_IFDIR | 0755), "f", 1,
		    S_IFREG | 0644);
	check(is_there("/disk/d/f"));
	check_eq(lookups, 2);
	check(is_there("/disk/d/f"));
	check_eq(lookups, 2);
	check(!is_there("/disk/d/none"));
	check(!is_there("/disk/d/none"));
	check_eq(lookups, 3); /* that there is none is known, too */
	check_eq(f_mkdir("/disk/d/none"), 0);
	check(is_there("/disk/d/none"));
	check_eq(f_rename("/disk/d/none", "/disk/d/other"), 0);
	check(is_there("/disk/d/other"));
	check(!is_there("/disk/d/none"));
	check_eq(f_rmdir("/disk/d"), -ENOTEMPTY);
	check_eq(f_rmdir("/disk/d/other"), 0);
	check_eq(f_unlink("/disk/d/f"), 0);
	check(!is_there("/disk/d/f"));
	check_eq(f_rmdir("/disk/d"), 0);
	check(!is_there("/disk/d"));
	check_eq(umount_at("/disk", 0), 0);
	check_eq(nodes, 0);
	check_usage(before);
}

static void name_file(char path[32], unsigned i)
{
	snprintf(path, 32, "/disk/f%u", i);
}

/* There is a bound; what is in use stays. */
Test(cache, reclaims)
{
	struct eft_file *file;
	char path[32];

	files_boot(NULL, 0);
	disk_names.scarce = true;
	mount_disk();
	add_to_disk(add_to_disk(0, "d", 1, S_IFDIR | 0755), "used", 4,
		    S_IFDIR | 0755);
	file = f_must("/disk/d/used", O_PATH);
	for (unsigned i = 0; i < 500; i++) {
		name_file(path, i);
		add_to_disk(0, path + 6, strlen(path + 6), S_IFREG | 0644);
		check(is_there(path));
	}
	check(nodes > 200 && nodes < 320);
	check_str(path_of(file), "/disk/d/used");
	check(eft_cache_reclaim(1000) > 200);
	check_eq(nodes, 3); /* the root, d, used */
	check_str(path_of(file), "/disk/d/used");
	lookups = 0;
	check(is_there("/disk/d/used"));
	check_eq(lookups, 0);
	for (unsigned i = 0; i < 500; i++) {
		name_file(path, i);
		check(is_there(path));
	}
	check_eq(umount_at("/disk", 0), -EBUSY);
	eft_file_put(file);
	check_eq(umount_at("/disk", 0), 0);
	check_eq(nodes, 0);
}

/* Of entries that cost memory alone there are as many as that has room for. */
Test(cache, keeps_what_memory_has_room_for)
{
	char path[32];

	files_boot(NULL, 0);
	mount_disk();
	for (unsigned round = 0; round < 2; round++) {
		lookups = 0;
		for (unsigned i = 0; i < 500; i++) {
			name_file(path, i);
			if (round == 0)
				add_to_disk(0, path + 6, strlen(path + 6),
					    S_IFREG | 0644);
			check(is_there(path));
		}
	}
	check_eq(lookups, 0);
	check(nodes > 500);
	check_eq(umount_at("/disk", 0), 0);
	check_eq(nodes, 0);
}

Test(cache, no_memory)
{
	struct files_usage before;

	files_boot(NULL, 0);
	f_mkdir("/disk");
	before = files_usage();
	mount_disk();
	add_to_disk(add_to_disk(0, "d", 1, S_IFDIR | 0755), "f", 1,
		    S_IFDIR | 0755);
	for (unsigned n = 0; n < 40; n++) {
		static const char *const paths[] = {"/disk/d/f", "/disk/d/n",
						    "/disk/d/f/x"};
		struct eft_stat st;
		int error;

		eft_cache_reclaim(100);
		eft_alloc_fail_after(n % 8);
		error = f_stat(paths[n % 3], &st);
		check(error == 0 || error == -ENOMEM || error == -ENOENT);
		error = f_mkdir("/disk/d/new");
		check(error == 0 || error == -ENOMEM);
		if (error == 0)
			error = f_rename("/disk/d/new", "/disk/moved");
		eft_alloc_fail_after(UINT64_MAX);
		f_rmdir("/disk/d/new");
		f_rmdir("/disk/moved");
		check(!is_there("/disk/d/new"));
		check(!is_there("/disk/moved"));
	}
	check_eq(umount_at("/disk", 0), 0);
	check_eq(nodes, 0);
	check_usage(before);
}

/*
 * Threads that look up, make, rename, remove and reclaim on a disk that has them
 * wait: at the end nothing is left over.
 */
enum { WORKERS = 4, ROUNDS = 300 };

static unsigned running;

static void work(void *arg)
{
	unsigned self = (unsigned)(uintptr_t)arg;
	char a[32], b[32];

	for (unsigned i = 0; i < ROUNDS; i++) {
		snprintf(a, sizeof(a), "/disk/%u", (unsigned)unit_random(3));
		snprintf(b, sizeof(b), "/disk/%u/%u", (unsigned)unit_random(3),
			 (unsigned)unit_random(3));
		switch ((i + self) % 6) {
		case 0:
			f_mkdir(a);
			break;
		case 1:
			f_mkdir(b);
			break;
		case 2:
			f_rename(a, b);
			break;
		case 3:
			f_rename(b, a);
			break;
		case 4:
			f_rmdir(unit_random(2) ? a : b);
			break;
		default:
			eft_cache_reclaim(3);
			is_there("/disk/0/../1");
		}
		eft_yield();
	}
	running--;
}

static void run_workers(void *arg)
{
	slow = true;
	running = WORKERS;
	for (unsigned i = 0; i < WORKERS; i++)
		check(eft_thread_create("w", work, (void *)(uintptr_t)i, 6) !=
		      NULL);
	while (running > 0)
		eft_yield();
	slow = false;
	check_eq(umount_at("/disk", 0), 0);
	check_eq(nodes, 0);
}

Test(cache, threads)
{
	files_boot(NULL, 0);
	mount_disk();
	check_eq(fake_run(run_workers, NULL), FAKE_RETURNED);
}

/* A short name lies where other structures have padding: it ends all the same.
 */
Test(mounts, records)
{
	_Alignas(struct eft_dirent) char buf[32];
	struct eft_dirent entry, *put = (void *)buf;

	files_boot(NULL, 0);
	memset(&entry, 'x', sizeof(entry));
	memset(buf, 'y', sizeof(buf));
	entry.ino = 5;
	entry.off = 7;
	entry.type = 4;
	check_eq(eft_dirent_put(buf, sizeof(buf), &entry, "a", 1), 24);
	check_str(put->name, "a");
	check_eq(put->ino, 5);
	check_eq(put->off, 7);
	check_eq(put->type, 4);
	for (unsigned i = offsetof(struct eft_dirent, name) + 1; i < 24; i++)
		check_eq(buf[i], 0);
	check_eq(eft_dirent_put(buf, 23, &entry, "a", 1), -EINVAL);
}
