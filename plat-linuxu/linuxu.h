// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The process platform: what its files share.
 */
#include "core/plat.h"
#include "plat-linuxu/linux.h"

extern const struct eft_plat eft_linuxu_plat;

/* Where we put things; all below 8 TiB, the part that valgrind leaves us. */
#define EFT_LINUXU_WINDOW_START 0x10000000000ul
#define EFT_LINUXU_WINDOW_END	0x40000000000ul
#define EFT_LINUXU_RAM		0x40000000000ul

/* What the kernel told us at the entry (auxiliary vector). */
struct eft_linuxu_facts {
	const void *vdso;
	unsigned long hwcap2;
	bool uring_off;
};

extern struct eft_linuxu_facts eft_linuxu_facts;

/*
 * memory.c: RAM for the core, at most (host_bytes); its size in bytes, or a
 * negative errno.
 */
ssize_t eft_linuxu_ram_create(uint64_t host_bytes);
int eft_linuxu_map_zero(uintptr_t addr, size_t len, int prot);
int eft_linuxu_map_page(uintptr_t addr, void *page, int prot, bool owned);
void eft_linuxu_unmap(uintptr_t addr, size_t len);
int eft_linuxu_protect(uintptr_t addr, size_t len, int prot);
int eft_linuxu_move(uintptr_t from, uintptr_t to, size_t len);
/* All of the host's RAM, in bytes. */
uint64_t eft_linuxu_host_bytes(void);

/* clock.c */
uint64_t eft_linuxu_monotonic_ns(void);
uint64_t eft_linuxu_realtime_ns(void);
uint64_t eft_linuxu_cpu_time_ns(void);

/* signal.c: turn the signals of faults into traps. */
void eft_linuxu_signals_init(void);

/*
 * Where a handler runs: on the stack for faults, with the timer's signal held
 * back; or on the interrupted thread's own, where other threads may run
 * meanwhile. Calls of the host's that it interrupts go on where they can.
 */
enum eft_linuxu_handler_stack { EFT_LINUXU_ON_FAULTS, EFT_LINUXU_ON_THREAD };

void eft_linuxu_set_handler(int signal, void (*handler)(int, void *, void *),
			    enum eft_linuxu_handler_stack stack);

/* timer.c */
/* The signal: a real-time one that valgrind leaves alone, as it does not 64. */
enum { EFT_LINUXU_TIMER_SIGNAL = 62, EFT_LINUXU_IRQ_TIMER = 1 };

void eft_linuxu_set_timer(uint64_t deadline_ns);
void eft_linuxu_deliver_interrupts(void);
eft_noreturn void eft_linuxu_crash(int signal);

/* symbols.c: see eft_plat.symbol. */
const char *eft_linuxu_symbol(uintptr_t address, uintptr_t *ret_start);

/*
 * How wait() waits: notify.c, where a program waits for the host's files, sets
 * this to its own.
 */
extern void (*eft_linuxu_wait)(uint64_t deadline_ns);

/* The time from now to (deadline_ns), as ppoll takes it; NULL: for ever. */
struct eft_timespec;
const struct eft_timespec *eft_linuxu_timeout(uint64_t deadline_ns,
					      struct eft_timespec *buf);
