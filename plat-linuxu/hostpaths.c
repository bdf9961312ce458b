// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's files by path: each call is the host's system call of its name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

static int host_open(int at, const char *path, int flags, unsigned mode)
{
	return eft_linuxu_open(at, path, flags, mode);
}

/* openat2(2), linux/openat2.h. */
struct open_how {
	uint64_t flags, mode, resolve;
};

enum { RESOLVE_NO_MAGICLINKS = 2 };

/* As openat(2) does it, with what openat2(2) would refuse left out. */
static struct open_how how_to_open(int flags, unsigned mode)
{
	const int path = O_PATH | O_DIRECTORY | O_NOFOLLOW;
	const int known = O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC |
			  O_APPEND | O_NONBLOCK | O_SYNC | O_ASYNC | O_DIRECT |
			  O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME |
			  O_PATH | O_TMPFILE;
	bool creates = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;

	return (struct open_how){
		.flags = (flags & (flags & O_PATH ? path : known)) | O_CLOEXEC,
		.mode = creates && !(flags & O_PATH) ? mode & 07777 : 0,
		.resolve = RESOLVE_NO_MAGICLINKS,
	};
}

/*
 * Where the host cannot say which links it followed, that there is one at the
 * end is all that is known.
 */
static int open_unless_link(int at, const char *path, int flags, unsigned mode)
{
	struct eft_stat st;

	if (!(flags & O_NOFOLLOW) &&
	    eft_linux4(SYS_newfstatat, at, (long)path, (long)&st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.mode & S_IFMT) == S_IFLNK)
		return -ELOOP;
	return eft_linuxu_open(at, path, flags, mode);
}

/* Valgrind has no such call, nor a host before Linux 5.6; some forbid it. */
static int host_open_named(int at, const char *path, int flags, unsigned mode)
{
	struct open_how how = how_to_open(flags, mode);
	long handle = -ENOSYS;

	eft_linuxu_note_given();
	if (!eft_linuxu_under_valgrind())
		handle = eft_linux4(SYS_openat2, at, (long)path, (long)&how,
				    sizeof(how));
	if (handle == -ENOSYS || handle == -EPERM)
		return open_unless_link(at, path, flags, mode);
	if (handle == -EINVAL || handle == -EMFILE)
		return eft_linuxu_open(at, path, flags, mode);
	return (int)handle;
}

static int host_stat(int at, const char *path, int flags,
		     struct eft_stat *ret_stat)
{
	return eft_linux4(SYS_newfstatat, at, (long)path, (long)ret_stat,
			  flags);
}

static int host_access(int at, const char *path, int mode, int flags)
{
	return eft_linux4(SYS_faccessat2, at, (long)path, mode, flags);
}

static ssize_t host_readlink(int at, const char *path, char *buf, size_t size)
{
	return eft_linux4(SYS_readlinkat, at, (long)path, (long)buf, size);
}

/* Linux include/uapi/linux/magic.h */
enum { PROC_SUPER_MAGIC = 0x9fa0 };

static bool host_is_proc(int handle)
{
	struct eft_statfs st;

	return eft_linux3(SYS_fstatfs, handle, (long)&st, 0) == 0 &&
	       st.type == PROC_SUPER_MAGIC;
}

static ssize_t host_getcwd(char *buf, size_t size)
{
	return eft_linux3(SYS_getcwd, (long)buf, size, 0);
}

static unsigned host_take_umask(void)
{
	return eft_linux3(SYS_umask, 0, 0, 0);
}

static const struct eft_host_paths host_paths = {
	.open = host_open,
	.open_named = host_open_named,
	.stat = host_stat,
	.access = host_access,
	.readlink = host_readlink,
	.is_proc = host_is_proc,
	.getcwd = host_getcwd,
	.next_inherited = eft_linuxu_next_given,
	.take_umask = host_take_umask,
};

const struct eft_host_paths *eft_plat_host_paths(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_paths : NULL;
}
