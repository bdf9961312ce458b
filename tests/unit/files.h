// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Files in a test: the guest's root, and calls by path that return an error
 * or what a program would see.
 */
#include "core/file.h"
#include "core/mem.h"
#include "core/vfs/root.h"
#include "tests/fake/needs.h"
#include "tests/unit/unit.h"

/* What must come back: pages of RAM, and blocks of the heap. */
struct files_usage {
	uint64_t pages;
	size_t blocks;
};

static inline struct files_usage files_usage(void)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	return (struct files_usage){stats.free, fake_heap_blocks()};
}

#define check_usage(before)                                    \
	do {                                                   \
		check_eq(fake_heap_blocks(), (before).blocks); \
		check_eq(files_usage().pages, (before).pages); \
	} while (0)

static inline void files_boot_as(const struct fake_config *config,
				 const void *initrd, size_t len)
{
	fake_boot(config);
	eft_fd_init();
	eft_root_init(initrd, len);
}

static inline void files_boot(const void *initrd, size_t len)
{
	files_boot_as(NULL, initrd, len);
}

static inline int f_open(const char *path, int flags, struct eft_file **ret)
{
	return eft_path_open(AT_FDCWD, path, flags, 0644, ret);
}

/* Open what must be there. */
static inline struct eft_file *f_must(const char *path, int flags)
{
	struct eft_file *file = NULL;

	check_eq(f_open(path, flags, &file), 0);
	return file;
}

/* Open and close; what that says. */
static inline int f_try(const char *path, int flags)
{
	struct eft_file *file;
	int error = f_open(path, flags, &file);

	if (error == 0)
		eft_file_put(file);
	return error;
}

/* Call (op) of the path's file system with (...) after the path. */
#define f_call(op, name, ...)                                              \
	({                                                                 \
		struct eft_at at_;                                         \
		long error_ = eft_path_start(AT_FDCWD, name, false, &at_); \
                                                                           \
		if (error_ == 0) {                                         \
			error_ = at_.file->fs->op(at_.file,                \
						  at_.path __VA_OPT__(, )  \
							  __VA_ARGS__);    \
			eft_file_put(at_.file);                            \
		}                                                          \
		error_;                                                    \
	})

static inline int f_mkdir(const char *path)
{
	return (int)f_call(mkdir, path, 0755);
}

static inline int f_unlink(const char *path)
{
	return (int)f_call(unlink, path, 0);
}

static inline int f_rmdir(const char *path)
{
	return (int)f_call(unlink, path, AT_REMOVEDIR);
}

static inline int f_stat(const char *path, struct eft_stat *ret)
{
	return (int)f_call(stat, path, 0, ret);
}

static inline int f_lstat(const char *path, struct eft_stat *ret)
{
	return (int)f_call(stat, path, AT_SYMLINK_NOFOLLOW, ret);
}

static inline long f_readlink(const char *path, char *buf, size_t size)
{
	return f_call(readlink, path, buf, size);
}

static inline int f_symlink(const char *target, const char *path)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, path, false, &at);

	if (error == 0) {
		error = at.file->fs->symlink(target, at.file, at.path);
		eft_file_put(at.file);
	}
	return error;
}

static inline int f_two(bool link, const char *from, const char *to,
			unsigned flags)
{
	struct eft_at a, b;
	int error = eft_path_start(AT_FDCWD, from, false, &a);

	if (error != 0)
		return error;
	error = eft_path_start(AT_FDCWD, to, false, &b);
	if (error == 0) {
		error = link ? a.file->fs->link(a.file, a.path, b.file, b.path,
						(int)flags)
			     : a.file->fs->rename(a.file, a.path, b.file,
						  b.path, flags);
		eft_file_put(b.file);
	}
	eft_file_put(a.file);
	return error;
}

/* Give what is open the name (to). */
static inline int f_link_opened(struct eft_file *file, const char *to)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, to, false, &at);

	if (error == 0) {
		error = at.file->fs->link(file, "", at.file, at.path,
					  AT_EMPTY_PATH);
		eft_file_put(at.file);
	}
	return error;
}

static inline int f_rename(const char *from, const char *to)
{
	return f_two(false, from, to, 0);
}

static inline int f_link(const char *from, const char *to)
{
	return f_two(true, from, to, 0);
}

static inline ssize_t f_pwrite(struct eft_file *file, const void *buf,
			       size_t len, off_t at)
{
	struct eft_iovec iov = {(void *)(uintptr_t)buf, len};

	return eft_file_write(file, &iov, 1, at);
}

static inline ssize_t f_pread(struct eft_file *file, void *buf, size_t len,
			      off_t at)
{
	struct eft_iovec iov = {buf, len};

	return eft_file_read(file, &iov, 1, at);
}

static inline void f_create(const char *path, const char *text)
{
	struct eft_file *file = f_must(path, O_CREAT | O_TRUNC | O_WRONLY);

	check_eq(f_pwrite(file, text, strlen(text), -1), strlen(text));
	eft_file_put(file);
}

/* The file's text, or its error as "-N". */
static inline const char *f_text(const char *path)
{
	static char text[8192];
	struct eft_file *file;
	ssize_t n = f_open(path, O_RDONLY, &file);

	if (n == 0) {
		n = f_pread(file, text, sizeof(text) - 1, -1);
		eft_file_put(file);
	}
	if (n < 0)
		snprintf(text, sizeof(text), "%d", (int)n);
	else
		text[n] = '\0';
	return text;
}
