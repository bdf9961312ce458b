// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The program's beginning and end, and who runs it.
 */
#include "core/base.h"

struct eft_boot_info;

/*
 * Lay out the program's stack as Linux does and make its thread, which is not
 * ready to run yet.
 *
 * Returns   0; -ENOMEM
 */
int eft_program_create(const struct eft_boot_info *info);
/* The last of boot: make the program, and have it begin. */
void eft_boot_program(const struct eft_boot_info *info);
/* The same, with nothing behind it (core/mem/balloon.c). */
void eft_boot_program_now(const struct eft_boot_info *info);

/* End the instance with (status), 0 to 255; or as Linux does by (signal). */
eft_noreturn void eft_exit(int status);
eft_noreturn void eft_die_by(int signal);

/* "process" or "guest". */
const char *eft_platform_name(void);

/* Who we are: asked once, at boot, and what the program has made of it. */
struct eft_identity {
	int pid, ppid;
	unsigned uid, euid, suid;
	unsigned gid, egid, sgid;
};

/*
 * What exec has handed on to a process; the limit of (resource), soft and hard,
 * stays as it is in a guest, which has nobody who started it.
 */
enum { EFT_RLIMIT_FSIZE = 1, EFT_RLIMIT_NOFILE = 7 }; /* resource.h */
void eft_caller_limit(int resource, uint64_t limit[2]);
int eft_caller_nice(void);
int eft_caller_parent(void); /* its number, now */

/*
 * Have the host make the system call (call), by Linux's number, that changes
 * users or groups, for the whole process. Its result, with what we are now in
 * (ret_id); -ENOSYS in a guest, which has to know itself. Groups likewise.
 */
enum eft_change {
	EFT_CHANGE_UID = 105, /* setuid */
	EFT_CHANGE_GID = 106,
	EFT_CHANGE_REUID = 113, /* setreuid */
	EFT_CHANGE_REGID = 114,
	EFT_CHANGE_GROUPS = 116,
	EFT_CHANGE_RESUID = 117, /* setresuid */
	EFT_CHANGE_RESGID = 119,
};

long eft_caller_change(enum eft_change call, long a, long b, long c,
		       struct eft_identity *ret_id);
long eft_caller_groups(int size, unsigned *groups);
