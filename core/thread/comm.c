// SPDX-License-Identifier: BSD-3-Clause
/*
 * What threads are called, and their numbers. One without a name of its own has
 * the program's.
 */
#include "core/boot.h"
#include "core/options.h"
#include "core/process.h"
#include "core/thread.h"

/* Only programs that make threads have it. */
#pragma weak eft_threads_count

struct eft_lock eft_threads_lock = EFT_LOCK_INIT(EFT_RANK_THREADS);

/* The first thread has the process's number, once there are others. */
int eft_thread_number(void)
{
	return eft_threads_count == NULL || eft_threads_count() == 0
		       ? eft_process()->identity.pid
		       : eft_current()->id;
}

/* The last component of argv[0], cut. */
static void program_comm(char comm[EFT_COMM_BYTES])
{
	const char *name = eft_program_name();

	for (const char *s = name; *s != '\0'; s++) {
		if (*s == '/' && s[1] != '\0')
			name = s + 1;
	}
	eft_strlcpy(comm, name, EFT_COMM_BYTES);
}

void eft_thread_get_comm_locked(const struct eft_thread *thread,
				char comm[EFT_COMM_BYTES])
{
	if (thread->name == thread->comm)
		memcpy(comm, thread->comm, EFT_COMM_BYTES);
	else
		program_comm(comm);
}

void eft_thread_get_comm(const struct eft_thread *thread,
			 char comm[EFT_COMM_BYTES])
{
	char copy[EFT_COMM_BYTES] = "";

	eft_lock(&eft_threads_lock);
	eft_thread_get_comm_locked(thread, copy);
	eft_unlock(&eft_threads_lock);
	memcpy(comm, copy, EFT_COMM_BYTES);
}

void eft_thread_set_comm_locked(struct eft_thread *thread,
				const char comm[EFT_COMM_BYTES])
{
	memcpy(thread->comm, comm, EFT_COMM_BYTES - 1);
	thread->name = thread->comm;
}

void eft_thread_set_comm(struct eft_thread *thread,
			 const char comm[EFT_COMM_BYTES])
{
	eft_lock(&eft_threads_lock);
	eft_thread_set_comm_locked(thread, comm);
	eft_unlock(&eft_threads_lock);
}
