// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * How a process waits for the host's files: what core says about it. Apart from
 * core/dev/host.h for files that have liburing's types.
 */
#include "core/base.h"

/* The user's uring=off: do not use io_uring (core/boot/options.c). */
extern uint64_t eft_host_uring_off;

/*
 * Have notify() use io_uring from now on. For eft_needs(): what waits on
 * several CPUs, or for many handles at a time.
 *
 * Returns   0; a negative errno where the host forbids it
 */
int eft_plat_process_uring(void);
