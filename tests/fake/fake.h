// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The third platform: core's world in a test.
 *
 * Nothing happens by itself. The clock stands still but for fake_advance() and
 * wait(), which goes to the next deadline or event at once; entropy is a
 * counted sequence; the console is a buffer; devices do what the test says.
 * What can fail, fails when the test wants it to.
 *
 * Memory is real: the RAM a memfd, the program's window a part of the address
 * space, and each call is checked against a table of what is mapped where.
 *
 * Rules
 *  - One instance a process. Criterion runs each test in its own.
 *  - fake_boot() brings up the rooms that every other one stands on. What the
 *    test then calls runs as the idle thread, which must not sleep;
 *    fake_run() has it run as a thread, until it returns, exits, crashes, or
 *    all sleep for ever.
 */
#include "core/dev/host.h"
#include "core/plat.h"

/*
 * Boot.
 */
enum { FAKE_ZONES = 4 };

struct fake_config {
	size_t zone_bytes[FAKE_ZONES]; /* 0: the default, one zone */
	size_t window_bytes;	       /* 0: the default */
	bool paging; /* core brings in the pages, as a guest's */
	bool shows;  /* those of cached files, as in a process with disks */
	uint64_t program_bytes;
};

enum { FAKE_RAM = 8 << 20, FAKE_WINDOW = 64 << 20 };

/* Fill in *ret_info and set eft_plat; no room is initialised. */
void fake_init(const struct fake_config *config,
	       struct eft_boot_info *ret_info);

/* The same; then threads, pages, and the address space are ready. */
void fake_boot(const struct fake_config *config);

extern struct eft_boot_info fake_info;
extern struct eft_plat fake_plat;

/*
 * Running.
 */
enum fake_end {
	FAKE_RETURNED,
	FAKE_EXITED,  /* fake_status: as given to exit() */
	FAKE_CRASHED, /* fake_status: the signal */
	FAKE_STUCK,   /* every thread sleeps, and nothing is to come */
};

extern int fake_status;

/* Run function(arg) as the boot context, on a stack of its own. */
enum fake_end fake_run_boot(void (*function)(void *), void *arg);
/* Run it as a thread, with the idle loop below it. */
enum fake_end fake_run(void (*function)(void *), void *arg);
/* End the run from within, as if the function returned. */
eft_noreturn void fake_return(void);

/* What the program of a whole boot does: core enters it as it would _start. */
extern void (*fake_program)(const uintptr_t *stack);

/*
 * Console.
 */
extern char fake_console[1 << 16]; /* ended by a NUL */
extern size_t fake_console_takes;  /* so many bytes more; then nothing */
void fake_console_clear(void);

/*
 * Time and interrupts.
 */
extern uint64_t fake_now;      /* monotonic */
extern uint64_t fake_realtime; /* at monotonic 0 */
extern uint64_t fake_patience; /* so many of these, and it is FAKE_STUCK */
extern uint64_t fake_waits;    /* calls of wait() */
/* Let (ns) pass, with the interrupts that fall into them. */
void fake_advance(uint64_t ns);
/* An interrupt now, or as soon as they are on: handler(arg). */
void fake_interrupt(void (*handler)(void *), void *arg);
/* One at (when_ns), which an idle CPU waits for. */
void fake_interrupt_at(uint64_t when_ns, void (*handler)(void *), void *arg);

/*
 * Another thread is to run instead of the caller when interrupts have come on
 * again (times) times, as locks are released; 0: when the caller lets it.
 */
void fake_preempt_after(unsigned times);

/* Called once, after the next copy from or to the program's memory. */
extern void (*fake_after_copy)(void);

/*
 * Failures.
 */
enum fake_call {
	FAKE_ENTROPY,
	FAKE_MAP_ZERO,
	FAKE_MAP_PAGE,
	FAKE_PROTECT,
	FAKE_MOVE,
	FAKE_HOST_READ,
	FAKE_HOST_WRITE,
	FAKE_HOST_STAT,
	FAKE_HOST_OPEN,
	FAKE_HOST_MAP,
	FAKE_HOST_MEMORY,
	FAKE_HOST_ALLOCATE,
	FAKE_HOST_NOTIFY,
	FAKE_HOST_LOCK,
	FAKE_HOST_CLOSE,
	FAKE_HOST_PATHS, /* every other path call */
	FAKE_CALLS,
};

/* The call number (nth), from 1 on, fails with (error), negative; once. */
void fake_fail(enum fake_call call, uint64_t nth, int error);
/* Every call from now on fails; (error) 0: none. */
void fake_fail_always(enum fake_call call, int error);
/* The error of this call; counts it. */
int fake_injected(enum fake_call call);

/*
 * Memory.
 */

/* The ends of what was ever in use of RAM, and of the window. */
uintptr_t fake_ram_used(void);
uintptr_t fake_window_used(void);
/*
 * Empty the window, and RAM from (kept_end) on, of which nothing is in use.
 * The ends of what was in use before the world's variables were put back.
 */
void fake_memory_restore(uintptr_t kept_end, uintptr_t used_end,
			 uintptr_t window_used_end);

/* Pages of the window that hold something: mapped, and owned among them. */
size_t fake_mapped_pages(void);
size_t fake_owned_pages(void);
/* The protection of what is mapped at (addr), or -1: nothing is. */
int fake_prot_at(uintptr_t addr);

/*
 * Core keeps the last thread that was buried for the next one. It does not
 * here, where AddressSanitizer is to see who uses one that has ended.
 */
extern bool fake_keeps_threads;

/* Blocks of the heap that are in use, where heap.c of tests/fake stands in. */
size_t fake_heap_blocks(void);

/*
 * Devices.
 */

/* Who takes the program's files when it ends; NULL: nobody. */
extern const struct eft_export *fake_export;

/* The finders of devices; NULL: there are none. */
struct eft_device_class;
extern void (*fake_find_random)(struct eft_device_class *class);
extern void (*fake_find_block)(struct eft_device_class *class);
extern void (*fake_find_ninep)(struct eft_device_class *class);
extern void (*fake_find_net)(struct eft_device_class *class);
extern void (*fake_find_virtiofs)(struct eft_device_class *class);

/* There is a serial line: eft_plat_uart(). */
extern bool fake_has_uart;
extern bool fake_uart_started;
/* Bytes arrive, each as an interrupt. */
void fake_uart_type(const char *text);

/* There is a host with files: eft_plat_host_files() and _paths(). */
extern bool fake_has_host;
extern size_t fake_host_room; /* bytes that streams take, without waiting */
/*
 * All of it is in memory: "/", "/tmp", "/home" (where we are), and as handles
 * 0, 1 and 2 "/dev/stream". What is written there goes to the console.
 */
struct fake_host_file {
	char path[64]; /* absolute; "" is free, or unlinked */
	unsigned mode;
	char *data;
	size_t size, room;
	unsigned ready; /* poll events that are true; regular files': all */
	const struct eft_termios *termios; /* a terminal's; NULL: it is none */
	unsigned handles;
};
struct fake_host_file *fake_host_file(const char *path);
struct fake_host_file *fake_host_add(const char *path, unsigned mode,
				     const void *data, size_t size);
/* Exec leaves a handle of (path) at (number). */
void fake_host_leave(const char *path, unsigned number, int flags);
/* Make (events) true of (file), with the notifications of them. */
void fake_host_set_ready(struct fake_host_file *file, unsigned events);
/* A stream gets (text), and is ready to be read. */
void fake_host_feed(struct fake_host_file *file, const char *text);
/*
 * There are helpers (core/dev/host.h), for one job at a time, which ends when
 * it is told to, or stopped.
 */
extern bool fake_has_helpers;
extern struct eft_host_job *fake_host_job; /* or NULL */
void fake_host_end_job(long result);
extern long fake_host_futex_args[6]; /* of the last operation, answered by 3 */
extern unsigned fake_host_signals;   /* that end transfers between files */
unsigned fake_host_open_handles(void);
unsigned fake_host_tickets(void); /* notifications that are waited for */

/*
 * The program's memory is the test's, but for the null page and these bytes:
 * an access to one of them is a fault. One range at a time.
 */
void fake_user_bad(const void *start, size_t len);

/*
 * Internal to tests/fake.
 */
void fake_memory_init(const struct fake_config *config,
		      struct eft_boot_info *info);
eft_noreturn void fake_finish(enum fake_end end, int status);
unsigned fake_note_stack(uintptr_t start, uintptr_t end);
void fake_forget_stack(unsigned number);
