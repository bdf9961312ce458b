// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: who started us, of whom a process has more than its arguments
 * and descriptors (core/dev/host.h), signals (core/dev/signals.h) and identity
 * (core/plat.h). Each call leaves its result alone where there is nobody.
 */
#include "core/base.h"

/* The limit of (resource), soft and hard; UINT64_MAX: none. */
void eft_plat_caller_limit(int resource, uint64_t limit[2]);

/* The nice value. */
void eft_plat_caller_nice(int *nice);

/* See core/boot.h; -ENOSYS where there is nobody. Context: thread. */
struct eft_identity;
long eft_plat_caller_change(long call, long a, long b, long c,
			    struct eft_identity *ret_id);
long eft_plat_caller_groups(int size, unsigned *groups);
