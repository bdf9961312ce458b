// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Spin locks. Held with interrupts off, for a few hundred instructions.
 *
 * Rules
 *  - Never sleep under one, and never touch the program's memory (a page
 *    fault there takes locks of its own). The stack is that too: eft_lock()
 *    touches the pages below, so that a holder's own calls, of less than a
 *    page of stack, do not fault.
 *  - Each lock has a rank. Who holds locks takes only those of higher ranks.
 *    A build with lock_checks=true watches over this, and over all the rules.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/base.h"
#include "core/check/lock.h"

/*
 * The order of all locks, outermost first.
 */
enum eft_lock_rank {
	EFT_RANK_NONE, /* a lock that was not initialised */

	/* Mutexes. */
	EFT_RANK_GROUPS,   /* of the user (posix/thread/setids.c) */
	EFT_RANK_ALARMS,   /* settings of timers (posix/time/alarm.h) */
	EFT_RANK_CHANGES,  /* of the address space (posix/mem/munmap.c) */
	EFT_RANK_BINDING,  /* a name to a socket */
	EFT_RANK_SEALS,	   /* of a file (core/fs/ramfs/memfd.c) */
	EFT_RANK_POSITION, /* in an open file (core/file.h) */
	EFT_RANK_RENAME,   /* renames and mounts (core/vfs/vfs.h) */
	EFT_RANK_DIR,	   /* one directory, then another: the same */
	EFT_RANK_NODE,	   /* a file's attributes and contents */
	EFT_RANK_FLUSHER,  /* while file systems commit (core/mem/flusher.c) */
	EFT_RANK_READING,  /* a socket (core/net/unix/unix.h) */
	EFT_RANK_WRITING,
	EFT_RANK_EPOLLS, /* which epoll watches what */
	EFT_RANK_EPOLL,	 /* one, then another that it watches */
	EFT_RANK_PIPE,
	EFT_RANK_REMOTE_OPENING, /* a server's file (core/fs/remote) */
	EFT_RANK_REMOTE_TABLE,	 /* of its nodes */
	EFT_RANK_EXT4_LOG,	 /* commits and checkpoints (core/fs/ext4) */
	EFT_RANK_DISKS, /* while they are looked for (core/block/disk.c) */
	EFT_RANK_EXT4_CHANGES, /* of metadata (core/fs/ext4) */
	EFT_RANK_EXT4_MAP,     /* an inode's extents */
	EFT_RANK_EXT4_INODES,  /* nodes by number */
	EFT_RANK_INET_START,   /* while the stack comes up (core/net/inet) */
	EFT_RANK_DEVICES,      /* the same as disks (core/dev/device.h) */
	EFT_RANK_INET,	       /* the TCP/IP stack (core/net/inet/inet.h) */
	EFT_RANK_WIRE,	       /* what sends frames (core/net/wire) */

	/* Spin locks. */
	EFT_RANK_DESCRIPTORS,
	EFT_RANK_DIRECTORY, /* the working directory */
	EFT_RANK_RECORDS,   /* advisory locks on files */
	EFT_RANK_WATCHES,   /* what inotify(7) watches, and its events */
	EFT_RANK_MOUNTS,    /* the mount table */
	EFT_RANK_UNUSED,    /* cached entries that nobody uses */
	EFT_RANK_SERIAL,    /* what the guest's serial line receives */
	EFT_RANK_TERMINAL,
	EFT_RANK_BALLOON,      /* what the host has of memory */
	EFT_RANK_VIRTQUEUE,    /* what a device was lent (plat-kvm/virtio) */
	EFT_RANK_LINES,	       /* where interrupts go (plat-kvm/pc) */
	EFT_RANK_TICKETS,      /* for the host's files (plat-linuxu) */
	EFT_RANK_FUTEX_OWNERS, /* priority-inheritance futexes */
	EFT_RANK_FUTEX,	       /* two at a time, by address */
	EFT_RANK_TASKS,
	EFT_RANK_THREADS, /* the list of them all */
	EFT_RANK_SOCKET_NAMES,
	EFT_RANK_SOCKET,
	EFT_RANK_RIGHTS,    /* descriptions on their way */
	EFT_RANK_CLOCK_SET, /* who waits for the wall clock to be set */
	EFT_RANK_EXT4_BUFFERS,
	EFT_RANK_REMOTE_HANDLES, /* of a server's files (core/fs/remote) */
	EFT_RANK_IO,		 /* requests of one thread (core/block/io.c) */
	EFT_RANK_WAIT_QUEUE,
	EFT_RANK_EPOLL_QUEUE, /* who waits there; one, then that of a watcher */
	EFT_RANK_EPOLL_READY, /* what may be ready there */
	EFT_RANK_TIMERFD,
	EFT_RANK_TIMERS,
	EFT_RANK_RUN_QUEUE,
	EFT_RANK_SPACE,	     /* the program's address space */
	EFT_RANK_FILE_PAGES, /* the pages of one file */
	EFT_RANK_CACHE,	     /* which files have pages (core/mem/cache.c) */
	EFT_RANK_HEAP,
	EFT_RANK_TABLES, /* the guest's page tables */
	EFT_RANK_PAGES,
	EFT_RANK_RANDOM,
	EFT_RANK_CLOCK, /* the guest's wall clock, when it is first asked */
	EFT_RANK_LOG,	/* anything may log */

	EFT_RANK_COUNT,
};

struct eft_lock {
	uint32_t held; /* 0 or 1 */
	struct eft_lockcheck check;
};

#define EFT_LOCK_INIT(rank)                        \
	{                                          \
		.check = EFT_LOCKCHECK_INIT(rank), \
	}

static inline void eft_lock_init(struct eft_lock *lock, enum eft_lock_rank rank)
{
	*lock = (struct eft_lock)EFT_LOCK_INIT(rank);
}

void eft_lock_contended(struct eft_lock *lock);

/*
 * One turn, the (turn)th from 0, of any loop that waits for another CPU. What
 * that one may be waiting for itself (a guest's TLB) is done here, should
 * interrupts be off; and where the host may have taken it off its processor,
 * it is given ours.
 */
void eft_spin(unsigned turn);

/* Is it one that gives the host's processor away? One in so many is. */
enum { EFT_SPIN_YIELD = 64 };

static inline bool eft_is_spin_yield(unsigned turn)
{
	return turn % EFT_SPIN_YIELD == EFT_SPIN_YIELD - 1;
}

/*
 * Whoever takes a lock on the program's stack, and not on the libOS stack of a
 * system call, first brings in two pages of it: no page fault may come with
 * interrupts off. By a call that keeps all registers: stack.S.
 */
static inline void eft_lock_touch_stack(void)
{
	__asm__ volatile("call eft_touch_stack" ::: "cc", "memory");
}

/* The same where interrupts are off already; eft_unlock() turns them on. */
eft_inline void eft_lock_irqs_off(struct eft_lock *lock)
{
	eft_lockcheck_take(&lock->check);
	if (eft_unlikely(__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)))
		eft_lock_contended(lock);
	eft_lockcheck_taken(&lock->check);
}

/*
 * What is compiled for size (EFT_COLD) calls these, which are eft_lock() and
 * eft_unlock(); so does a file that says EFT_LOCK_CALLS, because it takes locks
 * at so many places that the compiler would make functions of its own of them.
 */
void eft_lock_called(struct eft_lock *lock);
void eft_unlock_called(struct eft_lock *lock);

EFT_LOCK_INLINE void eft_lock(struct eft_lock *lock)
{
#if defined(EFT_COLD) || defined(EFT_LOCK_CALLS)
	eft_lock_called(lock);
#else
	eft_irq_off();
	eft_lock_irqs_off(lock);
#endif
}

/* False: somebody has it, perhaps the caller. In any order. */
EFT_LOCK_INLINE bool eft_try_lock(struct eft_lock *lock)
{
	eft_irq_off();
	if (__atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE)) {
		eft_irq_on();
		return false;
	}
	eft_lockcheck_taken(&lock->check);
	return true;
}

/* In line, for what each switch and each wake-up comes by. */
eft_inline void eft_lock_inline(struct eft_lock *lock)
{
	eft_irq_off();
	eft_lock_irqs_off(lock);
}

eft_inline void eft_unlock_inline(struct eft_lock *lock)
{
	eft_lockcheck_release(&lock->check);
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
	eft_irq_on_inline();
}

static inline void eft_unlock(struct eft_lock *lock)
{
#if defined(EFT_COLD) || defined(EFT_LOCK_CALLS)
	eft_unlock_called(lock);
#else
	eft_lockcheck_release(&lock->check);
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
	eft_irq_on();
#endif
}
