// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Tracing: what the libOS and the tracer say to each other.
 *
 * The tracer (trace/) is a program of its own: all names, flags and formats. No
 * image carries it in memory: it lies in a section beside the debug
 * information, where the linker puts it and `strip` takes it away
 * (.debug_eft_tracer). An image that is told trace=… gets it back from the
 * platform, into a range of its own, and calls it from then on.
 *
 * Where nobody traces, eft_tracing is 0, and that is all that is looked at.
 */
#include "core/base.h"

struct eft_plat_space;
struct eft_plat;
struct eft_range;

/* What may happen, beside system calls; (a) and (b) of event(). */
enum eft_trace_event {
	EFT_TRACE_SWITCH,    /* to (a), struct eft_thread */
	EFT_TRACE_WAKE,	     /* (a), struct eft_thread, for (b), its eft_cpu */
	EFT_TRACE_INTERRUPT, /* the platform's bit or bits (a) of irq_pending */
	EFT_TRACE_INTERRUPT_END,
	EFT_TRACE_FAULT,     /* at address (a), of access (b), EFT_PROT_ bits */
	EFT_TRACE_FAULT_END, /* (a): enum eft_fault */
	EFT_TRACE_IO,	     /* (a): enum eft_trace_io */
	EFT_TRACE_IO_END,    /* (a): bytes, or a negative errno */
	EFT_TRACE_SIGNAL, /* (a), struct eft_siginfo, is about to be handled */
	EFT_TRACE_BOOT,	  /* (a): enum eft_trace_boot */
	EFT_TRACE_EXIT,	  /* the instance ends with status (a) */
	EFT_TRACE_CRASH,  /* or by signal (a) */
};

/* What reaches the world, and not just a file of the libOS's own. */
enum eft_trace_io {
	EFT_TRACE_IO_READ, /* a host's file */
	EFT_TRACE_IO_WRITE,
	EFT_TRACE_IO_CONSOLE,
};

/* What begins at boot. */
enum eft_trace_boot {
	EFT_TRACE_BOOT_CPUS,
	EFT_TRACE_BOOT_FILES,
	EFT_TRACE_BOOT_PROGRAM,
	EFT_TRACE_BOOT_TRACER, /* by itself, when it is in memory */
};

/* What the tracer may ask of the libOS, beside the platform. */
struct eft_trace_services {
	const struct eft_plat *plat;
	void (*console_write)(const void *buf, size_t len);
	bool (*range_peek)(uintptr_t addr, struct eft_range *ret_range);
	void *(*page_alloc)(unsigned order);
	void (*irq_deliver)(void);
	void (*spin)(unsigned turn);
	uintptr_t image_start, image_end;
	unsigned cpus;
};

/* The tracer's first bytes. trace/pack.py fills in all but the functions. */
struct eft_tracer {
	uint64_t key;	     /* eft_tracer_key of the libOS it is made for */
	uint32_t text_bytes; /* read and execute; then data */
	uint32_t relocations, relocation_count; /* offsets, 32 bits each */
	uint32_t reserved;

	/*
	 * Begin, as (words) of the option say.
	 *
	 * Returns   0; a negative errno, with (message) naming what is wrong
	 */
	int (*start)(const struct eft_trace_services *services,
		     const char *words, char *message, size_t size);
	/* Around each system call; enter() returns what leave() is given. */
	uint64_t (*enter)(unsigned number, const long args[6]);
	void (*leave)(unsigned number, const long args[6], uint64_t entered,
		      long result);
	/* Context: any. */
	void (*event)(enum eft_trace_event event, uintptr_t a, uintptr_t b);
};

/* What the tracer takes in memory, whatever it needs of that. */
enum { EFT_TRACER_BYTES = 256 << 10 };

/* Beside the tracer in libeft.a (trace/section.S). */
extern const uint64_t eft_tracer_key;

/* NULL: nobody traces, and eft_tracing is 0. */
extern const struct eft_tracer *eft_tracer;

/* EFT_ATTENTION_TRACE where every system call is traced; else 0. */
extern uint8_t eft_tracing;

/*
 * Have the tracer, mapped in (space), do what (words), the option's value, say.
 * Context: boot.
 *
 * Returns   0; a negative errno, with (message) saying why
 */
int eft_trace_start(const char *words, struct eft_plat_space *space,
		    char *message, size_t size);

void eft_trace_event(enum eft_trace_event event, uintptr_t a, uintptr_t b);

static inline void eft_trace(enum eft_trace_event event, uintptr_t a,
			     uintptr_t b)
{
	if (eft_unlikely(eft_tracing))
		eft_trace_event(event, a, b);
}
