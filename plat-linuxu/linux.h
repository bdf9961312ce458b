// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The host's system calls, as the kernel defines them.
 *
 * Source: Linux arch/x86/entry/syscalls/syscall_64.tbl; System V ABI, x86-64,
 * appendix A.2.1 for the calling convention.
 */
#include "core/base.h"

enum {
	SYS_read = 0,
	SYS_write = 1,
	SYS_close = 3,
	SYS_fstat = 5,
	SYS_lseek = 8,
	SYS_mmap = 9,
	SYS_mprotect = 10,
	SYS_munmap = 11,
	SYS_rt_sigaction = 13,
	SYS_rt_sigprocmask = 14,
	SYS_ioctl = 16,
	SYS_pread64 = 17,
	SYS_pwrite64 = 18,
	SYS_readv = 19,
	SYS_writev = 20,
	SYS_sched_yield = 24,
	SYS_mremap = 25,
	SYS_msync = 26,
	SYS_mincore = 27,
	SYS_madvise = 28,
	SYS_pause = 34,
	SYS_nanosleep = 35,
	SYS_getpid = 39,
	SYS_sendfile = 40,
	SYS_socket = 41,
	SYS_connect = 42,
	SYS_sendto = 44,
	SYS_recvfrom = 45,
	SYS_sendmsg = 46,
	SYS_recvmsg = 47,
	SYS_shutdown = 48,
	SYS_bind = 49,
	SYS_listen = 50,
	SYS_getsockname = 51,
	SYS_getpeername = 52,
	SYS_socketpair = 53,
	SYS_setsockopt = 54,
	SYS_getsockopt = 55,
	SYS_clone = 56,
	SYS_fcntl = 72,
	SYS_flock = 73,
	SYS_fsync = 74,
	SYS_fdatasync = 75,
	SYS_ftruncate = 77,
	SYS_getcwd = 79,
	SYS_fchmod = 91,
	SYS_fchown = 93,
	SYS_umask = 95,
	SYS_sysinfo = 99,
	SYS_getppid = 110,
	SYS_getgroups = 115,
	SYS_getresuid = 118,
	SYS_getresgid = 120,
	SYS_sigaltstack = 131,
	SYS_getpriority = 140,
	SYS_fstatfs = 138,
	SYS_arch_prctl = 158,
	SYS_gettid = 186,
	SYS_tkill = 200,
	SYS_futex = 202,
	SYS_sched_getaffinity = 204,
	SYS_getdents64 = 217,
	SYS_clock_gettime = 228,
	SYS_timer_create = 222,
	SYS_timer_settime = 223,
	SYS_timer_delete = 226,
	SYS_exit_group = 231,
	SYS_epoll_ctl = 233,
	SYS_tgkill = 234,
	SYS_inotify_add_watch = 254,
	SYS_inotify_rm_watch = 255,
	SYS_openat = 257,
	SYS_mkdirat = 258,
	SYS_mknodat = 259,
	SYS_fchownat = 260,
	SYS_newfstatat = 262,
	SYS_unlinkat = 263,
	SYS_linkat = 265,
	SYS_symlinkat = 266,
	SYS_readlinkat = 267,
	SYS_fchmodat = 268,
	SYS_ppoll = 271,
	SYS_utimensat = 280,
	SYS_epoll_pwait = 281,
	SYS_fallocate = 285,
	SYS_accept4 = 288,
	SYS_eventfd2 = 290,
	SYS_epoll_create1 = 291,
	SYS_inotify_init1 = 294,
	SYS_preadv = 295,
	SYS_pwritev = 296,
	SYS_prlimit64 = 302,
	SYS_syncfs = 306,
	SYS_process_vm_readv = 310,
	SYS_renameat2 = 316,
	SYS_getrandom = 318,
	SYS_memfd_create = 319,
	SYS_copy_file_range = 326,
	SYS_preadv2 = 327,
	SYS_pwritev2 = 328,
	SYS_openat2 = 437,
	SYS_faccessat2 = 439,
	SYS_epoll_pwait2 = 441,
};

static inline long eft_linux6(long nr, long a, long b, long c, long d, long e,
			      long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long eft_linux3(long nr, long a, long b, long c)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return result;
}

static inline long eft_linux4(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return result;
}
