// SPDX-License-Identifier: BSD-3-Clause
/*
 * System calls that fail leave nothing behind: each of these scenarios is a
 * program that makes a few calls, and undoes what it has done when one of them
 * fails. It runs with all allocations failing from the first on, from the
 * second on, and so on until it gets through, and with none, one, two…
 * descriptors left. After each time all is counted (count.h).
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/inotify.h"
#include "core/memfd.h"
#include "core/move.h"
#include "core/process.h"
#include "core/statx.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/vfs/root.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/net/socket.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "tests/unit/count.h"

enum {
	PAGE = EFT_PAGE_SIZE,
	PROT_RW = EFT_PROT_READ | EFT_PROT_WRITE,
	MAP_ANON = MAP_PRIVATE | MAP_ANONYMOUS,
	TRIES = 400,
	BLOCK = 0,
	SETMASK = 2,
};

/* The first that is an error, or 0. */
static long first_error(long a, long b)
{
	return a < 0 ? a : b < 0 ? b : 0;
}

static void close_both(const int fds[2])
{
	check_eq(eft_sys_close(fds[0]), 0);
	check_eq(eft_sys_close(fds[1]), 0);
}

static void close_if(long fd)
{
	if (fd >= 0)
		check_eq(eft_sys_close((int)fd), 0);
}

static long a_pipe(void)
{
	static char text[3 * PAGE];
	int fds[2];
	long error = eft_sys_pipe2(fds, O_NONBLOCK), n;

	if (error < 0)
		return error;
	n = eft_sys_write(fds[1], text, sizeof(text));
	if (n == sizeof(text))
		error = eft_sys_fcntl(fds[1], F_SETPIPE_SZ, 1 << 20);
	close_both(fds);
	return n < (long)sizeof(text) ? -ENOMEM : first_error(error, 0);
}

/* Contents that begin within a page come through a change of size whole. */
static long a_pipe_moved(void)
{
	static char text[8 * PAGE], got[8 * PAGE];
	int fds[2];
	long error = eft_sys_pipe2(fds, O_NONBLOCK), n, left;

	if (error < 0)
		return error;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7 + i / 256);
	n = eft_sys_write(fds[1], text, sizeof(text));
	if (n > PAGE) {
		left = n - eft_sys_read(fds[0], got, 1000);
		error = eft_sys_fcntl(fds[1], F_SETPIPE_SZ, 32 * PAGE);
		check_eq(eft_sys_read(fds[0], got, sizeof(got)), left);
		check(memcmp(got, text + 1000, (size_t)left) == 0);
	}
	close_both(fds);
	return n < (long)sizeof(text) ? -ENOMEM : first_error(error, 0);
}

static long a_fifo(void)
{
	long error = eft_sys_mknod("/fifo", S_IFIFO | 0600, 0), in, out;

	if (error < 0)
		return error;
	out = eft_sys_open("/fifo", O_WRONLY | O_NONBLOCK, 0);
	check(out == -ENXIO || out == -EMFILE || out == -ENOMEM);
	in = eft_sys_open("/fifo", O_RDONLY | O_NONBLOCK, 0);
	out = in < 0 ? in : eft_sys_open("/fifo", O_WRONLY | O_NONBLOCK, 0);
	close_if(out);
	close_if(in);
	check_eq(eft_sys_unlink("/fifo"), 0);
	return first_error(in, out);
}

static long a_splice(void)
{
	static char text[2 * PAGE + 100], got[sizeof(text)];
	long fd = eft_sys_open("/greeting", O_RDONLY, 0), n = 0, left = 0;
	int a[2], b[2];
	off_t at = 0;

	if (fd < 0)
		return fd;
	n = eft_sys_pipe2(a, O_NONBLOCK);
	if (n < 0)
		goto out_file;
	n = eft_sys_pipe2(b, O_NONBLOCK);
	if (n < 0)
		goto out_pipe;
	n = eft_sys_splice(fd, &at, a[1], NULL, sizeof(text), 0);
	if (n > 0)
		n = left = eft_sys_write(a[1], text, sizeof(text));
	if (n > 0)
		n = eft_sys_tee(a[0], b[1], PAGE, 0);
	if (n > 0)
		n = eft_sys_splice(a[0], NULL, b[1], NULL, 1 << 20, 0);
	if (n > 0)
		check(eft_sys_read(b[0], got, sizeof(got)) > 0);
	close_both(b);
out_pipe:
	close_both(a);
out_file:
	close_if(fd);
	return left > 0 && left < (long)sizeof(text) ? -ENOMEM
						     : first_error(n, 0);
}

static long copies(void)
{
	long in = eft_sys_open("/greeting", O_RDONLY, 0), out, n = 0;
	off_t at = 0;

	if (in < 0)
		return in;
	out = eft_sys_open("/copy", O_CREAT | O_RDWR, 0600);
	if (out >= 0) {
		n = eft_sys_sendfile((int)out, (int)in, &at, 100);
		if (n > 0)
			n = eft_sys_copy_file_range((int)in, NULL, (int)out,
						    NULL, 100, 0);
		check_eq(eft_sys_unlink("/copy"), 0);
	}
	n = n == -ENOSPC ? -ENOMEM : n;
	close_if(out);
	close_if(in);
	return first_error(out, n);
}

static long a_memfd(void)
{
	long fd = eft_sys_memfd_create("name", MFD_ALLOW_SEALING), n;

	if (fd < 0)
		return fd;
	n = eft_sys_write(fd, "text", 4);
	n = n == -ENOSPC ? -ENOMEM : n;
	check_eq(eft_sys_fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW), 0);
	check_eq(eft_sys_write(fd, "text", 4), -EPERM);
	close_if(fd);
	return first_error(n, 0);
}

static long restricted(void)
{
	struct eft_open_how how = {.flags = O_RDONLY,
				   .resolve = RESOLVE_BENEATH};
	long fd = eft_sys_openat2(AT_FDCWD, "./greeting", &how, sizeof(how));

	check(fd != -EXDEV);
	close_if(fd);
	if (fd < 0)
		return fd;
	fd = eft_sys_openat2(AT_FDCWD, "../x", &how, sizeof(how));
	check(fd == -EXDEV || fd == -ENOMEM || fd == -EMFILE);
	return fd == -EXDEV ? 0 : fd;
}

/* What there is no memory for is told as an overflow, or not at all. */
static long watches(void)
{
	static char events[1024];
	long in = eft_sys_inotify_init1(O_NONBLOCK), wd, fd = 0, n = 0;

	if (in < 0)
		return in;
	wd = eft_sys_inotify_add_watch((int)in, "/", IN_ALL_EVENTS);
	if (wd > 0)
		fd = eft_sys_open("/watched", O_CREAT | O_RDWR, 0600);
	if (wd > 0 && fd >= 0) {
		n = eft_sys_inotify_add_watch((int)in, "/watched",
					      IN_DELETE_SELF);
		check_eq(eft_sys_unlink("/watched"), 0);
		close_if(fd);
	}
	if (n > 0) {
		n = eft_sys_read((int)in, events, sizeof(events));
		check(n > 0 || n == -EAGAIN);
		n = n == -EAGAIN ? -ENOMEM : 0;
	}
	close_if(in);
	return first_error(first_error(wd, fd), n);
}

static long counters(void)
{
	long event = eft_sys_eventfd2(1, O_NONBLOCK), timer, signals = 0;
	uint64_t mask = eft_signal_bit(SIGURG);

	timer = event < 0 ? event
			  : eft_sys_timerfd_create(CLOCK_REALTIME, O_NONBLOCK);
	if (timer >= 0)
		signals = eft_sys_signalfd4(-1, &mask, 8, O_CLOEXEC);
	close_if(event);
	close_if(timer);
	if (timer >= 0)
		close_if(signals);
	return timer < 0 ? timer : first_error(signals, 0);
}

/* A regular file cannot be watched: EPERM, as often as it is tried. */
static long an_epoll(void)
{
	struct eft_epoll_event event = {.events = POLLIN};
	long epoll = eft_sys_epoll_create1(0), inner = -1, file = -1, result;
	int fds[2];

	if (epoll < 0)
		return epoll;
	result = eft_sys_pipe2(fds, 0);
	if (result < 0)
		goto out_epoll;
	result = inner = eft_sys_epoll_create1(O_CLOEXEC);
	if (result >= 0)
		result = file = eft_sys_open("/greeting", O_RDONLY, 0);
	for (int i = 0; i < 2 && result >= 0; i++) {
		result = eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event);
		check(result == -EPERM || result == -ENOMEM);
		result = result == -EPERM ? 0 : result;
	}
	for (int i = 0; i < 2 && result >= 0; i++)
		result =
			eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
	if (result >= 0)
		result = eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, inner, &event);
	close_if(file);
	close_if(inner);
	close_both(fds); /* one is watched, or both */
out_epoll:
	close_if(epoll);
	return first_error(result, 0);
}

static long a_poll(void)
{
	struct eft_pollfd fds[40];
	int ends[2];
	long error = eft_sys_pipe2(ends, 0), n;

	if (error < 0)
		return error;
	for (int i = 0; i < 40; i++)
		fds[i] = (struct eft_pollfd){ends[i % 2], POLLIN | POLLOUT, 0};
	n = eft_sys_poll(fds, 40, 1);
	check(n < 0 || n == 20);
	close_both(ends);
	if (n == -EINVAL) /* more than there may be descriptors */
		return -EMFILE;
	return first_error(n, 0);
}

static long a_file(void)
{
	static char text[3 * PAGE];
	long fd = eft_sys_open("/new", O_CREAT | O_RDWR, 0600), n = 0, error;

	if (fd < 0)
		return fd;
	for (int i = 0; i < 40 && n >= 0; i++) {
		n = eft_sys_pwrite64(fd, text, PAGE, i * 5 * PAGE);
		n = n == -ENOSPC ? -ENOMEM : n;
	}
	error = eft_sys_ftruncate(fd, 100);
	check_eq(error, 0);
	check_eq(eft_sys_unlink("/new"), 0);
	close_if(fd);
	return first_error(n, 0);
}

/* The call may have asked for memory before it saw what is wrong. */
static void check_eq_or_memory(long result, long wanted)
{
	if (result != -ENOMEM)
		check_eq(result, wanted);
}

static long names(void)
{
	long a = eft_sys_mkdir("/a", 0700), b, link = 0, fd, result;

	if (a < 0)
		return a;
	result = b = eft_sys_mkdir("/a/b", 0700);
	if (b >= 0)
		result = link = eft_sys_symlink("/greeting", "/a/link");
	if (result >= 0)
		result = eft_sys_renameat2(AT_FDCWD, "/a/b", AT_FDCWD,
					   "/a/link", RENAME_EXCHANGE);
	if (result >= 0)
		result = eft_sys_rename("/a/link", "/moved");
	if (result >= 0)
		check_eq(eft_sys_rmdir("/moved"), 0);
	if (result >= 0)
		result = eft_sys_link("/greeting", "/a/again");
	if (result >= 0) {
		check_eq_or_memory(eft_sys_link("/greeting", "/a/again"),
				   -EEXIST);
		check_eq_or_memory(eft_sys_link("/greeting", "/none/x"),
				   -ENOENT);
	}
	fd = eft_sys_open("/a", O_DIRECTORY, 0);
	eft_alloc_fail_after(UINT64_MAX);
	for (const char *const *name =
		     (const char *const[]){"/a/again", "/a/link", "/a/b", NULL};
	     *name != NULL; name++) {
		if (eft_sys_unlink(*name) == -EISDIR)
			eft_sys_rmdir(*name);
	}
	check_eq(eft_sys_rmdir("/a"), 0);
	if (fd >= 0) /* nothing can be made in what is removed */
		check_eq(eft_sys_mkdirat(fd, "x", 0600), -ENOENT);
	close_if(fd);
	return first_error(result, fd);
}

static long a_directory_moved(void)
{
	long a = eft_sys_mkdir("/a", 0700), b = 0, result;

	if (a < 0)
		return a;
	result = b = eft_sys_mkdir("/a/b", 0700);
	if (b >= 0)
		result = eft_sys_rename("/a/b", "/b");
	check_eq(eft_sys_rmdir(result >= 0 ? "/b" : "/a/b"),
		 b >= 0 ? 0 : -ENOENT);
	check_eq(eft_sys_rmdir("/a"), 0);
	return first_error(result, 0);
}

static long locks(void)
{
	struct eft_flock lock = {.type = F_WRLCK, .len = 100};
	long fd = eft_sys_open("/greeting", O_RDWR, 0), other, result;

	if (fd < 0)
		return fd;
	result = eft_sys_fcntl(fd, F_SETLK, (long)&lock);
	lock = (struct eft_flock){.type = F_UNLCK, .start = 10, .len = 10};
	if (result >= 0)
		result = eft_sys_fcntl(fd, F_SETLK, (long)&lock);
	other = eft_sys_open("/greeting", O_RDWR, 0);
	lock = (struct eft_flock){.type = F_WRLCK, .start = 10, .len = 11};
	for (int i = 0; i < 3 && other >= 0 && result >= 0; i++) {
		result = eft_sys_fcntl(other, F_OFD_SETLK, (long)&lock);
		check(result == -EAGAIN || result == -ENOLCK);
		result = result == -EAGAIN ? 0 : -ENOMEM;
	}
	close_if(other);
	close_if(fd);
	return result == -ENOLCK ? -ENOMEM : first_error(result, other);
}

static long descriptors(void)
{
	long high = eft_sys_fcntl(0, F_DUPFD, 200), low;

	if (high == -EINVAL) /* no such number may be had */
		return -EMFILE;
	check(high < 0 || high == 200);
	low = high < 0 ? high : eft_sys_dup(0);
	check(low < 0 || low < 200);
	close_if(low);
	close_if(high);
	check_eq(eft_sys_dup2(0, eft_fd_limit(-1)), -EBADF);
	check_eq(eft_sys_dup2(0, -1), -EBADF);
	return first_error(high, low);
}

static long proc(void)
{
	char text[64];
	long fd = eft_sys_open("/proc/self/fd", O_DIRECTORY, 0), n, link, maps;

	if (fd < 0)
		return fd;
	n = eft_sys_getdents64(fd, text, sizeof(text));
	link = eft_sys_readlink("/proc/self/fd/0", text, sizeof(text));
	maps = eft_sys_open("/proc/self/maps", O_RDONLY, 0);
	if (maps >= 0)
		n = eft_sys_read(maps, text, sizeof(text));
	close_if(maps);
	close_if(fd);
	return first_error(first_error(n, link), maps);
}

/*
 * Memory.
 */

static long mappings(void)
{
	long at = eft_sys_mmap(0, 8 * PAGE, PROT_RW, MAP_ANON, -1, 0), moved;
	long result;

	if (at < 0)
		return at;
	result = eft_sys_mprotect(at + 2 * PAGE, 2 * PAGE, EFT_PROT_READ);
	if (result >= 0)
		result = eft_sys_munmap(at + 5 * PAGE, PAGE);
	if (result >= 0)
		result = eft_sys_madvise(at, 5 * PAGE, MADV_DONTNEED);
	moved = eft_sys_mmap(0, 2 * PAGE, PROT_RW, MAP_ANON, -1, 0);
	if (moved >= 0) {
		/* Into what is in its way: it has to move. */
		long wall = eft_sys_mmap(moved + 2 * PAGE, PAGE, PROT_RW,
					 MAP_ANON | MAP_FIXED, -1, 0);
		long bigger = eft_sys_mremap(moved, 2 * PAGE, 3 * PAGE,
					     MREMAP_MAYMOVE, 0);

		result = first_error(result, first_error(wall, bigger));
		if (bigger >= 0)
			eft_sys_munmap(bigger, 3 * PAGE);
		else
			check(eft_range_mapped(moved, 2 * PAGE));
	}
	eft_alloc_fail_after(UINT64_MAX);
	if (moved >= 0)
		check_eq(eft_sys_munmap(moved, 3 * PAGE), 0);
	check_eq(eft_sys_munmap(at, 8 * PAGE), 0);
	return first_error(result, moved);
}

static long map_and_unmap(int flags)
{
	long fd = eft_sys_open("/mapped", O_CREAT | O_RDWR, 0600), at, result;

	if (fd < 0)
		return fd;
	check_eq(eft_sys_ftruncate(fd, 6 * PAGE), 0);
	at = eft_sys_mmap(0, 6 * PAGE, PROT_RW, flags, fd, 0);
	result = at;
	if (at >= 0)
		result = eft_sys_mprotect(at + 2 * PAGE, PAGE, EFT_PROT_READ);
	close_if(fd);
	check_eq(eft_sys_unlink("/mapped"), 0);
	if (at >= 0 && result >= 0) /* in parts: the file lives on */
		result = eft_sys_munmap(at, 3 * PAGE);
	eft_alloc_fail_after(UINT64_MAX);
	if (at >= 0)
		check_eq(eft_sys_munmap(at, 6 * PAGE), 0);
	return first_error(result, 0);
}

/* The host's memory holds what a process maps. */
static long mapped_file(int flags)
{
	long result;

	fake_has_host = fake_plat.map_page == NULL;
	result = map_and_unmap(flags);
	fake_has_host = false;
	return result;
}

static long mapped_shared(void)
{
	return mapped_file(MAP_SHARED);
}

static long mapped_private(void)
{
	return mapped_file(MAP_PRIVATE);
}

/* What cannot be mapped is not held. */
static long not_mapped(void)
{
	long fd = eft_sys_open("/only", O_CREAT | O_WRONLY, 0600), result;
	int fds[2];

	if (fd < 0)
		return fd;
	check_eq(eft_sys_mmap(0, PAGE, EFT_PROT_READ, MAP_SHARED, fd, 0),
		 -EACCES);
	close_if(fd);
	fd = eft_sys_open("/only", O_RDONLY, 0);
	if (fd >= 0)
		check_eq(eft_sys_mmap(0, PAGE, PROT_RW, MAP_SHARED, fd, 0),
			 -EACCES);
	close_if(fd);
	check_eq(eft_sys_unlink("/only"), 0);
	result = eft_sys_pipe2(fds, 0);
	if (result < 0)
		return result;
	check_eq(eft_sys_mmap(0, PAGE, EFT_PROT_READ, MAP_PRIVATE, fds[0], 0),
		 -ENODEV);
	close_both(fds);
	return first_error(fd, 0);
}

static long a_break(void)
{
	long start = eft_sys_brk(0), end = eft_sys_brk(start + 3 * PAGE);

	check(end == start || end == start + 3 * PAGE);
	eft_alloc_fail_after(UINT64_MAX);
	check_eq(eft_sys_brk(start), start);
	return end == start ? -ENOMEM : 0;
}

/*
 * Sockets.
 */

static long send_files(int to, const int *fds, unsigned count)
{
	struct {
		struct eft_cmsghdr header;
		int fds[4];
	} control = {.header = {sizeof(control.header) + count * sizeof(int),
				SOL_SOCKET, SCM_RIGHTS}};
	struct eft_iovec iov = {(void *)"x", 1};
	struct eft_msghdr message = {
		.iov = &iov,
		.iov_len = 1,
		.control = &control,
		.control_len = control.header.len,
	};

	memcpy(control.fds, fds, count * sizeof(int));
	return eft_sys_sendmsg(to, &message, MSG_DONTWAIT);
}

static long receive_files(int from, unsigned flags)
{
	char control[64], byte;
	struct eft_iovec iov = {&byte, 1};
	struct eft_msghdr message = {
		.iov = &iov,
		.iov_len = 1,
		.control = control,
		.control_len = sizeof(control),
	};
	long n = eft_sys_recvmsg(from, &message, flags | MSG_DONTWAIT);
	const struct eft_cmsghdr *header = (const void *)control;
	const int *fds = (const int *)(header + 1);

	if (n >= 0 && message.control_len >= sizeof(*header)) {
		for (size_t i = 0; i < (header->len - sizeof(*header)) / 4; i++)
			close_if(fds[i]);
	}
	return n >= 0 && message.flags & MSG_CTRUNC ? -EMFILE : n;
}

static long pair_of(int type)
{
	int fds[2];
	long error = eft_sys_socketpair(AF_UNIX, type, 0, fds), result;

	if (error < 0)
		return error;
	result = send_files(fds[0], (int[]){0, fds[1], -1}, 3);
	check(result == -EBADF || result == -ENOMEM || result == -ENOBUFS);
	result = send_files(fds[0], (int[]){0, fds[1]}, 2);
	if (result >= 0) {
		result = receive_files(fds[1], MSG_PEEK);
		eft_alloc_fail_after(UINT64_MAX);
		error = receive_files(fds[1], 0);
	}
	close_both(fds);
	return result == -ENOBUFS ? -ENOMEM : first_error(result, error);
}

static long a_stream(void)
{
	return pair_of(SOCK_STREAM);
}

static long a_datagram(void)
{
	return pair_of(SOCK_DGRAM);
}

static long packets(void)
{
	return pair_of(SOCK_SEQPACKET);
}

/* With names, which those who ask are told of. */
static long named_datagrams(void)
{
	const struct {
		uint16_t family;
		char path[3];
	} names[2] = {{AF_UNIX, {'\0', 'a', 'b'}}, {AF_UNIX, {'\0', 'a', 'c'}}};
	char byte, from[128];
	unsigned len = sizeof(from);
	long fds[2], result;

	fds[0] = eft_sys_socket(AF_UNIX, SOCK_DGRAM, 0);
	fds[1] = eft_sys_socket(AF_UNIX, SOCK_DGRAM, 0);
	result = first_error(fds[0], fds[1]);
	for (int i = 0; i < 2 && result == 0; i++)
		result = eft_sys_bind((int)fds[i], &names[i], sizeof(names[i]));
	if (result == 0)
		result = eft_sys_sendto((int)fds[0], "x", 1, MSG_DONTWAIT,
					&names[1], sizeof(names[1]));
	if (result == 1) {
		check_eq(eft_sys_recvfrom((int)fds[1], &byte, 1, MSG_DONTWAIT,
					  from, &len),
			 1);
		check_eq(len, sizeof(names[0]));
		check(memcmp(from, &names[0], len) == 0);
		result = eft_sys_getsockname((int)fds[0], from, &len);
	}
	close_if(fds[0]);
	close_if(fds[1]);
	return result == -ENOBUFS ? -ENOMEM : first_error(result, 0);
}

static long a_connection(void)
{
	const struct {
		uint16_t family;
		char path[6];
	} name = {AF_UNIX, "/sock"};
	long server = eft_sys_socket(AF_UNIX, SOCK_STREAM, 0), client, made;
	long result;

	if (server < 0)
		return server;
	result = eft_sys_bind(server, &name, sizeof(name));
	if (result < 0) {
		close_if(server);
		check_eq(eft_sys_unlink("/sock"), -ENOENT);
		return result;
	}
	check_eq(eft_sys_listen(server, 0), 0);
	result = client = eft_sys_socket(AF_UNIX, SOCK_STREAM, 0);
	if (client >= 0)
		result = eft_sys_connect(client, &name, sizeof(name));
	if (result >= 0) {
		result = made = eft_sys_accept4(server, NULL, NULL, 0);
		close_if(made);
	}
	close_if(client);
	close_if(server);
	check_eq(eft_sys_unlink("/sock"), 0);
	return first_error(result, 0);
}

/*
 * Signals, timers, threads.
 */

static long signals(void)
{
	struct eft_siginfo info = {.signal = 40, .code = SI_QUEUE}, got;
	uint64_t set = eft_signal_bit(40) | eft_signal_bit(SIGURG), before;
	struct eft_timespec now = {0};
	long result;

	check_eq(eft_sys_rt_sigprocmask(BLOCK, &set, &before, 8), 0);
	for (int i = 0; i < 3; i++) /* ignored, and waiting already */
		check_eq(eft_sys_kill(eft_process()->identity.pid, SIGCHLD), 0);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGURG), 0);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGURG), 0);
	result =
		eft_sys_rt_sigqueueinfo(eft_process()->identity.pid, 40, &info);
	while (eft_sys_rt_sigtimedwait(&set, &got, &now, 8) > 0)
		;
	check_eq(eft_sys_rt_sigprocmask(SETMASK, &before, NULL, 8), 0);
	return result == -EAGAIN ? -ENOMEM : result;
}

struct itimerspec {
	struct eft_timespec interval, value;
};

/* One whose signal waits, blocked, when it is deleted. */
static long a_timer(void)
{
	struct itimerspec soon = {.value = {0, 1000}};
	struct eft_timespec now = {0};
	uint64_t set = eft_signal_bit(SIGALRM), before, pending = 0;
	struct eft_siginfo info;
	int id;
	long result = eft_sys_timer_create(CLOCK_MONOTONIC, NULL, &id);

	if (result < 0)
		return result == -EAGAIN ? -ENOMEM : result;
	check_eq(eft_sys_rt_sigprocmask(BLOCK, &set, &before, 8), 0);
	check_eq(eft_sys_timer_settime(id, 0, (void *)&soon, NULL), 0);
	fake_advance(1000000);
	check_eq(eft_sys_rt_sigpending(&pending, 8), 0);
	check(pending & set);
	soon.value.sec = 1000;
	check_eq(eft_sys_timer_settime(id, 0, (void *)&soon, NULL), 0);
	check_eq(eft_sys_rt_sigtimedwait(&set, &info, &now, 8), -EAGAIN);
	soon.value = (struct eft_timespec){0, 1000};
	check_eq(eft_sys_timer_settime(id, 0, (void *)&soon, NULL), 0);
	fake_advance(1000000);
	check_eq(eft_sys_timer_delete(id), 0);
	check_eq(eft_sys_rt_sigpending(&pending, 8), 0);
	check(!(pending & set));
	check_eq(eft_sys_rt_sigtimedwait(&set, &info, &now, 8), -EAGAIN);
	check_eq(eft_sys_rt_sigprocmask(SETMASK, &before, NULL, 8), 0);
	return 0;
}

static int end_at_once(void *arg)
{
	eft_sys_exit(0);
	return 0;
}

static long a_thread(void)
{
	struct eft_clone request = {.flags = 0x100 | 0x10000 | 0x80000};
	long stack = eft_sys_mmap(0, 16 * PAGE, PROT_RW, MAP_ANON, -1, 0), tid;

	if (stack < 0)
		return stack;
	request.stack_top = stack + 16 * PAGE;
	tid = eft_clone(end_at_once, NULL, &request);
	eft_alloc_fail_after(UINT64_MAX);
	for (int i = 0; i < 3; i++)
		eft_yield();
	check_eq(eft_sys_munmap(stack, 16 * PAGE), 0);
	return tid == -EAGAIN ? -ENOMEM : first_error(tid, 0);
}

static const struct scenario {
	const char *name;
	long (*run)(void);
	bool takes;   /* descriptors */
	bool touches; /* memory that it has mapped: where core brings in the
			 pages, there has to be some */
} scenarios[] = {
	{"a pipe", a_pipe, true, false},
	{"a pipe that is moved", a_pipe_moved, true, false},
	{"a FIFO", a_fifo, true, false},
	{"splice", a_splice, true, false},
	{"copies", copies, true, false},
	{"a memory file", a_memfd, true, false},
	{"openat2()", restricted, true, false},
	{"an inotify", watches, true, false},
	{"counters", counters, true, false},
	{"an epoll", an_epoll, true, false},
	{"poll()", a_poll, true, false},
	{"a file", a_file, true, false},
	{"names", names, true, false},
	{"a directory that is moved", a_directory_moved, false, false},
	{"locks", locks, true, false},
	{"descriptors", descriptors, true, false},
	{"/proc", proc, true, false},
	{"mappings", mappings, false, false},
	{"a file mapped shared", mapped_shared, true, false},
	{"a file mapped privately", mapped_private, true, true},
	{"files that are not mapped", not_mapped, true, false},
	{"brk()", a_break, false, false},
	{"a stream", a_stream, true, false},
	{"datagrams", a_datagram, true, false},
	{"packets", packets, true, false},
	{"datagrams with names", named_datagrams, true, false},
	{"a connection", a_connection, true, false},
	{"signals", signals, false, false},
	{"a timer", a_timer, false, false},
	{"a thread", a_thread, false, true},
};

/* What is made once and kept (a larger table, /proc's entries) is made here. */
static void warm_up(void)
{
	eft_sys_gettid();
	for (size_t i = 0; i < eft_array_size(scenarios); i++) {
		check_eq(scenarios[i].run(), 0);
		check_eq(scenarios[i].run(), 0);
	}
}

static void without_memory(void *arg)
{
	warm_up();
	for (size_t i = 0; i < eft_array_size(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		const struct everything before = count_everything();
		long result = -ENOMEM;
		uint64_t n = 0;

		if (s->touches && eft_plat->map_zero == NULL)
			continue;
		for (; result != 0 && n < TRIES; n++) {
			char what[64];

			eft_alloc_fail_after(n);
			result = s->run();
			eft_alloc_fail_after(UINT64_MAX);
			if (result != 0 && result != -ENOMEM &&
			    result != -ENOSPC)
				cr_assert_fail("%s: %ld", s->name, result);
			snprintf(what, sizeof(what), "%s, allocation %lu",
				 s->name, (unsigned long)n);
			check_everything(what, &before);
		}
		check_eq(result, 0);
	}
}

/*
 * The link of a descriptor is followed, and let go of. (Here and not above:
 * what holds it would be kept, and found again.)
 */
static void links_of_descriptors(void *arg)
{
	char text[64];
	struct everything before;

	eft_sys_gettid();
	for (int i = 0; i < 2; i++)
		check(eft_sys_readlink("/proc/self/fd/0", text, sizeof(text)) >
		      0);
	before = count_everything();
	check_eq(eft_sys_linkat(AT_FDCWD, "/proc/self/fd/0", AT_FDCWD, "/hard",
				AT_SYMLINK_FOLLOW),
		 -EXDEV);
	check_everything("link()", &before);
	close_if(eft_sys_open("/proc/self/fd/0", O_RDONLY, 0));
	check_everything("open()", &before);
}

static void without_descriptors(void *arg)
{
	int limit = eft_fd_limit(-1);

	warm_up();
	for (size_t i = 0; i < eft_array_size(scenarios); i++) {
		const struct scenario *s = &scenarios[i];
		const struct everything before = count_everything();
		long result = -EMFILE;

		for (int room = 0; s->takes && result != 0 && room < 300;
		     room++) {
			eft_fd_limit((int)before.descriptors + room);
			result = s->run();
			eft_fd_limit(limit);
			if (result != 0 && result != -EMFILE)
				cr_assert_fail("%s: %ld", s->name, result);
			check_everything(s->name, &before);
		}
		if (s->takes)
			check_eq(result, 0);
	}
}

static void boot(bool paging)
{
	struct fake_config config = {.paging = paging};
	struct eft_file *file;

	fake_boot(&config);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_root_init(NULL, 0);
	check_eq(eft_path_open(AT_FDCWD, "/greeting", O_CREAT | O_RDWR, 0644,
			       &file),
		 0);
	eft_file_put(file);
}

Test(calls, no_memory)
{
	boot(false);
	check_eq(fake_run(without_memory, NULL), FAKE_RETURNED);
}

Test(calls, no_memory_paged_by_us)
{
	boot(true);
	check_eq(fake_run(without_memory, NULL), FAKE_RETURNED);
}

Test(calls, no_descriptors)
{
	boot(false);
	check_eq(fake_run(without_descriptors, NULL), FAKE_RETURNED);
}

Test(calls, links_of_descriptors)
{
	boot(false);
	check_eq(fake_run(links_of_descriptors, NULL), FAKE_RETURNED);
}

/*
 * What is on its way counts until it has come, or cannot be sent.
 */
static void rights_limit(void *arg)
{
	enum { LIMIT = 12, MOST = SCM_MAX_FD };
	static struct {
		struct eft_cmsghdr header;
		int fds[MOST + 1]; /* all of them 0 */
	} control = {.header = {.level = SOL_SOCKET, .type = SCM_RIGHTS}};
	struct eft_msghdr message = {
		.iov = &(struct eft_iovec){(void *)"x", 1},
		.iov_len = 1,
		.control = &control,
	};
	int fds[2], limit = eft_fd_limit(-1), sent[2];

	warm_up();
	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	eft_fd_limit(LIMIT);
	for (int round = 0; round < 2; round++) {
		sent[round] = 0;
		while (send_files(fds[0], (int[]){0}, 1) == 1)
			sent[round]++;
		for (int i = 0; i < 50; i++)
			check_eq(send_files(fds[0], (int[]){0}, 1),
				 -ETOOMANYREFS);
		while (receive_files(fds[1], 0) == 1)
			;
	}
	check_eq(sent[0], LIMIT);
	check_eq(sent[1], LIMIT);
	eft_fd_limit(limit);
	for (int more = 0; more <= 1; more++) {
		message.control_len = control.header.len =
			sizeof(control.header) + (MOST + more) * sizeof(int);
		check_eq(eft_sys_sendmsg(fds[0], &message, MSG_DONTWAIT),
			 more ? -EINVAL : 1);
	}
	close_both(fds);
	/* Messages that are not sent: the queue is full, nobody reads. */
	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds), 0);
	check_eq(eft_sys_shutdown(fds[1], 0), 0);
	eft_fd_limit(LIMIT);
	for (int i = 0; i < 50; i++)
		check_eq(send_files(fds[0], (int[]){0}, 1), -EPIPE);
	eft_fd_limit(limit);
	close_both(fds);
}

Test(calls, rights_on_their_way)
{
	boot(false);
	check_eq(fake_run(rights_limit, NULL), FAKE_RETURNED);
}

/*
 * An entry of /proc/self/fd is made when it is first looked for, and stays; not
 * if it cannot be made.
 */
static void entries_of_proc(void *arg)
{
	char text[64];
	size_t before, each, now;
	long result = -1;

	warm_up();
	check_eq(eft_sys_dup2(0, 300), 300);
	check_eq(eft_sys_dup2(0, 301), 301);
	before = count_everything().blocks;
	check(eft_sys_readlink("/proc/self/fd/301", text, 64) > 0);
	each = count_everything().blocks - before;
	check(each > 0);
	before += each;
	for (uint64_t n = 0; result < 0; n++) {
		check(n < 50);
		eft_alloc_fail_after(n);
		result = eft_sys_readlink("/proc/self/fd/300", text, 64);
		eft_alloc_fail_after(UINT64_MAX);
		now = count_everything().blocks;
		check(now == before || now == before + each);
	}
	check_eq(now, before + each);
}

Test(calls, entries_of_proc)
{
	boot(false);
	check_eq(fake_run(entries_of_proc, NULL), FAKE_RETURNED);
}

/*
 * The queue of signals is as long after it was full as before.
 */
static int fill_queue(void)
{
	struct eft_siginfo info = {.signal = 40, .code = SI_QUEUE};
	int count = 0;

	while (eft_sys_rt_sigqueueinfo(eft_process()->identity.pid, 40,
				       &info) == 0)
		count++;
	return count;
}

static void full_queue(void *arg)
{
	uint64_t set = eft_signal_bit(40);
	struct eft_timespec now = {0};
	struct eft_siginfo got;
	int first;

	check_eq(eft_sys_rt_sigprocmask(BLOCK, &set, NULL, 8), 0);
	first = fill_queue();
	for (int i = 0; i < 100; i++)
		check_eq(fill_queue(), 0);
	check(first > 1000);
	for (int i = 0; i < first; i++)
		check_eq(eft_sys_rt_sigtimedwait(&set, &got, &now, 8), 40);
	check_eq(eft_sys_rt_sigtimedwait(&set, &got, &now, 8), -EAGAIN);
	check_eq(fill_queue(), first);
}

Test(calls, queue_of_signals)
{
	boot(false);
	check_eq(fake_run(full_queue, NULL), FAKE_RETURNED);
}
