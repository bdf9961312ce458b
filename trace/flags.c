// SPDX-License-Identifier: BSD-3-Clause
/*
 * Arguments that are numbers with names. The names are those of Linux's and
 * the C library's headers, which give the numbers.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <linux/mman.h>
#include <linux/prctl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "trace/kind.h"
#include "trace/tracer.h"

#define KIND(name)                                                             \
	static void print_##name(struct line *line,                            \
				 const struct called *called, unsigned i);     \
	const struct kind kind_##name = {print_##name, false};                 \
	static void print_##name(struct line *line,                            \
				 const struct called *called, unsigned i)

/* A kind that is a set of flags, or one value of several. */
#define FLAGS(kind, what, ...)                                        \
	static const struct name names_##kind[] = {__VA_ARGS__, {0}}; \
	KIND(kind)                                                    \
	{                                                             \
		put_flags(line, (unsigned)called->args[i],            \
			  names_##kind, what);                        \
	}
#define VALUE(kind, what, ...)                                       \
	static const struct name names_##kind[] = {__VA_ARGS__, {0}}; \
	KIND(kind)                                                   \
	{                                                            \
		put_name(line, (unsigned)called->args[i],            \
			 names_##kind, what);                        \
	}

KIND(int)
{
	put(line, "%d", (int)called->args[i]);
}

KIND(long)
{
	put(line, "%ld", called->args[i]);
}

KIND(unsigned)
{
	put(line, "%lu", called->args[i]);
}

KIND(unsigned32)
{
	put(line, "%u", (unsigned)called->args[i]);
}

KIND(address)
{
	put_address(line, called->args[i]);
}

KIND(directory)
{
	if ((int)called->args[i] == AT_FDCWD)
		put(line, "AT_FDCWD");
	else
		put(line, "%d", (int)called->args[i]);
}

static const struct name open_flags[] = {
	NAME(O_CREAT),
	NAME(O_EXCL),
	NAME(O_NOCTTY),
	NAME(O_TRUNC),
	NAME(O_APPEND),
	NAME(O_NONBLOCK),
	NAME(O_SYNC),
	NAME(O_DSYNC),
	NAME(O_ASYNC),
	NAME(O_DIRECT),
	NAME(O_LARGEFILE),
	NAME(O_NOFOLLOW),
	NAME(O_NOATIME),
	NAME(O_CLOEXEC),
	{O_PATH & ~O_ACCMODE, "O_PATH"},
	NAME(O_TMPFILE),
	NAME(O_DIRECTORY),
	{0},
};

void put_open_flags(struct line *line, uint64_t value)
{
	static const char *const modes[] = {"O_RDONLY", "O_WRONLY", "O_RDWR",
					    "O_ACCMODE"};

	put(line, "%s", modes[value & 3]);
	value &= ~3ul;
	if (value != 0) {
		put_char(line, '|');
		put_flags(line, value, open_flags, "O_???");
	}
}

KIND(open_flags)
{
	put_open_flags(line, (unsigned)called->args[i]);
}

/* Only a call that may make the file has one. */
static bool makes(long flags)
{
	return flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE;
}

KIND(open_mode)
{
	if (makes(called->args[i - 1]))
		put(line, "0%02o", (unsigned)called->args[i]);
	else
		line->len -= 2; /* the comma before */
}

void put_file_mode(struct line *line, unsigned mode)
{
	static const struct name types[] = {
		NAME(S_IFSOCK), NAME(S_IFLNK), NAME(S_IFREG), NAME(S_IFBLK),
		NAME(S_IFDIR), NAME(S_IFCHR), NAME(S_IFIFO), {0},
	};
	static const struct name bits[] = {
		NAME(S_ISUID), NAME(S_ISGID), NAME(S_ISVTX), {0},
	};

	if (mode & S_IFMT) {
		put_name(line, mode & S_IFMT, types, NULL);
		put_char(line, '|');
	}
	if (mode & 07000) {
		put_flags(line, mode & 07000, bits, NULL);
		put_char(line, '|');
	}
	put(line, "0%03o", mode & 0777);
}

KIND(node_mode)
{
	put_file_mode(line, (unsigned)called->args[i]);
}

KIND(file_mode)
{
	put(line, "0%02o", (unsigned)called->args[i]);
}

FLAGS(protection, "PROT_???", NAME(PROT_NONE), NAME(PROT_READ),
      NAME(PROT_WRITE), NAME(PROT_EXEC))

static const struct name map_flags[] = {
	NAME(MAP_FIXED), NAME(MAP_ANONYMOUS), NAME(MAP_GROWSDOWN),
	NAME(MAP_LOCKED), NAME(MAP_NORESERVE), NAME(MAP_POPULATE),
	NAME(MAP_NONBLOCK), NAME(MAP_STACK), NAME(MAP_HUGETLB),
	NAME(MAP_FIXED_NOREPLACE), {0},
};

KIND(map_flags)
{
	static const struct name types[] = {
		NAME(MAP_SHARED), NAME(MAP_PRIVATE), NAME(MAP_SHARED_VALIDATE),
		{0},
	};
	unsigned flags = (unsigned)called->args[i];

	put_name(line, flags & 15, types, NULL);
	if (flags & ~15u) {
		put_char(line, '|');
		put_flags(line, flags & ~15u, map_flags, "MAP_???");
	}
}

FLAGS(remap_flags, "MREMAP_???", {0, "0"}, NAME(MREMAP_MAYMOVE),
      NAME(MREMAP_FIXED), NAME(MREMAP_DONTUNMAP))
FLAGS(sync_flags, "MS_???", {0, "0"}, NAME(MS_ASYNC), NAME(MS_INVALIDATE),
      NAME(MS_SYNC))
VALUE(advice, "MADV_???", NAME(MADV_NORMAL), NAME(MADV_RANDOM),
      NAME(MADV_SEQUENTIAL), NAME(MADV_WILLNEED), NAME(MADV_DONTNEED),
      NAME(MADV_FREE), NAME(MADV_REMOVE), NAME(MADV_DONTFORK),
      NAME(MADV_DOFORK), NAME(MADV_MERGEABLE), NAME(MADV_UNMERGEABLE),
      NAME(MADV_HUGEPAGE), NAME(MADV_NOHUGEPAGE), NAME(MADV_DONTDUMP),
      NAME(MADV_DODUMP), NAME(MADV_COLD), NAME(MADV_PAGEOUT))
VALUE(file_advice, "POSIX_FADV_???", NAME(POSIX_FADV_NORMAL),
      NAME(POSIX_FADV_RANDOM), NAME(POSIX_FADV_SEQUENTIAL),
      NAME(POSIX_FADV_WILLNEED), NAME(POSIX_FADV_DONTNEED),
      NAME(POSIX_FADV_NOREUSE))
FLAGS(lock_all_flags, "MCL_???", NAME(MCL_CURRENT), NAME(MCL_FUTURE),
      NAME(MCL_ONFAULT))
VALUE(whence, "SEEK_???", NAME(SEEK_SET), NAME(SEEK_CUR), NAME(SEEK_END),
      NAME(SEEK_DATA), NAME(SEEK_HOLE))
FLAGS(access, "?_OK", NAME(F_OK), NAME(R_OK), NAME(W_OK), NAME(X_OK))
FLAGS(at_flags, "AT_???", {0, "0"}, NAME(AT_SYMLINK_NOFOLLOW),
      NAME(AT_SYMLINK_FOLLOW), NAME(AT_NO_AUTOMOUNT), NAME(AT_EMPTY_PATH))
FLAGS(unlink_flags, "AT_???", {0, "0"}, NAME(AT_REMOVEDIR))
FLAGS(access_flags, "AT_???", {0, "0"}, NAME(AT_EACCESS),
      NAME(AT_SYMLINK_NOFOLLOW), NAME(AT_EMPTY_PATH))
FLAGS(rename_flags, "RENAME_???", {0, "0"}, {1, "RENAME_NOREPLACE"},
      {2, "RENAME_EXCHANGE"}, {4, "RENAME_WHITEOUT"})
FLAGS(xattr_flags, "XATTR_???", {0, "0"}, {1, "XATTR_CREATE"},
      {2, "XATTR_REPLACE"})
FLAGS(flock, "LOCK_???", NAME(LOCK_SH), NAME(LOCK_EX), NAME(LOCK_NB),
      NAME(LOCK_UN))
FLAGS(allocate_mode, "FALLOC_FL_???", {0, "0"}, {1, "FALLOC_FL_KEEP_SIZE"},
      {2, "FALLOC_FL_PUNCH_HOLE"}, {16, "FALLOC_FL_ZERO_RANGE"})
FLAGS(random_flags, "GRND_???", {0, "0"}, NAME(GRND_NONBLOCK),
      NAME(GRND_RANDOM))
FLAGS(pipe_flags, "O_???", {0, "0"}, NAME(O_NONBLOCK), NAME(O_DIRECT),
      NAME(O_CLOEXEC))
/* include/uapi/linux/fs.h, and others that the C library has not. */
FLAGS(rw_flags, "RWF_???", {0, "0"}, {1, "RWF_HIPRI"}, {2, "RWF_DSYNC"},
      {4, "RWF_SYNC"}, {8, "RWF_NOWAIT"}, {16, "RWF_APPEND"},
      {32, "RWF_NOAPPEND"})
FLAGS(splice_flags, "SPLICE_F_???", {0, "0"}, {1, "SPLICE_F_MOVE"},
      {2, "SPLICE_F_NONBLOCK"}, {4, "SPLICE_F_MORE"}, {8, "SPLICE_F_GIFT"})
FLAGS(memfd_flags, "MFD_???", {0, "0"}, {1, "MFD_CLOEXEC"},
      {2, "MFD_ALLOW_SEALING"}, {4, "MFD_HUGETLB"}, {8, "MFD_NOEXEC_SEAL"},
      {16, "MFD_EXEC"})
FLAGS(close_range_flags, "CLOSE_RANGE_???", {0, "0"},
      {2, "CLOSE_RANGE_UNSHARE"}, {4, "CLOSE_RANGE_CLOEXEC"})
FLAGS(sync_range_flags, "SYNC_FILE_RANGE_???", {0, "0"},
      {1, "SYNC_FILE_RANGE_WAIT_BEFORE"}, {2, "SYNC_FILE_RANGE_WRITE"},
      {4, "SYNC_FILE_RANGE_WAIT_AFTER"})
FLAGS(statx_mask, "STATX_???", {0, "0"}, {0xfff, "STATX_ALL"},
      {0x7ff, "STATX_BASIC_STATS"}, {1, "STATX_TYPE"}, {2, "STATX_MODE"},
      {4, "STATX_NLINK"}, {8, "STATX_UID"}, {16, "STATX_GID"},
      {32, "STATX_ATIME"}, {64, "STATX_MTIME"}, {128, "STATX_CTIME"},
      {256, "STATX_INO"}, {512, "STATX_SIZE"}, {1024, "STATX_BLOCKS"},
      {2048, "STATX_BTIME"})
FLAGS(inotify_flags, "IN_???", {0, "0"}, NAME(IN_CLOEXEC), NAME(IN_NONBLOCK))
FLAGS(inotify_mask, "IN_???", NAME(IN_ALL_EVENTS), NAME(IN_ACCESS),
      NAME(IN_MODIFY), NAME(IN_ATTRIB), NAME(IN_CLOSE_WRITE),
      NAME(IN_CLOSE_NOWRITE), NAME(IN_OPEN), NAME(IN_MOVED_FROM),
      NAME(IN_MOVED_TO), NAME(IN_CREATE), NAME(IN_DELETE),
      NAME(IN_DELETE_SELF), NAME(IN_MOVE_SELF), NAME(IN_ONLYDIR),
      NAME(IN_DONT_FOLLOW), NAME(IN_EXCL_UNLINK),
      {0x10000000, "IN_MASK_CREATE"}, NAME(IN_MASK_ADD), NAME(IN_ISDIR),
      NAME(IN_ONESHOT))
FLAGS(epoll_flags, "EPOLL_???", {0, "0"}, NAME(EPOLL_CLOEXEC))
FLAGS(eventfd_flags, "EFD_???", {0, "0"}, NAME(EFD_SEMAPHORE),
      NAME(EFD_NONBLOCK), NAME(EFD_CLOEXEC))
FLAGS(signalfd_flags, "SFD_???", {0, "0"}, NAME(SFD_NONBLOCK),
      NAME(SFD_CLOEXEC))
FLAGS(timerfd_flags, "TFD_???", {0, "0"}, NAME(TFD_NONBLOCK),
      NAME(TFD_CLOEXEC))
FLAGS(timerfd_set, "TFD_???", {0, "0"}, NAME(TFD_TIMER_ABSTIME),
      NAME(TFD_TIMER_CANCEL_ON_SET))
FLAGS(sleep_flags, "TIMER_???", {0, "0"}, NAME(TIMER_ABSTIME))
FLAGS(accept_flags, "SOCK_???", {0, "0"}, NAME(SOCK_CLOEXEC),
      NAME(SOCK_NONBLOCK))
VALUE(epoll_operation, "EPOLL_CTL_???", NAME(EPOLL_CTL_ADD),
      NAME(EPOLL_CTL_MOD), NAME(EPOLL_CTL_DEL))
VALUE(clock, "CLOCK_???", NAME(CLOCK_REALTIME), NAME(CLOCK_MONOTONIC),
      NAME(CLOCK_PROCESS_CPUTIME_ID), NAME(CLOCK_THREAD_CPUTIME_ID),
      NAME(CLOCK_MONOTONIC_RAW), NAME(CLOCK_REALTIME_COARSE),
      NAME(CLOCK_MONOTONIC_COARSE), NAME(CLOCK_BOOTTIME),
      NAME(CLOCK_REALTIME_ALARM), NAME(CLOCK_BOOTTIME_ALARM), NAME(CLOCK_TAI))
VALUE(interval_timer, "ITIMER_???", NAME(ITIMER_REAL), NAME(ITIMER_VIRTUAL),
      NAME(ITIMER_PROF))
VALUE(mask_how, "SIG_???", NAME(SIG_BLOCK), NAME(SIG_UNBLOCK),
      NAME(SIG_SETMASK))
VALUE(resource, "RLIMIT_???", NAME(RLIMIT_CPU), NAME(RLIMIT_FSIZE),
      NAME(RLIMIT_DATA), NAME(RLIMIT_STACK), NAME(RLIMIT_CORE),
      NAME(RLIMIT_RSS), NAME(RLIMIT_NPROC), NAME(RLIMIT_NOFILE),
      NAME(RLIMIT_MEMLOCK), NAME(RLIMIT_AS), NAME(RLIMIT_LOCKS),
      NAME(RLIMIT_SIGPENDING), NAME(RLIMIT_MSGQUEUE), NAME(RLIMIT_NICE),
      NAME(RLIMIT_RTPRIO), NAME(RLIMIT_RTTIME))
VALUE(usage_who, "RUSAGE_???", NAME(RUSAGE_SELF),
      {(unsigned)RUSAGE_CHILDREN, "RUSAGE_CHILDREN"}, NAME(RUSAGE_THREAD))
VALUE(priority_which, "PRIO_???", NAME(PRIO_PROCESS), NAME(PRIO_PGRP),
      NAME(PRIO_USER))
VALUE(policy, "SCHED_???", NAME(SCHED_OTHER), NAME(SCHED_FIFO),
      NAME(SCHED_RR), NAME(SCHED_BATCH), NAME(SCHED_IDLE),
      NAME(SCHED_DEADLINE))
VALUE(prctl, "PR_???", NAME(PR_SET_PDEATHSIG), NAME(PR_GET_PDEATHSIG),
      NAME(PR_GET_DUMPABLE), NAME(PR_SET_DUMPABLE), NAME(PR_SET_NAME),
      NAME(PR_GET_NAME), NAME(PR_GET_SECCOMP), NAME(PR_CAPBSET_READ),
      NAME(PR_SET_TIMERSLACK), NAME(PR_GET_TIMERSLACK),
      NAME(PR_SET_CHILD_SUBREAPER), NAME(PR_SET_NO_NEW_PRIVS),
      NAME(PR_GET_NO_NEW_PRIVS), NAME(PR_GET_TID_ADDRESS), NAME(PR_SET_VMA))
VALUE(arch_prctl, "ARCH_???", {0x1001, "ARCH_SET_GS"}, {0x1002, "ARCH_SET_FS"},
      {0x1003, "ARCH_GET_FS"}, {0x1004, "ARCH_GET_GS"})
VALUE(membarrier, "MEMBARRIER_CMD_???", NAME(MEMBARRIER_CMD_QUERY),
      NAME(MEMBARRIER_CMD_GLOBAL), NAME(MEMBARRIER_CMD_GLOBAL_EXPEDITED),
      NAME(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED),
      NAME(MEMBARRIER_CMD_PRIVATE_EXPEDITED),
      NAME(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
VALUE(domain, "AF_???", NAME(AF_UNSPEC), NAME(AF_UNIX), NAME(AF_INET),
      NAME(AF_INET6), NAME(AF_NETLINK), NAME(AF_PACKET), NAME(AF_VSOCK))
VALUE(shutdown, "SHUT_???", NAME(SHUT_RD), NAME(SHUT_WR), NAME(SHUT_RDWR))
FLAGS(message_flags, "MSG_???", {0, "0"}, NAME(MSG_OOB), NAME(MSG_PEEK),
      NAME(MSG_DONTROUTE), NAME(MSG_CTRUNC), NAME(MSG_TRUNC),
      NAME(MSG_DONTWAIT), NAME(MSG_EOR), NAME(MSG_WAITALL),
      NAME(MSG_ERRQUEUE), NAME(MSG_NOSIGNAL), NAME(MSG_MORE),
      NAME(MSG_WAITFORONE), NAME(MSG_CMSG_CLOEXEC))
VALUE(socket_level, "SOL_???", NAME(SOL_SOCKET), {0, "SOL_IP"}, {6, "SOL_TCP"},
      {17, "SOL_UDP"}, {41, "SOL_IPV6"})

static const struct name socket_options[] = {
	NAME(SO_DEBUG), NAME(SO_REUSEADDR), NAME(SO_TYPE), NAME(SO_ERROR),
	NAME(SO_DONTROUTE), NAME(SO_BROADCAST), NAME(SO_SNDBUF),
	NAME(SO_RCVBUF), NAME(SO_KEEPALIVE), NAME(SO_OOBINLINE),
	NAME(SO_LINGER), NAME(SO_REUSEPORT), NAME(SO_PASSCRED),
	NAME(SO_PEERCRED), NAME(SO_RCVLOWAT), NAME(SO_SNDLOWAT),
	{20, "SO_RCVTIMEO_OLD"}, {21, "SO_SNDTIMEO_OLD"}, NAME(SO_ACCEPTCONN),
	NAME(SO_PROTOCOL), NAME(SO_DOMAIN), {0},
};

KIND(socket_option)
{
	if (called->args[i - 1] == SOL_SOCKET)
		put_name(line, (unsigned)called->args[i], socket_options,
			 "SO_???");
	else
		put(line, "0x%x", (unsigned)called->args[i]);
}

KIND(socket_type)
{
	static const struct name types[] = {
		NAME(SOCK_STREAM), NAME(SOCK_DGRAM), NAME(SOCK_RAW),
		NAME(SOCK_SEQPACKET), {0},
	};
	unsigned type = (unsigned)called->args[i];

	put_name(line, type & 15, types, "SOCK_???");
	if (type & ~15u) {
		put_char(line, '|');
		put_flags(line, type & ~15u, names_accept_flags, "SOCK_???");
	}
}

KIND(protocol)
{
	static const struct name protocols[] = {
		{0, "IPPROTO_IP"}, {6, "IPPROTO_TCP"}, {17, "IPPROTO_UDP"}, {0},
	};
	int domain = (int)called->args[0];

	if (domain == AF_INET || domain == AF_INET6)
		put_name(line, (unsigned)called->args[i], protocols,
			 "IPPROTO_???");
	else
		put(line, "%d", (int)called->args[i]);
}

KIND(signal)
{
	if (called->args[i] > 0 && called->args[i] <= 64)
		put_signal_name(line, (int)called->args[i]);
	else
		put(line, "%d", (int)called->args[i]);
}

static const struct name ioctls[] = {
	NAME(TCGETS), NAME(TCSETS), NAME(TCSETSW), NAME(TCSETSF), NAME(TCSBRK),
	NAME(TCXONC), NAME(TCFLSH), NAME(TIOCGPGRP), NAME(TIOCSPGRP),
	NAME(TIOCOUTQ), NAME(TIOCGWINSZ), NAME(TIOCSWINSZ), NAME(FIONREAD),
	NAME(FIONBIO), NAME(FIONCLEX), NAME(FIOCLEX), NAME(TIOCGPTN),
	NAME(TIOCSPTLCK), NAME(TIOCSCTTY), NAME(TIOCNOTTY), {0},
};

KIND(ioctl)
{
	put_name(line, (unsigned)called->args[i], ioctls, NULL);
}

static const struct name fcntls[] = {
	NAME(F_DUPFD), NAME(F_GETFD), NAME(F_SETFD), NAME(F_GETFL),
	NAME(F_SETFL), NAME(F_GETLK), NAME(F_SETLK), NAME(F_SETLKW),
	NAME(F_SETOWN), NAME(F_GETOWN), NAME(F_SETSIG), NAME(F_GETSIG),
	NAME(F_OFD_GETLK), NAME(F_OFD_SETLK), NAME(F_OFD_SETLKW),
	NAME(F_DUPFD_CLOEXEC), NAME(F_SETPIPE_SZ), NAME(F_GETPIPE_SZ), {0},
};

KIND(fcntl)
{
	put_name(line, (unsigned)called->args[i], fcntls, "F_???");
}

/* Descriptor flags: fcntl's answer and argument. */
static const struct name fd_flags[] = {NAME(FD_CLOEXEC), {0, "0"}, {0}};

void note_fcntl(struct line *line, const struct called *called)
{
	if (FAILED(called) || called->result == 0)
		return;
	if (called->args[1] == F_GETFL) {
		put(line, " (flags ");
		put_open_flags(line, called->result);
		put_char(line, ')');
	} else if (called->args[1] == F_GETFD) {
		put(line, " (flags ");
		put_flags(line, called->result, fd_flags, NULL);
		put_char(line, ')');
	}
}

void put_lock_type(struct line *line, int type)
{
	static const struct name types[] = {
		NAME(F_RDLCK), NAME(F_WRLCK), NAME(F_UNLCK), {0},
	};

	put_name(line, (unsigned)type, types, "F_???");
}

static void put_flock(struct line *line, uintptr_t addr)
{
	const struct flock *lock = (const void *)addr;

	if (!readable(addr, sizeof(*lock))) {
		put_address(line, addr);
		return;
	}
	put(line, "{l_type=");
	put_lock_type(line, lock->l_type);
	put(line, ", l_whence=");
	put_name(line, (unsigned)lock->l_whence, names_whence, "SEEK_???");
	put(line, ", l_start=%ld, l_len=%ld}", lock->l_start, lock->l_len);
}

KIND(fcntl_argument)
{
	unsigned long value = called->args[i];

	switch (called->args[i - 1]) {
	case F_GETFD:
	case F_GETFL:
	case F_GETOWN:
	case F_GETSIG:
	case F_GETPIPE_SZ:
		line->len -= 2; /* the comma before */
		break;
	case F_SETFD:
		put_flags(line, value, fd_flags, "FD_???");
		break;
	case F_SETFL:
		put_open_flags(line, value);
		break;
	case F_GETLK:
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_GETLK:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		put_flock(line, value);
		break;
	default:
		put(line, "%ld", value);
	}
}

KIND(futex)
{
	static const struct name operations[] = {
		NAME(FUTEX_WAIT), NAME(FUTEX_WAKE), NAME(FUTEX_FD),
		NAME(FUTEX_REQUEUE), NAME(FUTEX_CMP_REQUEUE),
		NAME(FUTEX_WAKE_OP), NAME(FUTEX_LOCK_PI),
		NAME(FUTEX_UNLOCK_PI), NAME(FUTEX_TRYLOCK_PI),
		NAME(FUTEX_WAIT_BITSET), NAME(FUTEX_WAKE_BITSET),
		NAME(FUTEX_WAIT_REQUEUE_PI), NAME(FUTEX_CMP_REQUEUE_PI),
		NAME(FUTEX_LOCK_PI2), {0},
	};
	unsigned op = (unsigned)called->args[i];

	put_name(line, op & 127, operations, "FUTEX_???");
	if (op & FUTEX_PRIVATE_FLAG)
		put(line, "_PRIVATE");
	if (op & FUTEX_CLOCK_REALTIME)
		put(line, "|FUTEX_CLOCK_REALTIME");
}
