// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that a server keeps, before a server in memory that can fail, lie, and
 * change by itself. What names and contents do is compared with ramfs.
 *
 * EFT_REMOTE_FROM=N  other seeds
 */
#include "tests/unit/files.h"

#include "core/fs/remote/node.h"
#include "core/mem/flusher.h"
#include "core/move.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/user.h"
#include "core/xattr.h"
#include "tests/unit/count.h"
#include "tests/unit/remote_server.h"
#include "tests/unit/trees.h"

char *getenv(const char *name);
int atoi(const char *s);

enum { MIB = 1 << 20, PAGE = EFT_PAGE_SIZE };

/*
 * The type of file systems, under 9P's name.
 */
static int type_create(const char *source, const char *options, uint32_t dev,
		       struct eft_dir **ret_root)
{
	struct eft_remote *remote = eft_alloc(sizeof(*remote));
	int error;

	if (remote == NULL)
		return -ENOMEM;
	error = eft_remote_parse_options(remote, options, NULL);
	if (error != 0) {
		eft_free(remote);
		return error;
	}
	remote->ops = &server_ops;
	remote->io_pages_max = server.pages;
	remote->handle_is_file = server.by_file;
	return eft_remote_create_root(remote, dev, ret_root);
}

const struct eft_fs_type eft_ninep_type = {
	.name = "9p",
	.magic = 0x1234,
	.create = type_create,
	.writes = true,
	.destroy = eft_remote_destroy,
	.statfs = eft_remote_statfs,
};

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ninep_type;

static size_t memory = 24 * MIB;

static void boot(void)
{
	struct fake_config config = {.zone_bytes = {memory}};

	files_boot_as(&config, NULL, 0);
	server_begin();
	f_mkdir("/m");
	f_mkdir("/r");
}

static int mount_on(const char *path, const char *type, const char *options)
{
	struct eft_file *file;
	int error = f_open(path, O_PATH, &file);

	if (error == 0) {
		error = eft_mount(file, "tag", type, 0, options);
		eft_file_put(file);
	}
	return error;
}

static int mount_remote(const char *options)
{
	return mount_on("/m", "9p", options);
}

static int umount_remote(void)
{
	struct eft_file *file = f_must("/m", O_PATH);
	int error = eft_umount(file, 0);

	eft_file_put(file);
	return error;
}

static void run(void (*function)(void *), void *arg)
{
	check_eq(fake_run(function, arg), FAKE_RETURNED);
}

/* Run (function) with a mount of each trust. */
static void (*each_function)(const char *cache);

static void run_one(void *arg)
{
	check_eq(mount_remote(arg), 0);
	each_function(arg);
	check_eq(umount_remote(), 0);
}

static void for_each_trust(void (*function)(const char *cache))
{
	static const char *const caches[] = {"cache=none", "cache=mmap",
					     "cache=loose"};

	each_function = function;
	boot();
	for (size_t i = 0; i < eft_array_size(caches); i++) {
		cr_log_info("%s", caches[i]);
		server_end();
		server_begin();
		run(run_one, (void *)(uintptr_t)caches[i]);
	}
	server_end();
}

static bool is_loose(const char *cache)
{
	return strcmp(cache, "cache=loose") == 0;
}

static const char *server_text(const char *path)
{
	static char text[8192];
	const struct inode *inode = server_find(path);

	if (inode == NULL)
		return "(none)";
	if (inode->size > 0)
		memcpy(text, inode->data, inode->size);
	text[inode->size] = '\0';
	return text;
}

static int64_t size_of(const char *path)
{
	struct eft_stat st = {.size = 0};
	int error = f_lstat(path, &st);

	return error != 0 ? error : st.size;
}

static void do_steps(void *arg)
{
	for (unsigned i = 0; i < 1200; i++) {
		struct step step = random_step();

		/* A 9P server cannot, and says so. */
		if (step.kind == STEP_EXCHANGE && !server.by_file)
			step.kind = STEP_RENAME;
		do_both(&step);
	}
	compare_trees("/m", "/r");
	check_eq(umount_remote(), 0);
	check_eq(mount_remote("ro"), 0);
	compare_trees("/m", "/r");
	check_eq(umount_remote(), 0);
}

static void mount_first(void *arg)
{
	check_eq(mount_remote(arg), 0);
	do_steps(NULL);
}

static void do_sequence(const char *options, bool by_file, unsigned seed)
{
	if (getenv("EFT_REMOTE_FROM") != NULL)
		seed += (unsigned)atoi(getenv("EFT_REMOTE_FROM"));
	unit_srandom(seed);
	boot();
	server.by_file = by_file;
	check_eq(mount_on("/r", "tmpfs", NULL), 0);
	check_eq(f_call(chmod, "/r", 0755), 0);
	run(mount_first, (void *)(uintptr_t)options);
	server_end();
}

Test(names, by_file_of_none)
{
	do_sequence("cache=none", true, 1);
}

Test(names, by_file_of_mmap)
{
	do_sequence("cache=mmap", true, 2);
}

Test(names, by_file_of_loose)
{
	do_sequence("cache=loose", true, 3);
}

Test(names, by_path_of_none)
{
	do_sequence("cache=none", false, 4);
}

Test(names, by_path_of_mmap)
{
	do_sequence("cache=mmap", false, 5);
}

Test(names, by_path_of_loose)
{
	do_sequence("cache=loose", false, 6);
}

Test(names, out_of_memory)
{
	fail_every = 3;
	do_sequence("cache=none", true, 7);
}

Test(names, out_of_memory_of_loose)
{
	fail_every = 3;
	do_sequence("cache=loose", true, 8);
}

/* A file whose first name is gone has its second one. */
static void lose_first_name(const char *cache)
{
	server.by_file = false;
	check_eq(mount_remote(cache), 0);
	f_create("/m/first", "text");
	check_eq(f_link("/m/first", "/m/second"), 0);
	check_eq(f_unlink("/m/first"), 0);
	check_eq(size_of("/m/second"), 4);
	check_str(f_text("/m/second"), "text");
	check_eq(f_call(chmod, "/m/second", 0600), 0);
	check_eq(f_link("/m/second", "/m/third"), 0);
	server_make("other", S_IFREG | 0644, "other");
	check_eq(f_rename("/m/other", "/m/second"), 0);
	check_str(f_text("/m/third"), "text");
	check_str(f_text("/m/second"), "other");
	check_eq(umount_remote(), 0);
}

static void lose_first_names(void *arg)
{
	lose_first_name("cache=none");
	server_remove("second");
	server_remove("third");
	lose_first_name("cache=loose");
}

Test(names, of_a_file_that_has_lost_one)
{
	boot();
	run(lose_first_names, NULL);
	server_end();
}

/*
 * Options.
 */
static void try_options(void *arg)
{
	check_eq(mount_remote("cache=some"), -EINVAL);
	check_eq(mount_remote("cache="), -EINVAL);
	check_eq(mount_remote("rot"), -EINVAL);
	check_eq(mount_remote("rw,,cache=none"), 0);
	check_eq(umount_remote(), 0);
	check_eq(mount_remote(NULL), 0);
	f_create("/m/file", "text");
	check_str(server_text("file"), "text");
	check_eq(umount_remote(), 0);
}

Test(mounting, options)
{
	boot();
	run(try_options, NULL);
	server_end();
}

/* A root that is none, a server that does not answer, no memory. */
static void root_is_file(struct eft_remote_attributes *attributes)
{
	attributes->mode = S_IFREG | 0644;
}

static void refuse(void *arg)
{
	uint64_t n;
	int error;

	server.gone = true;
	check_eq(mount_remote(NULL), -EIO);
	server.gone = false;
	server.lie = root_is_file;
	check_eq(mount_remote(NULL), -ENOTDIR);
	server.lie = NULL;
	for (n = 0;; n++) {
		eft_alloc_fail_after(n);
		error = mount_remote(NULL);
		eft_alloc_fail_after(UINT64_MAX);
		check_eq(server.handles, error == 0);
		if (error == 0)
			break;
		check_eq(error, -ENOMEM);
	}
	check(n > 2);
	check_eq(umount_remote(), 0);
}

Test(mounting, refused)
{
	boot();
	run(refuse, NULL);
	server_end();
}

static void try_read_only(void *arg)
{
	struct eft_file *file = f_must("/m", O_PATH);

	server_make("file", S_IFREG | 0644, "text");
	check_eq(eft_mount(file, "tag", "9p", MS_RDONLY, "cache=loose"), 0);
	eft_file_put(file);
	check_eq(f_try("/m/file", O_RDWR), -EROFS);
	check_eq(f_try("/m/new", O_RDWR | O_CREAT), -EROFS);
	check_eq(f_mkdir("/m/dir"), -EROFS);
	check_eq(f_unlink("/m/file"), -EROFS);
	check_eq(f_call(chmod, "/m/file", 0600), -EROFS);
	check_str(f_text("/m/file"), "text");
	check_eq(umount_remote(), 0);
	/* The word alone has the file system refuse. */
	check_eq(mount_remote("ro"), 0);
	check_eq(f_call(chmod, "/m/file", 0600), -EROFS);
	check_eq(umount_remote(), 0);
}

Test(mounting, read_only)
{
	boot();
	run(try_read_only, NULL);
	server_end();
}

/*
 * Others change what is there.
 */
static void see_changes(const char *cache)
{
	struct eft_file *file;

	if (is_loose(cache))
		return;
	server_make("file", S_IFREG | 0644, "one");
	check_str(f_text("/m/file"), "one");
	file = f_must("/m/file", O_RDONLY);
	server_remove("file");
	check_eq(size_of("/m/file"), -ENOENT);
	server_make("file", S_IFREG | 0644, "another");
	check_str(f_text("/m/file"), "another");
	check_eq(size_of("/m/file"), 7);
	eft_file_put(file);
	server_remove("file");
	server_make("file", S_IFDIR | 0755, NULL);
	server_make("file/in", S_IFREG | 0644, "in");
	check_str(f_text("/m/file/in"), "in");
	server_make("file/sub", S_IFDIR | 0755, NULL);
	server_make("file/sub/leaf", S_IFREG | 0644, "leaf");
	check_str(f_text("/m/file/sub/leaf"), "leaf");
	/* It goes, with what we knew to be in it. */
	server_remove("file/in");
	server_remove("file/sub/leaf");
	server_remove("file/sub");
	check_eq(f_rmdir("/m/file"), 0);
	check(server_find("file") == NULL);
}

Test(others, are_seen)
{
	for_each_trust(see_changes);
}

/* A directory that is at two places, and below itself. */
static void see_loop(const char *cache)
{
	struct inode *dir = server_make("dir", S_IFDIR | 0755, NULL);

	server_make("dir/sub", S_IFDIR | 0755, NULL);
	server_link(dir, "dir/sub/up");
	server_link(dir, "twin");
	check_eq(f_mkdir("/m/dir/sub/up/sub/up/new"), 0);
	check_eq(f_rename("/m/dir/sub", "/m/dir/sub/up/sub/up/x"), -EINVAL);
	check_eq(f_rename("/m/twin/new", "/m/dir/sub/up/other"), 0);
	check(server_find("dir/other") != NULL);
	check_eq(f_rmdir("/m/dir/sub/up/other"), 0);
	dir->nlink -= 2;
	server_find("dir/sub")->entry_count = 0;
	for (unsigned i = 0; i < server.root->entry_count; i++) {
		if (strcmp(server.root->entries[i].name, "twin") == 0)
			server.root->entries[i].inode = NULL;
	}
}

Test(others, make_loops)
{
	for_each_trust(see_loop);
}

/* Names that we did not know of. */
static void lose_races(const char *cache)
{
	check_eq(f_try("/m/new", O_RDONLY), -ENOENT);
	server_make("new", S_IFDIR | 0755, NULL);
	if (is_loose(cache)) {
		check_eq(f_mkdir("/m/new"), -EEXIST);
		/* By now it is known. */
		check_eq(f_try("/m/new", O_RDONLY), 0);
	}
	check_eq(f_mkdir("/m/new"), -EEXIST);
	server_make("gone", S_IFREG | 0644, NULL);
	check_eq(size_of("/m/gone"), 0);
	server_remove("gone");
	check_eq(f_unlink("/m/gone"), -ENOENT);
	check_eq(size_of("/m/gone"), -ENOENT);
}

Test(others, are_quicker)
{
	for_each_trust(lose_races);
}

/*
 * Contents.
 */
static void read_and_write(const char *cache)
{
	static char data[50000], back[50000];
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);
	struct eft_file *appends;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (char)(i * 7 + i / 4096);
	check_eq(f_pwrite(file, data, sizeof(data), 0), sizeof(data));
	check_eq(f_pread(file, back, sizeof(back), 0), sizeof(back));
	check(memcmp(data, back, sizeof(data)) == 0);
	check_eq(f_pread(file, back, 100, sizeof(data) - 10), 10);
	check_eq(f_pread(file, back, 100, sizeof(data)), 0);
	check_eq(f_pread(file, back, 30000, 12345), 30000);
	check(memcmp(data + 12345, back, 30000) == 0);
	appends = f_must("/m/file", O_WRONLY | O_APPEND);
	check_eq(f_pwrite(appends, "end", 3, -1), 3);
	check_eq(size_of("/m/file"), sizeof(data) + 3);
	eft_file_put(appends);
	check_eq(file->ops->set_size(file, 5), 0);
	check_eq(file->ops->set_size(file, 9), 0);
	check_eq(f_pread(file, back, 100, 0), 9);
	check(memcmp(back, data, 5) == 0 &&
	      memcmp(back + 5, "\0\0\0\0", 4) == 0);
	check_eq(file->ops->sync(file, false), 0);
	check(server.syncs > 0);
	check_eq(server_find("file")->size, 9);
	check_eq(file->ops->seek(file, -2, SEEK_END), 7);
	check_eq(file->ops->seek(file, 2, SEEK_DATA), 2);
	check_eq(file->ops->seek(file, 2, SEEK_HOLE), 9);
	check_eq(file->ops->seek(file, 9, SEEK_DATA), -ENXIO);
	eft_file_put(file);
	check_eq(f_try("/m/file", O_WRONLY | O_TRUNC), 0);
	check_eq(size_of("/m/file"), 0);
}

Test(contents, are_read_and_written)
{
	for_each_trust(read_and_write);
}

static void be_short(const char *cache)
{
	server.short_bytes = 3000;
	if (!is_loose(cache)) /* a page that is never whole */
		read_and_write(cache);
	server.short_bytes = 5000;
	read_and_write(cache);
	server.short_bytes = 0;
}

Test(contents, come_in_parts)
{
	for_each_trust(be_short);
}

/* What was closed is on the server; what was not, is after a while. */
static void reach_server(const char *cache)
{
	struct eft_file *file;

	f_create("/m/closed", "closed");
	check_str(server_text("closed"), "closed");
	file = f_must("/m/open", O_CREAT | O_RDWR);
	check_eq(f_pwrite(file, "open", 4, 0), 4);
	if (is_loose(cache)) {
		check_str(server_text("open"), "");
		eft_sleep(eft_now_ns() + 7000000000u);
	}
	check_str(server_text("open"), "open");
	/* Without a name it has contents still. */
	check_eq(f_pwrite(file, "more", 4, 4), 4);
	check_eq(f_unlink("/m/open"), 0);
	check_eq(f_pwrite(file, "!", 1, 8), 1);
	check_eq(file->ops->sync(file, true), 0);
	check_eq(eft_node_of(file)->references > 0, true);
	eft_file_put(file);
	file = f_must("/m/end", O_CREAT | O_RDWR);
	check_eq(f_pwrite(file, "end", 3, 0), 3);
	eft_page_cache_end();
	check_str(server_text("end"), "end");
	eft_file_put(file);
}

Test(contents, reach_the_server)
{
	for_each_trust(reach_server);
}

/* A file that its owner may not write is written by who has made it. */
static void make_read_only(const char *cache)
{
	struct eft_file *file;

	server.opens_made = true;
	check_eq(eft_path_open(AT_FDCWD, "/m/ro", O_CREAT | O_RDWR | O_EXCL,
			       0444, &file),
		 0);
	check_eq(f_pwrite(file, "text", 4, 0), 4);
	check_eq(f_try("/m/ro", O_RDWR), is_loose(cache) ? 0 : 0);
	eft_file_put(file);
	check_str(server_text("ro"), "text");
	check_eq(f_try("/m/ro", O_RDWR), -EACCES);
	check_eq(server.opens, 0);
	check_eq(f_call(mknod, "/m/node", S_IFREG | 0644, 0), 0);
	check_eq(server.opens, 1);
	f_create("/m/node", "x");
	check_eq(server.opens, 0);
}

Test(contents, of_a_file_made_read_only)
{
	for_each_trust(make_read_only);
}

/* A description that only writes, of a page that is to be read first. */
static void write_only(const char *cache)
{
	struct eft_file *file;

	server_make("file", S_IFREG | 0644, "0123456789");
	file = f_must("/m/file", O_WRONLY);
	check_eq(f_pwrite(file, "ab", 2, 4), 2);
	eft_file_put(file);
	check_str(server_text("file"), "0123ab6789");
}

Test(contents, of_who_only_writes)
{
	for_each_trust(write_only);
}

static void allocate(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);

	check_eq(f_pwrite(file, "0123456789", 10, 0), 10);
	check_eq(file->ops->allocate(file,
				     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     2, 3),
		 0);
	check(memcmp(f_text("/m/file"),
		     "01\0\0\0"
		     "56789",
		     11) == 0);
	check_eq(file->ops->allocate(file, 0, 0, 100), 0);
	check_eq(size_of("/m/file"), 100);
	check_eq(file->ops->allocate(file, 0x40, 0, 100), -EOPNOTSUPP);
	check_eq(file->ops->allocate(file, 0, INT64_MAX, 100), -EFBIG);
	server.allocates = false;
	check_eq(file->ops->allocate(file, 0, 0, 1000), -EOPNOTSUPP);
	check_eq(size_of("/m/file"), 100);
	server.allocates = true;
	eft_file_put(file);
}

Test(contents, are_allocated)
{
	for_each_trust(allocate);
}

/*
 * Holes.
 */
static void find_holes(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);
	off_t (*seek)(struct eft_file *, off_t, int) = file->ops->seek;

	check_eq(file->ops->set_size(file, 8 * PAGE), 0);
	check_eq(f_pwrite(file, "x", 1, 3 * PAGE + 5), 1);
	check_eq(seek(file, 0, SEEK_DATA), 0); /* as it does not say */
	check_eq(seek(file, 10, SEEK_HOLE), 8 * PAGE);
	server.seeks = true;
	check_eq(seek(file, 0, SEEK_DATA), 3 * PAGE);
	check_eq(seek(file, 3 * PAGE + 9, SEEK_DATA), 3 * PAGE + 9);
	check_eq(seek(file, 3 * PAGE + 9, SEEK_HOLE), 4 * PAGE);
	check_eq(seek(file, 4 * PAGE, SEEK_DATA), -ENXIO);
	check_eq(seek(file, 8 * PAGE, SEEK_HOLE), -ENXIO);
	check_eq(seek(file, -1, SEEK_HOLE), -ENXIO);
	/* It lies, or the file is longer there by now. */
	server.seek_more = -1;
	check_eq(seek(file, 3 * PAGE, SEEK_DATA), -EIO);
	server.seek_more = 6 * PAGE;
	check_eq(seek(file, 3 * PAGE, SEEK_DATA), -ENXIO);
	check_eq(seek(file, 3 * PAGE, SEEK_HOLE), 8 * PAGE);
	eft_file_put(file);
}

Test(contents, have_holes)
{
	for_each_trust(find_holes);
}

/*
 * Copies by the server.
 */
static void copy_some(const char *cache)
{
	struct eft_file *in = f_must("/m/in", O_CREAT | O_RDWR),
			*out = f_must("/m/out", O_CREAT | O_RDWR);
	off_t in_at = 1, out_at = 2;
	char back[8] = "";
	long n = 77;

	check_eq(f_pwrite(in, "012345", 6, 0), 6);
	check_eq(f_pwrite(out, "abc", 3, 0), 3);
	check_eq(f_pread(out, back, 3, 0), 3);
	check(!eft_remote_copy_range(in, &in_at, out, &out_at, 4, &n));
	server.copies = true;
	check(eft_remote_copy_range(in, &in_at, out, &out_at, 4, &n));
	check_eq(n, 4);
	check_eq(in_at, 5);
	check_eq(out_at, 6);
	check_eq(server.copied, 1);
	check_eq(f_pread(out, back, 8, 0), 6);
	check_str(back, "ab1234");
	server.more = 1;
	check(eft_remote_copy_range(in, &in_at, out, &out_at, 1, &n));
	check_eq(n, -EIO);
	server.more = 0;
	server.refuses = -ENOSPC;
	check(eft_remote_copy_range(in, &in_at, out, &out_at, 1, &n));
	check_eq(n, -ENOSPC);
	check_eq(in_at, 5);
	server.refuses = 0;
	eft_file_put(in);
	in = f_must("/r/file", O_CREAT | O_RDWR); /* another file system's */
	check(!eft_remote_copy_range(in, &in_at, out, &out_at, 4, &n));
	eft_file_put(in);
	eft_file_put(out);
}

Test(contents, are_copied)
{
	for_each_trust(copy_some);
}

/*
 * Extended attributes.
 */
static struct {
	char value[EFT_XATTR_VALUE_MAX], names[64];
	size_t len, names_len;
	ssize_t more;
	unsigned sets;
} xattr;

static ssize_t server_xattr_get(struct eft_remote *remote,
				eft_remote_handle handle, const char *name,
				const struct eft_remote_data *data)
{
	size_t len = name != NULL ? xattr.len : xattr.names_len;
	const char *from = name != NULL ? xattr.value : xattr.names;

	if (data == NULL)
		return (ssize_t)len + xattr.more;
	if (len > data->bytes)
		return -ERANGE;
	for (size_t i = 0; i < len; i++)
		((char *)data->page[i / PAGE])[i % PAGE] = from[i];
	return (ssize_t)len + xattr.more;
}

static int server_xattr_set(struct eft_remote *remote, eft_remote_handle handle,
			    const char *name,
			    const struct eft_remote_data *data, int flags)
{
	xattr.sets++;
	xattr.len = data != NULL ? data->bytes : 0;
	for (size_t i = 0; i < xattr.len; i++)
		xattr.value[i] = ((char *)data->page[i / PAGE])[i % PAGE];
	return flags == EFT_XATTR_CREATE ? -EEXIST : 0;
}

static int server_xattr_remove(struct eft_remote *remote,
			       eft_remote_handle handle, const char *name)
{
	return -ENODATA;
}

static const struct eft_remote_xattr_ops server_xattrs = {
	server_xattr_get, server_xattr_set, server_xattr_remove};

static ssize_t layer_get(struct eft_node *node, const char *name, void *value,
			 size_t size)
{
	return eft_remote_xattr_get(node, &server_xattrs, name, value, size);
}

static int layer_set(struct eft_node *node, const char *name, const void *value,
		     size_t size, int flags)
{
	return eft_remote_xattr_set(node, &server_xattrs, name, value, size,
				    flags);
}

static ssize_t layer_list(struct eft_node *node, char *names, size_t size)
{
	return eft_remote_xattr_list(node, &server_xattrs, names, size);
}

const struct eft_xattr_ops eft_ninep_xattrs = {layer_get, layer_set,
					       layer_list};

static ssize_t do_xattr(struct eft_file *file, enum eft_xattr_operation what,
			void *value, size_t size)
{
	const struct eft_xattr_call call = {.operation = what,
					    .name = "user.a",
					    .data = value,
					    .size = size};

	return eft_xattr(file, &call);
}

static void values(struct eft_file *file)
{
	static char value[EFT_XATTR_VALUE_MAX];

	for (size_t i = 0; i < sizeof(value); i++)
		value[i] = (char)(i * 7 + i / 4096);
	check_eq(do_xattr(file, EFT_XATTR_SET, value, 9000), 0);
	check(xattr.len == 9000 && memcmp(xattr.value, value, 9000) == 0);
	memset(value, 0, sizeof(value));
	check_eq(do_xattr(file, EFT_XATTR_GET, NULL, 0), 9000);
	check_eq(do_xattr(file, EFT_XATTR_GET, value, 8999), -ERANGE);
	check_eq(do_xattr(file, EFT_XATTR_GET, value, sizeof(value)), 9000);
	check(memcmp(xattr.value, value, 9000) == 0);
	check_eq(do_xattr(file, EFT_XATTR_SET, value, 0), 0);
	check_eq(xattr.len, 0);
	check_eq(do_xattr(file, EFT_XATTR_GET, value, 10), 0);
	check_eq(do_xattr(file, EFT_XATTR_REMOVE, NULL, 0), -ENODATA);
	/* More than a message of four pages has. */
	xattr.sets = 0;
	check_eq(do_xattr(file, EFT_XATTR_SET, value, 4 * PAGE + 1), -ENOSPC);
	check_eq(xattr.sets, 0);
	xattr.len = 4 * PAGE + 1;
	check_eq(do_xattr(file, EFT_XATTR_GET, value, sizeof(value)), -E2BIG);
	/* It says that it has written more than it might. */
	xattr.len = 10;
	xattr.more = 1;
	check_eq(do_xattr(file, EFT_XATTR_GET, value, 10), -EIO);
	xattr.more = EFT_XATTR_VALUE_MAX;
	check_eq(do_xattr(file, EFT_XATTR_GET, NULL, 0), -EIO);
	xattr.more = 0;
}

static ssize_t list_of(struct eft_file *file, const char *names, size_t len,
		       char *to, size_t size)
{
	memcpy(xattr.names, names, len);
	xattr.names_len = len;
	return do_xattr(file, EFT_XATTR_LIST, to, size);
}

/* Names that nobody may ask for are not shown. */
static void lists(struct eft_file *file)
{
	char to[64];

	check_eq(list_of(file, "user.a\0system.x\0trusted.b\0", 26, to, 64),
		 17);
	check(memcmp(to, "user.a\0trusted.b", 17) == 0);
	check_eq(list_of(file, "user.a\0system.x\0trusted.b\0", 26, NULL, 0),
		 17);
	check_eq(list_of(file, "user.a\0system.x\0trusted.b\0", 26, to, 16),
		 -ERANGE);
	check_eq(list_of(file, "", 0, to, 64), 0);
	check_eq(list_of(file, "user.a", 6, to, 64), -EIO);
	check_eq(list_of(file, "\0", 1, to, 64), -EIO);
	check_eq(list_of(file, "user.a\0\0user.b\0", 15, to, 64), -EIO);
}

static void xattrs(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);

	values(file);
	lists(file);
	eft_file_put(file);
}

Test(attributes, have_others)
{
	for_each_trust(xattrs);
}

/*
 * Mappings: a touch of one, which brings the page in.
 */
static int touch_page(void *page, bool clean, void *arg)
{
	*(void **)arg = page;
	return 0;
}

static int touch(struct eft_file *file, uint64_t index, bool writes,
		 char **ret_page)
{
	struct eft_pages *pages = file->ops->pages(file);
	int error = eft_pages_with(pages, index, writes, touch_page, ret_page);

	while (error == -EAGAIN) {
		error = eft_cached_bring_in(
			eft_container_of(pages, struct eft_cached, pages),
			index, writes);
		if (error == 0)
			error = eft_pages_with(pages, index, writes, touch_page,
					       ret_page);
	}
	return error;
}

static void map(const char *cache)
{
	struct eft_file *file, *other;
	char *page, buf[8];

	server_make("file", S_IFREG | 0644, "contents");
	file = f_must("/m/file", O_RDWR);
	if (strcmp(cache, "cache=none") == 0) {
		check(file->ops->pages == NULL && file->ops->map == NULL);
		eft_file_put(file);
		return;
	}
	check_eq(touch(file, 0, false, &page), 0);
	check(memcmp(page, "contents", 9) == 0);
	check_eq(touch(file, 1, false, &page), -ENXIO);
	/* What is written it shows, and what it writes is read. */
	check_eq(f_pwrite(file, "CON", 3, 0), 3);
	check_eq(touch(file, 0, false, &page), 0);
	check(memcmp(page, "CONtents", 9) == 0);
	check_eq(touch(file, 0, true, &page), 0);
	memcpy(page + 3, "TEN", 3);
	other = f_must("/m/file", O_RDONLY);
	check_eq(f_pread(other, buf, 8, 0), 8);
	check(memcmp(buf, "CONTENts", 8) == 0);
	/* Over the end of a page, and past that of the file. */
	check_eq(f_pwrite(file, "12345678", 8, PAGE - 4), 8);
	check_eq(touch(file, 1, true, &page), 0);
	check(memcmp(page, "5678\0", 5) == 0);
	memcpy(page, "FIVE", 4);
	check_eq(file->ops->set_size(file, PAGE + 2), 0);
	check_eq(touch(file, 1, true, &page), 0);
	check(memcmp(page, "FI\0\0", 4) == 0);
	check_eq(f_unlink("/m/file"), 0);
	memcpy(page, "fi", 2);
	check_eq(file->ops->sync_map(file, 0, 0, MS_SYNC), 0);
	check_eq(eft_node_of(file)->references > 0, true);
	eft_file_put(file);
	check_eq(f_pread(other, buf, 8, PAGE - 2), 4);
	check(memcmp(buf, "34fi", 4) == 0);
	eft_file_put(other);
}

Test(contents, are_mapped)
{
	for_each_trust(map);
}

/* Others change what was mapped: who opens it next sees that. */
static void map_again(const char *cache)
{
	struct eft_file *file;
	char *page;

	if (strcmp(cache, "cache=mmap") != 0)
		return;
	server_make("file", S_IFREG | 0644, "before");
	file = f_must("/m/file", O_RDONLY);
	check_eq(touch(file, 0, false, &page), 0);
	eft_file_put(file);
	memcpy(server_find("file")->data, "behind", 6);
	file = f_must("/m/file", O_RDONLY);
	check_eq(touch(file, 0, false, &page), 0);
	check(memcmp(page, "behind", 7) == 0);
	eft_file_put(file);
}

Test(contents, are_mapped_again)
{
	for_each_trust(map_again);
}

/* Another thread writes while a page is read, or the file is looked up. */
static struct eft_file *writes_meanwhile;

static void write_meanwhile(void)
{
	check_eq(f_pwrite(writes_meanwhile, "new", 3, 0), 3);
}

static void read_old(const char *cache)
{
	char *page;

	if (strcmp(cache, "cache=mmap") != 0)
		return;
	server_make("file", S_IFREG | 0644, "old");
	writes_meanwhile = f_must("/m/file", O_RDWR);
	server.has_read = write_meanwhile;
	check_eq(touch(writes_meanwhile, 0, false, &page), 0);
	check(memcmp(page, "new", 4) == 0);
	eft_file_put(writes_meanwhile);
}

Test(contents, are_not_older_than_what_was_written)
{
	for_each_trust(read_old);
}

static void write_back_meanwhile(void)
{
	struct eft_pages *pages =
		writes_meanwhile->ops->pages(writes_meanwhile);

	eft_cached_write_back(
		eft_container_of(pages, struct eft_cached, pages));
}

/* What a mapping wrote before comes to the server behind it. */
static void write_behind(const char *cache)
{
	char *page, buf[4] = "";

	if (strcmp(cache, "cache=mmap") != 0)
		return;
	server_make("file", S_IFREG | 0644, "...");
	writes_meanwhile = f_must("/m/file", O_RDWR);
	check_eq(touch(writes_meanwhile, 0, true, &page), 0);
	memcpy(page, "old", 3);
	server.has_written = write_back_meanwhile;
	check_eq(f_pwrite(writes_meanwhile, "new", 3, 0), 3);
	check_eq(f_pread(writes_meanwhile, buf, 3, 0), 3);
	check_str(buf, "new");
	eft_file_put(writes_meanwhile);
}

Test(contents, are_not_overwritten_by_older_ones)
{
	for_each_trust(write_behind);
}

static void grow_meanwhile(struct eft_remote_attributes *attributes)
{
	char *page;

	server.lie = NULL;
	check_eq(writes_meanwhile->ops->set_size(writes_meanwhile, 2 * PAGE),
		 0);
	check_eq(touch(writes_meanwhile, 1, true, &page), 0);
	memcpy(page, "mapped", 6);
}

static void look_up_old(const char *cache)
{
	if (strcmp(cache, "cache=mmap") != 0)
		return;
	server_make("file", S_IFREG | 0644, "short");
	writes_meanwhile = f_must("/m/file", O_RDWR);
	server.lie = grow_meanwhile;
	check_eq(size_of("/m/file"), 2 * PAGE);
	eft_file_put(writes_meanwhile);
	check(memcmp(server_find("file")->data + PAGE, "mapped", 6) == 0);
}

Test(contents, are_not_cut_by_an_old_size)
{
	for_each_trust(look_up_old);
}

/* What the server does not take is lost: the log says so, if no fsync() does. */
static void lose(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);

	if (is_loose(cache)) {
		check_eq(f_pwrite(file, "text", 4, 0), 4);
		server.refuses = -ENOSPC;
		check_eq(file->ops->sync(file, false), -ENOSPC);
		eft_file_put(file);
		check_str(fake_console, "");
		server.refuses = 0;
		file = f_must("/m/file", O_RDWR);
		check_eq(f_pwrite(file, "text", 4, 0), 4);
		server.refuses = -ENOSPC;
	}
	eft_file_put(file);
	server.refuses = 0;
	check_eq(strstr(fake_console, "are lost") != NULL, is_loose(cache));
}

Test(contents, are_not_lost_in_silence)
{
	for_each_trust(lose);
}

/* What is dirty is written by what is open, whatever its name and mode are. */
static void write_open(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);
	unsigned opens = server.made;

	check_eq(f_pwrite(file, "text", 4, 0), 4);
	check_eq(f_call(chmod, "/m/file", 0), 0);
	server_link(server_find("file"), "twin");
	check_eq(f_unlink("/m/file"), 0);
	eft_file_put(file);
	check_eq(server.made, opens);
	check_str(server_text("twin"), "text");
}

Test(contents, are_written_by_what_is_open)
{
	for_each_trust(write_open);
}

/* A time that is set is not changed by what is written back later. */
static void set_time_of_open(const char *cache)
{
	const struct eft_timespec times[2] = {{.sec = 1000}, {.sec = 2000}};
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);
	struct eft_stat st = {0};

	check_eq(f_pwrite(file, "text", 4, 0), 4);
	check_eq(f_call(set_times, "/m/file", times, 0), 0);
	eft_file_put(file);
	check_eq(server_find("file")->mtime.sec, 2000);
	check_eq(f_lstat("/m/file", &st), 0);
	check_eq(st.atime.sec, 1000);
	check_eq(st.mtime.sec, 2000);
	/* One of the two alone, or a mode that it has, changes no time. */
	server_find("file")->atime.sec = 77;
	check_eq(f_call(chmod, "/m/file", 0644), 0);
	check_eq(server_find("file")->atime.sec, 77);
}

Test(contents, have_times_that_are_set)
{
	for_each_trust(set_time_of_open);
}

/*
 * Directories.
 */
static void read_dirs(const char *cache)
{
	_Alignas(8) char buf[300];
	struct names names;
	struct eft_file *dir;
	char path[64];
	ssize_t n;

	for (unsigned i = 0; i < 300; i++) {
		snprintf(path, sizeof(path), "a-file-with-a-number-%u", i);
		server_make(path, S_IFREG | 0644, NULL);
	}
	names = read_names("/m", 700);
	check_eq(names.count, 302);
	free(names.names);
	names = read_names("/m", 65536);
	check_eq(names.count, 302);
	for (unsigned i = 1; i < names.count; i++)
		check(strcmp(names.names[i - 1], names.names[i]) != 0);
	free(names.names);
	dir = f_must("/m", O_RDONLY | O_DIRECTORY);
	n = dir->ops->getdents(dir, buf, sizeof(buf));
	check(n > 0);
	check_eq(dir->ops->getdents(dir, buf, 20), -EINVAL);
	check_eq(dir->ops->seek(dir, 0, SEEK_SET), 0);
	check_eq(dir->ops->getdents(dir, buf, sizeof(buf)), n);
	check_eq(dir->ops->sync(dir, false), 0);
	eft_file_put(dir);
}

Test(directories, are_read)
{
	for_each_trust(read_dirs);
}

/*
 * A server that lies.
 */
static int dir_error(void)
{
	_Alignas(8) char buf[4096];
	struct eft_file *dir;
	ssize_t n = f_open("/m", O_RDONLY | O_DIRECTORY, &dir);

	if (n != 0)
		return (int)n;
	while ((n = dir->ops->getdents(dir, buf, sizeof(buf))) > 0)
		;
	eft_file_put(dir);
	return (int)n;
}

static void lie_of_names(const char *cache)
{
	server_make("file", S_IFREG | 0644, "text");
	check_eq(dir_error(), 0);
	server.bad_name = "a/b";
	check_eq(dir_error(), -EIO);
	server.bad_name = "a\0b";
	check_eq(dir_error(), -EIO);
	server.bad_name = NULL;
	server.stuck = true;
	check_eq(dir_error(), -EIO);
	server.stuck = false;
	server_make("link", S_IFLNK | 0777, "file");
	server.bad_target = "a\0b";
	check_eq(f_try("/m/link", O_RDONLY), -EIO);
	server.bad_target = NULL;
	check_eq(f_try("/m/link", O_RDONLY), 0);
}

Test(lies, of_names)
{
	for_each_trust(lie_of_names);
}

static uint32_t lied_mode;

static void lie_mode(struct eft_remote_attributes *attributes)
{
	if ((attributes->mode & S_IFMT) == S_IFREG)
		attributes->mode = lied_mode;
}

static void lie_size(struct eft_remote_attributes *attributes)
{
	attributes->size = (uint64_t)INT64_MAX + 1;
}

static void lie_time(struct eft_remote_attributes *attributes)
{
	attributes->mtime.nsec = 1000000000;
}

static void lie_links(struct eft_remote_attributes *attributes)
{
	attributes->nlink = 0;
	attributes->ino = 7; /* of all of them */
}

static void lie_of_attributes(const char *cache)
{
	struct eft_stat st;
	struct eft_file *file;

	server_make("file", S_IFREG | 0644, "text");
	server_make("dir", S_IFDIR | 0755, NULL);
	server.lie = lie_mode;
	lied_mode = 0;
	check_eq(size_of("/m/file"), -EIO);
	lied_mode = 0170000;
	check_eq(size_of("/m/file"), -EIO);
	server.lie = lie_size;
	check_eq(size_of("/m/file"), -EIO);
	server.lie = lie_time;
	check_eq(size_of("/m/file"), -EIO);
	check_eq(f_mkdir("/m/new"), -EIO);
	check(server_find("new") == NULL);
	server.lie = NULL;
	file = f_must("/m/file", O_RDONLY);
	server.lie = lie_mode;
	lied_mode = S_IFDIR | 0755;
	check_eq(file->ops->stat(file, &st), is_loose(cache) ? 0 : -EIO);
	if (!is_loose(cache))
		check_eq(f_try("/m/file", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	check_eq(f_try("/m/made", O_CREAT | O_WRONLY), -EIO);
	eft_file_put(file);
	server.lie = lie_links;
	check_eq(f_mkdir("/m/dir/a"), 0);
	check_eq(f_try("/m/dir/b", O_CREAT | O_WRONLY), 0);
	check_eq(f_try("/m/dir/c", O_CREAT | O_WRONLY), 0);
	check_eq(f_link("/m/dir/b", "/m/dir/d"), 0);
	check_eq(f_unlink("/m/dir/b"), 0);
	check_eq(f_unlink("/m/dir/c"), 0);
	check_eq(f_unlink("/m/dir/d"), 0);
	check_eq(f_rmdir("/m/dir/a"), 0);
	server.lie = NULL;
}

Test(lies, of_attributes)
{
	for_each_trust(lie_of_attributes);
}

static void lie_of_counts(const char *cache)
{
	char buf[100];
	struct eft_file *file;

	server_make("file", S_IFREG | 0644, "text");
	file = f_must("/m/file", O_RDWR);
	server.more = 1 << 20;
	check_eq(f_pread(file, buf, sizeof(buf), 0), -EIO);
	if (is_loose(cache)) {
		check_eq(f_pwrite(file, buf, PAGE / 64, 0), -EIO);
		server.more = 0;
		check_eq(f_pwrite(file, buf, 10, 0), 10);
		server.more = 1 << 20;
		check_eq(file->ops->sync(file, false), -EIO);
	} else {
		check_eq(f_pwrite(file, buf, 10, 0), -EIO);
	}
	server.more = 0;
	eft_file_put(file);
}

Test(lies, of_counts)
{
	for_each_trust(lie_of_counts);
}

/* The server goes away, and everything says so. */
static void go_away(const char *cache)
{
	_Alignas(8) char buf[4096];
	struct eft_file *file, *dir;
	struct eft_statfs statfs;
	struct eft_stat st;

	f_create("/m/file", "text");
	file = f_must("/m/file", O_RDWR);
	dir = f_must("/m", O_RDONLY | O_DIRECTORY);
	check_eq(f_pwrite(file, "more", 4, 4), 4);
	server.gone = true;
	check_eq(f_try("/m/other", O_RDONLY), -EIO);
	check_eq(f_mkdir("/m/dir"), -EIO);
	check_eq(f_symlink("a", "/m/link"), -EIO);
	check_eq(f_rename("/m/file", "/m/new"), -EIO);
	check_eq(f_unlink("/m/file"), -EIO);
	check_eq(f_pread(file, buf, 10, 4 * PAGE), is_loose(cache) ? 0 : -EIO);
	check_eq(file->ops->sync(file, false), -EIO);
	check_eq(file->ops->set_size(file, 3), -EIO);
	check_eq(file->ops->allocate(file, 0, 0, 100), -EIO);
	check_eq(file->ops->stat(file, &st), -EIO);
	check_eq(dir->ops->getdents(dir, buf, sizeof(buf)), -EIO);
	check_eq(eft_node_file_statfs(file, &statfs), -EIO);
	check_eq(eft_node_file_chmod(file, 0600), -EIO);
	eft_file_put(file);
	eft_file_put(dir);
	server.gone = false;
}

Test(faults, of_a_server_that_is_gone)
{
	for_each_trust(go_away);
}

/* Each operation of a sequence fails once: an error, and nothing is lost. */
static void fail_each(const char *cache)
{
	for (uint64_t n = 1;; n++) {
		struct eft_file *file;
		bool failed;

		server.ops = 0;
		server.fail_at = n;
		f_mkdir("/m/dir");
		if (f_open("/m/dir/file", O_CREAT | O_RDWR, &file) == 0) {
			f_pwrite(file, "text", 4, 0);
			f_link("/m/dir/file", "/m/link");
			file->ops->set_size(file, 2);
			file->ops->sync(file, false);
			eft_file_put(file);
		}
		f_rename("/m/link", "/m/dir/other");
		dir_error();
		f_unlink("/m/dir/other");
		f_unlink("/m/link");
		f_unlink("/m/dir/file");
		f_rmdir("/m/dir");
		failed = server.ops >= n;
		server.fail_at = 0;
		f_unlink("/m/dir/other");
		f_unlink("/m/link");
		f_unlink("/m/dir/file");
		f_rmdir("/m/dir");
		check(server_find("dir") == NULL);
		if (!failed)
			break;
	}
}

Test(faults, of_each_operation)
{
	for_each_trust(fail_each);
}

static void no_room(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);

	server.refuses = -ENOSPC;
	if (is_loose(cache)) {
		check_eq(f_pwrite(file, "text", 4, 0), 4);
		check_eq(file->ops->sync(file, false), -ENOSPC);
		check_eq(file->ops->sync(file, false), 0);
	} else {
		check_eq(f_pwrite(file, "text", 4, 0), -ENOSPC);
	}
	check_eq(f_mkdir("/m/dir"), -ENOSPC);
	server.refuses = 0;
	eft_file_put(file);
}

Test(faults, of_room)
{
	for_each_trust(no_room);
}

/* What close() answers. */
static int closed(struct eft_file *file)
{
	return file->ops->closed != NULL ? file->ops->closed(file) : 0;
}

/* close() tells it once, and the log, where nothing else has. */
static void no_quota(const char *cache)
{
	struct eft_file *file = f_must("/m/file", O_CREAT | O_RDWR);
	int lost = is_loose(cache) ? -EDQUOT : 0;

	check_eq(f_pwrite(file, "text", 4, 0), 4);
	check_eq(closed(file), 0); /* of a duplicate */
	check_str(server_text("file"), "text");
	server.refuses = -EDQUOT;
	check_eq(f_pwrite(file, "more", 4, 4), lost == 0 ? -EDQUOT : 4);
	check_eq(closed(file), lost);
	check_eq(closed(file), 0);
	check_eq(strstr(fake_console, "are lost") != NULL, lost != 0);
	server.refuses = 0;
	eft_file_put(file);
}

Test(faults, of_quota)
{
	for_each_trust(no_quota);
}

/*
 * Several threads at a time, before a server that takes its time.
 */
static unsigned running;

static void do_thread_steps(void *arg)
{
	for (unsigned i = 0; i < 300; i++) {
		struct step step = random_step();

		do_step(&step, "/m");
		if (unit_random(40) == 0)
			eft_page_cache_sync();
	}
	running--;
}

static void do_threads(const char *cache)
{
	server.takes_ns = 1000;
	for (running = 0; running < 5; running++)
		check(eft_thread_create("steps", do_thread_steps, NULL, 5) !=
		      NULL);
	while (running > 0)
		eft_sleep(fake_now + 1000);
	server.takes_ns = 0;
	server_find("");
}

Test(threads, all_at_once)
{
	for_each_trust(do_threads);
}

/* Who reads what is there does not wait for who waits for the server. */
static struct eft_file *shared_file;
static uint64_t read_ns[2];

static void read_far(void *arg)
{
	char c = 0;

	check_eq(f_pread(shared_file, &c, 1, 150 * PAGE), 1);
	read_ns[1] = fake_now;
	running--;
	eft_thread_exit();
}

static void read_meanwhile(void *arg)
{
	char c = 0;

	check_eq(mount_remote("cache=loose"), 0);
	server_make("file", S_IFREG | 0644, "x");
	shared_file = f_must("/m/file", O_RDWR);
	check_eq(shared_file->ops->set_size(shared_file, 200 * PAGE), 0);
	check_eq(f_pread(shared_file, &c, 1, 0), 1);
	server.takes_ns = 1000000;
	running = 1;
	check(eft_thread_create("far", read_far, NULL, 5) != NULL);
	eft_sleep(fake_now + 1000);
	check_eq(f_pread(shared_file, &c, 1, 0), 1);
	check_eq(c, 'x');
	read_ns[0] = fake_now;
	while (running > 0)
		eft_sleep(fake_now + 1000);
	server.takes_ns = 0;
	check(read_ns[0] + 500000 < read_ns[1]);
	eft_file_put(shared_file);
	check_eq(umount_remote(), 0);
}

Test(threads, read_meanwhile)
{
	boot();
	run(read_meanwhile, NULL);
	server_end();
}
