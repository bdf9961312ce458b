// SPDX-License-Identifier: BSD-3-Clause
/*
 * Advisory locks on a host's files.
 *
 * Record locks belong to the process on the host, and its close() of any
 * handle of the file drops them. Our close() reaches the host's only with the
 * last reference (close.c), so where others remain they are dropped here.
 *
 * A helper waits for a lock that another has. In a program that has none the
 * host is asked again and again.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/time.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_call

/* A record lock was taken at some time, by this program. Atomic. */
static bool locks_were_taken;

static const struct eft_host_storage *host(void)
{
	return eft_plat_host_storage();
}

/*
 * Between two attempts to get a lock that another process holds: the host
 * would make the whole CPU wait, and has no notification for it.
 */
static int back_off(uint64_t *delay_ns)
{
	int error = eft_sleep(eft_now_ns() + *delay_ns);

	*delay_ns = eft_min(*delay_ns * 2, 50000000);
	return error == -EINTR ? error : 0;
}

static bool is_held(int error)
{
	return error == -EAGAIN || error == -EACCES;
}

int eft_hostfile_lock(struct eft_file *file, int command,
		      struct eft_flock *lock)
{
	int handle = eft_hostfile_handle(file);
	uint64_t delay_ns = 1000000;
	int attempt = command == F_SETLKW	? F_SETLK
		      : command == F_OFD_SETLKW ? F_OFD_SETLK
						: command;
	long result;
	int error, stopped = 0;

	if (attempt == F_SETLK && lock->type != F_UNLCK)
		__atomic_store_n(&locks_were_taken, true, __ATOMIC_RELAXED);
	if (attempt != command && eft_hostfile_call != NULL &&
	    eft_hostfile_call(EFT_HOST_LOCK,
			      (long[6]){handle, command, (long)lock},
			      EFT_FOREVER, true, &result))
		return (int)result;
	while (is_held(error = host()->lock(handle, attempt, lock)) &&
	       attempt != command && stopped == 0)
		stopped = back_off(&delay_ns);
	return is_held(error) && stopped != 0 ? stopped : error;
}

int eft_hostfile_flock(struct eft_file *file, int operation)
{
	int handle = eft_hostfile_handle(file);
	uint64_t delay_ns = 1000000;
	long result;
	int error, stopped = 0;

	if (!(operation & (LOCK_NB | LOCK_UN)) && eft_hostfile_call != NULL &&
	    eft_hostfile_call(EFT_HOST_FLOCK, (long[6]){handle, operation},
			      EFT_FOREVER, true, &result))
		return (int)result;
	error = host()->flock(handle, operation | LOCK_NB);
	while (error == -EAGAIN && !(operation & LOCK_NB) && stopped == 0) {
		stopped = back_off(&delay_ns);
		error = host()->flock(handle, operation | LOCK_NB);
	}
	return error == -EAGAIN && stopped != 0 ? stopped : error;
}

void eft_hostfile_drop_locks(struct eft_file *file)
{
	struct eft_flock all = {.type = F_UNLCK};

	if (__atomic_load_n(&locks_were_taken, __ATOMIC_RELAXED))
		host()->lock(eft_hostfile_handle(file), F_SETLK, &all);
}
