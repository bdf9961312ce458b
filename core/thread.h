// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Threads, the run queue, wait queues, mutexes.
 *
 * Rules
 *  - A thread sleeps by eft_sleep() only, having put itself on the wait
 *    queues that concern it, and looks at its condition again when it wakes:
 *
 *	eft_wait_begin(&waiter, &queue);
 *	while (!condition && error == 0)
 *		error = eft_sleep(deadline);
 *	eft_wait_end(&waiter);
 *
 *    A wake-up between the look and the sleep is not lost: it leaves a token
 *    that the next eft_sleep() takes.
 *  - Wake-ups may come from interrupts. They never sleep or allocate.
 */
#include "core/arch/x86_64/offsets.h"
#include "core/lib.h"
#include "core/lock.h"

enum eft_thread_state {
	EFT_THREAD_READY, /* on a run queue */
	EFT_THREAD_RUNNING,
	EFT_THREAD_SLEEPING,
	EFT_THREAD_MOVING, /* between two CPUs' queues, on neither */
	EFT_THREAD_DEAD,
};

/* The name of a thread: Linux's TASK_COMM_LEN, with a NUL at the end. */
enum { EFT_COMM_BYTES = 16 };

struct eft_thread {
	uintptr_t sp;	     /* offset 0: saved stack pointer (switch.S) */
	uintptr_t tls;	     /* thread pointer, the FS base */
	uintptr_t stack_top; /* in (stack), where system calls begin; 0: none */

	/* Owned by the lock of cpu's run queue. */
	struct eft_list run_link;
	enum eft_thread_state state;
	bool woken; /* the token of a wake-up that came while awake */
	struct eft_cpu *cpu;
	uint64_t affinity;  /* CPUs that it may run on; bit 0 is CPU 0 */
	uint64_t ran_ns;    /* CPU time, but for what it has run since */
	uint32_t attention; /* EFT_ATTENTION_ bits; cpu's too while it runs */

	/* Owned by eft_threads_lock, once there are several threads. */
	struct eft_list all_link;
	char comm[EFT_COMM_BYTES]; /* the program's name of it: see comm.c */

	/* Owned by the thread itself. */
	int id;		 /* Linux's number of it, if it is the program's */
	uintptr_t start; /* the program's function that it began in; or 0 */
	bool timed_wait; /* its last -EINTR is not for SA_RESTART */
	/* Until when an interrupted call waits that is made again; 0: it is not. */
	uint64_t restart_deadline_ns;
	struct eft_mutex *wanted; /* that it waits for; or NULL */
	uintptr_t absent;	  /* the page that its fault waits for; or 0 */
	bool absent_writes;	  /* by a write */
	int absent_error;	  /* why that could not be read; or 0 */
	const char *name;
	void *stack; /* libOS stack: pages, of which this is part; or NULL */
	/* eft_plat.note_stack()'s: the program's, and that of (stack) */
	unsigned stack_number, libos_stack_number;
	struct eft_held_locks held;

	/* The creator's. */
	void *owner;	    /* what it has to say of the thread; or NULL */
	size_t owner_bytes; /* that are reserved for it */
	void (*buried)(struct eft_thread *thread); /* or NULL: see below */
};

_Static_assert(offsetof(struct eft_thread, stack_top) == EFT_THREAD_STACK_TOP,
	       "");

/* Make the boot context this CPU's idle thread. Context: boot. */
void eft_thread_init(const char *boot_name);

/*
 * A thread that runs function(arg) on a stack of 2^order pages of its own,
 * ready to run.
 *
 * Returns   the thread; NULL out of memory
 */
struct eft_thread *eft_thread_create(const char *name, void (*function)(void *),
				     void *arg, unsigned stack_order);

/*
 * A thread that enters a program at (entry) with its stack pointer at (sp),
 * as Linux does (System V ABI, x86-64, §3.4.1). It is not ready to run yet.
 */
struct eft_thread *eft_thread_create_program(uintptr_t entry, uintptr_t sp);
/* Put (thread), READY, on its CPU's queue. */
void eft_thread_ready(struct eft_thread *thread);

/*
 * A thread that calls function(arg) on the stack below (stack_top), memory of
 * the creator's, with the thread pointer (tls). It is ready to run after
 * eft_thread_start(). What the creator has to say of it is its owner:
 * (owner_bytes) of zeroes, which live as long as the thread; 0: NULL.
 *
 * Returns   the thread; NULL out of memory
 */
struct eft_thread *eft_thread_create_on(const char *name,
					void (*function)(void *), void *arg,
					uintptr_t stack_top, uintptr_t tls,
					size_t owner_bytes);
void eft_thread_start(struct eft_thread *thread);

/*
 * A thread was made besides the program's first, at some time. Until then
 * nobody changes what the caller looks at.
 */
extern bool eft_threads_several; /* atomic */

eft_inline bool eft_is_only_thread(void)
{
	return !__atomic_load_n(&eft_threads_several, __ATOMIC_RELAXED);
}

/*
 * End the calling thread. Its buried() is called when nothing uses its stack
 * any more, by the thread that runs then; afterwards the thread is freed.
 */
eft_noreturn void eft_thread_exit(void);

/* Give back the memory that is kept for threads to come. */
void eft_threads_trim(void);

/* Let another thread run, if one is ready. */
void eft_yield(void);

/*
 * [start, end) is a stack of the caller's too: for tools that watch memory.
 * Returns its number, or 0 where nobody watches.
 */
unsigned eft_thread_note_stack(uintptr_t start, uintptr_t end);
void eft_thread_forget_stack(unsigned number);

/* The idle thread's life: never returns. Context: boot, last. */
eft_noreturn void eft_idle(void);

/*
 * More CPUs, and which thread runs where.
 */

/*
 * Start CPUs until there are (count). Weak in the boot page: one CPU is enough
 * for a program that makes no threads.
 *
 * Returns   0; what the platform's start() does, with a (message) that says so
 */
int eft_cpus_start(unsigned count, char *message, size_t size);

/* The CPUs that run threads: 1 or more, numbered from 0. */
enum { EFT_CPUS_MAX = 64 };
extern struct eft_cpu *eft_cpus[EFT_CPUS_MAX];
extern unsigned eft_cpus_count; /* only grows */

eft_inline unsigned eft_cpus_running(void)
{
	return __atomic_load_n(&eft_cpus_count, __ATOMIC_ACQUIRE);
}

/*
 * Let (thread) run on the CPUs of (mask) only; it leaves the others soon.
 *
 * Returns   0; -EINVAL no such CPU runs
 */
int eft_thread_set_affinity(struct eft_thread *thread, uint64_t mask);
uint64_t eft_thread_affinity(struct eft_thread *thread);

/* CPU time that (thread) has used. */
uint64_t eft_thread_cpu_time_ns(struct eft_thread *thread);

/*
 * All threads of a program that has made some (list.c), the oldest first. Who
 * holds the lock, a spin lock, may use what it finds.
 */
extern struct eft_lock eft_threads_lock;

/* The one after (thread), the first for NULL; NULL at the end. */
struct eft_thread *eft_threads_next_locked(const struct eft_thread *thread);
struct eft_thread *eft_threads_find_locked(int id);

/* The lowest number of a thread that is (id) or more, or -1. */
int eft_threads_next_id(int id);
unsigned eft_threads_count(void);
/* The calling thread's number, as gettid(2) says it: comm.c. */
int eft_thread_number(void);

/* (thread), which the caller has created and not started, is one of them. */
void eft_threads_add(struct eft_thread *thread);
void eft_threads_remove(struct eft_thread *thread);

/*
 * The caller's CPU is idle: end the program if nothing can ever come. Who makes
 * threads, or has them wait for mutexes, brings it in.
 */
void eft_deadlock_check(void);

/*
 * What reports call (thread): its name if it has one, else the function that it
 * began in (label.c). In programs that make threads.
 */
const char *eft_thread_label(const struct eft_thread *thread);

/*
 * The name that the program gave (thread), or the program's own (comm.c). The
 * callers of _locked hold the lock of all threads.
 */
void eft_thread_get_comm(const struct eft_thread *thread,
			 char comm[EFT_COMM_BYTES]);
void eft_thread_get_comm_locked(const struct eft_thread *thread,
				char comm[EFT_COMM_BYTES]);
void eft_thread_set_comm(struct eft_thread *thread,
			 const char comm[EFT_COMM_BYTES]);
void eft_thread_set_comm_locked(struct eft_thread *thread,
				const char comm[EFT_COMM_BYTES]);

/* All CPUs that run threads meet a memory barrier. Context: thread. */
void eft_cpus_barrier(void);

/* Set the calling thread's thread pointer. */
void eft_thread_set_tls(uintptr_t tls);

/*
 * Sleep until a wake-up, or until (deadline_ns), or until a signal is due to
 * the caller. Who gets -EINTR leaves its wait queues, gives back what it took,
 * and returns -EINTR, or what it has done so far; see posix/signal/restart.h.
 *
 * Returns   0 woken; -ETIMEDOUT; -EINTR
 * Context   thread, interrupts on
 */
int eft_sleep(uint64_t deadline_ns);

/* Sleep until a wake-up: for who cannot be interrupted. */
void eft_sleep_through(void);

/*
 * The program ends as soon as what it wrote is written back: none of its threads,
 * but the caller, begins a system call any more, or returns from one. In images
 * with files that are not in memory (park.c).
 *
 * Context   any; no lock is held
 */
void eft_threads_park(void);
bool eft_threads_are_parked(void);
/* Does not return if they are. Context: thread, where a call begins or ends. */
void eft_park_if_asked(void);

/*
 * Posix's, where a call ends that something is up at: see posix/signal/restart.h.
 * Images without signals have park.c's, if they have that.
 */
long eft_signals_settle(long result);

/*
 * Have (thread) look at its signals: eft_sleep() returns -EINTR to it, and its
 * next system call begins with them. Context: any.
 */
void eft_thread_interrupt(struct eft_thread *thread);
/* The calling thread has; who interrupts it again is kept off meanwhile. */
void eft_thread_attended(void);

/*
 * What a host is to do when it has (signal) for us: let it come, ignore it, or
 * do what it does by default.
 */
void eft_host_signal_set(int signal, bool caught, bool ignored);
/*
 * Let those come that end a program, though it does not ask for them, in images
 * with files that are to be written first. Context: thread.
 */
void eft_host_signals_end(void);
/* Has exec left (signal) ignored? And let in those that it left blocked. */
bool eft_host_signal_ignored(int signal);
void eft_host_signals_unblock(void);

/*
 * What signals do for traps and interrupts (posix).
 */
struct eft_context;
struct eft_host_siginfo;

/* Exec has left (mask) blocked. Weak in the boot page. Context: boot. */
void eft_signals_inherit(uint64_t mask);

/* The host has a signal for us: its own, or another process's. */
void eft_signals_arrive(const struct eft_host_siginfo *info);
/* Handle what is due to the thread, or the fault, that (context) tells of. */
void eft_signals_interrupted(struct eft_context *context);
/*
 * Where the stack of the program's handler for a fault's (signal) begins, for
 * a thread at (rsp); 0: it has none. The memory is there, or there is none.
 */
uintptr_t eft_signals_catch(int signal, uintptr_t rsp);

/*
 * The word that (thread) waits for in futex(2), or NULL; for reports, when
 * nothing runs (posix).
 */
const uint32_t eft_user *eft_futex_waited_for(const struct eft_thread *thread);

/* Wake (thread), or leave it a token. Context: any. */
void eft_thread_wake(struct eft_thread *thread);

/*
 * Wait queues.
 */
struct eft_waitq {
	struct eft_lock lock;
	struct eft_list waiters;
};

struct eft_waiter {
	struct eft_list link;
	struct eft_waitq *queue;
	struct eft_thread *thread; /* to be woken, if not: */

	/*
	 * Called instead, under the queue's lock. Returns whether somebody
	 * wakes by it.
	 */
	bool (*wake)(struct eft_waiter *waiter);
	void *arg; /* its own */
	bool each; /* it does not count, and comes first */
};

#define EFT_WAITQ_INIT(name)                                   \
	{                                                      \
		.lock = EFT_LOCK_INIT(EFT_RANK_WAIT_QUEUE),    \
		.waiters = {&(name).waiters, &(name).waiters}, \
	}

void eft_waitq_init(struct eft_waitq *queue);

/*
 * Put the calling thread on (queue), which outlives the waiter's stay. What it
 * reads afterwards is as new as what a waker changed before it looked here.
 */
void eft_wait_begin(struct eft_waiter *waiter, struct eft_waitq *queue);

/*
 * Have (wake) called instead. (each): at every wake-up, before those who are
 * woken one by one; otherwise it is one of them.
 */
void eft_wait_begin_call(struct eft_waiter *waiter, struct eft_waitq *queue,
			 bool (*wake)(struct eft_waiter *waiter), void *arg,
			 bool each);
void eft_wait_end(struct eft_waiter *waiter);

/*
 * Wake up to (count) waiters, the longest waiting first, besides those who
 * want each wake-up. Who is woken so and leaves the reason to others wakes the
 * next. Returns whether one of the (count) was woken. Context: any.
 */
bool eft_waitq_wake(struct eft_waitq *queue, unsigned count);
#define EFT_WAKE_ALL (~0u)

/*
 * The cheap way to it, for who has changed what is waited for by an atomic
 * read-modify-write, or gave back a mutex since.
 */
eft_inline bool eft_waitq_busy(const struct eft_waitq *queue)
{
	return __atomic_load_n(&queue->waiters.next, __ATOMIC_RELAXED) !=
	       &queue->waiters;
}

eft_inline void eft_waitq_wake_one(struct eft_waitq *queue)
{
	if (eft_waitq_busy(queue))
		eft_waitq_wake(queue, 1);
}

/*
 * Mutexes: sleeping locks. The holder may sleep and touch the program's
 * memory. Who comes may pass those who wait, but for a millisecond only: then
 * it is their turn (mutex_wait.c).
 */
struct eft_mutex {
	uintptr_t word; /* the holder or NULL, and flags */
	struct eft_waitq queue;
	struct eft_lockcheck check;
};

enum {
	EFT_MUTEX_WAITED = 1,	 /* somebody is to be woken */
	EFT_MUTEX_HAND_OVER = 2, /* and is to hold it then */
	EFT_MUTEX_FLAGS = 3,
};

static inline struct eft_thread *eft_mutex_holder_of(uintptr_t word)
{
	return (struct eft_thread *)(word & ~(uintptr_t)EFT_MUTEX_FLAGS);
}

/* Who holds it, at a moment that may have passed; or NULL. */
static inline struct eft_thread *eft_mutex_holder(const struct eft_mutex *mutex)
{
	return eft_mutex_holder_of(
		__atomic_load_n(&mutex->word, __ATOMIC_RELAXED));
}

#define EFT_MUTEX_INIT(name, rank)                     \
	{                                              \
		.check = EFT_LOCKCHECK_INIT(rank),     \
		.queue = EFT_WAITQ_INIT((name).queue), \
	}

void eft_mutex_init_free(struct eft_mutex *mutex);

static inline void eft_mutex_init(struct eft_mutex *mutex,
				  enum eft_lock_rank rank)
{
	mutex->check = (struct eft_lockcheck)EFT_LOCKCHECK_INIT(rank);
	eft_mutex_init_free(mutex);
}

void eft_mutex_lock(struct eft_mutex *mutex);
void eft_mutex_unlock(struct eft_mutex *mutex);

/*
 * What these call where there are several threads: whoever makes one needs them.
 * Take (mutex), which another holds, for the caller; give back (mutex), the
 * caller's, whose (word) has flags.
 */
void eft_mutex_wait(struct eft_mutex *mutex, struct eft_thread *self);
void eft_mutex_pass(struct eft_mutex *mutex, uintptr_t word);
