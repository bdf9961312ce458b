// SPDX-License-Identifier: BSD-3-Clause
/*
 * The rules of locks, watched at run time: see lock.h.
 *
 * Each CPU keeps a list of the spin locks that it holds, each thread of its
 * mutexes. Their owners alone change the lists; a lock's own fields belong to
 * whoever holds it.
 */
#include "core/check/lock.h"
#include "core/lock.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/thread.h"
#include "core/trap.h"

/* Longer than a loaded host keeps a CPU from running. */
enum { SPIN_SECONDS = 30 };

/* Somebody reports: the end is near, and no rule holds any more. */
static bool reporting;

static bool is_reporting(void)
{
	return __atomic_load_n(&reporting, __ATOMIC_RELAXED);
}

/* What reports call them. */
static const char *const names[EFT_RANK_COUNT] = {
	[EFT_RANK_NONE] = "a lock without a rank",
	[EFT_RANK_GROUPS] = "groups of the user",
	[EFT_RANK_ALARMS] = "settings of timers",
	[EFT_RANK_CHANGES] = "changes of the address space",
	[EFT_RANK_BINDING] = "binding of a socket",
	[EFT_RANK_SEALS] = "seals of a file",
	[EFT_RANK_POSITION] = "position in a file",
	[EFT_RANK_RENAME] = "renames",
	[EFT_RANK_DIR] = "directory",
	[EFT_RANK_NODE] = "node",
	[EFT_RANK_FLUSHER] = "flusher",
	[EFT_RANK_READING] = "reading of a socket",
	[EFT_RANK_WRITING] = "writing of a socket",
	[EFT_RANK_EPOLLS] = "all epolls",
	[EFT_RANK_EPOLL] = "epoll",
	[EFT_RANK_PIPE] = "pipe",
	[EFT_RANK_EXT4_LOG] = "log of ext4",
	[EFT_RANK_DISKS] = "disks",
	[EFT_RANK_EXT4_INODES] = "inodes of ext4",
	[EFT_RANK_EXT4_CHANGES] = "changes of ext4",
	[EFT_RANK_EXT4_MAP] = "extents of ext4",
	[EFT_RANK_DEVICES] = "devices",
	[EFT_RANK_DESCRIPTORS] = "descriptors",
	[EFT_RANK_DIRECTORY] = "working directory",
	[EFT_RANK_RECORDS] = "record locks",
	[EFT_RANK_MOUNTS] = "mount table",
	[EFT_RANK_UNUSED] = "unused entries",
	[EFT_RANK_SERIAL] = "serial line",
	[EFT_RANK_TERMINAL] = "terminal",
	[EFT_RANK_VIRTQUEUE] = "virtqueue",
	[EFT_RANK_LINES] = "interrupt lines",
	[EFT_RANK_TICKETS] = "tickets",
	[EFT_RANK_FUTEX_OWNERS] = "futex owners",
	[EFT_RANK_FUTEX] = "futex",
	[EFT_RANK_TASKS] = "tasks",
	[EFT_RANK_THREADS] = "threads",
	[EFT_RANK_SOCKET_NAMES] = "names of sockets",
	[EFT_RANK_SOCKET] = "socket",
	[EFT_RANK_RIGHTS] = "rights",
	[EFT_RANK_CLOCK_SET] = "wait queue of the wall clock",
	[EFT_RANK_WAIT_QUEUE] = "wait queue",
	[EFT_RANK_EPOLL_QUEUE] = "wait queue of an epoll",
	[EFT_RANK_EPOLL_READY] = "epoll's list",
	[EFT_RANK_EXT4_BUFFERS] = "buffers of ext4",
	[EFT_RANK_IO] = "requests of a thread",
	[EFT_RANK_TIMERFD] = "timerfd",
	[EFT_RANK_TIMERS] = "timers",
	[EFT_RANK_RUN_QUEUE] = "run queue",
	[EFT_RANK_SPACE] = "address space",
	[EFT_RANK_FILE_PAGES] = "file's pages",
	[EFT_RANK_CACHE] = "page cache",
	[EFT_RANK_HEAP] = "heap",
	[EFT_RANK_TABLES] = "page tables",
	[EFT_RANK_PAGES] = "pages",
	[EFT_RANK_RANDOM] = "random",
	[EFT_RANK_CLOCK] = "wall clock",
	[EFT_RANK_LOG] = "log",
};

static const char *name_of(const struct eft_lockcheck *check)
{
	const char *name = NULL;

	if (check->rank < EFT_RANK_COUNT)
		name = names[check->rank];
	return name != NULL ? name : "no lock";
}

/*
 * May (check) be taken under (other), of the same rank? Futexes' in the order
 * of their addresses; those of epolls that watch each other, for among these
 * are no circles (epoll.c); those of directories by where they are in the tree
 * (core/vfs/vfs.h).
 */
static bool may_follow(const struct eft_lockcheck *other,
		       const struct eft_lockcheck *check)
{
	if (check->rank == EFT_RANK_FUTEX)
		return other < check;
	return check->rank == EFT_RANK_DIR || check->rank == EFT_RANK_EPOLL ||
	       check->rank == EFT_RANK_EPOLL_QUEUE;
}

/* End with (words) about (check) and (held), the one that matters, or NULL. */
static eft_noreturn void report(const char *words,
				const struct eft_lockcheck *check,
				const struct eft_lockcheck *held)
{
	__atomic_store_n(&reporting, true, __ATOMIC_RELAXED);
	if (held != NULL) {
		eft_console_printf("eft: lock '%s' was taken at\n",
				   name_of(held));
		eft_print_frame(0, (uintptr_t)held->where);
	}
	if (check != NULL)
		eft_panic("lock '%s' %s", name_of(check), words);
	eft_panic("%s", words);
}

static struct eft_lockcheck *last(const struct eft_held_locks *held)
{
	return held->count > 0 ? held->locks[held->count - 1] : NULL;
}

/* The order among the locks of one list. */
static void check_order(const struct eft_held_locks *held,
			const struct eft_lockcheck *check)
{
	for (unsigned i = 0; i < held->count; i++) {
		const struct eft_lockcheck *other = held->locks[i];

		if (other->rank < check->rank ||
		    (other->rank == check->rank && may_follow(other, check)))
			continue;
		report("is taken under it, against the order", check, other);
	}
}

static void check_take(const struct eft_held_locks *held,
		       const struct eft_lockcheck *check, const void *self)
{
	if (check->rank == EFT_RANK_NONE || check->rank >= EFT_RANK_COUNT)
		report("is taken: it was not initialised", check, NULL);
	if (__atomic_load_n(&check->owner, __ATOMIC_RELAXED) == self)
		report("is taken by who holds it", check, check);
	check_order(held, check);
}

static void add(struct eft_held_locks *held, struct eft_lockcheck *check,
		const void *self, const void *where)
{
	if (held->count == EFT_HELD_MAX)
		report("is one lock too many", check, last(held));
	held->locks[held->count++] = check;
	check->where = where;
	__atomic_store_n(&check->owner, self, __ATOMIC_RELAXED);
}

static void remove(struct eft_held_locks *held, struct eft_lockcheck *check,
		   const void *self)
{
	unsigned i = held->count;

	if (check->owner != self)
		report("is released by who does not hold it", check,
		       check->owner != NULL ? check : NULL);
	__atomic_store_n(&check->owner, NULL, __ATOMIC_RELAXED);
	while (i > 0 && held->locks[i - 1] != check)
		i--;
	eft_assert(i > 0);
	for (held->count--; i <= held->count; i++)
		held->locks[i - 1] = held->locks[i];
}

/*
 * Spin locks.
 */

void eft_lockcheck_take(struct eft_lockcheck *check)
{
	if (!is_reporting())
		check_take(&eft_cpu()->held, check, eft_cpu());
}

void eft_lockcheck_taken(struct eft_lockcheck *check)
{
	if (!is_reporting())
		add(&eft_cpu()->held, check, eft_cpu(),
		    __builtin_return_address(0));
}

void eft_lockcheck_release(struct eft_lockcheck *check)
{
	if (!is_reporting())
		remove(&eft_cpu()->held, check, eft_cpu());
}

bool eft_lockcheck_spins(const struct eft_lockcheck *check, uint64_t *since_ns)
{
	uint64_t now = eft_plat->monotonic_ns();

	if (*since_ns == 0)
		*since_ns = now;
	if (!is_reporting() && now - *since_ns > SPIN_SECONDS * 1000000000ul)
		report("is not released", check, check);
	return !is_reporting();
}

/*
 * Mutexes.
 */

void eft_lockcheck_take_mutex(struct eft_lockcheck *check, const void *where)
{
	eft_may_block();
	if (!is_reporting())
		check_take(&eft_current()->held, check, eft_current());
}

void eft_lockcheck_taken_mutex(struct eft_lockcheck *check, const void *where)
{
	if (!is_reporting())
		add(&eft_current()->held, check, eft_current(), where);
}

void eft_lockcheck_release_mutex(struct eft_lockcheck *check)
{
	if (!is_reporting())
		remove(&eft_current()->held, check, eft_current());
}

/*
 * Moments at which nothing is held. (Who has interrupts on holds no spin lock,
 * and may be on another CPU at each instruction.)
 */

static void check_interrupts(const char *words)
{
	if (!is_reporting() && eft_irq_depth() > 0)
		report(words, NULL, last(&eft_cpu()->held));
}

void eft_may_block(void)
{
	check_interrupts("this may sleep, with interrupts off");
}

static void check_mutexes(const char *words)
{
	if (!is_reporting() && eft_current()->held.count > 0)
		report(words, NULL, last(&eft_current()->held));
}

void eft_lockcheck_returns(void)
{
	check_interrupts("a system call returns with interrupts off");
	check_mutexes("a system call returns with a mutex held");
}

void eft_lockcheck_ends(void)
{
	check_interrupts("a thread ends with interrupts off");
	check_mutexes("a thread ends with a mutex held");
}

void eft_lockcheck_faults(void)
{
	if (!is_reporting() && eft_cpu()->held.count > 0)
		report("memory is touched that may not be there", NULL,
		       last(&eft_cpu()->held));
}
