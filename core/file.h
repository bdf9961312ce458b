// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Files: descriptors, open file descriptions, paths and file systems.
 *
 *	descriptor ── open file description (struct eft_file) ── operations
 *	                  └─ a tree's node (ramfs, devices, /proc), or a host's
 *handle
 *
 * A path is resolved by the file system that its start belongs to: the tree
 * (core/vfs/operations.c) walks its nodes, the host's files (hostfs.c) pass the
 * whole path to the host. What a description cannot do is a NULL operation,
 * for which the callers in this header answer the error that POSIX wants.
 */
#include "core/abi.h"
#include "core/log.h"
#include "core/thread.h"

struct eft_epoll_item;
struct eft_file;
struct eft_node;
struct eft_pages;
struct eft_place;
struct eft_poll;
struct eft_text;

enum { EFT_AT_POSITION = -1 }; /* for (at): where the description stands */

/*
 * Operations of an open file description. Return 0 or a count, or a negative
 * errno. Context: thread; may sleep. Buffers are the program's memory.
 */
struct eft_file_ops {
	ssize_t (*read)(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t at);
	ssize_t (*write)(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at);
	off_t (*seek)(struct eft_file *file, off_t offset, int whence);
	int (*stat)(struct eft_file *file, struct eft_stat *ret_stat);
	int (*statfs)(struct eft_file *file, struct eft_statfs *ret_statfs);
	int (*set_size)(struct eft_file *file, off_t size);
	int (*allocate)(struct eft_file *file, int mode, off_t offset,
			off_t len);
	int (*sync)(struct eft_file *file, bool data_only);
	int (*chmod)(struct eft_file *file, unsigned mode);
	int (*chown)(struct eft_file *file, unsigned uid, unsigned gid);
	int (*set_times)(struct eft_file *file,
			 const struct eft_timespec times[2]);
	ssize_t (*getdents)(struct eft_file *file, void eft_user *buf,
			    size_t size);
	int (*ioctl)(struct eft_file *file, unsigned long request,
		     void eft_user *arg);
	/* TIOCGWINSZ, to memory of the program's. NULL: no terminal. */
	int (*window_size)(struct eft_file *file,
			   struct eft_winsize eft_user *arg);
	/* Tell a host; (file->flags) is the caller's. NULL: nobody to tell. */
	int (*set_flags)(struct eft_file *file, int flags);
	int (*lock)(struct eft_file *file, int command, struct eft_flock *lock);
	int (*flock)(struct eft_file *file, int operation);
	/*
	 * A descriptor of this description is closed (not the last one only):
	 * what close() answers.
	 */
	int (*closed)(struct eft_file *file);
	/* Its path, without a NUL; its length. -ENAMETOOLONG */
	ssize_t (*path)(struct eft_file *file, char *buf, size_t size);

	/* Lines for /proc/self/fdinfo/N. NULL: no more than all have. */
	void (*info)(struct eft_file *file, struct eft_text *text);
	/*
	 * Another description of the same, by new flags. NULL: a character
	 * device is shared, all else is -ENXIO.
	 */
	int (*reopen)(struct eft_file *file, int flags,
		      struct eft_file **ret_file);

	/* F_SETPIPE_SZ; 0 only asks. Returns the bytes that there is room for.
	 */
	long (*pipe_size)(struct eft_file *file, size_t bytes);

	/*
	 * The (events) of poll(2) that are true. Registers with (poll) before
	 * it looks, where (poll) has room.
	 */
	unsigned (*poll)(struct eft_file *file, unsigned events,
			 struct eft_poll *poll);

	/*
	 * Memory mappings. pages() gives the contents, for core to map; NULL:
	 * zeroes, of which a mapping may be private only. map() has a platform
	 * that pages itself map the file. Neither: -ENODEV.
	 */
	struct eft_pages *(*pages)(struct eft_file *file);
	int (*map)(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		   bool shared, off_t offset);
	int (*sync_map)(struct eft_file *file, uintptr_t addr, size_t len,
			int flags);

	/* The last reference is gone: free (file). */
	void (*release)(struct eft_file *file);
};

/*
 * Operations on paths, which start at the open directory (at). A path that
 * begins with `/` is meant to start there as well, and is not empty (except
 * link()'s first and readlink()'s: then (from) or (at) itself is meant; link()
 * without AT_EMPTY_PATH: what a link in /proc leads to). (mode)
 * is what the umask has left of it.
 */
struct eft_fs_ops {
	int (*open)(struct eft_file *at, const char *path, int flags,
		    unsigned mode, struct eft_file **ret_file);
	int (*stat)(struct eft_file *at, const char *path, int flags,
		    struct eft_stat *ret_stat);
	int (*access)(struct eft_file *at, const char *path, int mode,
		      int flags);
	int (*mkdir)(struct eft_file *at, const char *path, unsigned mode);
	int (*mknod)(struct eft_file *at, const char *path, unsigned mode,
		     uint64_t dev);
	int (*unlink)(struct eft_file *at, const char *path, int flags);
	int (*rename)(struct eft_file *from, const char *path,
		      struct eft_file *to, const char *to_path, unsigned flags);
	int (*link)(struct eft_file *from, const char *path,
		    struct eft_file *to, const char *to_path, int flags);
	int (*symlink)(const char *target, struct eft_file *at,
		       const char *path);
	ssize_t (*readlink)(struct eft_file *at, const char *path, char *buf,
			    size_t size);
	int (*chmod)(struct eft_file *at, const char *path, unsigned mode);
	int (*chown)(struct eft_file *at, const char *path, unsigned uid,
		     unsigned gid, int flags);
	int (*set_times)(struct eft_file *at, const char *path,
			 const struct eft_timespec times[2], int flags);
};

/* An open file description. */
struct eft_file {
	const struct eft_file_ops *ops;
	const struct eft_fs_ops *fs; /* a directory's; NULL: not a directory */
	uint32_t references;	     /* atomic */
	int flags;		     /* O_ flags, without the creation flags */
	struct eft_mutex lock;	     /* of position */
	union {
		off_t position;
		struct eft_file *next_dead; /* core/mem/flusher.c */
	};
	struct eft_epoll_item *watchers; /* owned by epoll.c */
};

/* May (file), by the flags of its mount, hold no code? Weak, as mounts are. */
bool eft_file_runs_nothing(struct eft_file *file);

/* Note an access of (file), if it is a regular one, as a read has it noted. */
void eft_file_accessed(struct eft_file *file);

/*
 * For eft_needs(): operations that are weak in the tables above, so that only
 * an image whose calls name them has them.
 */

/* What makes threads, which others do not wait for when they write. */
ssize_t eft_hostfile_write(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at);
/* What syncs, or the like: its close() may tell that something is lost. */
int eft_hostfile_closed(struct eft_file *file);
/* What has signals, which end a wait for something to read. */
unsigned eft_hostfile_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll);
/* What calls ioctl, or stat, on any file. */
int eft_tty_ioctl(struct eft_file *file, unsigned long request,
		  void eft_user *arg);
int eft_tty_stat(struct eft_file *file, struct eft_stat *ret_stat);
/* What calls statfs, sync, chmod, chown or set_times: both of these. */
int eft_hostfile_sync(struct eft_file *file, bool data_only);
int eft_node_file_sync(struct eft_file *file, bool data_only);
/* What calls set_size, allocate, getdents or sync_map: the first of them. */
int eft_regular_allocate(struct eft_file *file, int mode, off_t offset,
			 off_t len);
/* What syncs mappings. */
int eft_regular_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			 int flags);
/* What maps files: these. */
int eft_dev_zero_open(const struct eft_place *place, int flags,
		      struct eft_file **ret_file);
int eft_regular_map(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset);
/* And what calls getdents. */
ssize_t eft_dir_getdents(struct eft_file *file, void eft_user *buf,
			 size_t size);
/* What calls lock or flock. */
int eft_hostfile_lock(struct eft_file *file, int command,
		      struct eft_flock *lock);
int eft_node_file_lock(struct eft_file *file, int command,
		       struct eft_flock *request);

/*
 * The same of path operations, by the tree and by the host. Those of one member
 * stand for others: the host's stat for access and readlink, its mkdir for all
 * that make names, its chmod for chown and set_times; the tree's stat for
 * access.
 */
int eft_hostfs_stat(struct eft_file *at, const char *path, int flags,
		    struct eft_stat *ret_stat);
int eft_hostfs_mkdir(struct eft_file *at, const char *path, unsigned mode);
int eft_hostfs_chmod(struct eft_file *at, const char *path, unsigned mode);
int eft_vfs_stat(struct eft_file *at, const char *path, int flags,
		 struct eft_stat *ret_stat);
int eft_vfs_mkdir(struct eft_file *at, const char *path, unsigned mode);
int eft_vfs_mknod(struct eft_file *at, const char *path, unsigned mode,
		  uint64_t dev);
int eft_vfs_unlink(struct eft_file *at, const char *path, int flags);
int eft_vfs_rename(struct eft_file *from, const char *path, struct eft_file *to,
		   const char *to_path, unsigned flags);
int eft_vfs_link(struct eft_file *from, const char *path, struct eft_file *to,
		 const char *to_path, int flags);
int eft_vfs_symlink(const char *target, struct eft_file *at, const char *path);
ssize_t eft_vfs_readlink(struct eft_file *at, const char *path, char *buf,
			 size_t size);
int eft_vfs_chmod(struct eft_file *at, const char *path, unsigned mode);

/*
 * mount(2) on the directory (target); (source), (type) and (options) may be
 * NULL. umount2(2) of what is mounted there.
 *
 * Returns   0; Linux's errors
 */
int eft_mount(struct eft_file *target, const char *source, const char *type,
	      unsigned long flags, const char *options);
int eft_umount(struct eft_file *target, int flags);
/* An image that mounts knows the option mount.PATH, too. */
bool eft_mount_option(const char *key, char *value);

/*
 * futex(2) on a word in a shared mapping of a host's file: the host's own, so
 * that other processes wake us and are woken. The wait is FUTEX_WAIT_BITSET's,
 * and may end with 0 for no reason; the other takes any operation that does
 * not wait.
 */
long eft_hostfile_futex_wait(uint32_t eft_user *word, uint32_t value,
			     uint32_t bits, uint64_t deadline_ns);
long eft_hostfile_futex(uint32_t eft_user *word, int op, uint32_t value,
			long value2, uint32_t eft_user *word2, uint32_t value3);

/* Add to a text of /proc: for info(). */
void eft_text_printf(struct eft_text *text, const char *fmt, ...)
	eft_printf_like(2, 3);

/* Set up (file) with one reference. */
void eft_file_init(struct eft_file *file, const struct eft_file_ops *ops,
		   int flags);
/* One more reference to (file), in line for what most calls do first. */
eft_inline struct eft_file *eft_file_get_inline(struct eft_file *file)
{
	uint32_t before =
		__atomic_fetch_add(&file->references, 1, __ATOMIC_RELAXED);

	eft_assert(before > 0 && before < UINT32_MAX);
	return file;
}
struct eft_file *eft_file_get(struct eft_file *file);
void eft_file_put(struct eft_file *file); /* NULL is fine */

ssize_t eft_file_read(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at);
ssize_t eft_file_write(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t at);
/*
 * What both refuse: 0 or an error. (other) is the access mode that cannot. At
 * the position it is a matter of the mode alone, which is looked at in line.
 */
int eft_file_refuses(const struct eft_file *file, int other, off_t at);
eft_inline int eft_file_check_transfer(const struct eft_file *file, int other,
				       off_t at)
{
	int mode = file->flags & (O_ACCMODE | O_PATH);

	if (eft_likely(at == EFT_AT_POSITION &&
		       (mode == O_RDWR || mode == (other ^ O_WRONLY))))
		return 0;
	return eft_file_refuses(file, other, at);
}
/*
 * Read (len) bytes at (at) of a file that can be mapped into libOS memory;
 * short only at the end.
 */
ssize_t eft_file_pread(struct eft_file *file, void *buf, size_t len, off_t at);
/* A seek operation for what has a position and no end to seek from. */
off_t eft_file_seek_position(struct eft_file *file, off_t offset, int whence);
/*
 * Where SEEK_SET, SEEK_CUR or SEEK_END leads in contents of (size) bytes;
 * -EINVAL. (file) locked.
 */
off_t eft_file_offset(const struct eft_file *file, off_t offset, int whence,
		      off_t size);
/*
 * Have (transfer) read or write at (at), or where (file) stands, which then moves
 * to where that has set *at.
 */
typedef ssize_t eft_file_transfer_fn(struct eft_file *file,
				     const struct eft_iovec *iov, int count,
				     off_t *at);
ssize_t eft_file_transfer(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at, eft_file_transfer_fn *transfer);

/*
 * The descriptor table.
 */

/*
 * Install (file) at the first free descriptor >= (lowest).
 *
 * Returns   the descriptor; -EMFILE; -ENOMEM
 * Owns      takes (file), also on failure
 */
int eft_fd_install(struct eft_file *file, int lowest, bool cloexec);
/*
 * Reserve the first free descriptor, before something is done that a lack of
 * them is not to leave behind. Nothing is there until it is filled; a NULL
 * (file) frees it.
 *
 * Returns   the descriptor; -EMFILE; -ENOMEM
 * Owns      the second takes (file)
 */
int eft_fd_reserve(bool cloexec);
void eft_fd_fill(int fd, struct eft_file *file);
/*
 * The same at (fd), closing what was there; -EBADF past the limit; -EBUSY
 * reserved.
 */
int eft_fd_replace(int fd, struct eft_file *file, bool cloexec);
/* The description at (fd), with a reference; NULL: EBADF. */
struct eft_file *eft_fd_get(int fd);
/* The same of what was opened for more than its path: not by O_PATH. */
struct eft_file *eft_fd_get_opened(int fd);
/*
 * The same for the time of one call, in which the caller makes no threads. An
 * only thread pays for no lock and no reference: nobody closes the descriptor
 * meanwhile.
 */
struct eft_file *eft_fd_borrow(int fd);
eft_inline void eft_fd_return(struct eft_file *file)
{
	if (!eft_is_only_thread())
		eft_file_put(file);
}
int eft_fd_close(int fd);
int eft_fd_flags(int fd, int set); /* FD_CLOEXEC; (set) < 0 only asks */
int eft_fd_next(int fd);	   /* the first open descriptor >= fd, or -1 */
int eft_fd_table_size(void);	   /* none is open from here on */
int eft_fd_limit(int limit);	   /* RLIMIT_NOFILE; (limit) < 0 only asks */

/* Fill the table with standard input, output and error. Context: boot. */
void eft_fd_init(void);

/*
 * Its part in stdio.c. inherit() calls eft_fd_adopt() with what exec has left
 * at (fd), which nobody has named yet; false: that is nothing.
 */
void eft_stdio_init(void);
bool eft_stdio_inherit(int fd);
uint64_t eft_stdio_limit(void); /* RLIMIT_NOFILE */
/*
 * (file), or nothing for NULL, is what exec has left at (fd).
 *
 * Returns   false: another was first, or out of memory
 * Owns      takes (file) if it returns true
 */
bool eft_fd_adopt(int fd, struct eft_file *file);

/*
 * The user typed ^C or ^\ on the console: send the signal. Weak: an image
 * without signals ends by it. Context: interrupt.
 */
void eft_tty_signal(int signal) eft_weak;

/* True when a guest's console has been read: its user may type. */
bool eft_tty_listens(void);
/* Hear of what is typed from now on, so that ^C works. Context: boot. */
void eft_tty_init(void);

/*
 * Export what the program has left in the tree, where option out= asks for it.
 * (crash): the caller may hold locks. Context: thread, or a crash.
 */
void eft_export_files(bool crash);
extern uint64_t eft_export_to; /* option out=: core/dev/export.h */

/*
 * Paths. (fd) is a directory's descriptor or AT_FDCWD.
 */
struct eft_at {
	struct eft_file *file; /* with a reference */
	const char *path;
};

/*
 * Find where (path) starts, which is shorter than PATH_MAX. (empty): an empty
 * path is allowed, and means the description at (fd) itself.
 *
 * Returns   0; -EBADF; -ENOENT empty; -ENOTDIR
 * Owns      gives a reference, which eft_file_put() gives back
 */
int eft_path_start(int fd, const char *path, bool empty, struct eft_at *ret_at);

int eft_path_open(int fd, const char *path, int flags, unsigned mode,
		  struct eft_file **ret_file);
int eft_chdir(struct eft_file *directory); /* takes, also on failure */
/* The working directory with its NUL; the length with it. -ERANGE -ENOENT */
ssize_t eft_getcwd(char *buf, size_t size);
unsigned eft_umask(int mask); /* the old one; (mask) < 0 only asks */
/* Copy (file)'s path, without a NUL; returns its length. */
ssize_t eft_file_path(struct eft_file *file, char *buf, size_t size);

/* The root and what is mounted in it: weak in the boot page. */
void eft_root_init(const void *initrd, size_t initrd_len);
/*
 * Do what is left of that and may sleep, in a thread, and then
 * eft_boot_program(): in images that mount, or have disks. Context: boot.
 */
struct eft_boot_info;
void eft_root_late(const struct eft_boot_info *info);

/*
 * What /proc asks posix for, whose answers are weak there. Bit 0 of a set is
 * signal 1.
 */
struct eft_proc_signals {
	uint64_t pending, shared, blocked, ignored, caught;
	unsigned queued, room;
};

void eft_proc_signals(int tid, struct eft_proc_signals *ret_signals);
void eft_proc_limit(int resource, uint64_t *ret_soft, uint64_t *ret_hard);

/*
 * Objects that block. Each gives descriptions with one reference, or an error:
 * -ENOMEM, and what is said. (flags): O_NONBLOCK, and what is said.
 */

/* pipe2(2): the end that is read, and the one that is written. */
int eft_pipe_create(int flags, struct eft_file *ret_ends[2]);
/* A FIFO's node, for the tree; NULL: out of memory. Weak there. */
struct eft_node *eft_fifo_create(unsigned mode);
/* eventfd2(2), starting at (value). */
int eft_eventfd_create(uint64_t value, bool semaphore, int flags,
		       struct eft_file **ret_file);

/*
 * timerfd(2), of the wall clock or the monotonic one. Files that are not of
 * eft_timerfd_create() are -EINVAL.
 */
struct eft_timerfd_setting {
	uint64_t value_ns; /* of the first expiration; 0: none */
	uint64_t interval_ns;
};

int eft_timerfd_create(bool realtime, int flags, struct eft_file **ret_file);
/* (cancel_on_set): with the wall clock set, a read is -ECANCELED. */
int eft_timerfd_set(struct eft_file *file,
		    const struct eft_timerfd_setting *setting, bool absolute,
		    bool cancel_on_set, struct eft_timerfd_setting *ret_old);
/* (value_ns) is what is left. */
int eft_timerfd_get(struct eft_file *file,
		    struct eft_timerfd_setting *ret_setting);

/*
 * Waiting for several descriptions at once.
 */
struct eft_poll_entry {
	struct eft_waiter waiter;
	void (*cancel)(struct eft_poll_entry *entry); /* or NULL */
	int ticket;
};

struct eft_poll {
	struct eft_poll_entry *entries; /* NULL: do not register */
	unsigned used, room;

	/* What a wake-up does: see eft_wait_begin_call(). */
	bool (*wake)(struct eft_waiter *waiter);
	void *arg;
	bool one;   /* of those that are woken one by one */
	bool later; /* news that come by a queue are as good as the answer */

	/* Set by an operation. */
	int error;   /* it could not register */
	bool always; /* the file is ready and stays so: nobody ever waits */
	bool looked; /* all of the host's news have been heard */
};

/*
 * Have all hear of what the host has by now of its sockets: see `later` above. In
 * images with such sockets; else NULL. Context: thread; locks up to EPOLL's.
 */
void eft_hear_host_news(void);

enum { EFT_POLL_ENTRIES = 2 }; /* an operation makes this many at most */

/* Have the poller woken when (queue) is; a full table is a caller's bug. */
struct eft_poll_entry *eft_poll_add(struct eft_poll *poll,
				    struct eft_waitq *queue);
/* End the registrations. */
void eft_poll_end(struct eft_poll_entry *entries, unsigned count);

/*
 * poll(2) on libOS memory. A deadline of 0 looks once, and registers nowhere.
 *
 * Returns   how many of (fds) have something to say; 0 at the deadline;
 *           -ENOMEM; -EINTR
 */
int eft_poll(struct eft_pollfd *fds, unsigned count, uint64_t deadline_ns);

/*
 * epoll(7). Descriptions that are not of eft_epoll_create() are -EINVAL.
 */
int eft_epoll_create(struct eft_file **ret_file);
/*
 * epoll_ctl(2) for (file), which is at descriptor (fd). (event) is the libOS's
 * copy.
 *
 * Returns   0; -EINVAL -EEXIST -ENOENT -ENOMEM; -EPERM (file) is always
 *           ready; -ELOOP
 */
int eft_epoll_control(struct eft_file *epoll, int operation, int fd,
		      struct eft_file *file,
		      const struct eft_epoll_event *event);
/* As eft_poll(). (events) has room for (room) events. */
int eft_epoll_wait(struct eft_file *epoll,
		   struct eft_epoll_event eft_user *events, int room,
		   uint64_t deadline_ns);
/* The last reference to (file) is gone, which some watch. */
void eft_epoll_forget(struct eft_file *file);
