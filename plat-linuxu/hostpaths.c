// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's files by path: each call is the host's system call of its name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

eft_needs(eft_linuxu_ram_file);

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

static int host_mkdir(int at, const char *path, unsigned mode)
{
	return eft_linux3(SYS_mkdirat, at, (long)path, mode);
}

static int host_mknod(int at, const char *path, unsigned mode, uint64_t dev)
{
	return eft_linux4(SYS_mknodat, at, (long)path, mode, dev);
}

static int host_unlink(int at, const char *path, int flags)
{
	return eft_linux3(SYS_unlinkat, at, (long)path, flags);
}

static int host_rename(int from, const char *path, int to, const char *to_path,
		       unsigned flags)
{
	return eft_linux6(SYS_renameat2, from, (long)path, to, (long)to_path,
			  flags, 0);
}

static int host_link(int from, const char *path, int to, const char *to_path,
		     int flags)
{
	return eft_linux6(SYS_linkat, from, (long)path, to, (long)to_path,
			  flags, 0);
}

static int host_symlink(const char *target, int at, const char *path)
{
	return eft_linux3(SYS_symlinkat, (long)target, at, (long)path);
}

static ssize_t host_readlink(int at, const char *path, char *buf, size_t size)
{
	return eft_linux4(SYS_readlinkat, at, (long)path, (long)buf, size);
}

static int host_chmod(int at, const char *path, unsigned mode)
{
	return eft_linux3(SYS_fchmodat, at, (long)path, mode);
}

static int host_chown(int at, const char *path, unsigned uid, unsigned gid,
		      int flags)
{
	return eft_linux6(SYS_fchownat, at, (long)path, uid, gid, flags, 0);
}

static int host_set_times(int at, const char *path,
			  const struct eft_timespec times[2], int flags)
{
	return eft_linux4(SYS_utimensat, at, (long)path, (long)times, flags);
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
	.mkdir = host_mkdir,
	.mknod = host_mknod,
	.unlink = host_unlink,
	.rename = host_rename,
	.link = host_link,
	.symlink = host_symlink,
	.readlink = host_readlink,
	.chmod = host_chmod,
	.chown = host_chown,
	.set_times = host_set_times,
	.getcwd = host_getcwd,
	.next_inherited = eft_linuxu_next_given,
	.take_umask = host_take_umask,
};

const struct eft_host_paths *eft_plat_host_paths(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_paths : NULL;
}
