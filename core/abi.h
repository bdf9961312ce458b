// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Linux's numbers and layouts on x86-64, as programs and their C library know
 * them. The core uses them as its own, so that nothing is converted between a
 * handler, a file system and a host.
 *
 * Source: Linux's user-space headers (include/uapi/asm-generic/errno*.h,
 * fcntl.h, stat.h, mman.h, ioctls.h, termbits.h; arch/x86/include/uapi/asm).
 */
#include "core/base.h"

enum {
	EPERM = 1,
	ENOENT = 2,
	ESRCH = 3,
	EINTR = 4,
	EIO = 5,
	ENXIO = 6,
	E2BIG = 7,
	EBADF = 9,
	ECHILD = 10,
	EAGAIN = 11,
	ENOMEM = 12,
	EACCES = 13,
	EFAULT = 14,
	EBUSY = 16,
	EEXIST = 17,
	EXDEV = 18,
	ENODEV = 19,
	ENOTDIR = 20,
	EISDIR = 21,
	EINVAL = 22,
	EMFILE = 24,
	ENOTTY = 25,
	EFBIG = 27,
	ENOSPC = 28,
	ESPIPE = 29,
	EROFS = 30,
	EMLINK = 31,
	EPIPE = 32,
	ERANGE = 34,
	EDEADLK = 35,
	ENAMETOOLONG = 36,
	ENOLCK = 37,
	ENOSYS = 38,
	ENOTEMPTY = 39,
	ELOOP = 40,
	EDOM = 33,
	ENODATA = 61,
	EOVERFLOW = 75,
	ENOTSOCK = 88,
	EDESTADDRREQ = 89,
	EMSGSIZE = 90,
	EPROTOTYPE = 91,
	ENOPROTOOPT = 92,
	EPROTONOSUPPORT = 93,
	ESOCKTNOSUPPORT = 94,
	EOPNOTSUPP = 95,
	EAFNOSUPPORT = 97,
	EADDRINUSE = 98,
	ECONNABORTED = 103,
	ECONNRESET = 104,
	ENOBUFS = 105,
	EISCONN = 106,
	ENOTCONN = 107,
	ETOOMANYREFS = 109,
	ETIMEDOUT = 110,
	ECONNREFUSED = 111,
	EALREADY = 114,
	EINPROGRESS = 115,
	ESTALE = 116,
	EUCLEAN = 117,
	EDQUOT = 122,
	ECANCELED = 125,
};

/* Signals. */
enum {
	SIGHUP = 1,
	SIGINT = 2,
	SIGQUIT = 3,
	SIGILL = 4,
	SIGTRAP = 5,
	SIGABRT = 6,
	SIGBUS = 7,
	SIGFPE = 8,
	SIGKILL = 9,
	SIGSEGV = 11,
	SIGPIPE = 13,
	SIGALRM = 14,
	SIGTERM = 15,
	SIGCHLD = 17,
	SIGCONT = 18,
	SIGSTOP = 19,
	SIGTSTP = 20,
	SIGTTIN = 21,
	SIGTTOU = 22,
	SIGURG = 23,
	SIGXFSZ = 25,
	SIGVTALRM = 26,
	SIGPROF = 27,
	SIGWINCH = 28,
	SIGSYS = 31,
	SIGRTMIN = 32, /* the kernel's; a C library keeps the first few */
	EFT_SIGNALS = 64,
};

/* open(2), fcntl(2). */
enum {
	O_RDONLY = 0,
	O_WRONLY = 1,
	O_RDWR = 2,
	O_ACCMODE = 3,
	O_CREAT = 0100,
	O_EXCL = 0200,
	O_NOCTTY = 0400,
	O_TRUNC = 01000,
	O_APPEND = 02000,
	O_NONBLOCK = 04000,
	O_DSYNC = 010000,
	O_ASYNC = 020000,
	O_DIRECT = 040000,
	O_LARGEFILE = 0100000,
	O_DIRECTORY = 0200000,
	O_NOFOLLOW = 0400000,
	O_NOATIME = 01000000,
	O_CLOEXEC = 02000000,
	O_SYNC = 04010000,
	O_PATH = 010000000,
	O_TMPFILE = 020200000,
	O_KNOWN = 037777703, /* include/linux/fcntl.h, VALID_OPEN_FLAGS */
};

enum {
	AT_FDCWD = -100,
	AT_SYMLINK_NOFOLLOW = 0x100,
	AT_REMOVEDIR = 0x200,
	AT_EACCESS = 0x200,
	AT_SYMLINK_FOLLOW = 0x400,
	AT_NO_AUTOMOUNT = 0x800,
	AT_EMPTY_PATH = 0x1000,
	AT_STATX_SYNC_TYPE = 0x6000,
};

enum {
	F_DUPFD = 0,
	F_GETFD = 1,
	F_SETFD = 2,
	F_GETFL = 3,
	F_SETFL = 4,
	F_GETLK = 5,
	F_SETLK = 6,
	F_SETLKW = 7,
	F_GETOWN = 9,
	F_GETSIG = 11,
	F_OFD_GETLK = 36,
	F_OFD_SETLK = 37,
	F_OFD_SETLKW = 38,
	F_GETLEASE = 1025,
	F_DUPFD_CLOEXEC = 1030,
	F_SETPIPE_SZ = 1031,
	F_GETPIPE_SZ = 1032,
	FD_CLOEXEC = 1,
	F_RDLCK = 0,
	F_WRLCK = 1,
	F_UNLCK = 2,
};

struct eft_flock {
	int16_t type, whence;
	int64_t start, len;
	int32_t pid;
};

enum { LOCK_SH = 1, LOCK_EX = 2, LOCK_NB = 4, LOCK_UN = 8, LOCK_MAND = 32 };
enum { SEEK_SET = 0, SEEK_CUR = 1, SEEK_END = 2, SEEK_DATA = 3, SEEK_HOLE = 4 };
enum { RENAME_NOREPLACE = 1, RENAME_EXCHANGE = 2 };
enum { R_OK = 4, W_OK = 2, X_OK = 1 };
enum { PATH_MAX = 4096, NAME_MAX = 255, IOV_MAX = 1024 };
enum {
	FALLOC_FL_KEEP_SIZE = 1,
	FALLOC_FL_PUNCH_HOLE = 2,
	FALLOC_FL_COLLAPSE_RANGE = 8,
	FALLOC_FL_ZERO_RANGE = 16,
	FALLOC_FL_INSERT_RANGE = 32,
	FALLOC_FL_UNSHARE_RANGE = 64,
};

/* stat(2). */
enum {
	S_IFMT = 0170000,
	S_IFSOCK = 0140000,
	S_IFLNK = 0120000,
	S_IFREG = 0100000,
	S_IFBLK = 0060000,
	S_IFDIR = 0040000,
	S_IFCHR = 0020000,
	S_IFIFO = 0010000,
};

struct eft_timespec {
	int64_t sec, nsec;
};

struct eft_timeval {
	int64_t sec, usec;
};

struct eft_itimerspec {
	struct eft_timespec interval, value;
};

enum { UTIME_NOW = 0x3fffffff, UTIME_OMIT = 0x3ffffffe };

struct eft_stat {
	uint64_t dev, ino, nlink;
	uint32_t mode, uid, gid, pad;
	uint64_t rdev;
	int64_t size, blksize, blocks;
	struct eft_timespec atime, mtime, ctime;
	int64_t reserved[3];
};

_Static_assert(sizeof(struct eft_stat) == 144, "struct stat of x86-64");

struct eft_statfs {
	uint64_t type, bsize, blocks, bfree, bavail, files, ffree;
	int32_t fsid[2];
	uint64_t namelen, frsize, flags, spare[4];
};

_Static_assert(sizeof(struct eft_statfs) == 120, "struct statfs of x86-64");

struct eft_iovec {
	void eft_user *base;
	size_t len;
};

/* getdents64(2): (reclen) is the whole record's, a multiple of 8. */
struct eft_dirent {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
	uint8_t type;
	char name[];
};

/* poll(2). */
enum { POLLIN = 1, POLLPRI = 2, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };
enum { POLLNVAL = 32, POLLRDNORM = 64, POLLRDBAND = 128, POLLWRNORM = 256 };
enum { POLLWRBAND = 512, POLLRDHUP = 0x2000 };

struct eft_pollfd {
	int32_t fd;
	int16_t events, revents;
};

/* socket(2): Linux's include/linux/socket.h, asm-generic/socket.h. */
enum { AF_UNSPEC = 0, AF_UNIX = 1, AF_INET = 2, AF_INET6 = 10 };
enum { AF_NETLINK = 16, AF_PACKET = 17, AF_MAX = 46 };

enum {
	SOCK_STREAM = 1,
	SOCK_DGRAM = 2,
	SOCK_RAW = 3,
	SOCK_SEQPACKET = 5,
	SOCK_MAX = 11,
	SOCK_TYPE_MASK = 0xf,
	SOCK_NONBLOCK = O_NONBLOCK,
	SOCK_CLOEXEC = O_CLOEXEC,
};

enum {
	MSG_OOB = 1,
	MSG_PEEK = 2,
	MSG_CTRUNC = 8,
	MSG_TRUNC = 0x20,
	MSG_DONTWAIT = 0x40,
	MSG_EOR = 0x80,
	MSG_WAITALL = 0x100,
	MSG_ERRQUEUE = 0x2000,
	MSG_NOSIGNAL = 0x4000,
	MSG_WAITFORONE = 0x10000,
	MSG_CMSG_CLOEXEC = 0x40000000,
	MSG_CMSG_COMPAT = (int)0x80000000, /* 32-bit programs' */
};

enum {
	SOL_SOCKET = 1,
	SO_DEBUG = 1,
	SO_REUSEADDR = 2,
	SO_TYPE = 3,
	SO_ERROR = 4,
	SO_DONTROUTE = 5,
	SO_BROADCAST = 6,
	SO_SNDBUF = 7,
	SO_RCVBUF = 8,
	SO_KEEPALIVE = 9,
	SO_OOBINLINE = 10,
	SO_NO_CHECK = 11,
	SO_PRIORITY = 12,
	SO_LINGER = 13,
	SO_REUSEPORT = 15,
	SO_PASSCRED = 16,
	SO_PEERCRED = 17,
	SO_RCVLOWAT = 18,
	SO_SNDLOWAT = 19,
	SO_RCVTIMEO = 20,
	SO_SNDTIMEO = 21,
	SO_BINDTODEVICE = 25,
	SO_TIMESTAMP = 29, /* also the control message's type */
	SO_ACCEPTCONN = 30,
	SO_SNDBUFFORCE = 32,
	SO_RCVBUFFORCE = 33,
	SO_TIMESTAMPNS = 35,
	SO_MARK = 36,
	SO_PROTOCOL = 38,
	SO_DOMAIN = 39,
	SO_INCOMING_CPU = 49,
	SO_COOKIE = 57,
	SCM_RIGHTS = 1,
	SCM_CREDENTIALS = 2,
	SCM_MAX_FD = 253,
	SHUT_RD = 0,
	SHUT_WR = 1,
	SHUT_RDWR = 2,
	SOMAXCONN = 4096,
	UNIX_PATH_MAX = 108,
};

struct eft_msghdr {
	void eft_user *name;
	uint32_t name_len, pad;
	struct eft_iovec eft_user *iov;
	size_t iov_len;
	void eft_user *control;
	size_t control_len;
	uint32_t flags, pad2;
};

_Static_assert(sizeof(struct eft_msghdr) == 56, "struct msghdr of x86-64");

struct eft_mmsghdr {
	struct eft_msghdr header;
	uint32_t len, pad;
};

/* A control message; the next begins at a multiple of 8. */
struct eft_cmsghdr {
	size_t len; /* with this header */
	int32_t level, type;
};

struct eft_ucred {
	int32_t pid;
	uint32_t uid, gid;
};

struct eft_linger {
	int32_t on, seconds;
};

/* epoll(7). */
enum { EPOLL_CTL_ADD = 1, EPOLL_CTL_DEL = 2, EPOLL_CTL_MOD = 3 };

#define EPOLLEXCLUSIVE (1u << 28)
#define EPOLLWAKEUP    (1u << 29)
#define EPOLLONESHOT   (1u << 30)
#define EPOLLET	       (1u << 31)

struct eft_epoll_event {
	uint32_t events;
	uint64_t data;
} __attribute__((packed));

/* siginfo_t as the host fills it in: what is in it depends on who has sent it.
 */
struct eft_host_siginfo {
	int signal, error, code, pad;
	uint64_t rest[14];
};

/* mmap(2). */
enum {
	EFT_PROT_NONE = 0,
	EFT_PROT_READ = 1,
	EFT_PROT_WRITE = 2,
	EFT_PROT_EXEC = 4,
	MAP_SHARED = 1,
	MAP_PRIVATE = 2,
	MAP_SHARED_VALIDATE = 3,
	MAP_TYPE = 15,
	MAP_FIXED = 0x10,
	MAP_ANONYMOUS = 0x20,
	MAP_32BIT = 0x40,
	MAP_GROWSDOWN = 0x100,
	MAP_DENYWRITE = 0x800,
	MAP_EXECUTABLE = 0x1000,
	MAP_LOCKED = 0x2000,
	MAP_NORESERVE = 0x4000,
	MAP_POPULATE = 0x8000,
	MAP_NONBLOCK = 0x10000,
	MAP_STACK = 0x20000,
	MAP_HUGETLB = 0x40000,
	MAP_SYNC = 0x80000,
	MAP_FIXED_NOREPLACE = 0x100000,
	MLOCK_ONFAULT = 1,
	MCL_CURRENT = 1,
	MCL_FUTURE = 2,
	MCL_ONFAULT = 4,
	PROT_SEM = 8,
	MREMAP_MAYMOVE = 1,
	MREMAP_FIXED = 2,
	MREMAP_DONTUNMAP = 4,
	MADV_DONTNEED = 4,
	MADV_FREE = 8,
	MADV_REMOVE = 9,
	MADV_WIPEONFORK = 18,
	MADV_POPULATE_READ = 22,
	MADV_POPULATE_WRITE = 23,
	MADV_DONTNEED_LOCKED = 24,
	MS_ASYNC = 1,
	MS_INVALIDATE = 2,
	MS_SYNC = 4,
};

/* mount(2): include/uapi/linux/mount.h. */
enum {
	MS_RDONLY = 1,
	MS_NOSUID = 2,
	MS_NODEV = 4,
	MS_NOEXEC = 8,
	MS_SYNCHRONOUS = 16,
	MS_REMOUNT = 32,
	MS_MANDLOCK = 64,
	MS_DIRSYNC = 128,
	MS_NOSYMFOLLOW = 256,
	MS_NOATIME = 1024,
	MS_NODIRATIME = 2048,
	MS_BIND = 4096,
	MS_MOVE = 8192,
	MS_REC = 16384,
	MS_SILENT = 32768,
	MS_UNBINDABLE = 1 << 17,
	MS_PRIVATE = 1 << 18,
	MS_SLAVE = 1 << 19,
	MS_SHARED = 1 << 20,
	MS_RELATIME = 1 << 21,
	MS_STRICTATIME = 1 << 24,
	MS_LAZYTIME = 1 << 25,
	MNT_FORCE = 1,
	MNT_DETACH = 2,
	MNT_EXPIRE = 4,
	UMOUNT_NOFOLLOW = 8,
};

/* Clocks. */
enum {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 1,
	CLOCK_PROCESS_CPUTIME_ID = 2,
	CLOCK_THREAD_CPUTIME_ID = 3,
	CLOCK_MONOTONIC_RAW = 4,
	CLOCK_REALTIME_COARSE = 5,
	CLOCK_MONOTONIC_COARSE = 6,
	CLOCK_BOOTTIME = 7,
	CLOCK_TAI = 11,
	TIMER_ABSTIME = 1,
};

/* Terminals. */
enum {
	TCGETS = 0x5401,
	TCSETS = 0x5402,
	TCSETSW = 0x5403,
	TCSETSF = 0x5404,
	TCSBRK = 0x5409,
	TCXONC = 0x540a,
	TCFLSH = 0x540b,
	TIOCGPGRP = 0x540f,
	TIOCSPGRP = 0x5410,
	TIOCOUTQ = 0x5411,
	TIOCGWINSZ = 0x5413,
	TIOCSWINSZ = 0x5414,
	FIONREAD = 0x541b,
	FIONBIO = 0x5421,
	FIONCLEX = 0x5450,
	FIOCLEX = 0x5451,
};

enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN };
enum { VSTART = 8, VSTOP = 9, VSUSP = 10, VEOL = 11, VWERASE = 14, NCCS = 19 };

enum {
	ICRNL = 0400,
	INLCR = 0100,
	IGNCR = 0200,
	IXON = 02000,
	OPOST = 1,
	ONLCR = 4,
	B115200 = 0010002,
	CS8 = 060,
	CREAD = 0200,
	ISIG = 1,
	ICANON = 2,
	ECHO = 010,
	ECHOE = 020,
	ECHOK = 040,
	ECHONL = 0100,
	ECHOCTL = 01000,
	ECHOKE = 04000,
	IEXTEN = 0100000,
};

struct eft_termios {
	uint32_t iflag, oflag, cflag, lflag;
	uint8_t line, cc[NCCS];
};

struct eft_winsize {
	uint16_t rows, columns, xpixel, ypixel;
};

/* ELF-64: System V gABI, chapter 4, "ELF Header". */
struct eft_elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};
