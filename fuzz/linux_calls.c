// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files, directories, descriptors and pipes, against Linux: see sides.h. Linux
 * has them on tmpfs.
 *
 * What may differ, and is left out
 *  - times, but those that were set; sizes, links and blocks of directories,
 *    which are each file system's own business; numbers of devices
 *  - the order of a directory's entries: they are sorted; what positions there
 *    are numbered, and what is seen of changes there: all is read at once
 *  - numbers of inodes: they are numbered as they are seen
 *  - how large a file may be: up to 1 TiB on both
 *  - whether room that was made, and never written, is data or a hole
 *  - which of two errors is told, where two paths are wrong
 *  - mode, owner, position and locks of what has no name (a pipe, an eventfd),
 *    which the libOS refuses to change; reading and writing nothing there,
 *    and writing a number in parts
 *  - readlink of an open link (CAVEATS)
 *  - /dev, /proc and /tmp, which an empty tmpfs has not
 */
#include "core/fd/iov.h"
#include "fuzz/sides.h"

enum { DATA = 9000, ENTRIES = 64, INODES = 64, DEPTH = 24 };

struct seen {
	uint64_t inodes[INODES];
	unsigned count;
};

static uint8_t data[DATA];

static long any_offset(uint16_t from)
{
	static const long odd[] = {-1,	     1l << 31, (1l << 32) - 1,
				   1l << 40, 1l << 33, INT64_MIN,
				   -4096,    4095};

	switch (from >> 13) {
	case 7:
		return from >> 8 == 0xff ? odd[from % 8] : from & 0xfff;
	case 6:
		return (from & 7) * EFT_PAGE_SIZE;
	case 5:
		return (from & 15) * EFT_PAGE_SIZE + (from >> 4 & 3) - 1;
	}
	return from & 0xff;
}

static size_t any_length(uint16_t from)
{
	return from & 0xc000 ? from % 32 : from % DATA;
}

static int any_open_flags(uint16_t from)
{
	static const int flags[] = {O_CREAT,   O_EXCL,	    O_TRUNC,
				    O_APPEND,  O_DIRECTORY, O_NOFOLLOW,
				    O_CLOEXEC, O_PATH};
	int result = O_NONBLOCK | O_LARGEFILE | (from & 3); /* as libc does */

	for (unsigned i = 0; i < eft_array_size(flags); i++)
		result |= from >> (i + 2) & 1 ? flags[i] : 0;
	return result;
}

static unsigned any_mode(uint16_t from)
{
	static const unsigned modes[] = {0644,	0755,  0,    07777,
					 01777, 04711, 0600, 0111};

	return modes[from % 8];
}

/* Does (fd) describe what no path leads to, and no file system keeps? */
static bool is_nameless(struct side *side, int fd)
{
	int kind = side_kind(side, fd);

	return kind == S_IFIFO || kind == SIDE_COUNTER;
}

static bool is_counter(struct side *side, int fd)
{
	return side_kind(side, fd) == SIDE_COUNTER;
}

static bool is_directory(struct side *side, int fd)
{
	return side_kind(side, fd) == S_IFDIR;
}

/*
 * Does a pipe take all of (len) bytes? A page at most is in it, so that pages
 * that are not full make no difference to one of four pages and more.
 */
static bool has_room(struct side *side, int fd, size_t len)
{
	int held = 0;

	if (side_kind(side, fd) != S_IFIFO)
		return true;
	side_call(side, ioctl, fd, FIONREAD, &held);
	return held + len <= EFT_PAGE_SIZE;
}

static void fill(uint16_t from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = from + i;
}

/*
 * Steps: files.
 */
static void do_open(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int flags = any_open_flags(call->args[2]);
	unsigned mode = any_mode(call->args[3]);
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_note(side, "openat(%d, \"%s\", 0x%x, 0x%x) = %ld\n", dir, path,
		  flags, mode, side_call(side, openat, dir, path, flags, mode));
}

static void do_close(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);

	side_note(side, "close(%d) = %ld\n", fd, side_call(side, close, fd));
}

static void do_read(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	size_t len = any_length(call->args[1]);
	long at = any_offset(call->args[2]), n;
	bool positioned = call->args[3] & 1;

	n = positioned ? side_call(side, pread64, fd, data, len, at)
		       : side_call(side, read, fd, data, len);
	side_note(side,
		  positioned ? "pread(%d, %zu, %ld) = %ld"
			     : "read(%d, %zu, %ld) = %ld",
		  fd, len, at, n);
	side_note_data(side, data, n > 0 ? n : 0);
	side_note(side, "\n");
}

static void do_write(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	size_t len = any_length(call->args[1]);
	long at = any_offset(call->args[2]), n;
	bool positioned = call->args[3] & 1;

	if (len > 8 && is_counter(side, fd))
		return; /* Linux changed its mind in 6.8 */
	if (!has_room(side, fd, len))
		return;
	fill(call->args[4], len);
	n = positioned ? side_call(side, pwrite64, fd, data, len, at)
		       : side_call(side, write, fd, data, len);
	side_note(side,
		  positioned ? "pwrite(%d, %zu, %ld) = %ld\n"
			     : "write(%d, %zu, %ld) = %ld\n",
		  fd, len, at, n);
}

static void make_vector(struct eft_iovec iov[3], const struct fuzz_call *call)
{
	size_t at = 0;

	for (unsigned i = 0; i < 3; i++) {
		iov[i].base = data + at;
		iov[i].len = any_length(call->args[2 + i]) / 3 + (i == 0);
		at += iov[i].len;
	}
}

static void do_readv(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), count = 1 + call->args[1] % 3;
	struct eft_iovec iov[3];
	long at = any_offset(call->args[5]), n;

	make_vector(iov, call);
	n = call->args[6] & 1 ? side_call(side, preadv, fd, iov, count, at, 0)
			      : side_call(side, readv, fd, iov, count);
	side_note(side, "readv(%d, %d, %ld) = %ld", fd, count, at, n);
	side_note_data(side, data, n > 0 ? n : 0);
	side_note(side, "\n");
}

static void do_writev(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), count = 1 + call->args[1] % 3;
	struct eft_iovec iov[3];
	long at = any_offset(call->args[5]), n;

	make_vector(iov, call);
	if (is_counter(side, fd) || !has_room(side, fd, eft_iov_total(iov, 3)))
		return;
	fill(call->args[4], DATA);
	n = call->args[6] & 1 ? side_call(side, pwritev, fd, iov, count, at, 0)
			      : side_call(side, writev, fd, iov, count);
	side_note(side, "writev(%d, %d, %ld) = %ld\n", fd, count, at, n);
}

static void do_seek(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), whence = call->args[2] % 7 - 1;
	long at = any_offset(call->args[1]);

	if (is_nameless(side, fd) || (side->allocated && whence >= SEEK_DATA))
		return;
	if (is_directory(side, fd)) {
		whence = SEEK_SET;
		at = 0;
	}
	side_note(side, "lseek(%d, %ld, %d) = %ld\n", fd, at, whence,
		  side_call(side, lseek, fd, at, whence));
}

static void do_truncate(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	long size = any_offset(call->args[1]);
	char path[SIDE_PATH];

	side_path(path, call->args[2]);
	if (call->args[3] & 1)
		side_note(side, "truncate(\"%s\", %ld) = %ld\n", path, size,
			  side_call(side, truncate, path, size));
	else
		side_note(side, "ftruncate(%d, %ld) = %ld\n", fd, size,
			  side_call(side, ftruncate, fd, size));
}

static void do_allocate(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	int mode = call->args[1] & 1 ? FALLOC_FL_KEEP_SIZE : 0;
	long at = call->args[2] - 8l, len = call->args[3] - 8l;

	side->allocated = true;
	side_note(side, "fallocate(%d, %d, %ld, %ld) = %ld\n", fd, mode, at,
		  len, side_call(side, fallocate, fd, mode, at, len));
}

static void do_sync(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);

	side_note(side, "fsync(%d) = %ld\n", fd,
		  call->args[1] & 1 ? side_call(side, fdatasync, fd)
				    : side_call(side, fsync, fd));
}

/*
 * Steps: what a file is.
 */
static void note_stat(struct side *side, const struct eft_stat *st)
{
	unsigned type = st->mode & S_IFMT;

	side_note(side, " mode %x owner %u:%u", st->mode, st->uid, st->gid);
	if (type != S_IFDIR)
		side_note(side, " links %lu size %ld", st->nlink, st->size);
	if (type == S_IFCHR || type == S_IFBLK)
		side_note(side, " device %lx", st->rdev);
}

static void do_stat(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int flags = (call->args[2] & 1 ? AT_SYMLINK_NOFOLLOW : 0) |
		    (call->args[2] & 2 ? AT_EMPTY_PATH : 0);
	struct eft_stat st;
	char path[SIDE_PATH];
	long n;

	side_path(path, call->args[1]);
	n = side_call(side, newfstatat, dir, path, &st, flags);
	side_note(side, "stat(%d, \"%s\", 0x%x) = %ld", dir, path, flags, n);
	if (n == 0)
		note_stat(side, &st);
	side_note(side, "\n");
}

static void do_fstat(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	struct eft_stat st;
	long n = side_call(side, fstat, fd, &st);

	side_note(side, "fstat(%d) = %ld", fd, n);
	if (n == 0)
		note_stat(side, &st);
	side_note(side, "\n");
}

static void do_access(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]), mode = call->args[2] % 9;
	int flags = (call->args[3] & 1 ? AT_SYMLINK_NOFOLLOW : 0) |
		    (call->args[3] & 2 ? AT_EMPTY_PATH : 0) |
		    (call->args[3] & 4 ? AT_EACCESS : 0);
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_note(side, "access(%d, \"%s\", %d, 0x%x) = %ld\n", dir, path, mode,
		  flags, side_call(side, faccessat2, dir, path, mode, flags));
}

static void do_chmod(struct side *side, const struct fuzz_call *call)
{
	int fd = side_directory(call->args[0]);
	unsigned mode = any_mode(call->args[2]);
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	if (is_nameless(side, fd))
		return;
	if (call->args[3] & 1)
		side_note(side, "fchmod(%d, %x) = %ld\n", fd, mode,
			  side_call(side, fchmod, fd, mode));
	else
		side_note(side, "chmod(%d, \"%s\", %x) = %ld\n", fd, path, mode,
			  side_call(side, fchmodat, fd, path, mode));
}

static void do_chown(struct side *side, const struct fuzz_call *call)
{
	int fd = side_directory(call->args[0]);
	int uid = -(call->args[2] & 1), gid = -(call->args[2] >> 1 & 1);
	int flags = (call->args[3] & 2 ? AT_SYMLINK_NOFOLLOW : 0) |
		    (call->args[3] & 4 ? AT_EMPTY_PATH : 0);
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	if (is_nameless(side, fd))
		return;
	if (call->args[3] & 1)
		side_note(side, "fchown(%d, %d, %d) = %ld\n", fd, uid, gid,
			  side_call(side, fchown, fd, uid, gid));
	else
		side_note(side, "chown(%d, \"%s\", %d, %d, 0x%x) = %ld\n", fd,
			  path, uid, gid, flags,
			  side_call(side, fchownat, fd, path, uid, gid, flags));
}

/* A path may go through the very link that it ends with. */
static void note_times(struct side *side, const struct eft_stat *st)
{
	side_note(side, " %ld.%ld", st->mtime.sec, st->mtime.nsec);
	if ((st->mode & S_IFMT) != S_IFLNK)
		side_note(side, " %ld.%ld", st->atime.sec, st->atime.nsec);
}

static void do_times(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int flags = call->args[2] & 1 ? AT_SYMLINK_NOFOLLOW : 0;
	struct eft_timespec times[2] = {
		{.sec = call->args[3], .nsec = call->args[4] * 15000l},
		{.sec = call->args[5], .nsec = call->args[6]},
	};
	struct eft_stat st;
	char path[SIDE_PATH];
	long n;

	side_path(path, call->args[1]);
	n = side_call(side, utimensat, dir, path, times, flags);
	side_note(side, "utimensat(%d, \"%s\", 0x%x) = %ld", dir, path, flags,
		  n);
	if (n == 0 && side_call(side, newfstatat, dir, path, &st, flags) == 0)
		note_times(side, &st);
	side_note(side, "\n");
}

/*
 * Steps: names.
 */
static void do_mkdir(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	unsigned mode = any_mode(call->args[2]);
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_note(side, "mkdir(%d, \"%s\", %x) = %ld\n", dir, path, mode,
		  side_call(side, mkdirat, dir, path, mode));
}

static void do_mknod(struct side *side, const struct fuzz_call *call)
{
	static const unsigned types[] = {S_IFREG, S_IFIFO,  0,
					 S_IFDIR, S_IFSOCK, S_IFLNK};
	int dir = side_directory(call->args[0]);
	unsigned mode = any_mode(call->args[2]) |
			types[call->args[3] % eft_array_size(types)];
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_note(side, "mknod(%d, \"%s\", %x) = %ld\n", dir, path, mode,
		  side_call(side, mknodat, dir, path, mode, 0));
}

static void do_unlink(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int flags = call->args[2] & 1 ? AT_REMOVEDIR : 0;
	char path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_note(side, "unlink(%d, \"%s\", 0x%x) = %ld\n", dir, path, flags,
		  side_call(side, unlinkat, dir, path, flags));
}

static bool is_start(struct side *side, int fd)
{
	return fd == AT_FDCWD || is_directory(side, fd);
}

/*
 * The result of a call on two paths. Each may be wrong by its own, and which
 * one is looked at first is nobody's business.
 */
static long of_two(struct side *side, int dir, const char *path, int to,
		   const char *to_path, long result)
{
	bool bad = !is_start(side, dir) || !is_start(side, to) ||
		   *path == '\0' || *to_path == '\0';

	return result < 0 && bad ? -EBADF : result;
}

static void do_rename(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int to = side_directory(call->args[2]);
	unsigned flags = call->args[4] % 4;
	char path[SIDE_PATH], to_path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_path(to_path, call->args[3]);
	side_note(side, "rename(%d, \"%s\", %d, \"%s\", %u) = %ld\n", dir, path,
		  to, to_path, flags,
		  of_two(side, dir, path, to, to_path,
			 side_call(side, renameat2, dir, path, to, to_path,
				   flags)));
}

static void do_link(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	int to = side_directory(call->args[2]);
	int flags = (call->args[4] & 1 ? AT_SYMLINK_FOLLOW : 0) |
		    (call->args[4] & 2 ? AT_EMPTY_PATH : 0);
	char path[SIDE_PATH], to_path[SIDE_PATH];

	side_path(path, call->args[1]);
	side_path(to_path, call->args[3]);
	side_note(
		side, "link(%d, \"%s\", %d, \"%s\", 0x%x) = %ld\n", dir, path,
		to, to_path, flags,
		of_two(side, dir, path, to, to_path,
		       side_call(side, linkat, dir, path, to, to_path, flags)));
}

static void do_symlink(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	char path[SIDE_PATH], target[SIDE_PATH];

	side_path(path, call->args[1]);
	side_path(target, call->args[2]);
	side_note(side, "symlink(\"%s\", %d, \"%s\") = %ld\n", target, dir,
		  path, side_call(side, symlinkat, target, dir, path));
}

static void do_readlink(struct side *side, const struct fuzz_call *call)
{
	int dir = side_directory(call->args[0]);
	size_t size = call->args[2] % 300;
	char path[SIDE_PATH], target[SIDE_PATH];
	long n;

	side_path(path, call->args[1]);
	if (path[0] == '\0')
		return;
	n = side_call(side, readlinkat, dir, path, target, size);
	side_note(side, "readlink(%d, \"%s\", %zu) = %ld", dir, path, size, n);
	side_note_data(side, target, n > 0 ? n : 0);
	side_note(side, "\n");
}

static void do_chdir(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	char path[SIDE_PATH];
	long n;

	side_path(path, call->args[1]);
	if (call->args[2] & 1)
		side_note(side, "fchdir(%d) = %ld", fd,
			  side_call(side, fchdir, fd));
	else
		side_note(side, "chdir(\"%s\") = %ld", path,
			  side_call(side, chdir, path));
	n = side_call(side, getcwd, path, sizeof(path));
	side_note(side, ", getcwd() = %ld \"%s\"\n", n, n > 0 ? path : "");
}

/*
 * Directories.
 */
struct entry {
	char name[256];
	uint8_t type;
};

struct listing {
	unsigned count;
	struct entry entries[ENTRIES];
};

static bool is_own(const char *name)
{
	return eft_strcmp(name, ".") != 0 && eft_strcmp(name, "..") != 0 &&
	       eft_strcmp(name, "proc") != 0;
}

static void add(struct listing *listing, const struct eft_dirent *from)
{
	unsigned at = listing->count;

	if (!is_own(from->name) || at == ENTRIES)
		return;
	for (; at > 0 &&
	       eft_strcmp(listing->entries[at - 1].name, from->name) > 0;
	     at--)
		listing->entries[at] = listing->entries[at - 1];
	eft_strlcpy(listing->entries[at].name, from->name, 256);
	listing->entries[at].type = from->type;
	listing->count++;
}

static long list(struct side *side, int fd, struct listing *ret_listing)
{
	char buf[1024];
	long n;

	ret_listing->count = 0;
	while ((n = side_call(side, getdents64, fd, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct eft_dirent *entry = (void *)(buf + at);

			add(ret_listing, entry);
			at += entry->reclen;
		}
	}
	return n;
}

static void do_list(struct side *side, const struct fuzz_call *call)
{
	static struct listing listing;
	int fd = side_fd(call->args[0]);
	long n;

	if (is_directory(side, fd))
		side_call(side, lseek, fd, 0, SEEK_SET);
	n = list(side, fd, &listing);
	side_note(side, "getdents(%d) = %ld", fd, n);
	for (unsigned i = 0; i < listing.count; i++)
		side_note(side, " %s:%u", listing.entries[i].name,
			  listing.entries[i].type);
	side_note(side, "\n");
}

/*
 * Steps: descriptors.
 */
static void do_dup(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]), to = side_fd(call->args[1]);
	int flags = call->args[2] & 2 ? O_CLOEXEC : call->args[2] & 4;

	switch (call->args[2] >> 8 & 3) {
	case 0:
		side_note(side, "dup(%d) = %ld\n", fd,
			  side_call(side, dup, fd));
		return;
	case 1:
		side_note(side, "dup2(%d, %d) = %ld\n", fd, to,
			  side_call(side, dup2, fd, to));
		return;
	}
	side_note(side, "dup3(%d, %d, 0x%x) = %ld\n", fd, to, flags,
		  side_call(side, dup3, fd, to, flags));
}

/* What it sets never lets a call wait. */
static long control_argument(int command, uint16_t from)
{
	switch (command) {
	case F_SETFL:
		return O_NONBLOCK | (from & 1 ? O_APPEND : 0) | (from & 2);
	case F_SETFD:
		return from & 3;
	case F_SETPIPE_SZ:
		return 4 * EFT_PAGE_SIZE << from % 18;
	}
	return from % 80 - 8;
}

static void do_control(struct side *side, const struct fuzz_call *call)
{
	static const int commands[] = {F_DUPFD,	    F_GETFD, F_SETFD,
				       F_GETFL,	    F_SETFL, F_DUPFD_CLOEXEC,
				       F_GETPIPE_SZ};
	int fd = side_fd(call->args[0]);
	int command = commands[call->args[1] % eft_array_size(commands)];
	long argument = control_argument(command, call->args[2]);

	side_note(side, "fcntl(%d, %d, %ld) = 0x%lx\n", fd, command, argument,
		  side_call(side, fcntl, fd, command, argument));
}

/* One process holds all locks: by descriptions they meet. */
static void do_lock(struct side *side, const struct fuzz_call *call)
{
	static const int commands[] = {F_OFD_GETLK, F_OFD_SETLK, F_SETLK,
				       F_GETLK};
	int fd = side_fd(call->args[0]), command = commands[call->args[1] & 3];
	struct eft_flock lock = {.type = call->args[2] % 4,
				 .whence = call->args[3] % 4,
				 .start = call->args[4] % 16 - 2l,
				 .len = call->args[5] % 16 - 4l};
	long n;

	if (is_nameless(side, fd) ||
	    (lock.whence == SEEK_END && is_directory(side, fd)))
		return; /* from the end, which is left out */
	if (command == F_OFD_GETLK && lock.type == F_UNLCK)
		return; /* new Linuxes tell of one's own locks */
	n = side_call(side, fcntl, fd, command, &lock);
	if (n == -EBADF && (call->args[3] % 4 == 1 || call->args[3] % 4 == 2))
		n = -EINVAL; /* from where it has no business */
	side_note(side, "lock(%d, %d, %u, %u, %d, %d) = %ld", fd, command,
		  call->args[2] % 4, call->args[3] % 4, call->args[4] % 16 - 2,
		  call->args[5] % 16 - 4, n);
	if (n == 0 && (command == F_OFD_GETLK || command == F_GETLK))
		side_note(side, " %d %d %ld %ld %d", lock.type, lock.whence,
			  lock.start, lock.len, lock.pid == -1);
	side_note(side, "\n");
}

static void do_flock(struct side *side, const struct fuzz_call *call)
{
	int fd = side_fd(call->args[0]);
	int operation = (call->args[1] & 15) | LOCK_NB;

	if (is_nameless(side, fd))
		return;
	side_note(side, "flock(%d, %d) = %ld\n", fd, operation,
		  side_call(side, flock, fd, operation));
}

static void do_pipe(struct side *side, const struct fuzz_call *call)
{
	int fds[2] = {-1, -1};
	int flags = O_NONBLOCK | (call->args[0] & 1 ? O_CLOEXEC : 0) |
		    (call->args[0] >> 12 == 1 ? O_CREAT : 0);
	long n = side_call(side, pipe2, fds, flags);

	side_note(side, "pipe2(0x%x) = %ld %d %d\n", flags, n, fds[0], fds[1]);
}

static void do_event(struct side *side, const struct fuzz_call *call)
{
	int flags = O_NONBLOCK | (call->args[1] & 7);

	side_note(side, "eventfd2(%u, 0x%x) = %ld\n", call->args[0], flags,
		  side_call(side, eventfd2, call->args[0], flags));
}

static void do_umask(struct side *side, const struct fuzz_call *call)
{
	side_note(side, "umask(%x) = %ld\n", call->args[0] & 0777,
		  side_call(side, umask, call->args[0] & 0777));
}

side_step *const side_steps[] = {
	do_open,   do_close,	do_read,     do_write,	 do_readv,    do_writev,
	do_seek,   do_truncate, do_allocate, do_sync,	 do_stat,     do_fstat,
	do_access, do_chmod,	do_chown,    do_times,	 do_mkdir,    do_mknod,
	do_unlink, do_rename,	do_link,     do_symlink, do_readlink, do_chdir,
	do_list,   do_dup,	do_control,  do_lock,	 do_flock,    do_pipe,
	do_event,  side_poll,	side_left,   do_umask,	 do_open,     do_open,
	do_write,  do_read,
};
const unsigned side_step_count = eft_array_size(side_steps);

/*
 * All files, at the end.
 */
static unsigned number_of(struct seen *seen, uint64_t inode)
{
	unsigned i = 0;

	while (i < seen->count && seen->inodes[i] != inode)
		i++;
	if (i == seen->count && i < INODES)
		seen->inodes[seen->count++] = inode;
	return i;
}

static void note_contents(struct side *side, const char *path)
{
	long fd = side_call(side, openat, AT_FDCWD, path, O_RDONLY), n;

	n = fd < 0 ? fd : side_call(side, read, fd, data, DATA);
	side_note(side, " contents %ld", n);
	side_note_data(side, data, n > 0 ? n : 0);
	side_call(side, close, fd);
}

static void note_target(struct side *side, const char *path)
{
	char target[SIDE_PATH];
	long n = side_call(side, readlinkat, AT_FDCWD, path, target,
			   sizeof(target));

	side_note(side, " to %.*s", (int)(n > 0 ? n : 0), target);
}

static void note_tree(struct side *side, struct seen *seen, char *path,
		      size_t len, unsigned depth);

static void note_entry(struct side *side, struct seen *seen, char *path,
		       size_t len, unsigned depth)
{
	struct eft_stat st;
	long error = side_call(side, newfstatat, AT_FDCWD, path, &st,
			       AT_SYMLINK_NOFOLLOW);

	side_note(side, "%s %ld", path, error);
	if (error != 0)
		return;
	note_stat(side, &st);
	side_note(side, " file %u", number_of(seen, st.ino));
	if ((st.mode & S_IFMT) == S_IFREG)
		note_contents(side, path);
	if ((st.mode & S_IFMT) == S_IFLNK)
		note_target(side, path);
	side_note(side, "\n");
	if ((st.mode & S_IFMT) == S_IFDIR && depth > 0)
		note_tree(side, seen, path, len, depth - 1);
}

static void note_tree(struct side *side, struct seen *seen, char *path,
		      size_t len, unsigned depth)
{
	static struct listing listings[DEPTH + 1];
	struct listing *listing = &listings[depth];
	long fd = side_call(side, openat, AT_FDCWD, len > 0 ? path : "/",
			    O_DIRECTORY);

	side_note(side, "%s: %ld", path, fd < 0 ? fd : list(side, fd, listing));
	side_note(side, "\n");
	side_call(side, close, fd);
	for (unsigned i = 0; fd >= 0 && i < listing->count; i++) {
		size_t more = eft_snprintf(path + len, PATH_MAX - len, "/%s",
					   listing->entries[i].name);

		if (len + more < PATH_MAX)
			note_entry(side, seen, path, len + more, depth);
		path[len] = '\0';
	}
}

void side_finish(struct side *side)
{
	static char path[PATH_MAX];
	struct seen seen = {.count = 0};

	path[0] = '\0';
	note_tree(side, &seen, path, 0, DEPTH);
}
