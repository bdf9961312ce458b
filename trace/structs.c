// SPDX-License-Identifier: BSD-3-Clause
/*
 * Arguments that lead to memory: strings, buffers, structures.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <linux/futex.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>

#include "trace/kind.h"
#include "trace/tracer.h"

#define DEFINE_KIND(name, out)                                              \
	static void print_##name(struct line *line,                         \
				 const struct called *called, unsigned i);  \
	const struct kind kind_##name = {print_##name, out};                \
	static void print_##name(struct line *line,                         \
				 const struct called *called, unsigned i)

#define IN(name)  DEFINE_KIND(name, false)
#define OUT(name) DEFINE_KIND(name, true)

/*
 * The structure at (addr), or NULL when its address was shown instead: it is
 * none, cannot be read, or the call that fills it in has failed.
 */
static const void *look(struct line *line, uintptr_t addr, size_t size,
			bool failed)
{
	if (addr != 0 && !failed && readable(addr, size))
		return (const void *)addr;
	put_address(line, addr);
	return NULL;
}

/* A kind for a structure that put_NAME() shows: given, or given back. */
#define STRUCT_IN(name, type)                                        \
	IN(name)                                                     \
	{                                                            \
		const type *at = look(line, called->args[i],         \
				      sizeof(type), false);          \
		if (at != NULL)                                      \
			put_##name(line, at);                        \
	}
#define STRUCT_OUT(kind, name, type)                                 \
	OUT(kind)                                                    \
	{                                                            \
		const type *at = look(line, called->args[i],         \
				      sizeof(type), FAILED(called)); \
		if (at != NULL)                                      \
			put_##name(line, at);                        \
	}

/*
 * Strings and buffers. A length follows its buffer.
 */
IN(path)
{
	put_string(line, called->args[i], 4096);
}

IN(string)
{
	put_string(line, called->args[i], SHOWN);
}

IN(bytes)
{
	put_bytes(line, called->args[i], called->args[i + 1], SHOWN);
}

/* As much as the result says. */
OUT(bytes_got)
{
	if (FAILED(called))
		put_address(line, called->args[i]);
	else
		put_bytes(line, called->args[i], called->result, SHOWN);
}

OUT(string_got)
{
	if (FAILED(called))
		put_address(line, called->args[i]);
	else
		put_string(line, called->args[i], 4096);
}

OUT(directory_entries)
{
	uintptr_t at = called->args[i], end = at + called->result;
	unsigned count = 0;

	put_address(line, at);
	if (FAILED(called) || !readable(at, called->result))
		return;
	for (; at < end; at += ((const struct dirent *)at)->d_reclen)
		count++;
	put(line, " /* %u entries */", count);
}

/* Parts of memory, of which (total) bytes matter. */
static void put_iovec(struct line *line, uintptr_t addr, size_t count,
		      size_t total)
{
	const struct iovec *iov = look(line, addr, count * sizeof(*iov), false);

	if (iov == NULL)
		return;
	put_char(line, '[');
	for (size_t i = 0; i < count; i++) {
		size_t len = eft_min(iov[i].iov_len, total);

		put(line, i > 0 ? ", " : "");
		if (i == SHOWN) {
			put(line, "...");
			break;
		}
		put(line, "{iov_base=");
		put_bytes(line, (uintptr_t)iov[i].iov_base, len, SHOWN);
		put(line, ", iov_len=%lu}", iov[i].iov_len);
		total -= len;
	}
	put_char(line, ']');
}

IN(parts)
{
	put_iovec(line, called->args[i], called->args[i + 1], SIZE_MAX);
}

OUT(parts_got)
{
	if (FAILED(called))
		put_address(line, called->args[i]);
	else
		put_iovec(line, called->args[i], called->args[i + 1],
			  called->result);
}

/* Numbers in an array: two descriptors, a value of a socket's. */
static void put_ints(struct line *line, const int *at, size_t count)
{
	put_char(line, '[');
	for (size_t i = 0; i < count; i++)
		put(line, i > 0 ? ", %d" : "%d", at[i]);
	put_char(line, ']');
}

static void put_pair(struct line *line, const int *at)
{
	put_ints(line, at, 2);
}

static void put_one(struct line *line, const int *at)
{
	put_ints(line, at, 1);
}

STRUCT_OUT(two_fds, pair, int)
STRUCT_IN(one, int)
STRUCT_OUT(one_got, one, int)

static void put_offset(struct line *line, const off_t *at)
{
	put(line, "[%ld]", *at);
}

STRUCT_OUT(offset_moved, offset, off_t)

/* openat2(2): linux/openat2.h. */
struct open_how {
	uint64_t flags, mode, resolve;
};

static void put_open_how(struct line *line, const struct open_how *how)
{
	put(line, "{flags=");
	put_open_flags(line, how->flags);
	put(line, ", mode=0%lo, resolve=0x%lx}", how->mode, how->resolve);
}

STRUCT_IN(open_how, struct open_how)

/* The first fields of struct statx (linux/stat.h). */
struct statx_head {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad;
	uint64_t ino, size;
};

static void put_statx(struct line *line, const struct statx_head *st)
{
	put(line, "{stx_mask=0x%x, stx_mode=", st->mask);
	put_file_mode(line, st->mode);
	put(line, ", stx_size=%lu}", st->size);
}

STRUCT_OUT(statx, statx, struct statx_head)

/*
 * Time.
 */
static void put_timespec(struct line *line, const struct timespec *t)
{
	if (t->tv_nsec == 0x3fffffff)
		put(line, "UTIME_NOW");
	else if (t->tv_nsec == 0x3ffffffe)
		put(line, "UTIME_OMIT");
	else
		put(line, "{tv_sec=%ld, tv_nsec=%ld}", t->tv_sec, t->tv_nsec);
}

static void put_timeval(struct line *line, const struct timeval *t)
{
	put(line, "{tv_sec=%ld, tv_usec=%ld}", t->tv_sec, t->tv_usec);
}

static void put_itimerspec(struct line *line, const struct itimerspec *t)
{
	put(line, "{it_interval=");
	put_timespec(line, &t->it_interval);
	put(line, ", it_value=");
	put_timespec(line, &t->it_value);
	put_char(line, '}');
}

static void put_itimerval(struct line *line, const struct itimerval *t)
{
	put(line, "{it_interval=");
	put_timeval(line, &t->it_interval);
	put(line, ", it_value=");
	put_timeval(line, &t->it_value);
	put_char(line, '}');
}

STRUCT_IN(timespec, struct timespec)
STRUCT_OUT(timespec_got, timespec, struct timespec)
STRUCT_IN(timeval, struct timeval)
STRUCT_OUT(timeval_got, timeval, struct timeval)
STRUCT_IN(itimerspec, struct itimerspec)
STRUCT_OUT(itimerspec_got, itimerspec, struct itimerspec)
STRUCT_IN(itimerval, struct itimerval)
STRUCT_OUT(itimerval_got, itimerval, struct itimerval)

/* What is left of a sleep, which only one that was interrupted says. */
OUT(time_left)
{
	uintptr_t addr = called->args[i];

	if (called->result == -4 /* EINTR */ && addr != 0 &&
	    readable(addr, sizeof(struct timespec)))
		put_timespec(line, (const void *)addr);
	else
		put_address(line, addr);
}

IN(file_times)
{
	const struct timespec *t =
		look(line, called->args[i], 2 * sizeof(*t), false);

	if (t == NULL)
		return;
	put_char(line, '[');
	put_timespec(line, &t[0]);
	put(line, ", ");
	put_timespec(line, &t[1]);
	put_char(line, ']');
}

OUT(second)
{
	const int64_t *at =
		look(line, called->args[i], sizeof(*at), FAILED(called));

	if (at != NULL)
		put(line, "[%ld]", *at);
}

/*
 * Files.
 */
static void put_stat(struct line *line, const struct stat *st)
{
	put(line, "{st_mode=");
	put_file_mode(line, st->st_mode);
	if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
		put(line, ", st_rdev=makedev(0x%x, 0x%x)", major(st->st_rdev),
		    minor(st->st_rdev));
	else
		put(line, ", st_size=%ld", st->st_size);
	put(line, ", ...}");
}

static void put_statfs(struct line *line, const struct statfs *st)
{
	static const struct name types[] = {
		{0x01021994, "TMPFS_MAGIC"},
		{0xef53, "EXT2_SUPER_MAGIC"},
		{0x9fa0, "PROC_SUPER_MAGIC"},
		{0x794c7630, "OVERLAYFS_SUPER_MAGIC"},
		{0x858458f6, "RAMFS_MAGIC"},
		{0x58465342, "XFS_SUPER_MAGIC"},
		{0x9123683e, "BTRFS_SUPER_MAGIC"},
		{0},
	};

	put(line, "{f_type=");
	put_name(line, st->f_type, types, NULL);
	put(line, ", f_bsize=%lu, f_blocks=%lu, f_bfree=%lu, f_bavail=%lu",
	    st->f_bsize, st->f_blocks, st->f_bfree, st->f_bavail);
	put(line, ", f_files=%lu, f_ffree=%lu, ...}", st->f_files,
	    st->f_ffree);
}

STRUCT_OUT(stat, stat, struct stat)
STRUCT_OUT(statfs, statfs, struct statfs)

/*
 * poll and select.
 */
static const struct name poll_events[] = {
	NAME(POLLIN), NAME(POLLPRI), NAME(POLLOUT), NAME(POLLERR),
	NAME(POLLHUP), NAME(POLLNVAL), NAME(POLLRDNORM), NAME(POLLRDBAND),
	NAME(POLLWRNORM), NAME(POLLWRBAND), NAME(POLLRDHUP), {0, "0"}, {0},
};

IN(pollfds)
{
	size_t count = called->args[i + 1];
	const struct pollfd *fds =
		look(line, called->args[i], count * sizeof(*fds), false);

	if (fds == NULL)
		return;
	put_char(line, '[');
	for (size_t n = 0; n < count; n++) {
		put(line, n > 0 ? ", " : "");
		if (n == SHOWN) {
			put(line, "...");
			break;
		}
		put(line, "{fd=%d", fds[n].fd);
		if (fds[n].fd >= 0) {
			put(line, ", events=");
			put_flags(line, (unsigned short)fds[n].events,
				  poll_events, NULL);
		}
		put_char(line, '}');
	}
	put_char(line, ']');
}

static void put_ready(struct line *line, const struct pollfd *fds, size_t count)
{
	const char *between = "";

	put(line, " ([");
	for (size_t i = 0; i < count; i++) {
		if (fds[i].revents == 0)
			continue;
		put(line, "%s{fd=%d, revents=", between, fds[i].fd);
		put_flags(line, (unsigned short)fds[i].revents, poll_events,
			  NULL);
		put_char(line, '}');
		between = ", ";
	}
	put(line, "])");
}

void note_poll(struct line *line, const struct called *called)
{
	if (FAILED(called))
		return;
	if (called->result == 0)
		put(line, " (Timeout)");
	else
		put_ready(line, (const void *)called->args[0],
			  called->args[1]);
}

static void put_set(struct line *line, uintptr_t addr, int count)
{
	const fd_set *set = look(line, addr, ((size_t)count + 63) / 64 * 8,
				 false);
	const char *between = "";

	if (set == NULL)
		return;
	put_char(line, '[');
	for (int fd = 0; fd < count; fd++) {
		if (FD_ISSET(fd, set)) {
			put(line, "%s%d", between, fd);
			between = " ";
		}
	}
	put_char(line, ']');
}

IN(fd_set)
{
	put_set(line, called->args[i], (int)called->args[0]);
}

void note_select(struct line *line, const struct called *called)
{
	static const char *const names[] = {"in", "out", "except"};
	const char *between = " (";

	if (FAILED(called))
		return;
	if (called->result == 0) {
		put(line, " (Timeout)");
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		if (called->args[1 + i] == 0)
			continue;
		put(line, "%s%s ", between, names[i]);
		put_set(line, called->args[1 + i], (int)called->args[0]);
		between = ", ";
	}
	put_char(line, ')');
}

static const struct name epoll_names[] = {
	NAME(EPOLLIN), NAME(EPOLLPRI), NAME(EPOLLOUT), NAME(EPOLLRDNORM),
	NAME(EPOLLRDBAND), NAME(EPOLLWRNORM), NAME(EPOLLWRBAND),
	NAME(EPOLLMSG), NAME(EPOLLERR), NAME(EPOLLHUP), NAME(EPOLLRDHUP),
	NAME(EPOLLEXCLUSIVE), NAME(EPOLLWAKEUP), NAME(EPOLLONESHOT),
	{EPOLLET, "EPOLLET"}, {0, "0"}, {0},
};

static void put_epoll_event(struct line *line, const struct epoll_event *event)
{
	put(line, "{events=");
	put_flags(line, event->events, epoll_names, "EPOLL???");
	put(line, ", data={u32=%u, u64=%lu}}", event->data.u32,
	    event->data.u64);
}

STRUCT_IN(epoll_event, struct epoll_event)

OUT(epoll_events)
{
	size_t count = FAILED(called) ? 0 : called->result;
	const struct epoll_event *events =
		look(line, called->args[i], count * sizeof(*events),
		     FAILED(called));

	if (events == NULL)
		return;
	put_char(line, '[');
	for (size_t n = 0; n < count; n++) {
		put(line, n > 0 ? ", " : "");
		if (n == SHOWN) {
			put(line, "...");
			break;
		}
		put_epoll_event(line, &events[n]);
	}
	put_char(line, ']');
}

/*
 * Sockets.
 */
static void put_address_of_socket(struct line *line, uintptr_t addr, size_t len)
{
	const struct sockaddr_un *name = look(line, addr, len, len < 2);

	if (name == NULL)
		return;
	len -= 2;
	if (name->sun_family != AF_UNIX) {
		put(line, "{sa_family=%u, ...}", name->sun_family);
		return;
	}
	put(line, "{sa_family=AF_UNIX");
	if (len > 0) {
		put(line, ", sun_path=");
		if (name->sun_path[0] == '\0') {
			put_char(line, '@');
			put_bytes(line, addr + 3, len - 1, 108);
		} else {
			size_t n = 0;

			while (n < len && name->sun_path[n] != '\0')
				n++;
			put_bytes(line, addr + 2, n, 108);
		}
	}
	put_char(line, '}');
}

IN(socket_name)
{
	put_address_of_socket(line, called->args[i],
			      (unsigned)called->args[i + 1]);
}

/* Its length lies where the next argument points. */
OUT(socket_name_got)
{
	const unsigned *len = (const void *)called->args[i + 1];

	if (FAILED(called) || called->args[i] == 0 ||
	    !readable((uintptr_t)len, sizeof(*len)))
		put_address(line, called->args[i]);
	else
		put_address_of_socket(line, called->args[i], *len);
}

static void put_msghdr(struct line *line, const struct msghdr *m, size_t total)
{
	put(line, "{msg_name=");
	if (m->msg_name != NULL)
		put_address_of_socket(line, (uintptr_t)m->msg_name,
				      m->msg_namelen);
	else
		put(line, "NULL");
	put(line, ", msg_namelen=%u, msg_iov=", m->msg_namelen);
	put_iovec(line, (uintptr_t)m->msg_iov, m->msg_iovlen, total);
	put(line, ", msg_iovlen=%lu", (unsigned long)m->msg_iovlen);
	if (m->msg_controllen != 0) {
		put(line, ", msg_control=");
		put_address(line, (uintptr_t)m->msg_control);
	}
	put(line, ", msg_controllen=%lu, msg_flags=",
	    (unsigned long)m->msg_controllen);
	put(line, m->msg_flags ? "0x%x}" : "%x}", m->msg_flags);
}

IN(message)
{
	const struct msghdr *m =
		look(line, called->args[i], sizeof(*m), false);

	if (m != NULL)
		put_msghdr(line, m, SIZE_MAX);
}

OUT(message_got)
{
	const struct msghdr *m =
		look(line, called->args[i], sizeof(*m), FAILED(called));

	if (m != NULL)
		put_msghdr(line, m, called->result);
}

IN(socket_value)
{
	const int *at = look(line, called->args[i], sizeof(*at), false);

	if (at == NULL)
		return;
	if (called->args[i + 1] == sizeof(*at))
		put_one(line, at);
	else
		put_bytes(line, called->args[i], called->args[i + 1], SHOWN);
}

OUT(socket_value_got)
{
	const unsigned *len = (const void *)called->args[i + 1];

	if (FAILED(called) || !readable((uintptr_t)len, sizeof(*len)))
		put_address(line, called->args[i]);
	else if (*len == sizeof(int))
		put_one(line, (const void *)called->args[i]);
	else
		put_bytes(line, called->args[i], *len, SHOWN);
}

/*
 * Signals.
 */
static void put_signal(struct line *line, int signal)
{
	const char *name = signal_name(signal);

	if (name != NULL)
		put(line, "%s", name + 3);
	else if (signal == 32)
		put(line, "RTMIN");
	else
		put(line, "RT_%d", signal - 32);
}

void put_signal_name(struct line *line, int signal)
{
	put(line, "SIG");
	put_signal(line, signal);
}

static unsigned count_bits(uint64_t set)
{
	unsigned count = 0;

	for (; set != 0; set &= set - 1)
		count++;
	return count;
}

/* The shorter of what is in it and what is not. */
static void put_signals(struct line *line, uint64_t set)
{
	const char *between = "";

	if (count_bits(set) > 42) {
		put_char(line, '~');
		set = ~set;
	}
	put_char(line, '[');
	for (int signal = 1; signal <= 64; signal++) {
		if (!(set >> (signal - 1) & 1))
			continue;
		put(line, "%s", between);
		put_signal(line, signal);
		between = " ";
	}
	put_char(line, ']');
}

static void put_sigset(struct line *line, const uint64_t *set)
{
	put_signals(line, *set);
}

STRUCT_IN(sigset, uint64_t)
STRUCT_OUT(sigset_got, sigset, uint64_t)

/* The kernel's, as musl gives it. */
struct action {
	uintptr_t handler;
	unsigned long flags;
	uintptr_t restorer;
	uint64_t mask;
};

static void put_action(struct line *line, const struct action *action)
{
	static const struct name flags[] = {
		{0x04000000, "SA_RESTORER"}, NAME(SA_ONSTACK),
		NAME(SA_RESTART), {SA_NODEFER, "SA_NODEFER"},
		{SA_RESETHAND, "SA_RESETHAND"}, NAME(SA_SIGINFO),
		NAME(SA_NOCLDSTOP), NAME(SA_NOCLDWAIT), {0, "0"}, {0},
	};

	put(line, "{sa_handler=");
	if (action->handler < 2)
		put(line, action->handler ? "SIG_IGN" : "SIG_DFL");
	else
		put_address(line, action->handler);
	put(line, ", sa_mask=");
	put_signals(line, action->mask);
	put(line, ", sa_flags=");
	put_flags(line, (unsigned)action->flags, flags, "SA_???");
	if (action->flags & 0x04000000) {
		put(line, ", sa_restorer=");
		put_address(line, action->restorer);
	}
	put_char(line, '}');
}

STRUCT_IN(action, struct action)
STRUCT_OUT(action_got, action, struct action)

static void put_code(struct line *line, int signal, int code)
{
	static const struct name senders[] = {
		{(unsigned)SI_USER, "SI_USER"},
		{(unsigned)SI_KERNEL, "SI_KERNEL"},
		{(unsigned)SI_QUEUE, "SI_QUEUE"},
		{(unsigned)SI_TIMER, "SI_TIMER"},
		{(unsigned)SI_TKILL, "SI_TKILL"},
		{0},
	};
	static const struct name faults[] = {
		NAME(SEGV_MAPERR), NAME(SEGV_ACCERR), {0},
	};

	put_name(line, (unsigned)code,
		 signal == SIGSEGV && code > 0 ? faults : senders, NULL);
}

void put_siginfo(struct line *line, uintptr_t addr)
{
	const siginfo_t *info = (const void *)addr;

	put(line, "{si_signo=");
	put_signal_name(line, info->si_signo);
	put(line, ", si_code=");
	put_code(line, info->si_signo, info->si_code);
	if (info->si_code == SI_USER || info->si_code == SI_TKILL ||
	    info->si_code == SI_QUEUE)
		put(line, ", si_pid=%d, si_uid=%u", info->si_pid,
		    info->si_uid);
	else if (info->si_code > 0 && info->si_code != SI_KERNEL)
		put(line, ", si_addr=%p", info->si_addr);
	put_char(line, '}');
}

static void put_info(struct line *line, const siginfo_t *info)
{
	put_siginfo(line, (uintptr_t)info);
}

STRUCT_IN(info, siginfo_t)
STRUCT_OUT(info_got, info, siginfo_t)

static void put_stack(struct line *line, const stack_t *stack)
{
	static const struct name flags[] = {
		NAME(SS_ONSTACK), NAME(SS_DISABLE), {0, "0"}, {0},
	};

	put(line, "{ss_sp=");
	put_address(line, (uintptr_t)stack->ss_sp);
	put(line, ", ss_flags=");
	put_flags(line, (unsigned)stack->ss_flags, flags, "SS_???");
	put(line, ", ss_size=%lu}", stack->ss_size);
}

STRUCT_IN(stack, stack_t)
STRUCT_OUT(stack_got, stack, stack_t)

static void put_event(struct line *line, const struct sigevent *event)
{
	static const struct name how[] = {
		NAME(SIGEV_SIGNAL), NAME(SIGEV_NONE), NAME(SIGEV_THREAD),
		NAME(SIGEV_THREAD_ID), {0},
	};

	put(line, "{sigev_signo=");
	put_signal_name(line, event->sigev_signo);
	put(line, ", sigev_notify=");
	put_name(line, (unsigned)event->sigev_notify, how, "SIGEV_???");
	put_char(line, '}');
}

STRUCT_IN(event, struct sigevent)

/*
 * Limits, usage, the system.
 */
static void put_limit(struct line *line, uint64_t value)
{
	if (value == UINT64_MAX)
		put(line, "RLIM64_INFINITY");
	else if (value != 0 && value % 1024 == 0)
		put(line, "%lu*1024", value / 1024);
	else
		put(line, "%lu", value);
}

static void put_rlimit(struct line *line, const struct rlimit *limit)
{
	put(line, "{rlim_cur=");
	put_limit(line, limit->rlim_cur);
	put(line, ", rlim_max=");
	put_limit(line, limit->rlim_max);
	put_char(line, '}');
}

STRUCT_IN(rlimit, struct rlimit)
STRUCT_OUT(rlimit_got, rlimit, struct rlimit)

static void put_usage(struct line *line, const struct rusage *usage)
{
	put(line, "{ru_utime=");
	put_timeval(line, &usage->ru_utime);
	put(line, ", ru_stime=");
	put_timeval(line, &usage->ru_stime);
	put(line, ", ...}");
}

STRUCT_OUT(usage, usage, struct rusage)

static void put_utsname(struct line *line, const struct utsname *name)
{
	put(line, "{sysname=");
	put_string(line, (uintptr_t)name->sysname, 64);
	put(line, ", nodename=");
	put_string(line, (uintptr_t)name->nodename, 64);
	put(line, ", ...}");
}

STRUCT_OUT(utsname, utsname, struct utsname)

static void put_sysinfo(struct line *line, const struct sysinfo *info)
{
	put(line, "{uptime=%ld, loads=[%lu, %lu, %lu], totalram=%lu, "
		  "freeram=%lu, ...}",
	    info->uptime, info->loads[0], info->loads[1], info->loads[2],
	    info->totalram, info->freeram);
}

STRUCT_OUT(sysinfo, sysinfo, struct sysinfo)

static void put_tms(struct line *line, const struct tms *tms)
{
	put(line, "{tms_utime=%ld, tms_stime=%ld, tms_cutime=%ld, "
		  "tms_cstime=%ld}",
	    tms->tms_utime, tms->tms_stime, tms->tms_cutime, tms->tms_cstime);
}

STRUCT_OUT(tms, tms, struct tms)

OUT(cpu_set)
{
	const uint64_t *set =
		look(line, called->args[i], sizeof(*set), FAILED(called));
	const char *between = "";

	if (set == NULL)
		return;
	put_char(line, '[');
	for (unsigned cpu = 0; cpu < 64; cpu++) {
		if (*set >> cpu & 1) {
			put(line, "%s%u", between, cpu);
			between = " ";
		}
	}
	put_char(line, ']');
}

/*
 * Terminals.
 */
static void put_winsize(struct line *line, const struct winsize *size)
{
	put(line, "{ws_row=%u, ws_col=%u, ws_xpixel=%u, ws_ypixel=%u}",
	    size->ws_row, size->ws_col, size->ws_xpixel, size->ws_ypixel);
}

/* The kernel's, as musl gives it. */
static void put_termios(struct line *line, const struct termios *t)
{
	put(line, "{c_iflag=0x%x, c_oflag=0x%x, c_cflag=0x%x, c_lflag=0x%x, "
		  "...}",
	    t->c_iflag, t->c_oflag, t->c_cflag, t->c_lflag);
}

OUT(ioctl_argument)
{
	unsigned request = (unsigned)called->args[i - 1];
	uintptr_t addr = called->args[i];
	const void *at;

	switch (request) {
	case TCGETS:
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		at = look(line, addr, 36, FAILED(called));
		if (at != NULL)
			put_termios(line, at);
		break;
	case TIOCGWINSZ:
	case TIOCSWINSZ:
		at = look(line, addr, 8, FAILED(called));
		if (at != NULL)
			put_winsize(line, at);
		break;
	case FIONREAD:
	case FIONBIO:
	case TIOCGPGRP:
	case TIOCSPGRP:
		at = look(line, addr, 4, FAILED(called));
		if (at != NULL)
			put_one(line, at);
		break;
	default:
		put_address(line, addr);
	}
}

/* futex: a time where the operation waits, else a number. */
IN(futex_timeout)
{
	unsigned op = (unsigned)called->args[1] & 127;

	if (op == FUTEX_WAKE || op == FUTEX_WAKE_BITSET ||
	    op == FUTEX_UNLOCK_PI || op == FUTEX_TRYLOCK_PI)
		line->len -= 2; /* the comma before: there is none */
	else if (op == FUTEX_REQUEUE || op == FUTEX_CMP_REQUEUE ||
		 op == FUTEX_CMP_REQUEUE_PI || op == FUTEX_WAKE_OP)
		put(line, "%ld", called->args[i]);
	else
		print_timespec(line, called, i);
}

static bool has_second_word(const struct called *called)
{
	unsigned op = (unsigned)called->args[1] & 127;

	return op == FUTEX_REQUEUE || op == FUTEX_CMP_REQUEUE ||
	       op == FUTEX_WAKE_OP || op == FUTEX_WAIT_REQUEUE_PI ||
	       op == FUTEX_CMP_REQUEUE_PI;
}

IN(futex_word)
{
	if (has_second_word(called))
		put_address(line, called->args[i]);
	else
		line->len -= 2;
}

IN(futex_bits)
{
	unsigned op = (unsigned)called->args[1] & 127;

	if (op == FUTEX_WAIT_BITSET || op == FUTEX_WAKE_BITSET)
		put(line, (unsigned)called->args[i] == ~0u
				  ? "FUTEX_BITSET_MATCH_ANY"
				  : "0x%x",
		    (unsigned)called->args[i]);
	else if (has_second_word(called))
		put(line, "%u", (unsigned)called->args[i]);
	else
		line->len -= 2;
}
