// SPDX-License-Identifier: BSD-3-Clause
/*
 * Wherever the libOS tells who the program is: each of four numbers in its
 * place. (On a host all are root's 0, most of the time.)
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/vfs/root.h"
#include "posix/net/socket.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "tests/unit/files.h"

enum { PID = 77, UID = 1000, EUID = 1001, GID = 100, EGID = 101, BLOCK = 0 };

static void run(void (*function)(void *))
{
	fake_boot(NULL);
	fake_plat.identity(&eft_process()->identity);
	eft_process()->identity.pid = PID;
	eft_process()->identity.uid = UID;
	eft_process()->identity.euid = EUID;
	eft_process()->identity.gid = GID;
	eft_process()->identity.egid = EGID;
	eft_fd_init();
	eft_root_init(NULL, 0);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

#define check_owner(st)                   \
	do {                              \
		check_eq((st).uid, EUID); \
		check_eq((st).gid, EGID); \
	} while (0)

#define check_path(path)                                \
	do {                                            \
		struct eft_stat st_;                    \
                                                        \
		check_eq(eft_sys_lstat(path, &st_), 0); \
		check_owner(st_);                       \
	} while (0)

#define check_file(fd)                                      \
	do {                                                \
		long fd_ = (fd);                            \
		struct eft_stat st_;                        \
                                                            \
		check(fd_ >= 0);                            \
		check_eq(eft_sys_fstat((int)fd_, &st_), 0); \
		check_owner(st_);                           \
		check_eq(eft_sys_close((int)fd_), 0);       \
	} while (0)

/* What all programs share the one node of. */
static void check_roots(long fd)
{
	struct eft_stat st;

	check_eq(eft_sys_fstat((int)fd, &st), 0);
	check_eq(st.uid, 0);
	check_eq(st.gid, 0);
	check_eq(eft_sys_close((int)fd), 0);
}

static void owners(void *arg)
{
	uint64_t mask = 0;
	int fds[2];

	check_file(eft_sys_open("/file", O_CREAT | O_RDWR, 0600));
	check_path("/file");
	check_eq(eft_sys_mkdir("/dir", 0700), 0);
	check_path("/dir");
	check_eq(eft_sys_symlink("x", "/link"), 0);
	check_path("/link");
	check_eq(eft_sys_mknod("/fifo", S_IFIFO | 0600, 0), 0);
	check_path("/fifo");
	check_eq(eft_sys_pipe2(fds, 0), 0);
	check_file(fds[0]);
	check_file(fds[1]);
	check_file(eft_sys_socket(AF_UNIX, SOCK_STREAM, 0));
	check_roots(eft_sys_eventfd2(0, 0));
	check_roots(eft_sys_epoll_create1(0));
	check_roots(eft_sys_timerfd_create(CLOCK_MONOTONIC, 0));
	check_roots(eft_sys_signalfd4(-1, &mask, 8, 0));
}

Test(identity, owners_of_files)
{
	run(owners);
}

static void calls(void *arg)
{
	unsigned ids[3];

	check_eq(eft_sys_getpid(), PID);
	check_eq(eft_sys_getuid(), UID);
	check_eq(eft_sys_geteuid(), EUID);
	check_eq(eft_sys_getgid(), GID);
	check_eq(eft_sys_getegid(), EGID);
	check_eq(eft_sys_getresuid(&ids[0], &ids[1], &ids[2]), 0);
	check(ids[0] == UID && ids[1] == EUID);
	check_eq(eft_sys_getresgid(&ids[0], &ids[1], &ids[2]), 0);
	check(ids[0] == GID && ids[1] == EGID);
}

Test(identity, calls)
{
	run(calls);
}

/* A signal has its sender's real number. */
static void signals(void *arg)
{
	uint64_t all = UINT64_MAX;
	struct eft_timespec now = {0};
	struct eft_siginfo info;

	check_eq(eft_sys_rt_sigprocmask(BLOCK, &all, NULL, 8), 0);
	check_eq(eft_sys_kill(PID, SIGHUP), 0);
	check_eq(eft_sys_rt_sigtimedwait(&all, &info, &now, 8), SIGHUP);
	check_eq(info.pid, PID);
	check_eq(info.uid, UID);
	check_eq(eft_sys_tgkill(PID, (int)eft_sys_gettid(), SIGHUP), 0);
	check_eq(eft_sys_rt_sigtimedwait(&all, &info, &now, 8), SIGHUP);
	check_eq(info.pid, PID);
	check_eq(info.uid, UID);
}

Test(identity, signals)
{
	run(signals);
}

/* A peer has its effective ones, a message the real ones (unix(7)). */
static void sockets(void *arg)
{
	union {
		struct eft_cmsghdr header;
		char room[64];
	} control;
	char byte;
	struct eft_iovec iov = {&byte, 1};
	struct eft_msghdr message = {.iov = &iov,
				     .iov_len = 1,
				     .control = &control,
				     .control_len = sizeof(control)};
	unsigned len = sizeof(struct eft_ucred);
	struct eft_ucred cred;
	int fds[2], on = 1;

	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	check_eq(eft_sys_getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &cred,
				    &len),
		 0);
	check_eq(cred.pid, PID);
	check_eq(cred.uid, EUID);
	check_eq(cred.gid, EGID);
	check_eq(eft_sys_setsockopt(fds[0], SOL_SOCKET, SO_PASSCRED, &on,
				    sizeof(on)),
		 0);
	check_eq(eft_sys_write(fds[1], "x", 1), 1);
	check_eq(eft_sys_recvmsg(fds[0], &message, 0), 1);
	check_eq(control.header.type, SCM_CREDENTIALS);
	memcpy(&cred, &control.header + 1, sizeof(cred));
	check_eq(cred.pid, PID);
	check_eq(cred.uid, UID);
	check_eq(cred.gid, GID);
}

Test(identity, sockets)
{
	run(sockets);
}
