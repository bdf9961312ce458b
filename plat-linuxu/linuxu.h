// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The process platform: what its files share.
 */
#include "core/abi.h"
#include "core/plat.h"
#include "plat-linuxu/linux.h"

extern const struct eft_plat eft_linuxu_plat;

/*
 * Where we put things; all below 8 TiB, the part that valgrind leaves us. libOS
 * stacks, in RAM, and the program's are further apart than what valgrind takes
 * for one stack (--max-stackframe, 2 MB).
 */
#define EFT_LINUXU_WINDOW_START 0x10000000000ul
#define EFT_LINUXU_WINDOW_END	0x3ffff000000ul
#define EFT_LINUXU_RAM		0x40000000000ul

/*
 * A host may refuse system calls (seccomp(2)): one that we cannot do without
 * ends the instance with a word about it. start.c
 */
static inline bool eft_linuxu_is_refused(long result)
{
	return result == -EPERM || result == -ENOSYS || result == -EACCES;
}

eft_noreturn void eft_linuxu_give_up(const char *call);

/* The result of (call), if it is not that. */
static inline long eft_linuxu_need(long result, const char *call)
{
	if (eft_unlikely(eft_linuxu_is_refused(result)))
		eft_linuxu_give_up(call);
	return result;
}

/* What the kernel told us at the entry (auxiliary vector). */
struct eft_linuxu_facts {
	const void *vdso;
	unsigned long hwcap2;
	struct eft_identity identity; /* but its pid and ppid */
};

extern struct eft_linuxu_facts eft_linuxu_facts;

/*
 * memory.c: RAM for the core, at most (host_bytes); its size in bytes, or a
 * negative errno.
 */
ssize_t eft_linuxu_ram_create(uint64_t host_bytes);
int eft_linuxu_map_zero(struct eft_plat_space *space, uintptr_t addr,
			size_t len, int prot);
/* paging.c, which then has the four around it too: in images with disks. */
int eft_linuxu_map_page(struct eft_plat_space *space, uintptr_t addr,
			void *page, int prot, enum eft_hold hold) eft_weak;
void eft_linuxu_unmap(struct eft_plat_space *space, uintptr_t addr, size_t len);
int eft_linuxu_protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		       int prot);
int eft_linuxu_move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		    size_t len);
/* All of the host's RAM, in bytes. */
uint64_t eft_linuxu_host_bytes(void);

/*
 * Where reports go: what standard error was at the start, or, -1, nowhere.
 * Never a file of the program's that happens to have that number (plat.c).
 */
extern int eft_linuxu_console;

/*
 * handles.c: the host's descriptors that are ours, in images that open some.
 * Before any is opened note_given() has to be called, on one CPU: it finds
 * those that exec has given to the program.
 */
void eft_linuxu_note_given(void);
/* Have the host allow as many as it ever does; false: it does already. */
bool eft_linuxu_raise_limit(void);
/* openat(2), close-on-exec, with that done. */
int eft_linuxu_open(int at, const char *path, int flags, unsigned mode);
/* Has exec given (number) to the program? The first that was, or -1. */
bool eft_linuxu_was_given(int number) eft_weak;
int eft_linuxu_next_given(int from);
/* The handle that reports go to is about to be closed. */
void eft_linuxu_leave_console(void) eft_weak;

/* hostread.c: as struct eft_host_input has it. */
ssize_t eft_linuxu_read(int handle, const struct eft_iovec *iov, int count,
			off_t at);

/* caller.c: the limit that exec has left, soft and hard. */
void eft_linuxu_limit(int resource, uint64_t ret_limit[2]);
/* Of RLIMIT_NOFILE, where we have raised it; or NULL. */
const uint64_t *eft_linuxu_limit_before(void) eft_weak;
/* filelimit.c: the same of the size of files, in images with disks. */
const uint64_t *eft_linuxu_file_limit_before(void) eft_weak;

/* clock.c */
uint64_t eft_linuxu_monotonic_ns(void);
uint64_t eft_linuxu_realtime_ns(void);
uint64_t eft_linuxu_cpu_time_ns(void);
eft_clock_fn *eft_linuxu_find_clock(int clock);

/*
 * CPUs: each is a thread of the host's.
 */

/* What a CPU does, as far as who wants its attention has to know. */
enum eft_linuxu_bell {
	EFT_LINUXU_RUNS,    /* a signal reaches it */
	EFT_LINUXU_SPINS,   /* it looks at its bell all the time */
	EFT_LINUXU_SLEEPS,  /* on the futex that its bell is */
	EFT_LINUXU_WATCHES, /* the host's files, and the doorbell among them */
	EFT_LINUXU_RUNG,    /* it will take notice before it waits */
};

/* How a CPU looks out for a kick before it sleeps: cpus.c. */
struct eft_linuxu_spinning {
	uint64_t began_ns;  /* when it last ran out of work */
	uint64_t kicked_ns; /* when it was kicked in its sleep then; atomic */
	uint64_t span_ns;   /* how long it looks out; 0: not at all */
	uint64_t resume_ns; /* nor before this */
	uint64_t pause_ns;  /* how long it has refrained since the last time */
};

struct eft_linuxu_cpu {
	uint32_t bell;	  /* atomic; enum eft_linuxu_bell */
	int thread;	  /* the host's number of it */
	int timer;	  /* the host's, made at first use; -1: not yet */
	uint32_t changes; /* atomic; of who we are, that it has followed */
	/* Touched by this CPU, with interrupts off. EFT_FOREVER: never. */
	uint64_t tick_ns;  /* when core wants a tick */
	uint64_t look_ns;  /* when to look at the host's files */
	uint64_t armed_ns; /* when the timer was last told to come; 0: never */
	struct eft_linuxu_spinning spinning;
	struct eft_linuxu_cpu *next;
};

/* plat.c */
extern struct eft_linuxu_cpu eft_linuxu_first;

/*
 * (cpu), the caller's own, is about to wait in the way (how). False: there is
 * something to do first.
 */
bool eft_linuxu_rest(struct eft_linuxu_cpu *cpu, enum eft_linuxu_bell how);

/*
 * An interrupt came while they are off: leave (bits) for later, and have no
 * wait begin. Context: the handler of a signal.
 */
void eft_linuxu_pend(uint32_t bits);

/* cpus.c, in programs that make threads; NULL elsewhere. */
/* A kick came by signal. */
void eft_linuxu_kicked(void) eft_weak;
/* Look out for a kick a little while, before the host is asked to. */
void eft_linuxu_spin(struct eft_linuxu_cpu *cpu, uint64_t deadline_ns) eft_weak;
/* Wake a CPU that sleeps, so that it may watch; false: none does. */
bool eft_linuxu_wake_another(void) eft_weak;

/*
 * clone.c: threads of the host's.
 */

/*
 * One that calls function(arg), which does not return, on the stack below
 * (stack_top). What it holds back, its GS and its FS are the caller's.
 *
 * Returns   its number, also in *ret_thread; a negative errno
 */
long eft_linuxu_clone(void (*function)(void *arg), void *arg,
		      uintptr_t stack_top, int *ret_thread);
/*
 * The signals that this thread holds back: (wanted) from now on. The old ones.
 */
uint64_t eft_linuxu_set_signals(uint64_t wanted);
/*
 * Have valgrind take all stacks for one, and be in it: see eft_far_stack. Of
 * stacks that overlap it takes the one that it heard of last; and it hears of
 * the stack of a clone(), so this is to be said again then.
 */
void eft_linuxu_share_stack(void);

/* notify.c, where somebody may wait for the host's files; NULL elsewhere. */
/* wait(), for the host's files too; false: nobody, or not this CPU, need. */
bool eft_linuxu_watch(struct eft_linuxu_cpu *cpu,
		      uint64_t deadline_ns) eft_weak;
/* See what has become of the host's files, unless another CPU does. */
void eft_linuxu_look(struct eft_linuxu_cpu *cpu) eft_weak;
/* Have the CPU that watches return from that. Context: any. */
void eft_linuxu_ring_doorbell(void) eft_weak;

/* helpers.c: tell those whose jobs have ended. NULL where there are none. */
void eft_linuxu_tell_ended(void) eft_weak;

/* heapwatch.c: for valgrind. */
extern const struct eft_heap_watch eft_linuxu_heap_watch;

/*
 * signal.c: turn the signals of faults into traps, and have those that are our
 * own let in. Returns what exec has left blocked.
 */
uint64_t eft_linuxu_signals_init(void);
/* Have none blocked on this CPU any more. */
void eft_linuxu_unblock_signals(void);
/* Has (signal) been ignored before set_handler() or set_disposition()? */
bool eft_linuxu_is_ignored(int signal);

/* What the handlers of faults run on; each CPU has its own. */
enum { EFT_LINUXU_STACK_BYTES = 32 << 10 };

void eft_linuxu_use_fault_stack(void *memory);

/*
 * Handlers run on this CPU's own stack, with all signals but faults' held
 * back: they are over before another thread runs here. What an interrupt
 * finds in a call of the host's goes on where it can.
 */
void eft_linuxu_set_handler(int signal, void (*handler)(int, void *, void *),
			    bool interrupts);

/*
 * From a handler, whose frame has the interrupted thread's context: have it
 * call eft_yield().
 */
struct eft_context;
void eft_linuxu_divert_to_yield(struct eft_context *context);

/*
 * valgrind.c, in images whose faults are tried again. Valgrind counts a string
 * instruction's repetition before it has done it: put that right in (context).
 */
void eft_linuxu_repair_fault(struct eft_context *context) eft_weak;

/* divert.c, in images that have signals; NULL elsewhere. */
extern __typeof__(eft_plat_process_divert) eft_plat_process_divert eft_weak;
/* See what XSAVE has to save, by a frame (context) of the host's. */
void eft_linuxu_find_xsave(const struct eft_context *context);
/* What is laid on a thread's stack at most. */
enum { EFT_LINUXU_LAID_MAX = 4096 };

/* Have (signal) ignored, or done about it what the host does by default. */
void eft_linuxu_set_disposition(int signal, bool ignored);

/* timer.c */
/*
 * The signal of timers and kicks: a real-time one that valgrind leaves alone,
 * as it does not 64.
 */
enum { EFT_LINUXU_TIMER_SIGNAL = 62 };
/* What ends a helper's call: the C library's own, for cancellation. */
enum { EFT_LINUXU_STOP_SIGNAL = 33 };

/* Sets of signals: those of faults, and all that are others' to send. */
#define EFT_LINUXU_BIT(signal) (1ul << ((signal)-1))
#define EFT_LINUXU_FAULTS                                   \
	(EFT_LINUXU_BIT(SIGILL) | EFT_LINUXU_BIT(SIGTRAP) | \
	 EFT_LINUXU_BIT(SIGBUS) | EFT_LINUXU_BIT(SIGFPE) |  \
	 EFT_LINUXU_BIT(SIGSEGV))
#define EFT_LINUXU_HELD_BACK                                             \
	(~(EFT_LINUXU_FAULTS | EFT_LINUXU_BIT(EFT_LINUXU_TIMER_SIGNAL) | \
	   EFT_LINUXU_BIT(EFT_LINUXU_STOP_SIGNAL)))

/* Bits of eft_cpu.irq_pending. */
enum {
	EFT_LINUXU_IRQ_TIMER = 1,
	EFT_LINUXU_IRQ_KICK = 2,
	EFT_LINUXU_IRQ_SIGNAL = 4,
};

/* Take this CPU's bits; core's stay. Interrupts are off. */
uint32_t eft_linuxu_take_pending(void);

/* An interrupt (bit), by a signal whose frame has (context). */
void eft_linuxu_interrupt(uint32_t bit, struct eft_context *context);
/*
 * hostids.c, where users may change. Do what another CPU did, if that is more
 * than (changes) says was followed. Context: any.
 */
void eft_linuxu_follow_change(uint32_t *changes) eft_weak;
/* helpers.c, where there are some: have all follow the change (number). */
void eft_linuxu_change_helpers(uint32_t number) eft_weak;
/* hostsignals.c, in programs that have signals; NULL elsewhere. */
void eft_linuxu_signals_came(void) eft_weak;

void eft_linuxu_handle_interrupts(void);
void eft_linuxu_set_timer(uint64_t deadline_ns);
/* One of the host's that sends (signal) to this thread of it; its errors. */
int eft_linuxu_create_timer(int signal, int *ret_timer);
/*
 * Look at the host's files in (delay_ns) at the latest. Interrupts are off. It is
 * the second, but for socketwatch.c's, which spares the timer some telling.
 */
void eft_linuxu_look_in(struct eft_linuxu_cpu *cpu, uint64_t delay_ns);
void eft_linuxu_look_by_timer(struct eft_linuxu_cpu *cpu, uint64_t delay_ns);
void eft_linuxu_deliver_interrupts(void);
eft_noreturn void eft_linuxu_crash(int signal);

/* symbols.c: see eft_plat.symbol and read_tracer. */
const char *eft_linuxu_symbol(uintptr_t address, uintptr_t *ret_start);
ssize_t eft_linuxu_read_tracer(void *buf, size_t size);
