// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names: the rules of paths, of rename and its like, and a tree that stays
 * whole under random operations and failures.
 */
#include "core/memfd.h"
#include "core/thread.h"
#include "tests/unit/files.h"

static char long_name[300];

static const char *name_of(size_t len)
{
	static char path[400];

	memset(long_name, 'n', sizeof(long_name));
	long_name[len] = '\0';
	snprintf(path, sizeof(path), "/%s", long_name);
	return path;
}

static uint64_t ino_of(const char *path)
{
	struct eft_stat st;
	int error = f_lstat(path, &st);

	return error == 0 ? st.ino : (uint64_t)error;
}

Test(path, rules)
{
	files_boot(NULL, 0);
	check_eq(f_mkdir("/d"), 0);
	check_eq(f_mkdir("/d/e"), 0);
	f_create("/d/f", "text");
	check_str(f_text("/d/f"), "text");
	check_str(f_text("d/f"), "text");
	check_str(f_text("//d///f"), "text");
	check_str(f_text("/d/./e/../f"), "text");
	check_str(f_text("/../../d/f"), "text");
	check_eq(f_try("", O_RDONLY), -ENOENT);
	check_eq(f_try("/d/none", O_RDONLY), -ENOENT);
	check_eq(f_try("/none/f", O_RDONLY), -ENOENT);
	check_eq(f_try("/d/f/x", O_RDONLY), -ENOTDIR);
	check_eq(f_try("/d/f/", O_RDONLY), -ENOTDIR);
	check_eq(f_try("/d/f/.", O_RDONLY), -ENOTDIR);
	check_eq(f_try("/d/f/..", O_RDONLY), -ENOTDIR);
	check_eq(f_try("/d/e/", O_RDONLY), 0);
	check_eq(f_try("/", O_RDONLY), 0);
	check_eq(f_try("/d", O_WRONLY), -EISDIR);
	check_eq(f_try("/d", O_RDONLY | O_CREAT), -EISDIR);
	check_eq(f_try("/d/f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	check_eq(f_try("/d/f", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	check_eq(f_try("/d/new/", O_CREAT | O_RDWR), -EISDIR);
	check_eq(f_mkdir("/d/g/"), 0);
	check_eq(f_mkdir("/d/g"), -EEXIST);
	check_eq(f_mkdir("/d/f"), -EEXIST);
	check_eq(f_mkdir("/"), -EEXIST);
	check_eq(f_mkdir("/d/."), -EEXIST);
	check_eq(f_mkdir("/none/x"), -ENOENT);
	check_eq(f_unlink("/d/g"), -EISDIR);
	check_eq(f_rmdir("/d/f"), -ENOTDIR);
	check_eq(f_rmdir("/d"), -ENOTEMPTY);
	check_eq(f_rmdir("/d/e/."), -EINVAL);
	check_eq(f_rmdir("/d/e/.."), -ENOTEMPTY);
	check_eq(f_rmdir("/"), -EBUSY);
	check_eq(f_rmdir("/d/e/"), 0);
	check_eq(f_unlink("/d/f/"), -ENOTDIR);
	check_eq(f_call(unlink, "/d/f", 1), -EINVAL);
}

Test(path, lengths)
{
	static char deep[PATH_MAX];

	files_boot(NULL, 0);
	f_create(name_of(255), "255");
	check_str(f_text(name_of(255)), "255");
	check_eq(f_try(name_of(256), O_CREAT | O_RDWR), -ENAMETOOLONG);
	check_eq(f_mkdir(name_of(256)), -ENAMETOOLONG);
	check_eq(f_rename(name_of(255), "/short"), 0);
	check_eq(f_unlink("/short"), 0);
	memset(deep, '/', sizeof(deep) - 1);
	check_eq(f_try(deep, O_RDONLY), 0);
}

Test(path, starts)
{
	struct eft_file *dir, *file;
	struct eft_at at;
	char cwd[64];
	int fd;

	files_boot(NULL, 0);
	f_mkdir("/d");
	f_mkdir("/d/e");
	f_create("/d/f", "in d");
	check_eq(eft_path_start(AT_FDCWD, "", false, &at), -ENOENT);
	check_eq(eft_path_start(77, "x", false, &at), -EBADF);
	check_eq(eft_path_start(77, "/x", false, &at), 0); /* not looked at */
	eft_file_put(at.file);
	dir = f_must("/d", O_RDONLY);
	fd = eft_fd_install(dir, 0, false);
	check_eq(eft_path_open(fd, "f", O_RDONLY, 0, &file), 0);
	eft_fd_install(file, 10, false);
	check_eq(eft_path_start(10, "x", false, &at), -ENOTDIR);
	check_eq(eft_path_start(10, "", true, &at), 0);
	check(at.file == file);
	eft_file_put(at.file);
	check_eq(eft_chdir(eft_fd_get(10)), -ENOTDIR);
	check_eq(file->references, 1); /* the descriptor's */
	check_eq(eft_chdir(eft_fd_get(fd)), 0);
	check_str(f_text("f"), "in d");
	check_eq(eft_getcwd(cwd, sizeof(cwd)), 3);
	check_str(cwd, "/d");
	check_eq(eft_getcwd(cwd, 2), -ERANGE);
	check_eq(eft_getcwd(cwd, 3), 3);
	check_str(f_text("/proc/self/fd/10"), "in d");
	check_eq(f_rename("/d", "/moved"), 0);
	check_eq(eft_getcwd(cwd, sizeof(cwd)), 7);
	check_str(cwd, "/moved");
	check_eq(f_unlink("f"), 0);
	check_eq(f_rmdir("e"), 0);
	check_eq(f_rmdir("/moved"), 0);
	check_eq(eft_getcwd(cwd, sizeof(cwd)), -ENOENT);
	check_eq(f_try("new", O_CREAT | O_RDWR), -ENOENT);
	check_eq(f_mkdir("new"), -ENOENT);
	check_eq(f_try(".", O_RDONLY), 0);
	check_eq(f_try("..", O_RDONLY), 0);
}

Test(path, umask)
{
	struct eft_stat st;
	unsigned old;

	files_boot(NULL, 0);
	old = eft_umask(-1);
	check_eq(eft_umask(0077), old);
	f_create("/f", "");
	check_eq(f_stat("/f", &st), 0);
	check_eq(st.mode, S_IFREG | 0600);
	check_eq(eft_umask(07777), 0077);
	check_eq(eft_umask(-1), 0777);
}

Test(link, symbolic)
{
	char buf[16], name[16];

	files_boot(NULL, 0);
	f_mkdir("/d");
	f_create("/d/f", "text");
	check_eq(f_symlink("d", "/l"), 0);
	check_eq(f_symlink("/d/f", "/d/a"), 0);
	check_eq(f_symlink("../d/../d/a", "/d/r"), 0);
	check_eq(f_symlink("none", "/dangling"), 0);
	check_eq(f_symlink("", "/empty"), -ENOENT);
	check_eq(f_symlink("x", "/l"), -EEXIST);
	check_str(f_text("/l/f"), "text");
	check_str(f_text("/l/r"), "text");
	check_eq(f_try("/d/a", O_RDONLY | O_NOFOLLOW), -ELOOP);
	check_eq(f_try("/d/a/", O_RDONLY), -ENOTDIR);
	check_eq(f_try("/l/", O_RDONLY | O_NOFOLLOW), 0);
	check_eq(f_try("/dangling", O_RDONLY), -ENOENT);
	check_eq(f_try("/dangling", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	check_eq(f_try("/dangling", O_CREAT | O_RDWR), 0);
	check_str(f_text("/none"), "");
	check_eq(f_readlink("/l", buf, sizeof(buf)), 1);
	check_eq(f_readlink("/d/a", buf, 3), 3);
	check_eq(memcmp(buf, "/d/", 3), 0);
	check_eq(f_readlink("/d/f", buf, sizeof(buf)), -EINVAL);
	check_eq(f_unlink("/l/"), -ENOTDIR);
	check_eq(f_unlink("/l"), 0);
	check_str(f_text("/d/f"), "text");
	f_symlink("self", "/self");
	check_eq(f_try("/self", O_RDONLY), -ELOOP);
	check_eq(f_try("/self/x", O_RDONLY), -ELOOP);
	f_symlink("pong/x", "/ping");
	f_symlink("ping/x", "/pong");
	check_eq(f_try("/ping", O_RDONLY), -ELOOP);
	f_symlink("/d/f", "/0");
	for (int i = 1; i <= 40; i++) {
		snprintf(name, sizeof(name), "/%d", i);
		snprintf(buf, sizeof(buf), "%d", i - 1);
		f_symlink(buf, name);
	}
	check_eq(f_try("/39", O_RDONLY), 0); /* 40 links */
	check_eq(f_try("/40", O_RDONLY), -ELOOP);
}

Test(link, hard)
{
	struct eft_stat st;
	struct eft_file *open;

	files_boot(NULL, 0);
	f_create("/a", "text");
	f_mkdir("/d");
	check_eq(f_link("/a", "/b"), 0);
	check_eq(f_link("/a", "/b"), -EEXIST);
	check_eq(f_link("/d", "/e"), -EPERM);
	check_eq(f_link("/none", "/e"), -ENOENT);
	check_eq(f_link("/a", "/x/e"), -ENOENT);
	check_eq(ino_of("/a"), ino_of("/b"));
	f_stat("/a", &st);
	check_eq(st.nlink, 2);
	open = f_must("/a", O_RDWR);
	check_eq(f_unlink("/a"), 0);
	check_eq(f_unlink("/b"), 0);
	check_eq(open->ops->stat(open, &st), 0);
	check_eq(st.nlink, 0);
	check_eq(f_pwrite(open, "T", 1, 0), 1);
	check_eq(st.size, 4);
	eft_file_put(open);
}

Test(rename, rules)
{
	uint64_t ino;

	files_boot(NULL, 0);
	f_mkdir("/d");
	f_mkdir("/d/sub");
	f_mkdir("/e");
	f_create("/a", "A");
	f_create("/b", "B");
	ino = ino_of("/a");
	check_eq(f_rename("/a", "/a"), 0);
	check_eq(f_rename("/a", "/b"), 0);
	check_eq(ino_of("/b"), ino);
	check_eq(f_rename("/a", "/b"), -ENOENT);
	check_eq(f_rename("/b", "/d/sub/b"), 0);
	check_str(f_text("/d/sub/b"), "A");
	check_eq(f_rename("/d", "/d/sub/x"), -EINVAL);
	check_eq(f_rename("/d", "/d/sub"), -EINVAL);
	check_eq(f_rename("/d/sub", "/d"), -ENOTEMPTY);
	check_eq(f_rename("/d/sub/b", "/d"), -ENOTEMPTY);
	check_eq(f_rename("/d", "/d/sub/b"), -EINVAL);
	check_eq(f_rename("/e", "/d/sub/b"), -ENOTDIR);
	check_eq(f_rename("/e", "/d"), -ENOTEMPTY);
	check_eq(f_rename("/d", "/e"), 0); /* an empty one is replaced */
	check_str(f_text("/e/sub/b"), "A");
	check_eq(f_rename("/e/sub/b/", "/c"), -ENOTDIR);
	check_eq(f_rename("/e/sub/b", "/c/"), -ENOTDIR);
	check_eq(f_rename("/e/", "/d/"), 0);
	check_eq(f_rename("/", "/x"), -EBUSY);
	check_eq(f_rename("/d/.", "/x"), -EBUSY);
	check_eq(f_rename("/d", "/d/.."), -EBUSY);
	f_link("/d/sub/b", "/same");
	check_eq(f_rename("/same", "/d/sub/b"), 0); /* nothing happens */
	check_eq(ino_of("/same"), ino);
}

Test(rename, flags)
{
	files_boot(NULL, 0);
	f_create("/a", "A");
	f_create("/b", "B");
	f_mkdir("/d");
	f_create("/d/f", "F");
	check_eq(f_two(false, "/a", "/b", RENAME_NOREPLACE), -EEXIST);
	check_eq(f_two(false, "/a", "/c", RENAME_NOREPLACE), 0);
	check_eq(f_two(false, "/c", "/b", 4), -EINVAL);
	check_eq(f_two(false, "/c", "/b", 3), -EINVAL);
	check_eq(f_two(false, "/c", "/none", RENAME_EXCHANGE), -ENOENT);
	check_eq(f_two(false, "/c", "/b", RENAME_EXCHANGE), 0);
	check_str(f_text("/c"), "B");
	check_str(f_text("/b"), "A");
	check_eq(f_two(false, "/b", "/d", RENAME_EXCHANGE), 0);
	check_str(f_text("/b/f"), "F");
	check_str(f_text("/d"), "A");
	check_eq(f_two(false, "/b/f", "/b", RENAME_EXCHANGE), -EINVAL);
	check_eq(f_two(false, "/b", "/b/f", RENAME_EXCHANGE), -EINVAL);
}

/* Only the libOS changes /proc. */
Test(rename, fixed)
{
	files_boot(NULL, 0);
	f_create("/a", "A");
	check_eq(f_rename("/a", "/proc/a"), -EXDEV);
	check_eq(f_rename("/proc/self", "/proc/a"), -EPERM);
	check_eq(f_try("/proc/a", O_CREAT | O_RDWR), -EPERM);
	check(f_rmdir("/proc") < 0);
	check(f_rename("/proc", "/x") < 0);
	check(f_unlink("/proc/self") < 0);
	check(f_link("/a", "/proc/self/a") < 0);
	check(f_two(false, "/a", "/proc", RENAME_EXCHANGE) < 0);
	check(f_try("/proc/self/stat", O_WRONLY) < 0);
}

/*
 * Whole trees, as text: for each entry its name, type, inode and links.
 */
struct dump {
	char text[1 << 15];
	size_t len;
	unsigned names;
};

static void dump_dir(struct dump *out, const char *path, uint64_t parent_ino);

static void dump_entry(struct dump *out, const char *dir,
		       const struct eft_dirent *entry, unsigned *subdirs,
		       uint64_t dir_ino)
{
	char path[512];
	struct eft_stat st;

	snprintf(path, sizeof(path), "%s/%s", dir, entry->name);
	check_eq(f_lstat(path, &st), 0);
	check_eq(entry->ino, st.ino);
	check_eq(entry->type, st.mode >> 12);
	out->names++;
	out->len += (size_t)snprintf(
		out->text + out->len, sizeof(out->text) - out->len,
		"%s %o %lu %lu %ld\n", path, st.mode, (unsigned long)st.ino,
		(unsigned long)st.nlink, (long)st.size);
	check(out->len < sizeof(out->text));
	if ((st.mode & S_IFMT) != S_IFDIR)
		return;
	++*subdirs;
	dump_dir(out, path, dir_ino);
}

static void dump_dir(struct dump *out, const char *path, uint64_t parent_ino)
{
	struct eft_file *dir = f_must(path, O_RDONLY | O_DIRECTORY);
	unsigned subdirs = 0;
	char buf[600];
	struct eft_stat st;
	ssize_t n;

	check_eq(dir->ops->stat(dir, &st), 0);
	while ((n = dir->ops->getdents(dir, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			struct eft_dirent *entry = (void *)(buf + at);

			check(entry->reclen % 8 == 0 && entry->reclen > 19);
			if (strcmp(entry->name, ".") == 0)
				check_eq(entry->ino, st.ino);
			else if (strcmp(entry->name, "..") == 0)
				check_eq(entry->ino, parent_ino);
			else
				dump_entry(out, path, entry, &subdirs, st.ino);
			at += entry->reclen;
		}
	}
	check_eq(n, 0);
	check_eq(st.nlink, 2 + subdirs);
	eft_file_put(dir);
}

static const char *dump(struct dump *out)
{
	out->len = out->names = 0;
	out->text[0] = '\0';
	dump_dir(out, "/t", ino_of("/"));
	return out->text;
}

static void remove_all(const char *path)
{
	struct eft_file *dir = f_must(path, O_RDONLY);
	char buf[600], below[512];
	ssize_t n;

	while ((n = dir->ops->getdents(dir, buf, sizeof(buf))) > 0) {
		for (ssize_t at = 0; at < n;) {
			struct eft_dirent *entry = (void *)(buf + at);

			at += entry->reclen;
			if (entry->name[0] == '.')
				continue;
			snprintf(below, sizeof(below), "%s/%s", path,
				 entry->name);
			if (entry->type == S_IFDIR >> 12)
				remove_all(below);
			else
				check_eq(f_unlink(below), 0);
		}
	}
	eft_file_put(dir);
	check_eq(f_rmdir(path), 0);
}

static struct dump now, then;

/* A path of one to four parts, each one of three names. */
static const char *random_path(void)
{
	static char paths[2][64];
	static unsigned turn;
	char *path = paths[turn++ % 2];
	size_t len = (size_t)snprintf(path, 64, "/t");

	for (unsigned n = 1 + unit_random(4); n > 0; n--)
		len += (size_t)snprintf(path + len, 64 - len, "/%c",
					(int)('a' + unit_random(3)));
	return path;
}

static int random_operation(void)
{
	const char *a = random_path(), *b = random_path();

	switch (unit_random(9)) {
	case 0:
	case 1:
		return f_mkdir(a);
	case 2:
		return f_try(a, O_CREAT | O_RDWR);
	case 3:
		return f_unlink(a);
	case 4:
		return f_rmdir(a);
	case 5:
		return f_rename(a, b);
	case 6:
		return f_two(false, a, b, RENAME_EXCHANGE);
	case 7:
		return f_link(a, b);
	}
	return f_symlink(unit_random(2) ? "a/b" : "/t/c", a);
}

Test(tree, stays_whole)
{
	struct files_usage before;
	unsigned done = 0;

	files_boot(NULL, 0);
	before = files_usage();
	f_mkdir("/t");
	dump(&now);
	for (unsigned step = 0; step < 6000; step++) {
		bool injected = unit_random(3) == 0;
		int error;

		if (injected)
			memcpy(&then, &now, sizeof(now));
		eft_alloc_fail_after(injected ? unit_random(4) : UINT64_MAX);
		error = random_operation();
		eft_alloc_fail_after(UINT64_MAX);
		check(injected || error != -ENOMEM);
		done += error == 0;
		if (injected || step % 8 == 0)
			dump(&now);
		if (injected && error != 0)
			check_str(now.text, then.text);
		else if (error == 0)
			dump(&now);
	}
	check(done > 500);
	remove_all("/t");
	check_usage(before);
}

/*
 * Every allocation of each path operation fails in turn: the tree is as it
 * was, and so is memory.
 */
static int op_mkdir(void)
{
	return f_mkdir("/t/d/new");
}

static int op_create(void)
{
	return f_try("/t/d/new", O_CREAT | O_RDWR);
}

static int op_open(void)
{
	return f_try("/t/f", O_RDWR | O_TRUNC);
}

static int op_symlink(void)
{
	return f_symlink("target", "/t/d/new");
}

static int op_link(void)
{
	return f_link("/t/f", "/t/d/new");
}

static int op_mknod(void)
{
	return (int)f_call(mknod, "/t/d/new", S_IFCHR | 0600, 5);
}

static int op_rename(void)
{
	return f_rename("/t/f", "/t/d/new");
}

static int op_replace(void)
{
	return f_rename("/t/f", "/t/g");
}

static int op_exchange(void)
{
	return f_two(false, "/t/f", "/t/d", RENAME_EXCHANGE);
}

static int op_chmod(void)
{
	return (int)f_call(chmod, "/t/f", 0600);
}

static int op_tmpfile(void)
{
	return f_try("/t", O_TMPFILE | O_RDWR);
}

static int op_stat(void)
{
	struct eft_stat st;

	return f_stat("/t/l/new", &st) == -ENOENT ? 0 : -ENOMEM;
}

static int op_proc(void)
{
	return f_try("/proc/self/maps", O_RDONLY);
}

static int op_fd_dir(void)
{
	struct eft_stat st;

	return f_stat("/proc/self/fd/1", &st);
}

Test(tree, every_failure)
{
	static int (*const operations[])(void) = {
		op_mkdir, op_create,  op_open,	  op_symlink,  op_link,
		op_mknod, op_rename,  op_replace, op_exchange, op_chmod,
		op_stat,  op_tmpfile, op_proc,	  op_fd_dir,
	};
	struct files_usage start, before;

	files_boot(NULL, 0);
	f_try("/proc/self/fd/1", O_PATH); /* which makes entries */
	start = files_usage();
	for (unsigned i = 0; i < eft_array_size(operations); i++) {
		int error = -1;

		f_mkdir("/t");
		f_mkdir("/t/d");
		f_symlink("d", "/t/l");
		f_create("/t/f", "F");
		f_create("/t/g", "G");
		for (uint64_t n = 0; error != 0; n++) {
			check(n < 30);
			dump(&then);
			before = files_usage();
			eft_alloc_fail_after(n);
			error = operations[i]();
			eft_alloc_fail_after(UINT64_MAX);
			if (error == 0)
				break;
			check_eq(error, -ENOMEM);
			check_str(dump(&now), then.text);
			check_usage(before);
		}
		remove_all("/t");
		check_usage(start);
	}
}

/* What cannot be cut, when it is opened by a link of /proc, is let go of. */
Test(tree, opened_again_in_vain)
{
	struct files_usage before;
	struct eft_file *file;

	files_boot(NULL, 0);
	check_eq(eft_memfd_create("m", 0600, 0, &file), 0);
	check_eq(file->ops->set_size(file, 10), 0);
	check_eq(eft_memfd_seal(file, F_SEAL_SHRINK), F_SEAL_SHRINK);
	check_eq(eft_fd_install(file, 20, false), 20);
	f_try("/proc/self/fd/20", O_PATH); /* which makes entries */
	before = files_usage();
	check_eq(f_try("/proc/self/fd/20", O_RDWR | O_TRUNC), -EPERM);
	check_usage(before);
	check_eq(file->references, 1);
}

static struct eft_file *deepest;

static void put_deepest(void *arg)
{
	eft_file_put(deepest);
}

static void remove_deep(void *arg)
{
	enum { DEPTH = 5000, ORDER = 4 /* 64 KiB */ };
	struct files_usage before = files_usage();

	for (int i = 0; i < DEPTH; i++) {
		check_eq(f_mkdir("d"), 0);
		check_eq(eft_chdir(f_must("d", O_DIRECTORY | O_PATH)), 0);
	}
	deepest = f_must(".", O_RDONLY);
	for (int i = 0; i < DEPTH; i++) {
		check_eq(eft_chdir(f_must("..", O_DIRECTORY | O_PATH)), 0);
		check_eq(f_rmdir("d"), 0);
	}
	check(eft_thread_create("put", put_deepest, NULL, ORDER) != NULL);
	eft_yield();
	check_usage(before);
}

/* One that was removed holds those above it: all go with it, however many. */
Test(tree, deep_and_removed)
{
	files_boot(NULL, 0);
	check_eq(eft_chdir(f_must("/", O_DIRECTORY | O_PATH)), 0);
	check_eq(fake_run(remove_deep, NULL), FAKE_RETURNED);
}

/*
 * Directories that are read while they change.
 */
Test(getdents, entries_come_and_go)
{
	struct eft_file *dir;
	char buf[64], path[80];
	unsigned seen = 0;
	ssize_t n;

	files_boot(NULL, 0);
	f_mkdir("/t");
	for (int i = 0; i < 50; i++) {
		snprintf(path, sizeof(path), "/t/%02d", i);
		f_create(path, "");
	}
	dir = f_must("/t", O_RDONLY);
	while ((n = dir->ops->getdents(dir, buf, 32)) > 0) {
		struct eft_dirent *entry = (void *)buf;

		if (entry->name[0] == '.')
			continue;
		check_eq(n, 24);
		snprintf(path, sizeof(path), "/t/%s", entry->name);
		check_eq(f_unlink(path), 0);
		seen++;
	}
	check_eq(seen, 50);
	check_eq(dir->ops->getdents(dir, buf, 8), 0); /* at the end */
	check_eq(dir->ops->seek(dir, 0, SEEK_SET), 0);
	check_eq(dir->ops->getdents(dir, buf, 8), -EINVAL); /* no room */
	check_eq(f_rmdir("/t"), 0);
	check_eq(dir->ops->getdents(dir, buf, 64), -ENOENT);
	eft_file_put(dir);
}

/* Any position that a program can ask for. */
Test(getdents, positions)
{
	struct eft_file *dir;
	char buf[64];

	files_boot(NULL, 0);
	dir = f_must("/", O_RDONLY);
	check_eq(dir->ops->seek(dir, INT64_MAX, SEEK_SET), INT64_MAX);
	check_eq(dir->ops->getdents(dir, buf, 64), 0);
	check_eq(dir->ops->seek(dir, 1, SEEK_CUR), -EINVAL);
	check_eq(dir->ops->seek(dir, -1, SEEK_SET), -EINVAL);
	check_eq(dir->ops->seek(dir, 0, SEEK_END), -EINVAL);
	eft_file_put(dir);
}

/* Any range that a program can ask to lock. */
Test(lock, ranges)
{
	static const int64_t values[] = {
		0,
		1,
		-1,
		-5,
		100,
		INT64_MAX,
		INT64_MAX - 1,
		INT64_MIN,
		INT64_MIN + 1,
	};
	struct files_usage before;
	struct eft_file *file;

	files_boot(NULL, 0);
	before = files_usage();
	file = f_must("/f", O_CREAT | O_RDWR);
	for (unsigned i = 0; i < 9 * 9 * 3 * 3; i++) {
		struct eft_flock lock = {
			.type = (int16_t)(i % 3),
			.whence = (int16_t)(i / 3 % 3),
			.start = values[i / 9 % 9],
			.len = values[i / 81],
		};
		int error = file->ops->lock(file, F_SETLK, &lock);

		check(error == 0 || error == -EINVAL || error == -EOVERFLOW);
		error = file->ops->lock(file, F_GETLK, &lock);
		check(error == 0 || error == -EINVAL || error == -EOVERFLOW);
	}
	file->ops->closed(file);
	eft_file_put(file);
	f_unlink("/f");
	check_usage(before);
}

Test(lock, between_descriptions)
{
	struct eft_flock whole = {.type = F_WRLCK},
			 part = {.type = F_WRLCK, .start = 10, .len = 5};
	struct eft_file *a, *b;

	files_boot(NULL, 0);
	a = f_must("/f", O_CREAT | O_RDWR);
	b = f_must("/f", O_RDWR);
	check_eq(a->ops->lock(a, F_OFD_SETLK, &part), 0);
	check_eq(b->ops->lock(b, F_OFD_SETLK, &whole), -EAGAIN);
	check_eq(b->ops->lock(b, F_OFD_GETLK, &whole), 0);
	check_eq(whole.type, F_WRLCK);
	check_eq(whole.start, 10);
	check_eq(whole.len, 5);
	part.type = F_UNLCK;
	part.start = 12;
	part.len = 1;
	check_eq(a->ops->lock(a, F_OFD_SETLK, &part), 0); /* in the middle */
	part.type = F_WRLCK;
	check_eq(b->ops->lock(b, F_OFD_SETLK, &part), 0);
	part.start = 13;
	check_eq(b->ops->lock(b, F_OFD_SETLK, &part), -EAGAIN);
	eft_file_put(a); /* which drops its locks */
	check_eq(b->ops->lock(b, F_OFD_SETLK, &part), 0);
	check_eq(b->ops->flock(b, LOCK_EX), 0);
	a = f_must("/f", O_RDWR);
	check_eq(a->ops->flock(a, LOCK_SH | LOCK_NB), -EAGAIN);
	check_eq(b->ops->flock(b, LOCK_SH), 0);
	check_eq(a->ops->flock(a, LOCK_SH | LOCK_NB), 0);
	eft_file_put(a);
	eft_file_put(b);
}
