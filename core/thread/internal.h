// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the files of the thread room.
 */
#include "core/thread.h"

/* Threads that are ready on one CPU, the longest waiting first. */
struct eft_run_queue {
	struct eft_lock lock; /* also of its CPU's threads' states */
	struct eft_list ready;
};

/* Put (thread), READY, on its CPU's queue. */
void eft_thread_ready(struct eft_thread *thread);

/* Free (thread), dead and off its stack. */
void eft_thread_bury(struct eft_thread *thread);

/* First words of every new thread: the switch that led here is complete. */
void eft_thread_started(void);
