// SPDX-License-Identifier: BSD-3-Clause
/*
 * A server of files in memory.
 */
#include "tests/unit/remote_server.h"

#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/unit/unit.h"

void *calloc(size_t count, size_t size);
void *realloc(void *ptr, size_t size);
size_t strnlen(const char *s, size_t max);
char *strrchr(const char *s, int c);

struct server server;

/* What a client has: a handle, or an open. */
enum { HANDLES = 4096, OPEN_BASE = 100000 };

struct handle {
	struct inode *inode; /* NULL: free */
	unsigned count;	     /* by_file: lookups */
	/* Of a path's: where it was found; NULL: the root. */
	struct inode *dir;
	char name[NAME_MAX + 1];
};

static struct handle handles[HANDLES];
static struct {
	struct inode *inode;
	int flags;
} opens[HANDLES];
static uint64_t last_ino;

static struct eft_timespec now(void)
{
	uint64_t ns = eft_realtime_ns();

	return (struct eft_timespec){(int64_t)(ns / 1000000000),
				     (int64_t)(ns % 1000000000)};
}

static bool is(const struct inode *inode, uint32_t type)
{
	return (inode->mode & S_IFMT) == type;
}

/*
 * The tree.
 */
static struct inode *make_inode(uint32_t mode)
{
	struct inode *inode = calloc(1, sizeof(*inode));

	inode->ino = ++last_ino;
	inode->mode = mode;
	inode->uid = eft_process()->identity.euid;
	inode->gid = eft_process()->identity.egid;
	inode->atime = inode->mtime = inode->ctime = now();
	inode->nlink = is(inode, S_IFDIR);
	if (is(inode, S_IFDIR))
		inode->entries =
			calloc(SERVER_ENTRIES + 1, sizeof(struct entry));
	return inode;
}

static void free_if_unused(struct inode *inode)
{
	if (inode->users > 0 || inode->nlink > 0)
		return;
	free(inode->data);
	free(inode->entries);
	free(inode);
}

static struct entry *find_entry(struct inode *dir, const char *name, size_t len)
{
	for (unsigned i = 0; dir->entries != NULL && i < dir->entry_count;
	     i++) {
		struct entry *entry = &dir->entries[i];

		if (entry->inode != NULL &&
		    strnlen(entry->name, NAME_MAX) == len &&
		    memcmp(entry->name, name, len) == 0)
			return entry;
	}
	return NULL;
}

static bool is_empty(const struct inode *dir)
{
	for (unsigned i = 0; i < dir->entry_count; i++) {
		if (dir->entries[i].inode != NULL)
			return false;
	}
	return true;
}

static void touch(struct inode *dir)
{
	dir->mtime = dir->ctime = now();
}

static void add_entry(struct inode *dir, const char *name, size_t len,
		      struct inode *inode)
{
	struct entry *entry = dir->entries;

	while (entry->inode != NULL)
		entry++;
	dir->entry_count = (unsigned)eft_max(
		dir->entry_count, (unsigned)(entry - dir->entries) + 1);
	check(dir->entry_count <= SERVER_ENTRIES);
	memcpy(entry->name, name, len);
	entry->name[len] = '\0';
	entry->inode = inode;
	inode->nlink++;
	dir->nlink += is(inode, S_IFDIR);
	inode->ctime = now();
	touch(dir);
}

static void remove_entry(struct inode *dir, struct entry *entry)
{
	struct inode *inode = entry->inode;

	entry->inode = NULL;
	inode->nlink--;
	inode->ctime = now();
	touch(dir);
	if (is(inode, S_IFDIR))
		dir->nlink--;
}

/* It has lost a name: a directory's only one. */
static void drop_if_unnamed(struct inode *inode)
{
	if (is(inode, S_IFDIR) && inode->nlink == 1)
		inode->nlink = 0;
	free_if_unused(inode);
}

static void set_data(struct inode *inode, const void *data, size_t len)
{
	inode->data = realloc(inode->data, len + 1);
	memcpy(inode->data, data, len);
	inode->size = inode->room = len;
}

static void set_size(struct inode *inode, uint64_t size)
{
	check(size <= SERVER_DATA);
	if (size > inode->room) {
		inode->data = realloc(inode->data, size);
		inode->room = size;
	}
	if (size > inode->size)
		memset(inode->data + inode->size, 0, size - inode->size);
	inode->size = size;
	inode->mtime = inode->ctime = now();
}

/*
 * Handles.
 */
static uint64_t give(struct inode *inode, struct inode *dir, const char *name,
		     size_t len)
{
	uint64_t i = 0;

	if (server.by_file) {
		while (i < HANDLES && handles[i].inode != inode)
			i++;
	}
	if (!server.by_file || i == HANDLES) {
		for (i = 0; handles[i].inode != NULL;)
			check(++i < HANDLES);
		handles[i] = (struct handle){.inode = inode, .dir = dir};
		memcpy(handles[i].name, name, len);
		inode->users++;
		if (dir != NULL)
			dir->users++;
	}
	handles[i].count++;
	server.handles++;
	return i;
}

static void forget(struct eft_remote *remote, eft_remote_handle handle)
{
	struct handle *h = &handles[handle];
	struct inode *inode = h->inode, *dir = h->dir;

	check(handle < HANDLES && inode != NULL);
	server.handles--;
	if (--h->count > 0)
		return;
	h->inode = NULL;
	inode->users--;
	free_if_unused(inode);
	if (dir != NULL) {
		dir->users--;
		free_if_unused(dir);
	}
}

/* Each operation, which may fail, comes by here. */
static int begin(bool changes)
{
	if (server.takes_ns > 0)
		eft_sleep(eft_now_ns() + server.takes_ns);
	if (server.gone || ++server.ops == server.fail_at)
		return -EIO;
	return changes ? server.refuses : 0;
}

/* The file that (handle) is: a path's is what is there now. */
static int resolve(eft_remote_handle handle, struct inode **ret_inode)
{
	struct handle *h = &handles[handle];
	struct entry *entry;

	check(handle < HANDLES && h->inode != NULL);
	*ret_inode = h->inode;
	if (server.by_file || h->dir == NULL)
		return 0;
	entry = find_entry(h->dir, h->name, strlen(h->name));
	if (entry == NULL)
		return -ENOENT;
	*ret_inode = entry->inode;
	return 0;
}

static void describe(const struct inode *inode,
		     struct eft_remote_attributes *attributes)
{
	*attributes = (struct eft_remote_attributes){
		.ino = inode->ino,
		.rdev = inode->rdev,
		.size = inode->size,
		.blocks = (inode->size + 511) / 512,
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.nlink = inode->nlink,
		.blksize = 4096,
		.atime = inode->atime,
		.mtime = inode->mtime,
		.ctime = inode->ctime,
	};
	if (server.lie != NULL)
		server.lie(attributes);
}

/*
 * Operations.
 */
static int op_root(struct eft_remote *remote, eft_remote_handle *ret_handle,
		   struct eft_remote_attributes *ret_attributes)
{
	int error = begin(false);

	if (error != 0)
		return error;
	*ret_handle = give(server.root, NULL, "", 0);
	describe(server.root, ret_attributes);
	return 0;
}

static int op_lookup(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes)
{
	struct inode *at;
	struct entry *entry;
	int error = begin(false) ?: resolve(dir, &at);

	server.lookups++;
	if (error != 0)
		return error;
	entry = find_entry(at, name, len);
	if (entry == NULL)
		return -ENOENT;
	*ret_handle = give(entry->inode, at, name, len);
	describe(entry->inode, ret_attributes);
	return 0;
}

static int op_get(struct eft_remote *remote, eft_remote_handle handle,
		  struct eft_remote_attributes *ret_attributes)
{
	struct inode *inode;
	int error = begin(false) ?: resolve(handle, &inode);

	server.asked++;
	if (error == 0)
		describe(inode, ret_attributes);
	return error;
}

static int op_set(struct eft_remote *remote, eft_remote_handle handle,
		  unsigned set, const struct eft_remote_attributes *attributes,
		  struct eft_remote_attributes *ret_attributes)
{
	struct inode *inode;
	int error = begin(true) ?: resolve(handle, &inode);

	if (error != 0)
		return error;
	if (set & EFT_REMOTE_SET_MODE)
		inode->mode =
			(inode->mode & S_IFMT) | (attributes->mode & 07777);
	if (set & EFT_REMOTE_SET_UID)
		inode->uid = attributes->uid;
	if (set & EFT_REMOTE_SET_GID)
		inode->gid = attributes->gid;
	inode->ctime = now();
	if (set & EFT_REMOTE_SET_SIZE)
		set_size(inode, attributes->size);
	if (set & EFT_REMOTE_SET_ATIME)
		inode->atime = attributes->atime;
	if (set & EFT_REMOTE_SET_MTIME)
		inode->mtime = attributes->mtime;
	describe(inode, ret_attributes);
	return 0;
}

static uint64_t give_open(struct inode *inode, int flags)
{
	uint64_t i = 0;

	while (opens[i].inode != NULL)
		check(++i < HANDLES);
	opens[i].inode = inode;
	opens[i].flags = flags;
	inode->users++;
	server.opens++;
	server.made++;
	return OPEN_BASE + i;
}

static int op_create(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len,
		     const struct eft_node_spec *spec,
		     eft_remote_handle *ret_handle,
		     struct eft_remote_attributes *ret_attributes,
		     eft_remote_handle *ret_open)
{
	struct inode *at, *inode;
	int error = begin(true) ?: resolve(dir, &at);

	if (error != 0)
		return error;
	if (name == NULL)
		return -EOPNOTSUPP;
	if (find_entry(at, name, len) != NULL)
		return -EEXIST;
	if (at->nlink == 0)
		return -ENOENT;
	inode = make_inode(spec->mode);
	if (spec->gid != UINT32_MAX)
		inode->gid = spec->gid;
	inode->rdev = spec->rdev;
	if (is(inode, S_IFLNK))
		set_data(inode, spec->target, spec->target_len);
	add_entry(at, name, len, inode);
	*ret_handle = give(inode, at, name, len);
	describe(inode, ret_attributes);
	*ret_open = server.opens_made && is(inode, S_IFREG)
			    ? give_open(inode, O_RDWR)
			    : EFT_REMOTE_NO_OPEN;
	return 0;
}

static int op_link(struct eft_remote *remote, eft_remote_handle dir,
		   const char *name, size_t len, eft_remote_handle handle)
{
	struct inode *at, *inode;
	int error = begin(true) ?: resolve(dir, &at) ?: resolve(handle, &inode);

	if (error != 0)
		return error;
	if (find_entry(at, name, len) != NULL)
		return -EEXIST;
	add_entry(at, name, len, inode);
	return 0;
}

static int check_removable(struct entry *entry, bool is_dir)
{
	if (entry == NULL)
		return -ENOENT;
	if (is(entry->inode, S_IFDIR) != is_dir)
		return is_dir ? -ENOTDIR : -EISDIR;
	return is_dir && !is_empty(entry->inode) ? -ENOTEMPTY : 0;
}

static int op_unlink(struct eft_remote *remote, eft_remote_handle dir,
		     const char *name, size_t len, bool is_dir)
{
	struct inode *at, *inode;
	struct entry *entry;
	int error = begin(true) ?: resolve(dir, &at);

	if (error != 0)
		return error;
	entry = find_entry(at, name, len);
	error = check_removable(entry, is_dir);
	if (error != 0)
		return error;
	inode = entry->inode;
	remove_entry(at, entry);
	drop_if_unnamed(inode);
	return 0;
}

/* Handles of a path that was moved are of the new one, as QEMU has it. */
static void move_handles(struct inode *from, const char *name, size_t len,
			 struct inode *to, const char *new, size_t new_len)
{
	for (unsigned i = 0; i < HANDLES; i++) {
		struct handle *h = &handles[i];

		if (h->inode == NULL || h->dir != from ||
		    strlen(h->name) != len || memcmp(h->name, name, len) != 0)
			continue;
		from->users--;
		to->users++;
		h->dir = to;
		memset(h->name, 0, sizeof(h->name));
		memcpy(h->name, new, new_len);
	}
}

static int op_rename(struct eft_remote *remote, eft_remote_handle from_dir,
		     const char *from, size_t from_len,
		     eft_remote_handle to_dir, const char *to, size_t to_len,
		     bool exchange)
{
	struct inode *old, *new, *moved, *target;
	struct entry *a, *b;
	int error = begin(true) ?: resolve(from_dir, &old)
				?: resolve(to_dir, &new);

	if (error != 0)
		return error;
	a = find_entry(old, from, from_len);
	b = find_entry(new, to, to_len);
	if (a == NULL || (exchange && b == NULL))
		return -ENOENT;
	if (exchange && !server.by_file)
		return -EINVAL;
	moved = a->inode;
	target = b != NULL ? b->inode : NULL;
	if (b != NULL && !exchange)
		error = check_removable(b, is(moved, S_IFDIR));
	if (error != 0)
		return error;
	moved->nlink++; /* so that neither goes meanwhile */
	remove_entry(old, a);
	if (b != NULL)
		remove_entry(new, find_entry(new, to, to_len));
	add_entry(new, to, to_len, moved);
	moved->nlink--;
	if (exchange)
		add_entry(old, from, from_len, target);
	else if (target != NULL)
		drop_if_unnamed(target);
	if (!server.by_file)
		move_handles(old, from, from_len, new, to, to_len);
	return 0;
}

static ssize_t op_readlink(struct eft_remote *remote, eft_remote_handle handle,
			   char *buf, size_t size)
{
	struct inode *inode;
	int error = begin(false) ?: resolve(handle, &inode);
	size_t n;

	if (error != 0)
		return error;
	if (server.bad_target != NULL) {
		memcpy(buf, server.bad_target, 3);
		return 3;
	}
	n = eft_min(size, inode->size);
	memcpy(buf, inode->data, n);
	return (ssize_t)n;
}

static int op_open(struct eft_remote *remote, eft_remote_handle handle,
		   int flags, eft_remote_handle *ret_open)
{
	struct inode *inode;
	int error = begin(false) ?: resolve(handle, &inode);

	if (error != 0)
		return error;
	/* The owner is no root. */
	if ((flags & O_ACCMODE) != O_RDONLY && !(inode->mode & 0200) &&
	    server.opens_made)
		return -EACCES;
	if (is(inode, S_IFDIR) != !!(flags & O_DIRECTORY))
		return -ENOTDIR;
	*ret_open = give_open(inode, flags);
	return 0;
}

static struct inode *of_open(eft_remote_handle open)
{
	uint64_t i = open - OPEN_BASE;

	check(open >= OPEN_BASE && i < HANDLES && opens[i].inode != NULL);
	return opens[i].inode;
}

static void op_close(struct eft_remote *remote, eft_remote_handle handle,
		     eft_remote_handle open)
{
	struct inode *inode = of_open(open);

	opens[open - OPEN_BASE].inode = NULL;
	inode->users--;
	server.opens--;
	free_if_unused(inode);
}

static size_t bytes_of(const struct eft_remote_data *data)
{
	size_t bytes = data->bytes;

	check(bytes > 0 && bytes <= (size_t)data->count * EFT_PAGE_SIZE);
	check(data->count <= server.pages);
	if (server.short_bytes > 0)
		bytes = eft_min(bytes, server.short_bytes);
	return bytes;
}

/* Between (at) of the file, and the pages. */
static void copy(const struct eft_remote_data *data, uint8_t *at, size_t bytes,
		 bool out)
{
	for (size_t done = 0; done < bytes;) {
		size_t n = eft_min(bytes - done, EFT_PAGE_SIZE);
		void *page = data->page[done / EFT_PAGE_SIZE];

		if (out)
			memcpy(page, at + done, n);
		else
			memcpy(at + done, page, n);
		done += n;
	}
}

/* Something else, once. */
static void happen(void (**at)(void))
{
	void (*meanwhile)(void) = *at;

	*at = NULL;
	if (meanwhile != NULL)
		meanwhile();
}

static ssize_t op_read(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open,
		       const struct eft_remote_data *data)
{
	struct inode *inode = of_open(open);
	size_t bytes = bytes_of(data);
	int error = begin(false);

	server.reads++;
	check((opens[open - OPEN_BASE].flags & O_ACCMODE) != O_WRONLY);
	if (error != 0)
		return error;
	if (data->offset >= inode->size)
		return server.more;
	bytes = eft_min(bytes, inode->size - data->offset);
	copy(data, inode->data + data->offset, bytes, true);
	happen(&server.has_read);
	return (ssize_t)bytes + server.more;
}

static ssize_t op_write(struct eft_remote *remote, eft_remote_handle handle,
			eft_remote_handle open,
			const struct eft_remote_data *data)
{
	struct inode *inode = of_open(open);
	size_t bytes = bytes_of(data);
	int error = begin(true);

	server.writes++;
	check((opens[open - OPEN_BASE].flags & O_ACCMODE) != O_RDONLY);
	if (error != 0)
		return error;
	if (data->offset + bytes > SERVER_DATA)
		return -ENOSPC;
	if (data->offset + bytes > inode->size)
		set_size(inode, data->offset + bytes);
	copy(data, inode->data + data->offset, bytes, false);
	inode->mtime = inode->ctime = now();
	happen(&server.has_written);
	return (ssize_t)bytes + server.more;
}

static int op_sync(struct eft_remote *remote, eft_remote_handle handle,
		   eft_remote_handle open, bool data_only)
{
	of_open(open);
	server.syncs++;
	return begin(false);
}

static int op_allocate(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open, int mode, uint64_t offset,
		       uint64_t len)
{
	struct inode *inode = of_open(open);
	uint64_t end = offset + len;
	int error = begin(true);

	if (error == 0 && !server.allocates)
		error = -EOPNOTSUPP;
	if (error != 0)
		return error;
	if (end > inode->size && !(mode & FALLOC_FL_KEEP_SIZE))
		set_size(inode, end);
	end = eft_min(end, inode->size);
	if ((mode & ~FALLOC_FL_KEEP_SIZE) && offset < end)
		memset(inode->data + offset, 0, end - offset);
	return 0;
}

static bool is_hole(const struct inode *inode, uint64_t at)
{
	uint64_t from = at & ~EFT_PAGE_MASK;
	uint64_t end = eft_min(from + EFT_PAGE_SIZE, inode->size);

	while (from < end && inode->data[from] == 0)
		from++;
	return from == end;
}

/* A page of zeroes is a hole. */
static int64_t op_seek(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open, uint64_t offset, int whence)
{
	struct inode *inode = of_open(open);
	int error = begin(false);

	if (error != 0 || !server.seeks)
		return error != 0 ? error : -ENOSYS;
	while (offset < inode->size &&
	       is_hole(inode, offset) != (whence == SEEK_HOLE))
		offset = (offset & ~EFT_PAGE_MASK) + EFT_PAGE_SIZE;
	if (offset >= inode->size && whence == SEEK_DATA)
		return -ENXIO;
	return (int64_t)eft_min(offset, inode->size) + server.seek_more;
}

static ssize_t op_copy(struct eft_remote *remote,
		       const struct eft_remote_end *from,
		       const struct eft_remote_end *to, size_t len)
{
	struct inode *in = of_open(from->open), *out = of_open(to->open);
	int error = begin(true);

	if (error != 0 || !server.copies)
		return error != 0 ? error : -EXDEV;
	server.copied++;
	if (from->offset >= in->size)
		return 0;
	len = eft_min(len, in->size - from->offset);
	if (to->offset + len > out->size)
		set_size(out, to->offset + len);
	memmove(out->data + to->offset, in->data + from->offset, len);
	return (ssize_t)len + server.more;
}

static int op_read_dir(struct eft_remote *remote, eft_remote_handle handle,
		       eft_remote_handle open, uint64_t cookie,
		       eft_remote_name_fn *fn, void *arg)
{
	enum { DIR = 4 };
	struct inode *dir = of_open(open);
	int error = begin(false);
	uint64_t i = cookie;

	server.read_dirs++;
	if (error != 0)
		return error;
	if (i == 0 && !fn(arg, ".", 1, dir->ino, DIR, ++i))
		return 0;
	if (i == 1 && !fn(arg, "..", 2, dir->ino, DIR, ++i))
		return 0;
	for (; i - 2 < dir->entry_count; i++) {
		const struct entry *entry = &dir->entries[i - 2];

		if (entry->inode != NULL &&
		    !fn(arg, entry->name, strlen(entry->name),
			entry->inode->ino, (entry->inode->mode >> 12) & 15,
			server.stuck ? i : i + 1))
			return 0;
	}
	if (server.bad_name != NULL && i - 2 <= dir->entry_count)
		fn(arg, server.bad_name, 3, 1, 8, i + 1);
	return 0;
}

static int op_statfs(struct eft_remote *remote, eft_remote_handle handle,
		     struct eft_statfs *ret_statfs)
{
	int error = begin(false);

	if (error == 0)
		*ret_statfs = (struct eft_statfs){
			.type = 0x1234, .bsize = 4096, .blocks = 1000};
	return error;
}

static void op_destroy(struct eft_remote *remote)
{
	check_eq(server.handles, 0);
	check_eq(server.opens, 0);
	eft_free(remote);
}

const struct eft_remote_ops server_ops = {
	.root = op_root,
	.lookup = op_lookup,
	.forget = forget,
	.get_attributes = op_get,
	.set_attributes = op_set,
	.create = op_create,
	.link = op_link,
	.unlink = op_unlink,
	.rename = op_rename,
	.readlink = op_readlink,
	.open = op_open,
	.close = op_close,
	.read = op_read,
	.write = op_write,
	.sync = op_sync,
	.allocate = op_allocate,
	.seek = op_seek,
	.copy = op_copy,
	.read_dir = op_read_dir,
	.statfs = op_statfs,
	.destroy = op_destroy,
};

/*
 * By itself.
 */
void server_begin(void)
{
	server =
		(struct server){.pages = 4, .by_file = true, .allocates = true};
	server.root = make_inode(S_IFDIR | 0755);
	server.root->nlink = 2;
}

static void free_tree(struct inode *dir)
{
	for (unsigned i = 0; i < dir->entry_count; i++) {
		struct inode *inode = dir->entries[i].inode;

		if (inode == NULL)
			continue;
		if (is(inode, S_IFDIR))
			free_tree(inode);
		else if (--inode->nlink == 0)
			free_if_unused(inode);
	}
	dir->nlink = 0;
	check_eq(dir->users, 0);
	free_if_unused(dir);
}

void server_end(void)
{
	check_eq(server.handles, 0);
	check_eq(server.opens, 0);
	free_tree(server.root);
}

/* The directory of (path), and its last name. */
static struct inode *split(const char *path, const char **ret_name)
{
	struct inode *at = server.root;
	const char *slash;

	while ((slash = strstr(path, "/")) != NULL) {
		at = find_entry(at, path, (size_t)(slash - path))->inode;
		path = slash + 1;
	}
	*ret_name = path;
	return at;
}

struct inode *server_find(const char *path)
{
	const char *name;
	struct inode *dir = split(path, &name);
	struct entry *entry = find_entry(dir, name, strlen(name));

	return entry != NULL ? entry->inode : NULL;
}

void server_link(struct inode *inode, const char *path)
{
	const char *name;
	struct inode *dir = split(path, &name);

	add_entry(dir, name, strlen(name), inode);
}

struct inode *server_make(const char *path, uint32_t mode, const char *text)
{
	struct inode *inode = make_inode(mode);

	if (text != NULL)
		set_data(inode, text, strlen(text));
	server_link(inode, path);
	return inode;
}

void server_remove(const char *path)
{
	const char *name;
	struct inode *dir = split(path, &name);
	struct entry *entry = find_entry(dir, name, strlen(name));
	struct inode *inode = entry->inode;

	remove_entry(dir, entry);
	drop_if_unnamed(inode);
}

void server_move(const char *from, const char *to)
{
	struct inode *inode = server_find(from);

	inode->nlink++;
	server_remove(from);
	server_link(inode, to);
	inode->nlink--;
}
