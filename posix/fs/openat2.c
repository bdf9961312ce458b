// SPDX-License-Identifier: BSD-3-Clause
/*
 * openat2(2): what its structure may say (Linux fs/open.c, build_open_flags()).
 * Restrictions on the way are resolve.c's.
 */
#include "core/mem.h"
#include "core/statx.h"
#include "posix/fs/path.h"
#include "posix/fs/resolve.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

enum { MODE_BITS = 07777, TMPFILE = O_TMPFILE & ~O_DIRECTORY };

/* A structure of a later Linux is fine, if what we do not know is zero. */
static long get_how(struct eft_open_how *ret_how,
		    const struct eft_open_how eft_user *how, size_t size)
{
	const char eft_user *more = (const char eft_user *)(how + 1);
	char piece[64], any = 0;

	if (size < sizeof(*ret_how))
		return -EINVAL;
	if (size > EFT_PAGE_SIZE)
		return -E2BIG;
	for (size_t left = size - sizeof(*ret_how), n; left > 0; left -= n) {
		n = eft_min(left, sizeof(piece));
		if (eft_copy_in(piece, more, n) != 0)
			return -EFAULT;
		for (size_t i = 0; i < n; i++)
			any |= piece[i];
		more += n;
	}
	return any != 0 ? -E2BIG : eft_get_user(ret_how, how);
}

static bool is_path_only(uint64_t flags)
{
	const uint64_t path_flags =
		O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

	return !(flags & ~path_flags);
}

static bool is_valid(const struct eft_open_how *how)
{
	bool tmpfile = how->flags & TMPFILE;
	bool creates = how->flags & O_CREAT || tmpfile;

	if (how->flags & ~(uint64_t)O_KNOWN || how->resolve & ~RESOLVE_ALL ||
	    how->mode & ~(uint64_t)(creates ? MODE_BITS : 0))
		return false;
	if (how->resolve & RESOLVE_BENEATH && how->resolve & RESOLVE_IN_ROOT)
		return false;
	if ((how->flags & (O_DIRECTORY | O_CREAT)) == (O_DIRECTORY | O_CREAT))
		return false;
	if (tmpfile && (!(how->flags & O_DIRECTORY) ||
			(how->flags & O_ACCMODE) == O_RDONLY))
		return false;
	return !(how->flags & O_PATH) || is_path_only(how->flags);
}

static long check(const struct eft_open_how *how)
{
	if (!is_valid(how))
		return -EINVAL;
	/* What is cached is nobody's to say. */
	return how->resolve & RESOLVE_CACHED ? -EAGAIN : 0;
}

static long open_at(int dirfd, const char eft_user *path,
		    const struct eft_open_how *how)
{
	struct eft_file *file = NULL;
	struct eft_user_string string;
	int fd, error = eft_string_get(&string, path);

	if (error != 0)
		return error;
	fd = eft_fd_reserve(how->flags & O_CLOEXEC);
	if (fd >= 0) {
		error = eft_resolve_open(dirfd, string.text, how, &file);
		eft_fd_fill(fd, file);
	}
	eft_string_put(&string);
	return error < 0 ? error : fd;
}

long eft_sys_openat2(int dirfd, const char eft_user *path,
		     const struct eft_open_how eft_user *how, size_t size)
{
	struct eft_open_how copy;
	long result = get_how(&copy, how, size);

	if (result == 0)
		result = check(&copy);
	if (result == 0)
		result = open_at(dirfd, path, &copy);
	return eft_restartable(result);
}
