// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Trees of files: steps that change one, by random, and the comparison of two
 * that the same was done to.
 */
#include "core/vfs/vfs.h"
#include "core/xattr.h"
#include "tests/unit/files.h"

void *realloc(void *ptr, size_t size);
void qsort(void *base, size_t count, size_t size,
	   int (*compare)(const void *, const void *));

/*
 * Two trees are compared.
 */
struct names {
	char (*names)[NAME_MAX + 1];
	unsigned count, room;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void add_name(struct names *names, const struct eft_dirent *entry)
{
	if (names->count == names->room) {
		names->room = names->room * 2 + 64;
		names->names = realloc(names->names,
				       names->room * sizeof(*names->names));
	}
	/* The type comes first. */
	snprintf(names->names[names->count++], NAME_MAX + 1, "%c%s",
		 'a' + entry->type, entry->name);
}

/* All that (path) has, by reads of (size) bytes. */
static struct names read_names(const char *path, size_t size)
{
	_Alignas(8) static char buf[65536];
	struct eft_file *dir = f_must(path, O_RDONLY | O_DIRECTORY);
	struct names names = {NULL, 0, 0};
	ssize_t n;

	while ((n = dir->ops->getdents(dir, buf, size)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct eft_dirent *entry =
				(const void *)(buf + at);

			add_name(&names, entry);
			at += entry->reclen;
		}
	}
	check_eq(n, 0);
	eft_file_put(dir);
	if (names.count > 0)
		qsort(names.names, names.count, sizeof(*names.names),
		      compare_names);
	return names;
}

/* Extended attributes are set and compared. */
static bool trees_have_xattrs;

/* Inodes of 128 bytes have whole seconds, up to the year 2038. */
static bool old_inodes;

static void compare_times(const struct eft_timespec *a,
			  const struct eft_timespec *b)
{
	check_eq(a->sec, b->sec);
	if (!old_inodes)
		check_eq(a->nsec, b->nsec);
}

static void compare_contents(const char *a, const char *b)
{
	static uint8_t x[1 << 17], y[1 << 17];
	struct eft_file *file = f_must(a, O_RDONLY);
	ssize_t n = f_pread(file, x, sizeof(x), 0);

	eft_file_put(file);
	file = f_must(b, O_RDONLY);
	check_eq(f_pread(file, y, sizeof(y), 0), n);
	eft_file_put(file);
	for (ssize_t i = 0; i < n; i++) {
		if (x[i] != y[i])
			cr_log_error("%s: byte %ld of %ld", a, (long)i,
				     (long)n);
		check_eq(x[i], y[i]);
	}
}

/* A call on (path), a link too; what that returns. */
static long xattr_call(const char *path, struct eft_xattr_call call)
{
	struct eft_at at;
	long result = eft_path_start(AT_FDCWD, path, false, &at);

	if (result == 0) {
		result = eft_xattr_at(at.file, at.path, false, &call);
		eft_file_put(at.file);
	}
	return result;
}

static long xattr_get(const char *path, const char *name, void *value,
		      size_t size)
{
	return xattr_call(path,
			  (struct eft_xattr_call){.operation = EFT_XATTR_GET,
						  .name = name,
						  .data = value,
						  .size = size});
}

static long xattr_set(const char *path, const char *name, const void *value,
		      size_t size, int flags)
{
	return xattr_call(path,
			  (struct eft_xattr_call){.operation = EFT_XATTR_SET,
						  .name = name,
						  .data = (void *)value,
						  .size = size,
						  .flags = flags});
}

static long xattr_remove(const char *path, const char *name)
{
	return xattr_call(path,
			  (struct eft_xattr_call){.operation = EFT_XATTR_REMOVE,
						  .name = name});
}

static long xattr_list(const char *path, char *names, size_t size)
{
	return xattr_call(path,
			  (struct eft_xattr_call){.operation = EFT_XATTR_LIST,
						  .data = names,
						  .size = size});
}

/* As many names, and each with the same value. */
static void compare_xattrs(const char *a, const char *b)
{
	static char list[4096];
	uint8_t x[1024], y[1024];
	long len = xattr_list(a, list, sizeof(list));

	check(len >= 0);
	check_eq(xattr_list(b, NULL, 0), len);
	for (long at = 0; at < len; at += (long)strlen(list + at) + 1) {
		long n = xattr_get(a, list + at, x, sizeof(x));

		check(n >= 0);
		check_eq(xattr_get(b, list + at, y, sizeof(y)), n);
		check(memcmp(x, y, (size_t)n) == 0);
	}
}

static void compare_stat(const char *a, const char *b)
{
	struct eft_stat x = {0}, y = {0};
	char text[2][4096];
	long len;

	check_eq(f_lstat(a, &x), 0);
	check_eq(f_lstat(b, &y), 0);
	check_eq(x.mode, y.mode);
	check_eq(x.uid, y.uid);
	check_eq(x.gid, y.gid);
	check_eq(x.nlink, y.nlink);
	check_eq(x.rdev, y.rdev);
	compare_times(&x.mtime, &y.mtime);
	compare_times(&x.ctime, &y.ctime);
	if (trees_have_xattrs)
		compare_xattrs(a, b);
	if ((x.mode & S_IFMT) == S_IFREG) {
		check_eq(x.size, y.size);
		compare_contents(a, b);
	}
	if ((x.mode & S_IFMT) != S_IFLNK)
		return;
	check_eq(x.size, y.size);
	len = f_readlink(a, text[0], sizeof(text[0]));
	check_eq(f_readlink(b, text[1], sizeof(text[1])), len);
	check(memcmp(text[0], text[1], (size_t)len) == 0);
}

static void compare_trees(const char *a, const char *b)
{
	struct names x = read_names(a, 700), y = read_names(b, 65536);
	char *paths = malloc(2 * 4096);

	check_eq(x.count, y.count);
	for (unsigned i = 0; i < x.count; i++) {
		const char *name = x.names[i] + 1;

		check_str(x.names[i], y.names[i]);
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		snprintf(paths, 4096, "%s/%s", a, name);
		snprintf(paths + 4096, 4096, "%s/%s", b, name);
		compare_stat(paths, paths + 4096);
		if (x.names[i][0] == 'a' + 4)
			compare_trees(paths, paths + 4096);
	}
	free(paths);
	free(x.names);
	free(y.names);
}

/*
 * Operations, of the same names on both.
 */
enum { NAMES = 40, DIRS = 5 };

static void random_name(char *name, size_t size, unsigned pool)
{
	unsigned n = (unsigned)unit_random(pool), len = n * 37 % 190;

	if (n % 2 == 0)
		len = 0;
	snprintf(name, size, "n%u%.*s", n, (int)len,
		 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
		 "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"
		 "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
		 "wwwwwwwwww");
}

static void random_path(char *path, size_t size)
{
	unsigned depth = (unsigned)unit_random(3);
	size_t at = 0;

	path[0] = '\0';
	for (unsigned i = 0; i <= depth; i++) {
		char name[NAME_MAX + 1];

		random_name(name, sizeof(name), i < depth ? DIRS : NAMES);
		at += (size_t)snprintf(path + at, size - at, "/%s", name);
	}
}

struct step {
	unsigned kind, number;
	char a[1024], b[1024];
};

enum {
	STEP_CREATE,
	STEP_MKDIR,
	STEP_MKNOD,
	STEP_SYMLINK,
	STEP_LINK,
	STEP_UNLINK,
	STEP_RMDIR,
	STEP_RENAME,
	STEP_EXCHANGE,
	STEP_CHMOD,
	STEP_CHOWN,
	STEP_TIMES,
	STEP_SET_XATTR,
	STEP_REMOVE_XATTR,
	STEP_SHIFT,
	STEP_WRITE,
	STEP_CUT,
};

static int set_times(const char *path, unsigned n)
{
	struct eft_timespec times[2] = {
		{.sec = (int64_t)n * 7000000 - 2000000000, .nsec = n % 1000},
		{.sec = (int64_t)n * 10000000 - 1000, .nsec = 999999999},
	};

	if (old_inodes)
		times[1].sec = n * 1000000;

	return (int)f_call(set_times, path, times, AT_SYMLINK_NOFOLLOW);
}

static int make_link(const char *path, unsigned n)
{
	char target[1024];
	size_t len = n % 3 == 0 ? n % 900 + 1 : n % 80 + 1;

	memset(target, 'a' + n % 26, len);
	target[len] = '\0';
	return f_symlink(target, path);
}

/* So few and so short that all of a file's have room, in the smallest block. */
static const char *const xattr_names[] = {
	"user.a", "user.ab", "trusted.some-longer-name", "security.b", "user.c",
};

static int change_xattr(const char *path, unsigned n, bool set)
{
	const char *name = xattr_names[n % eft_array_size(xattr_names)];
	static const int flags[] = {0, EFT_XATTR_CREATE, EFT_XATTR_REPLACE, 0};
	uint8_t value[150];

	memset(value, (int)n, sizeof(value));
	return (int)(set ? xattr_set(path, name, value, n * 7 % sizeof(value),
				     flags[n / 5 % 4])
			 : xattr_remove(path, name));
}

enum { CONTENT_MAX = 60000 };

/* Write something at a place, both of (n); or have (n) set the size. */
static int change_contents(const char *path, unsigned n, bool cut)
{
	static uint8_t data[9000];
	struct eft_file *file;
	off_t at = (off_t)(n * 7919u % CONTENT_MAX);
	int error = f_open(path, O_RDWR, &file);

	if (error != 0)
		return error;
	if (!eft_node_is(eft_node_of(file), S_IFREG)) {
		error = 0;
	} else if (cut) {
		error = file->ops->set_size(file, at);
	} else {
		memset(data, (int)n, sizeof(data));
		error = (int)f_pwrite(file, data, n * 31 % sizeof(data), at);
		if (n % 7 == 0)
			error = file->ops->sync(file, n % 2) ?: error;
	}
	eft_file_put(file);
	return error;
}

/* Only ext4 can: it is a step of those that are not compared. */
static int shift_contents(const char *path, unsigned n)
{
	struct eft_file *file;
	int error = f_open(path, O_RDWR, &file);

	if (error != 0)
		return error;
	if (eft_node_is(eft_node_of(file), S_IFREG))
		error = file->ops->allocate(file,
					    n % 2 ? FALLOC_FL_INSERT_RANGE
						  : FALLOC_FL_COLLAPSE_RANGE,
					    n % 8 * 4096, (n % 3 + 1) * 4096);
	eft_file_put(file);
	return error;
}

static int do_step(const struct step *step, const char *root)
{
	char a[1100], b[1100];
	unsigned n = step->number;

	snprintf(a, sizeof(a), "%s%s", root, step->a);
	snprintf(b, sizeof(b), "%s%s", root, step->b);
	switch (step->kind) {
	case STEP_CREATE:
		return (int)f_call(mknod, a, S_IFREG | (n & 0777), 0);
	case STEP_MKDIR:
		return f_mkdir(a);
	case STEP_MKNOD:
		return (int)f_call(mknod, a, (n & 1 ? S_IFCHR : S_IFIFO) | 0600,
				   n & 1 ? n * 77 : 0);
	case STEP_SYMLINK:
		return make_link(a, n);
	case STEP_LINK:
		return f_link(a, b);
	case STEP_UNLINK:
		return f_unlink(a);
	case STEP_RMDIR:
		return f_rmdir(a);
	case STEP_RENAME:
		return f_rename(a, b);
	case STEP_EXCHANGE:
		return f_two(false, a, b, RENAME_EXCHANGE);
	case STEP_CHMOD:
		return (int)f_call(chmod, a, n & 07777);
	case STEP_CHOWN:
		return (int)f_call(chown, a, n * 70000, n * 3, 0);
	case STEP_TIMES:
		return set_times(a, n);
	case STEP_SET_XATTR:
	case STEP_REMOVE_XATTR:
		return change_xattr(a, n, step->kind == STEP_SET_XATTR);
	case STEP_SHIFT:
		return shift_contents(a, n);
	default:
		return change_contents(a, n, step->kind == STEP_CUT);
	}
}

enum { XATTR_KINDS = 4 }; /* the last of (kinds) */

static struct step random_step(void)
{
	static const uint8_t kinds[] = {
		STEP_CREATE,	   STEP_CREATE,	   STEP_CREATE,
		STEP_CREATE,	   STEP_MKDIR,	   STEP_MKDIR,
		STEP_MKDIR,	   STEP_MKNOD,	   STEP_SYMLINK,
		STEP_LINK,	   STEP_UNLINK,	   STEP_UNLINK,
		STEP_RMDIR,	   STEP_RENAME,	   STEP_RENAME,
		STEP_RENAME,	   STEP_CHMOD,	   STEP_CHOWN,
		STEP_EXCHANGE,	   STEP_TIMES,	   STEP_WRITE,
		STEP_WRITE,	   STEP_WRITE,	   STEP_CUT,
		STEP_SET_XATTR,	   STEP_SET_XATTR, STEP_SET_XATTR,
		STEP_REMOVE_XATTR,
	};
	struct step step = {
		.kind = kinds[unit_random(
			trees_have_xattrs ? sizeof(kinds)
					  : sizeof(kinds) - XATTR_KINDS)],
		.number = (unsigned)unit_random(1000),
	};

	random_path(step.a, sizeof(step.a));
	random_path(step.b, sizeof(step.b));
	return step;
}

/* How often an allocation of a step fails; 0: never. */
static unsigned fail_every;

/* The same is done in /r, which is in memory, and in /m. */
static void do_both(const struct step *step)
{
	int wanted = do_step(step, "/r"), error;

	/* Of contents a part may be written then. */
	if (fail_every > 0 && step->kind < STEP_WRITE &&
	    unit_random(fail_every) == 0) {
		for (uint64_t n = 0;; n++) {
			eft_alloc_fail_after(n);
			error = do_step(step, "/m");
			eft_alloc_fail_after(UINT64_MAX);
			if (error != -ENOMEM)
				break;
		}
	} else {
		error = do_step(step, "/m");
	}
	if (error != wanted)
		cr_log_error("step %u: %s %s", step->kind, step->a, step->b);
	check_eq(error, wanted);
	fake_advance(1000003);
}
