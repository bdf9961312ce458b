// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The platform contract: all that the libOS asks of the world.
 *
 * One instance for each platform: plat-linuxu (a Linux process), plat-kvm (a
 * guest), tests/fake. The entry code of a platform fills a struct
 * eft_boot_info and calls eft_boot() with its own struct eft_plat.
 *
 * Rules
 *  - Errors are negative errno values. A call without an error cannot fail.
 *  - Addresses are virtual. Lengths are bytes; those of the memory calls are
 *    multiples of EFT_PAGE_SIZE, and so are their addresses.
 *  - Times are nanoseconds; a deadline is monotonic.
 *  - The callee borrows its arguments until it returns.
 *  - Context "any" means: with interrupts off, under a spin lock, in a trap.
 *    Only wait() ever blocks.
 *  - Everything that is not determined by the program enters here, or by a
 *    device class (core/dev/): time, entropy, completions, data.
 */
#include "core/abi.h"
#include "core/arch/x86_64/trap.h"
#include "core/base.h"
#include "core/boot.h"
#include "core/log.h"

struct eft_cpu;
struct eft_heap_watch;
struct eft_plat_space; /* the platform's part of an address space */
struct eft_trap;

/* Where an ELF file has its tracer: read_tracer(). */
#define EFT_TRACER_SECTION ".debug_eft_tracer"

/* Fills in (ret_time), and returns 0. Context: any. */
struct eft_timespec;
typedef int eft_clock_fn(int clock, struct eft_timespec *ret_time);

/* Beside the EFT_PROT_ bits of core/abi.h: see map_zero. */
enum { EFT_PROT_OPEN = 8 };

/* How a mapping has a page of RAM (map_page). */
enum eft_hold {
	EFT_HOLD_SHARED, /* it is somebody else's */
	EFT_HOLD_OWNED,	 /* unmap() gives it to eft_page_release() */
	EFT_HOLD_COPIED, /* shared; a write is to fault, whatever (prot) is */
};

struct eft_plat {
	const char *name; /* "process", "guest", "fake" */

	/*
	 * Exit and crash.
	 */

	/* End the instance with (status), 0 to 255. Context: thread. */
	eft_noreturn void (*exit)(int status);

	/*
	 * End the instance as Linux ends a program by (signal): a process dies
	 * by that signal, a guest exits with status 128 + signal. Context: any.
	 */
	eft_noreturn void (*crash)(int signal);

	/*
	 * Tell a tool that watches (`eft run`) some lines of a report; NULL:
	 * that was all, and it may tell the user first.
	 *
	 * Returns   whether somebody watches
	 * Context   any
	 */
	bool (*tell)(const char *text);

	/*
	 * The name of the function at (address), and where it starts, for a
	 * crash report; NULL: unknown. NULL: the platform knows none.
	 */
	const char *(*symbol)(uintptr_t address, uintptr_t *ret_start);

	/*
	 * The tracer of this image, from where its debug information lies
	 * (core/trace.h). Context: boot.
	 *
	 * Returns   its bytes in (buf); a negative errno: there is none
	 */
	ssize_t (*read_tracer)(void *buf, size_t size);

	/*
	 * Console.
	 */

	/*
	 * Write (buf) to the console: the process's standard error, the guest's
	 * serial port. Bytes go out as they are. It polls for a moment only:
	 * who reads the other end may be slow, or have stopped.
	 *
	 * Returns   how many bytes were taken
	 * Context   any
	 */
	size_t (*console_write)(const void *buf, size_t len);

	/*
	 * Clocks. Context: any.
	 */

	/* Nanoseconds since some moment at or before boot; never goes back. */
	uint64_t (*monotonic_ns)(void);
	/* Nanoseconds since 1970-01-01 00:00:00 UTC; 0 where nobody knows. */
	uint64_t (*realtime_ns)(void);
	/*
	 * What reads the same two times, of CLOCK_MONOTONIC or CLOCK_REALTIME,
	 * in seconds and nanoseconds, where the world has them so: programs ask
	 * often, and a division takes as long as the clock. NULL, or returns
	 * NULL: not cheaper.
	 */
	eft_clock_fn *(*find_clock)(int clock);
	/*
	 * CPU time that the instance has used. NULL where the CPU is ours from
	 * boot on: all time but that in wait().
	 */
	uint64_t (*cpu_time_ns)(void);

	/*
	 * Entropy.
	 */

	/*
	 * Fill (buf) with (len) bytes fit for keys (host's getrandom, RDSEED,
	 * RDRAND).
	 *
	 * Returns   0; -ENODEV the platform has no source
	 * Context   any
	 */
	int (*entropy)(void *buf, size_t len);

	/*
	 * CPUs.
	 */

	/*
	 * Make (cpu) this CPU's per-CPU block: the GS base. Context: boot.
	 */
	void (*set_cpu)(struct eft_cpu *cpu);

	/* Set this CPU's thread pointer, the FS base. Context: any. */
	void (*set_thread_pointer)(uintptr_t tp);

	/*
	 * Sleep until an interrupt came or (deadline_ns) passed. Called by the
	 * idle loop with interrupts off (eft_irq_off()); every interrupt that
	 * has come by its return has been delivered to its handler.
	 */
	void (*wait)(uint64_t deadline_ns);

	/*
	 * Have eft_tick() called on this CPU, as an interrupt, once and at
	 * (deadline_ns); the deadline before is forgotten. EFT_FOREVER: do not.
	 * Under wait() the timer is wait()'s. Context: interrupts off.
	 */
	void (*set_timer)(uint64_t deadline_ns);

	/*
	 * Deliver the interrupts that came while they were off; their numbers
	 * are this platform's bits in eft_cpu.irq_pending. Called by
	 * eft_irq_on() with interrupts just back on. Context: any.
	 */
	void (*deliver_interrupts)(void);

	/*
	 * Memory of an address space: boot's (eft_boot_info.space).
	 * Context: any that holds no lock below the address space's.
	 */

	/*
	 * Make [addr, addr+len) zero-filled memory of (prot). NULL on a
	 * platform that leaves paging to the core: there a first touch traps,
	 * and the core answers with map_page(). So it is here where (prot) has
	 * EFT_PROT_OPEN, which it may where there is an eft_paging.
	 *
	 * Returns   0; -ENOMEM
	 */
	int (*map_zero)(struct eft_plat_space *space, uintptr_t addr,
			size_t len, int prot);

	/*
	 * Map (page), a page of RAM from eft_boot_info.ram, at (addr), where
	 * there is no map_zero(), or where that had EFT_PROT_OPEN. What was
	 * not owned at (addr) before is replaced.
	 *
	 * Returns   0; -ENOMEM; -EEXIST an owned page is there, and stays
	 */
	int (*map_page)(struct eft_plat_space *space, uintptr_t addr,
			void *page, int prot, enum eft_hold hold);

	/* Remove whatever is mapped in [addr, addr+len). */
	void (*unmap)(struct eft_plat_space *space, uintptr_t addr, size_t len);

	/* Set the protection of what is mapped in [addr, addr+len). */
	int (*protect)(struct eft_plat_space *space, uintptr_t addr, size_t len,
		       int prot);

	/*
	 * Move what is mapped in [from, from+len) to [to, to+len), which does
	 * not overlap it and is empty.
	 *
	 * Returns   0; -ENOMEM, and nothing has moved
	 */
	int (*move)(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		    size_t len);

	/*
	 * [start, end) is a stack from now on: for tools that watch memory
	 * (valgrind). Returns its number, for forget_stack(). NULL: nobody
	 * watches.
	 */
	unsigned (*note_stack)(uintptr_t start, uintptr_t end);
	void (*forget_stack)(unsigned number);

	/* Facts about the caller: asked once, at boot. */
	void (*identity)(struct eft_identity *ret_id);
};

/*
 * What there is beside map_page() where mappings show pages of the page cache,
 * which come and go. The contract is that of the platform's memory calls.
 */
struct eft_paging {
	/*
	 * Take away what map_page() has mapped in [addr, addr+len) and is not
	 * owned: a touch traps again. It cannot fail.
	 */
	void (*hide)(struct eft_plat_space *space, uintptr_t addr, size_t len);
};

/* What there is beside that in images with files that are not in memory. */
struct eft_cached_paging {
	/*
	 * Have what is mapped there, and is not owned, be EFT_HOLD_COPIED from
	 * now on. It cannot fail: what it cannot keep so it takes away.
	 */
	void (*clean)(struct eft_plat_space *space, uintptr_t addr, size_t len);

	/*
	 * As map_page(), and with (page) those of its neighbours in RAM where
	 * nothing is mapped, as far as they lie together: of (before) and (after)
	 * pages. NULL: to map one by one is as good.
	 */
	int (*map_around)(struct eft_plat_space *space, uintptr_t addr,
			  void *page, unsigned before, unsigned after, int prot,
			  enum eft_hold hold);

	/*
	 * (len) bytes at (page), pages of RAM, are about to be written: they were
	 * just allocated for the page cache. NULL: no matter.
	 */
	void (*prepare)(void *page, size_t len);
};

/* Of the platform that runs, if it is that; NULL: pages are not shown. */
const struct eft_paging *eft_plat_guest_paging(void);
const struct eft_paging *eft_plat_process_paging(void);
const struct eft_cached_paging *eft_plat_guest_cached_paging(void);
const struct eft_cached_paging *eft_plat_process_cached_paging(void);

/*
 * A process's: have all of RAM, which ends at (end) and was never in use from
 * (used_end) on, be such that map_page() can map pages of it.
 *
 * Returns   0; -ENODEV this is no process; what the host says
 * Context   boot, before there are other CPUs
 */
int eft_plat_process_share_ram(uintptr_t used_end, uintptr_t end);

/*
 * A process's: may it write a file of (bytes) that is not the program's? Where
 * *ret_lifts is true, it may between lift(true) and lift(false) alone, which
 * several may call at a time.
 *
 * Returns   0; -EFBIG the host's hard limit on the size of files is lower;
 *           -ENODEV this is no process
 * Context   boot or thread, one at a time; of lift() any
 */
int eft_plat_process_may_write(uint64_t bytes, bool *ret_lifts);
void eft_plat_process_lift(bool lift);

/* Usable RAM, [start, end), page aligned, readable and writable. */
struct eft_ram {
	uintptr_t start, end;
};

/* What the world said at boot. All of it lives until exit. */
struct eft_boot_info {
	/*
	 * `key=value` words, blank-separated, quoted as in a shell. Where argv
	 * is NULL (a guest), the program's arguments follow a word `--`.
	 */
	const char *options;
	char **argv, **envp; /* a process's own; NULL in a guest */

	/* A cpio archive, several concatenated ones, or NULL. */
	const void *initrd;
	size_t initrd_len;

	/* RAM for the page allocator; nothing else uses it. */
	struct eft_ram ram[16];
	unsigned ram_count;
	const struct eft_heap_watch *heap_watch; /* or NULL */

	/* Bytes that the program may have; 0: it lives in the RAM above. */
	uint64_t program_bytes;

	/*
	 * The address space of the program, NULL where it is the process's own;
	 * and its addresses where nothing is.
	 */
	struct eft_plat_space *space;
	uintptr_t window_start, window_end;

	uint64_t blocked_signals; /* that a process began with */

	unsigned long hwcap, hwcap2; /* for the program's AT_HWCAP, AT_HWCAP2 */
};

/* The platform that we run on. */
extern const struct eft_plat *eft_plat;

/*
 * What a platform calls.
 */

/* Boot the libOS on (plat) and run the program. Interrupts are off. */
eft_noreturn void eft_boot(const struct eft_plat *plat,
			   const struct eft_boot_info *info);

struct eft_context;

struct eft_trap {
	struct eft_regs *regs;
	int signal; /* Linux's signal number: 4 7 8 11 or 5 */
	int access; /* page fault: one EFT_PROT_ bit, what was tried; or 0 */
	uintptr_t addr; /* page fault: where */
	/* The vectors, as FXSAVE has written them; NULL: in the registers. */
	const void *vectors;
	struct eft_context *frame; /* a process's: the host's; or NULL */

	/*
	 * What eft_trap() answers where the program has a handler for it: the
	 * context goes below (stack_top), with this signal, code and address,
	 * and the thread goes on at eft_context_entry(). 0: as it was.
	 */
	uintptr_t stack_top;
	int code;
	uintptr_t address;
};

/*
 * The CPU met a fault at (trap->regs). Returns when the instruction is to be
 * tried again (a page was brought in), or the program has a handler; otherwise
 * the instance ends.
 *
 * Context   a trap, on a stack of the platform's, interrupts off
 */
void eft_trap(struct eft_trap *trap);

/*
 * This CPU's timer went off (set_timer). Context: interrupt, interrupts off.
 */
void eft_tick(void);

/*
 * After an interrupt, with interrupts on again: true when another thread
 * should run. The platform then has the interrupted thread call eft_yield()
 * on its own stack, with all its registers saved, vector registers too.
 */
bool eft_yield_wanted(void);
void eft_yield(void);

/*
 * Then, too: is a signal due to the thread, which was at (rip), and can it be
 * handled there? The platform has it call eft_context_entered(), as above or,
 * where it runs on its own stack with all registers in (context), at once.
 * Weak: in images that have signals.
 */
bool eft_signal_wanted(uintptr_t rip) eft_weak;
void eft_context_entered(struct eft_context *context) eft_weak;

/* The guest's find_clock, in images that ask for the time. */
eft_clock_fn *eft_plat_guest_find_clock(int clock);
uint64_t eft_plat_guest_realtime_ns(void);

/*
 * A guest's and a process's, in images that have signals: lay the context of
 * (regs), or of the host's frame, below (trap->stack_top), and have the thread
 * go on as said above.
 */
void eft_plat_guest_divert(struct eft_regs *regs, const struct eft_trap *trap);
void eft_plat_process_divert(struct eft_context *frame,
			     const struct eft_trap *trap);

/*
 * A process's, in images that have files on disks: as eft_divert(), for a trap
 * whose (frame) is the host's.
 */
void eft_plat_process_call(const struct eft_trap *trap, void (*function)(void));

/* Room for a context below (top), with (vectors) bytes of them, all 0. */
struct eft_context *eft_context_lay(uintptr_t top, size_t vectors) eft_weak;

/* A mapping let go of a page that it owned (see map_page). */
void eft_page_release(void *page);

/*
 * A zeroed page for the platform's page tables, or NULL. Freed with
 * eft_page_release(). Context: any that holds no lock of the page allocator.
 */
void *eft_page_for_tables(void);

/* 2^order zeroed pages, the platform's for good, or NULL. Context: thread. */
void *eft_page_for_platform(unsigned order);
