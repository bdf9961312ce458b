// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounting, as mount(2) and the option mount.PATH ask for it.
 */
#include "core/fs/procfs/proc.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/notify.h"
#include "core/vfs/vfs.h"

eft_needs(eft_proc_list_mounts);
eft_needs(eft_mount_atime);
eft_needs(eft_mount_count_writer);

/* What a mount keeps of its flags, and what is asked for but does not matter. */
enum {
	KEPT = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME |
	       MS_NODIRATIME | MS_STRICTATIME,
	TIMES = MS_NOATIME | MS_NODIRATIME | MS_RELATIME | MS_STRICTATIME,
	PROPAGATION = MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE,
};

/* Only images that are linked with it have it. */
#pragma weak eft_ext4_type
#pragma weak eft_ninep_type
#pragma weak eft_virtiofs_type

static const struct eft_fs_type *const types[] = {
	&eft_ramfs_type, &eft_ramfs_old_type, &eft_procfs_type,
	&eft_devfs_type, &eft_folder_type,    &eft_ext4_type,
	&eft_ninep_type, &eft_virtiofs_type,
};

static const struct eft_fs_type *find_type(const char *name)
{
	for (size_t i = 0; i < eft_array_size(types); i++) {
		if (types[i] != NULL && eft_strcmp(types[i]->name, name) == 0)
			return types[i];
	}
	return NULL;
}

struct eft_mount *eft_mount_next(struct eft_mount *mount)
{
	struct eft_mount *next = &eft_root_mount;

	eft_lock(&eft_mount_table.lock);
	if (mount != NULL)
		next = mount->next;
	if (next != NULL)
		eft_mount_get(next);
	eft_unlock(&eft_mount_table.lock);
	if (mount != NULL)
		eft_mount_put(mount);
	return next;
}

/*
 * The entry of the directory at (place), counted, which is still there and
 * whose directory is locked then; NULL: it is gone.
 */
static struct eft_dentry *lock_entry(const struct eft_place *place)
{
	struct eft_dir *dir = eft_node_dir(place->node);
	struct eft_dentry *dentry;

	eft_mutex_lock(&dir->lock);
	dentry = dir->self;
	if (dentry != NULL)
		eft_dentry_get(dentry);
	eft_mutex_unlock(&dir->lock);
	if (dentry == NULL)
		return NULL;
	eft_mutex_lock(&dentry->dir->lock);
	if (dentry->linked)
		return dentry;
	eft_mutex_unlock(&dentry->dir->lock);
	eft_dentry_put(dentry);
	return NULL;
}

int eft_mount_add(struct eft_super *super, struct eft_dir *root,
		  const struct eft_place *place, const char *source,
		  uint32_t flags)
{
	size_t len = eft_strlen(source);
	struct eft_mount *mount = eft_alloc(sizeof(*mount) + len + 1);
	struct eft_place covered = {place->mount, NULL, place->node};

	if (mount == NULL)
		return -ENOMEM;
	mount->super = super;
	mount->root = root;
	mount->flags = flags;
	mount->source = memcpy(mount + 1, source, len);
	eft_rename_lock();
	if (eft_node_dir(place->node) != place->mount->root) {
		covered.dentry = lock_entry(place);
		if (covered.dentry == NULL) {
			eft_rename_unlock();
			eft_free(mount);
			return -ENOENT;
		}
	}
	eft_mount_get(covered.mount);
	eft_node_get(covered.node);
	eft_node_get(&root->node);
	__atomic_fetch_add(&super->references, 1, __ATOMIC_RELAXED);
	eft_mount_attach(mount, &covered);
	if (covered.dentry != NULL)
		eft_mutex_unlock(&covered.dentry->dir->lock);
	eft_rename_unlock();
	return 0;
}

void eft_super_put(struct eft_super *super)
{
	if (__atomic_fetch_sub(&super->references, 1, __ATOMIC_ACQ_REL) > 1)
		return;
	if (eft_watch_unmount != NULL)
		eft_watch_unmount(super->root->node.dev);
	if (super->type->destroy != NULL)
		super->type->destroy(super->root);
	else
		eft_dir_empty(super->root);
	eft_node_put(&super->root->node);
	eft_free(super);
}

/* A directory that has nothing below it any more. */
static struct eft_dir *remove_first(struct eft_dir *dir, struct eft_dir *top)
{
	struct eft_treap_node *first = eft_treap_first(&dir->by_cookie);
	struct eft_dentry *dentry = dir->self;

	if (first != NULL) {
		dentry = eft_container_of(first, struct eft_dentry, by_cookie);
		if (eft_dentry_dir(dentry) != NULL)
			return eft_dentry_dir(dentry);
	} else if (dir == top) {
		return NULL;
	}
	dir = dentry->dir;
	eft_dir_remove_locked(dentry);
	return dir;
}

void eft_dir_empty(struct eft_dir *top)
{
	struct eft_dir *dir = top;

	while (dir != NULL)
		dir = remove_first(dir, top);
}

static uint32_t next_dev(void)
{
	uint32_t dev;

	eft_lock(&eft_mount_table.lock);
	dev = ++eft_mount_table.last_dev;
	eft_unlock(&eft_mount_table.lock);
	return dev;
}

/* MS_RDONLY is the word "ro", for a type that writes to what it mounts. */
static int create_root(const struct eft_fs_type *type, const char *source,
		       const char *options, bool read_only,
		       struct eft_dir **ret_root)
{
	size_t room = eft_strlen(options) + sizeof("ro,");
	char *words;
	int error;

	if (!read_only || !type->writes)
		return type->create(source, options, next_dev(), ret_root);
	words = eft_alloc(room);
	if (words == NULL)
		return -ENOMEM;
	eft_snprintf(words, room, "ro,%s", options);
	error = type->create(source, words, next_dev(), ret_root);
	eft_free(words);
	return error;
}

static int create_super(const struct eft_fs_type *type, const char *source,
			const char *options, bool read_only,
			struct eft_super **ret_super)
{
	struct eft_super *super = eft_alloc(sizeof(*super));
	int error;

	if (super == NULL)
		return -ENOMEM;
	super->type = type;
	super->references = 1;
	error = create_root(type, source, options, read_only, &super->root);
	if (error != 0) {
		eft_free(super);
		return error;
	}
	*ret_super = super;
	return 0;
}

int eft_mount_as_root(const char *source, const char *type_name,
		      unsigned long flags, const char *options)
{
	const struct eft_fs_type *type = find_type(type_name);
	struct eft_super *super;
	int error;

	if (type == NULL)
		return -ENODEV;
	error = create_super(type, source, options, flags & MS_RDONLY, &super);
	if (error != 0)
		return error;
	eft_node_get(&super->root->node);
	eft_root_mount.super = super;
	eft_root_mount.root = super->root;
	eft_root_mount.source = source;
	eft_root_mount.flags = flags & KEPT;
	return 0;
}

static bool is_root(const struct eft_place *place)
{
	return eft_node_dir(place->node) == place->mount->root;
}

static int mount_new(const struct eft_place *place, const char *source,
		     const char *type_name, uint32_t flags, const char *options)
{
	const struct eft_fs_type *type;
	struct eft_super *super;
	int error;

	if (type_name == NULL)
		return -EINVAL;
	type = find_type(type_name);
	if (type == NULL)
		return -ENODEV;
	/* There is one /proc: once is enough at a place. */
	if (type == &eft_procfs_type && is_root(place) &&
	    place->mount->super->type == type)
		return -EBUSY;
	error = create_super(type, source, options, flags & MS_RDONLY, &super);
	if (error != 0)
		return error;
	error = eft_mount_add(super, super->root, place, source, flags);
	eft_super_put(super);
	return error;
}

static int bind(const struct eft_place *place, const char *source)
{
	const struct eft_place *from;
	struct eft_file *file;
	int error;

	if (source == NULL || *source == '\0')
		return -EINVAL;
	error = eft_path_open(AT_FDCWD, source, O_PATH, 0, &file);
	if (error != 0)
		return error;
	from = eft_place_of(file);
	if (from == NULL)
		error = -EINVAL; /* a file of the host's */
	else if (!eft_node_is(from->node, S_IFDIR))
		error = -ENOTDIR;
	else
		error = eft_mount_add(from->mount->super,
				      eft_node_dir(from->node), place,
				      from->mount->source, from->mount->flags);
	eft_file_put(file);
	return error;
}

/*
 * Who has a file open for writing keeps its file system from being read-only.
 * Without a word of times they are as before (Linux, fs/namespace.c).
 */
static int remount(const struct eft_place *place, unsigned long asked)
{
	struct eft_mount *mount = place->mount;
	uint32_t flags = asked & KEPT, before;

	if (!is_root(place))
		return -EINVAL;
	if (!(asked & TIMES))
		flags |= eft_mount_flags(mount) & TIMES;
	before = __atomic_exchange_n(&mount->flags, flags, __ATOMIC_SEQ_CST);
	if ((flags & MS_RDONLY) && !(before & MS_RDONLY) &&
	    __atomic_load_n(&mount->writers, __ATOMIC_SEQ_CST) > 0) {
		__atomic_store_n(&mount->flags, before, __ATOMIC_SEQ_CST);
		return -EBUSY;
	}
	return 0;
}

/* Nothing is propagated anywhere: whatever is asked for, is so. */
static int change_propagation(const struct eft_place *place,
			      unsigned long flags)
{
	unsigned long which = flags & PROPAGATION;

	if (!is_root(place) || (which & (which - 1)) != 0 ||
	    flags & ~(unsigned long)(PROPAGATION | MS_REC | MS_SILENT))
		return -EINVAL;
	return 0;
}

static int mount_on(const struct eft_place *place, const char *source,
		    const char *type, unsigned long flags, const char *options)
{
	if (!eft_node_is(place->node, S_IFDIR))
		return flags & MS_REMOUNT ? -EINVAL : -ENOTDIR;
	if (flags & MS_REMOUNT)
		return remount(place, flags);
	if (flags & MS_BIND)
		return bind(place, source);
	if (flags & PROPAGATION)
		return change_propagation(place, flags);
	if (flags & MS_MOVE)
		return -EINVAL;
	return mount_new(place, source != NULL ? source : "none", type,
			 flags & KEPT, options);
}

int eft_mount(struct eft_file *target, const char *source, const char *type,
	      unsigned long flags, const char *options)
{
	const struct eft_place *place = eft_place_of(target);

	if (place == NULL)
		return -EINVAL;
	return mount_on(place, source, type, flags,
			options != NULL ? options : "");
}
