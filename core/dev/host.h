// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device classes: the files of a Linux host, which a process has.
 *
 * Handles are the host's file descriptors; EFT_HOST_CWD is its working
 * directory, from which paths start; of the other calls, stat and close take
 * it too. Flags, structures and errors are Linux's (core/abi.h) and each
 * call is the Linux call of its name. Five classes, so that an image
 * which only prints carries the first alone; a sixth makes their long calls.
 *
 * Context: thread. Calls on regular files may take as long as the host's
 * disk does; nothing here waits for a terminal, a pipe or a socket except
 * write and read: read_now(), write_now() and notify() do not.
 */
#include "core/abi.h"
#include "core/dev/uring.h"
#include "core/xattr.h"

enum { EFT_HOST_CWD = -100, EFT_HOST_POSITION = -1 };

struct eft_host_files {
	/* (at): an offset, or EFT_HOST_POSITION: where the handle stands. */
	ssize_t (*write)(int handle, const struct eft_iovec *iov, int count,
			 off_t at);
	off_t (*seek)(int handle, off_t offset, int whence);
	int (*stat)(int handle, struct eft_stat *ret_stat);
	int (*ioctl)(int handle, unsigned long request, void eft_user *arg);
	/*
	 * The O_ flags of the handle that exec has left at (number).
	 * -EBADF: there is none, though one of ours may be there by now.
	 */
	int (*inherited)(int number);
	int (*set_flags)(int handle, int flags);
	/* The handle is closed, also where the host tells of an error. */
	int (*close)(int handle);

	/* Map the file at (addr), replacing what is there; Linux's flags. */
	int (*map)(int handle, uintptr_t addr, size_t len, int prot,
		   bool shared, off_t offset);
};

/* Reading. */
struct eft_host_input {
	ssize_t (*read)(int handle, const struct eft_iovec *iov, int count,
			off_t at);
};

/* Waiting for something to read, or for room, while other threads run. */
struct eft_host_waiting {
	/*
	 * read() and write() of a stream, where it stands, without waiting.
	 * write_now() may write less, where the host cannot say how much there
	 * is room for.
	 *
	 * Returns   the count; -EAGAIN there is nothing to read, or no room
	 */
	ssize_t (*read_now)(int handle, const struct eft_iovec *iov, int count);
	ssize_t (*write_now)(int handle, const struct eft_iovec *iov,
			     int count);

	int (*get_flags)(int handle); /* fcntl(F_GETFL) */

	/* The (events) of poll(2) that are true now, with ERR, HUP, NVAL. */
	unsigned (*ready)(int handle, unsigned events);

	/*
	 * Have done(arg) called, as an interrupt and once, when one of
	 * (events) becomes true. cancel() takes a notification back: (done) is
	 * not called afterwards.
	 *
	 * Returns   a ticket for cancel(), 0 or more; -ENOMEM too many wait
	 */
	int (*notify)(int handle, unsigned events, void (*done)(void *arg),
		      void *arg);
	void (*cancel)(int ticket);

	/* True while there are tickets: some event may come. Context: any. */
	bool (*waits)(void);
};

/* What makes sense for files that last. */
struct eft_host_storage {
	int (*statfs)(int handle, struct eft_statfs *ret_statfs);
	int (*set_size)(int handle, off_t size);
	int (*allocate)(int handle, int mode, off_t offset, off_t len);
	int (*sync)(int handle, bool data_only);
	int (*chmod)(int handle, unsigned mode);
	int (*chown)(int handle, unsigned uid, unsigned gid);
	int (*set_times)(int handle, const struct eft_timespec times[2]);
	ssize_t (*getdents)(int handle, void eft_user *buf, size_t size);
	int (*lock)(int handle, int command, struct eft_flock *lock);
	int (*flock)(int handle, int operation);
	int (*sync_map)(uintptr_t addr, size_t len, int flags);
};

/*
 * Calls that may take long, made beside the CPUs: the caller sleeps, and others
 * run. A job is the caller's memory, and untouched by it until it has ended.
 */
enum eft_host_call {
	/* Their arguments are Linux's, with handles for descriptors. */
	EFT_HOST_READ, /* readv() and its brothers */
	EFT_HOST_WRITE,
	EFT_HOST_PREAD,
	EFT_HOST_PWRITE,
	EFT_HOST_OPEN, /* openat() */
	EFT_HOST_LOCK, /* fcntl() */
	EFT_HOST_FLOCK,
	EFT_HOST_FSYNC,
	EFT_HOST_FDATASYNC,
	EFT_HOST_MSYNC,
	EFT_HOST_FUTEX,
	EFT_HOST_SENDFILE,
	EFT_HOST_COPY_RANGE, /* copy_file_range() */
	EFT_HOST_SYNCFS,
};

struct eft_host_job {
	enum eft_host_call call;
	long args[6];
	void (*done)(void *arg); /* called once, as an interrupt */
	void *arg;
	long result; /* when it has ended */

	/* The platform's. */
	bool told;
	uint32_t stop; /* atomic */
	void *helper;
	struct eft_host_job *next;
};

struct eft_host_helpers {
	/* Returns   0; -EAGAIN there is nobody to do it */
	int (*begin)(struct eft_host_job *job);
	/*
	 * Have its call end, with -EINTR where the host can interrupt it and
	 * what it waits for has not come.
	 */
	void (*stop)(struct eft_host_job *job);
	/* It is over, and done() was. */
	bool (*has_ended)(struct eft_host_job *job);

	/* A futex(2) that does not wait, at once. */
	long (*futex)(const long args[6]);
};

/* Moving bytes between two files, and to where they last. */
struct eft_host_moving {
	/* EFT_HOST_SENDFILE, _COPY_RANGE, or _SYNCFS: at once. */
	long (*move)(enum eft_host_call call, const long args[6]);
};

struct eft_host_paths {
	int (*open)(int at, const char *path, int flags, unsigned mode);
	/*
	 * The same of a path that the program named. -ELOOP, too, where it goes
	 * through a link of a /proc that leads to an open file, if the host can
	 * tell.
	 */
	int (*open_named)(int at, const char *path, int flags, unsigned mode);
	int (*stat)(int at, const char *path, int flags,
		    struct eft_stat *ret_stat);
	int (*access)(int at, const char *path, int mode, int flags);
	ssize_t (*readlink)(int at, const char *path, char *buf, size_t size);
	/* Is it in a /proc of the host's? */
	bool (*is_proc)(int handle);
	/* The working directory's path, with its NUL; returns the length. */
	ssize_t (*getcwd)(char *buf, size_t size);
	/* The first (number), (from) or more, for inherited(); -1: none. */
	int (*next_inherited)(int from);
	/* The process's umask; the host's is 0 from then on. */
	unsigned (*take_umask)(void);
};

/* Calls by path that make, move and change something. */
struct eft_host_names {
	int (*mkdir)(int at, const char *path, unsigned mode);
	int (*mknod)(int at, const char *path, unsigned mode, uint64_t dev);
	int (*unlink)(int at, const char *path, int flags);
	int (*rename)(int from, const char *path, int to, const char *to_path,
		      unsigned flags);
	int (*link)(int from, const char *path, int to, const char *to_path,
		    int flags);
	int (*symlink)(const char *target, int at, const char *path);
	int (*chmod)(int at, const char *path, unsigned mode);
	int (*chown)(int at, const char *path, unsigned uid, unsigned gid,
		     int flags);
	int (*set_times)(int at, const char *path,
			 const struct eft_timespec times[2], int flags);
};

/* Extended attributes. (follow): a symbolic link at the end of the path. */
struct eft_host_xattrs {
	ssize_t (*by_path)(const char *path, bool follow,
			   const struct eft_xattr_call *call);
	ssize_t (*by_handle)(int handle, const struct eft_xattr_call *call);
};

/* Watching files: inotify(7). */
struct eft_host_watching {
	int (*create)(int flags); /* a handle, which is a stream */
	/* (path) starts at the host's working directory. */
	int (*add)(int handle, const char *path, unsigned mask);
	int (*remove)(int handle, int watch);
};

/*
 * A new file of the host's memory, which nobody else knows: its handle.
 *
 * Returns   also -EMFILE, -ENFILE, -ENOMEM; -ENOSYS
 */
int eft_plat_host_memory(void);

/* NULL on a platform that has no host's files. */
const struct eft_host_files *eft_plat_host_files(void);
const struct eft_host_input *eft_plat_host_input(void);
const struct eft_host_waiting *eft_plat_host_waiting(void);
const struct eft_host_storage *eft_plat_host_storage(void);
const struct eft_host_helpers *eft_plat_host_helpers(void);
const struct eft_host_moving *eft_plat_host_moving(void);
const struct eft_host_watching *eft_plat_host_watching(void);
const struct eft_host_paths *eft_plat_host_paths(void);
const struct eft_host_names *eft_plat_host_names(void);
const struct eft_host_xattrs *eft_plat_host_xattrs(void);
