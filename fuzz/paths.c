// SPDX-License-Identifier: BSD-3-Clause
/*
 * Paths of the tree (core/vfs/walk.c, tree.c, rename.c, path.c): the input is
 * a sequence of calls with made-up paths. After each, what it said is looked at
 * again by another call; at the end all open files are closed.
 */
#include "core/vfs/root.h"
#include "fuzz/calls.h"
#include "posix/settled.h"
#include "tests/fake/needs.h"

enum { PATH = 128, FILES = 4 };

static struct eft_file *files[FILES];
static char path[PATH], path2[PATH];

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	eft_fd_init();
	eft_root_init(NULL, 0);
}

/* Few names, so that they meet: `/`, `..`, a to d, and now and then a byte. */
static void make_path(char *text)
{
	static const char *const words[] = {"/", "a",  "b",    "/a", "/b/",
					    ".", "..", "/../", "c",  "dev/"};
	unsigned parts = fuzz_below(8);
	size_t len = 0;

	text[0] = '\0';
	while (parts-- > 0) {
		unsigned word = fuzz_below(eft_array_size(words) + 1);
		char byte[2] = {word == eft_array_size(words) ? fuzz_u8() : 0};

		len += eft_strlcpy(text + len,
				   byte[0] != '\0' ||
						   word == eft_array_size(words)
					   ? byte
					   : words[word],
				   PATH - len);
	}
}

/* Call (op) of the file system of (path), with what follows the path. */
#define call(op, ...)                                                      \
	({                                                                 \
		struct eft_at at_;                                         \
		long error_ = eft_path_start(AT_FDCWD, path, false, &at_); \
                                                                           \
		if (error_ == 0) {                                         \
			error_ = at_.file->fs->op(at_.file,                \
						  at_.path __VA_OPT__(, )  \
							  __VA_ARGS__);    \
			eft_file_put(at_.file);                            \
		}                                                          \
		error_;                                                    \
	})

static long stat_path(struct eft_stat *st, int flags)
{
	return call(stat, flags, st);
}

static void do_mkdir(void)
{
	struct eft_stat st;
	bool made = call(mkdir, 0755) == 0;

	if (made)
		fuzz_check(stat_path(&st, 0) == 0 &&
			   (st.mode & S_IFMT) == S_IFDIR);
}

/* What is removed has no links, and yet a way there: from within. */
static bool is_from_removed(void)
{
	char name[2 * PATH];

	return path[0] != '/' && eft_getcwd(name, sizeof(name)) == -ENOENT;
}

static void do_open(void)
{
	static const int flags[] = {
		O_RDONLY,	    O_RDWR | O_CREAT,	       O_DIRECTORY,
		O_WRONLY | O_TRUNC, O_RDWR | O_CREAT | O_EXCL, O_PATH};
	struct eft_file **slot = &files[fuzz_below(FILES)], *file;
	struct eft_stat st;
	int error = eft_path_open(AT_FDCWD, path,
				  flags[fuzz_below(eft_array_size(flags))],
				  0644, &file);

	if (error < 0)
		return;
	eft_file_put(*slot);
	*slot = file;
	fuzz_check(file->ops->stat(file, &st) == 0);
	fuzz_check(st.nlink > 0 || is_from_removed());
}

static void do_unlink(void)
{
	struct eft_stat st;

	if (call(unlink, fuzz_below(2) ? AT_REMOVEDIR : 0) == 0)
		fuzz_check(stat_path(&st, AT_SYMLINK_NOFOLLOW) < 0);
}

/* (op) of two paths: the file system of the first has both. */
#define call_two(op, ...)                                                    \
	({                                                                   \
		struct eft_at to_;                                           \
		long error2_ = eft_path_start(AT_FDCWD, path2, false, &to_); \
                                                                             \
		if (error2_ == 0) {                                          \
			error2_ = call(op, to_.file, to_.path, __VA_ARGS__); \
			eft_file_put(to_.file);                              \
		}                                                            \
		error2_;                                                     \
	})

static void do_rename(void)
{
	make_path(path2);
	call_two(rename, fuzz_below(4));
}

static void do_link(void)
{
	make_path(path2);
	call_two(link, 0);
}

static void do_symlink(void)
{
	struct eft_at at;

	make_path(path2);
	if (eft_path_start(AT_FDCWD, path, false, &at) < 0)
		return;
	at.file->fs->symlink(path2, at.file, at.path);
	eft_file_put(at.file);
}

static void do_readlink(void)
{
	char target[PATH];
	ssize_t len = call(readlink, target, sizeof(target));

	fuzz_check(len <= (ssize_t)sizeof(target));
}

static void do_chdir(void)
{
	char name[2 * PATH];
	struct eft_file *dir;

	if (eft_path_open(AT_FDCWD, path, O_DIRECTORY | O_PATH, 0, &dir) == 0)
		eft_chdir(dir);
	if (eft_getcwd(name, sizeof(name)) > 0)
		fuzz_check(name[0] == '/');
}

static void do_list(void)
{
	struct eft_file *file = files[fuzz_below(FILES)];
	char buf[200];
	ssize_t len;

	if (file == NULL || file->ops->getdents == NULL)
		return;
	len = file->ops->getdents(file, buf, sizeof(buf));
	fuzz_check(len <= (ssize_t)sizeof(buf) && len % 8 <= 0);
}

void fuzz_one(void)
{
	static void (*const steps[])(void) = {do_mkdir,	   do_open,  do_unlink,
					      do_rename,   do_link,  do_symlink,
					      do_readlink, do_chdir, do_list};

	while (fuzz_more()) {
		unsigned step = fuzz_u8();

		make_path(path);
		eft_alloc_fail_after(step & 0x80 ? fuzz_below(4) : UINT64_MAX);
		steps[step % eft_array_size(steps)]();
		eft_alloc_fail_after(UINT64_MAX);
	}
	for (unsigned i = 0; i < FILES; i++)
		eft_file_put(files[i]);
	eft_sys_chdir("/");
	fuzz_empty_root();
	fuzz_check_left();
}
