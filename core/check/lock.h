// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What a build with lock_checks=true (EFT_LOCK_CHECKS) knows of locks, to hold
 * all code to the rules of core/lock.h and core/thread.h. Who breaks one ends
 * the instance by eft_panic(), which names the locks and the code that took
 * them. In other builds all this is nothing: no byte and no instruction.
 */
#include "core/base.h"

struct eft_mutex;
struct eft_thread;

#ifdef EFT_LOCK_CHECKS

enum { EFT_HELD_MAX = 16 };

/* In each lock. */
struct eft_lockcheck {
	unsigned rank;
	const void *owner; /* the CPU, or a mutex's thread; NULL: nobody */
	const void *where; /* the code that took it */
};

/* Of a CPU: its spin locks; of a thread: its mutexes; in the order taken. */
struct eft_held_locks {
	unsigned count;
	struct eft_lockcheck *locks[EFT_HELD_MAX];
};

#define EFT_LOCKCHECK_INIT(lock_rank) \
	{                             \
		.rank = (lock_rank)   \
	}

/* The address of the code that takes a lock is its caller's. */
#define EFT_LOCK_INLINE static inline __attribute__((always_inline))

/* This CPU takes, has taken, is about to release. Interrupts are off. */
void eft_lockcheck_take(struct eft_lockcheck *check);
void eft_lockcheck_taken(struct eft_lockcheck *check);
void eft_lockcheck_release(struct eft_lockcheck *check);

/* It has spun for a while; false: the report wants to go on without it. */
bool eft_lockcheck_spins(const struct eft_lockcheck *check, uint64_t *since_ns);

/* The same for a mutex and the calling thread, from (where). */
void eft_lockcheck_take_mutex(struct eft_lockcheck *check, const void *where);
void eft_lockcheck_taken_mutex(struct eft_lockcheck *check, const void *where);
void eft_lockcheck_release_mutex(struct eft_lockcheck *check);

/* Here the caller may sleep: no spin lock is held, and interrupts are on. */
void eft_may_block(void);

/*
 * A system call returns, a thread ends: nothing is held. (The first is called
 * for threads that begin with this attention.)
 */
enum { EFT_LOCKCHECK_ATTENTION = 4 };
void eft_lockcheck_returns(void);
void eft_lockcheck_ends(void);

/* The program's memory is brought in: no spin lock is held. */
void eft_lockcheck_faults(void);

#else

struct eft_lockcheck {
};

struct eft_held_locks {
};

#define EFT_LOCKCHECK_INIT(lock_rank) \
	{                             \
	}
#define EFT_LOCK_INLINE static inline

static inline void eft_lockcheck_take(struct eft_lockcheck *check)
{
}

static inline void eft_lockcheck_taken(struct eft_lockcheck *check)
{
}

static inline void eft_lockcheck_release(struct eft_lockcheck *check)
{
}

static inline bool eft_lockcheck_spins(const struct eft_lockcheck *check,
				       uint64_t *since_ns)
{
	return true;
}

static inline void eft_lockcheck_take_mutex(struct eft_lockcheck *check,
					    const void *where)
{
}

static inline void eft_lockcheck_taken_mutex(struct eft_lockcheck *check,
					     const void *where)
{
}

static inline void eft_lockcheck_release_mutex(struct eft_lockcheck *check)
{
}

static inline void eft_may_block(void)
{
}

enum { EFT_LOCKCHECK_ATTENTION = 0 };

static inline void eft_lockcheck_returns(void)
{
}

static inline void eft_lockcheck_ends(void)
{
}

static inline void eft_lockcheck_faults(void)
{
}

#endif
