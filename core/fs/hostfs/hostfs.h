// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Open file descriptions over a host's handles (core/dev/host.h). Private to core.
 */
#include "core/dev/host.h"
#include "core/file.h"

/*
 * A description over (handle), whose path operations are (fs), or NULL.
 *
 * Returns   0; -ENOMEM
 * Owns      takes (handle), also on failure; gives *ret_file
 */
int eft_hostfile_create(int handle, int flags, const struct eft_fs_ops *fs,
			struct eft_file **ret_file);

/*
 * The same of a (handle) that is the caller's if NULL is returned, and again
 * after unwrap(), whose description nobody else has seen.
 */
struct eft_file *eft_hostfile_wrap(int handle, int flags,
				   const struct eft_fs_ops *fs);
void eft_hostfile_unwrap(struct eft_file *file);

/*
 * The same of a handle that exec has left, which may be of a socket in images
 * that have those (core/net/host/inherit.c).
 */
struct eft_file *eft_handle_wrap(int handle, int flags,
				 const struct eft_fs_ops *fs);
void eft_handle_unwrap(struct eft_file *file);

enum eft_hostfile_kind {
	EFT_HOSTFILE_UNKNOWN,
	EFT_HOSTFILE_DIRECT, /* the host's calls do not wait for anybody */
	EFT_HOSTFILE_DEVICE, /* the same, of one that has no end */
	EFT_HOSTFILE_STREAM,
	EFT_HOSTFILE_TERMINAL, /* that, with read()s of its own */
};

struct eft_hostfile {
	struct eft_file file;
	int handle;
	uint32_t kind;		/* atomic; enum eft_hostfile_kind */
	struct eft_waitq queue; /* woken by the host's notifications */
};

extern const struct eft_file_ops eft_hostfile_ops;

/* Set up a description embedded in something larger; takes (handle). */
static inline void eft_hostfile_init(struct eft_hostfile *hf, int handle,
				     int flags, const struct eft_fs_ops *fs)
{
	eft_file_init(&hf->file, &eft_hostfile_ops, flags);
	hf->file.fs = fs;
	hf->handle = handle;
	eft_waitq_init(&hf->queue);
}

static inline struct eft_hostfile *eft_hostfile_of(const struct eft_file *file)
{
	return eft_container_of(file, struct eft_hostfile, file);
}

static inline int eft_hostfile_handle(const struct eft_file *file)
{
	return eft_hostfile_of(file)->handle;
}

/*
 * Operations that not every image has: weak in file.c.
 */

/*
 * bounce.c, in images with disks. Has (iov) memory that the host cannot use?
 * Then read or write it so.
 */
bool eft_hostfile_bounces(const struct eft_iovec *iov, int count);
ssize_t eft_hostfile_bounce(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at, bool writes);

/* read.c */
ssize_t eft_hostfile_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at);
/* wait.c */
ssize_t eft_hostfile_read_asleep(struct eft_hostfile *hf,
				 const struct eft_iovec *iov, int count,
				 off_t at);
bool eft_hostfile_find_kind(struct eft_hostfile *hf);
/* May it take long until there is something to read, or room to write? */
static inline bool eft_hostfile_is_stream(struct eft_hostfile *hf)
{
	uint32_t kind = __atomic_load_n(&hf->kind, __ATOMIC_RELAXED);

	if (eft_unlikely(kind == EFT_HOSTFILE_UNKNOWN))
		return eft_hostfile_find_kind(hf);
	return kind >= EFT_HOSTFILE_STREAM;
}
/*
 * Sleep until one of (events) came, or perhaps. -ETIMEDOUT; -EINTR; -EAGAIN
 * with O_NONBLOCK.
 */
int eft_hostfile_wait(struct eft_hostfile *hf, unsigned events,
		      uint64_t deadline_ns);
ssize_t eft_hostfile_read_stream(struct eft_hostfile *hf,
				 const struct eft_iovec *iov, int count);

/* helper.c: in programs that make threads; weak for others. */

/*
 * Have a helper make (call) with (args), Linux's: the caller sleeps.
 * (interruptible): until (deadline_ns), or a signal.
 *
 * Returns   true, and *ret_result: the call's, or -ETIMEDOUT, -EINTR; false:
 *           nobody can
 */
bool eft_hostfile_call(enum eft_host_call call, const long args[6],
		       uint64_t deadline_ns, bool interruptible,
		       long *ret_result);
/*
 * open(2) of (path) from (at) by a helper, if it may take long: true, and
 * *ret_handle, or an error there. (named): as open_named() of struct
 * eft_host_paths.
 */
bool eft_hostfile_open(int at, const char *path, int flags, unsigned mode,
		       bool named, int *ret_handle);
/* The same for EFT_HOST_READ or _WRITE of a file, if that may take long. */
bool eft_hostfile_transfer(enum eft_host_call call, struct eft_hostfile *hf,
			   const struct eft_iovec *iov, int count, off_t at,
			   long *ret_result);

/* tty.c */
ssize_t eft_hostfile_read_terminal(struct eft_hostfile *hf,
				   const struct eft_iovec *iov, int count);

/* storage.c; with eft_hostfile_sync() */
int eft_hostfile_statfs(struct eft_file *file, struct eft_statfs *ret_statfs);
int eft_hostfile_set_size(struct eft_file *file, off_t size);
int eft_hostfile_allocate(struct eft_file *file, int mode, off_t offset,
			  off_t len);
int eft_hostfile_chmod(struct eft_file *file, unsigned mode);
int eft_hostfile_chown(struct eft_file *file, unsigned uid, unsigned gid);
int eft_hostfile_set_times(struct eft_file *file,
			   const struct eft_timespec times[2]);
ssize_t eft_hostfile_getdents(struct eft_file *file, void eft_user *buf,
			      size_t size);
int eft_hostfile_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			  int flags);

/* lock.c; with eft_hostfile_lock() */
int eft_hostfile_flock(struct eft_file *file, int operation);
void eft_hostfile_drop_locks(struct eft_file *file);

/*
 * path.c: path() of a description. It is weak, as is what it calls, which an
 * image that has no path calls is without (hostfs.c): the path of a handle,
 * without a NUL; returns its length.
 */
ssize_t eft_hostfile_path(struct eft_file *file, char *buf, size_t size);
ssize_t eft_hostfs_path(int handle, char *buf, size_t size);

/* The path that the host gets for (path). */
const char *eft_hostfs_name(const char *path);
/*
 * What of the program's own /proc/self the link leads to at the end of (path),
 * if it is one that is followed by (flags); or NULL.
 */
struct eft_file *eft_hostfs_own_at_end(struct eft_file *at, const char *path,
				       int flags);

/* stat.c, names.c, change.c; with those in core/file.h */
int eft_hostfs_access(struct eft_file *at, const char *path, int mode,
		      int flags);
ssize_t eft_hostfs_readlink(struct eft_file *at, const char *path, char *buf,
			    size_t size);
int eft_hostfs_mknod(struct eft_file *at, const char *path, unsigned mode,
		     uint64_t dev);
int eft_hostfs_unlink(struct eft_file *at, const char *path, int flags);
int eft_hostfs_rename(struct eft_file *from, const char *path,
		      struct eft_file *to, const char *to_path, unsigned flags);
int eft_hostfs_link(struct eft_file *from, const char *path,
		    struct eft_file *to, const char *to_path, int flags);
int eft_hostfs_symlink(const char *target, struct eft_file *at,
		       const char *path);
int eft_hostfs_chown(struct eft_file *at, const char *path, unsigned uid,
		     unsigned gid, int flags);
int eft_hostfs_set_times(struct eft_file *at, const char *path,
			 const struct eft_timespec times[2], int flags);

/* xattr.c: (handle) of any kind, and what is open or named. */
ssize_t eft_hosthandle_xattr(int handle, const struct eft_xattr_call *call);
ssize_t eft_hostfile_xattr(struct eft_file *file,
			   const struct eft_xattr_call *call);
ssize_t eft_hostfs_xattr(struct eft_file *at, const char *path, bool follow,
			 const struct eft_xattr_call *call);

/* Open again, by new (flags), what (file), a host's, describes. Absent too. */
int eft_hostfs_reopen(struct eft_file *file, int flags,
		      struct eft_file **ret_file);
