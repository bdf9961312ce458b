// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A platform for ThreadSanitizer: each CPU is a thread of the host, each of
 * core's threads a fiber of the sanitizer's. Time is the host's. Interrupts
 * (kicks, the timer) are polled: they come when core turns them on.
 */
#include "core/thread.h"

enum { WORLD_CPUS = 4 };

/* Boot core on WORLD_CPUS CPUs; main(arg) is its first thread. */
eft_noreturn void world_run(void (*main)(void *), void *arg);

/* Run function(0) to function(count - 1) as threads, until all have ended. */
void world_together(unsigned count, void (*function)(unsigned number));
