// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A process: what all threads of a program share, and another program has again.
 *
 * Each part is its room's, which defines and locks it. A part is a pointer, as
 * clone(2) lets processes share some (CLONE_VM, CLONE_FILES, CLONE_FS) and have
 * the others for themselves; it is NULL in an image without the room.
 *
 * There is one process as yet. What assumes so beside this header: the keys of
 * futexes (posix/futex/futex.c) are addresses without their space, and the list
 * of threads (core/thread/list.c) is one.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/boot.h"

struct eft_mutex;
struct eft_thread;

struct eft_process {
	struct eft_identity identity;
	/* On no list of threads while it is the only one. */
	struct eft_thread *first_thread;
	const uintptr_t *auxv; /* on the program's stack */

	struct eft_space *space;	     /* core/mem/range.h */
	struct eft_descriptors *descriptors; /* core/fd/fd.c */
	struct eft_directory *directory;     /* core/vfs/path.c */

	struct eft_mutex *space_changes;     /* posix/mem/memory.h */
	struct eft_tasks *tasks;	     /* posix/thread/task.h */
	struct eft_process_signals *signals; /* posix/signal/signal.h */
	struct eft_process_timers *timers;   /* posix/time/timer.c */
	struct eft_itimers *itimers;	     /* posix/time/itimer.c */
	struct eft_limits *limits;	     /* posix/sys/limits.c */
	struct eft_groups *groups;	     /* posix/thread/setids.c */
	struct eft_wishes *wishes;	     /* posix/thread/prctl.c */
	uint64_t file_limit;		     /* RLIMIT_FSIZE; atomic */
	int barriers; /* that are registered: posix/futex/membarrier.c */
};

/* The one that the platform starts. */
extern struct eft_process eft_first_process;

/* The one after (process), the first for NULL; NULL at the end. */
static inline struct eft_process *eft_process_next(struct eft_process *process)
{
	return process == NULL ? &eft_first_process : NULL;
}

/* The one whose thread runs on this CPU. In one instruction. */
static inline struct eft_process *eft_process(void)
{
	struct eft_process *process;

	__asm__("movq %%gs:%c1, %0" : "=r"(process) : "i"(EFT_CPU_PROCESS));
	return process;
}
