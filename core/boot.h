// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The program's beginning and end, and who runs it.
 */
#include "core/base.h"

struct eft_boot_info;

/*
 * Lay out the program's stack as Linux does and make its thread ready.
 *
 * Returns   0; -ENOMEM
 */
int eft_program_create(const struct eft_boot_info *info);

/* End the instance with (status), 0 to 255; or as Linux does by (signal). */
eft_noreturn void eft_exit(int status);
eft_noreturn void eft_die_by(int signal);

/* "process" or "guest". */
const char *eft_platform_name(void);

struct eft_identity {
	int pid, ppid;
	unsigned uid, euid, gid, egid;
};

/* Who the caller is, asked once at boot. */
extern struct eft_identity eft_identity;

/*
 * What exec has handed on to a process; the limit of (resource), soft and hard,
 * stays as it is in a guest, which has nobody who started it.
 */
enum { EFT_RLIMIT_NOFILE = 7 }; /* asm-generic/resource.h */
void eft_caller_limit(int resource, uint64_t limit[2]);
int eft_caller_nice(void);
