// SPDX-License-Identifier: BSD-3-Clause
/*
 * Included by what waits for, or wakes who waits for, words that may lie in
 * memory shared with other processes: its image knows of those.
 */
long eft_futex_shared();
typedef long eft_function();

static eft_function *const eft_needs_shared __attribute__((__used__)) =
	eft_futex_shared;
