// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The guest platform's door: what its files share.
 *
 * Nothing here is called from outside of plat-kvm/: the world comes in
 * through boot/entry.S, and core goes out through eft_kvm_plat (plat.c).
 */

/* Segment selectors; the GDTs of boot/entry.S and of each CPU agree. */
#define EFT_KVM_CODE 0x08
#define EFT_KVM_DATA 0x10
#define EFT_KVM_TSS  0x18

/* How we were booted. */
#define EFT_KVM_PROTOCOL_PVH   0
#define EFT_KVM_PROTOCOL_LINUX 1

/* Interrupt stacks (SDM vol. 3 §6.14.5); each event has one of its own. */
#define EFT_KVM_IST_IRQ	  1
#define EFT_KVM_IST_TRAP  2
#define EFT_KVM_IST_DF	  3
#define EFT_KVM_IST_NMI	  4
#define EFT_KVM_IST_MC	  5
#define EFT_KVM_IST_COUNT 5

/*
 * Interrupt vectors. Vector EFT_KVM_IRQ + n is bit n of irq_pending. All device
 * vectors share one bit, since no more than one interrupt is pending on a CPU
 * (x86/irq.c); which one it was is in the interrupt stack's (stub).
 */
#define EFT_KVM_IRQ	     32
#define EFT_KVM_IRQ_TIMER    0
#define EFT_KVM_IRQ_DEVICE   1
#define EFT_KVM_IRQ_KICK     2 /* by another CPU */
#define EFT_KVM_IRQ_COUNT    3
#define EFT_KVM_FLUSH	     46 /* by another CPU, for its TLB; never masked */
#define EFT_KVM_SPURIOUS     47 /* low four bits set, as old local APICs want */
#define EFT_KVM_DEVICE	     48 /* the first of a device (x86/vectors.c) */
#define EFT_KVM_DEVICE_COUNT 64
#define EFT_KVM_VECTORS	     112

/* How far apart the stubs of two traps, IRQs and device vectors lie. */
#define EFT_KVM_TRAP_STUB_BYTES	  9
#define EFT_KVM_IRQ_STUB_BYTES	  32
#define EFT_KVM_DEVICE_STUB_BYTES 5

/* Within a frame that the processor pushes: struct eft_kvm_stack's (stub). */
#define EFT_KVM_STACK_STUB 48

#ifndef __ASSEMBLER__
#include "core/plat.h"
#include "plat-kvm/boot/loader.h"

extern const struct eft_plat eft_kvm_plat;
/* What core was told at boot (boot/start.c). */
extern struct eft_boot_info eft_kvm_boot_info;

eft_noreturn void eft_kvm_start(unsigned protocol, uintptr_t info);

/* Report (why) past the log, before core can, and end with status 1. */
eft_noreturn void eft_kvm_refuse(const char *why);

/*
 * The processor (x86/processor.c).
 */

/* Task state segment (SDM vol. 3 §7.7): where the interrupt stacks are. */
struct eft_kvm_tss {
	uint32_t reserved0;
	uint64_t rsp[3];
	uint64_t reserved1;
	uint64_t ist[7];
	uint64_t reserved2;
	uint16_t reserved3, io_map;
} __attribute__((packed, aligned(8)));

_Static_assert(sizeof(struct eft_kvm_tss) == 104, "SDM vol. 3 §7.7");

struct eft_kvm_stack {
	uint8_t bytes[8192 - 16];
	struct eft_kvm_cpu *cpu; /* right above a trap's frame */
	const char *stub; /* EFT_KVM_IST_IRQ: the end of a device's last one */
} __attribute__((aligned(16)));

/* rip, cs, rflags, rsp and ss lie below (cpu). */
_Static_assert(offsetof(struct eft_kvm_stack, stub) -
			       offsetof(struct eft_kvm_stack, cpu) + 40 ==
		       EFT_KVM_STACK_STUB,
	       "used in assembly");

/* What KVM says of its clock (hyper/pvclock.c), within a page. */
struct eft_kvm_time_info {
	uint32_t version, pad0;
	uint64_t tsc, ns;
	uint32_t ns_per_tsc; /* 0.32, after the shift */
	int8_t shift;
	uint8_t flags, pad[2];
} __attribute__((aligned(32)));

/* What one CPU needs: struct eft_cpu's (platform). */
struct eft_kvm_cpu {
	struct eft_kvm_stack stack[EFT_KVM_IST_COUNT];
	struct eft_kvm_tss tss;
	uint64_t gdt[5]; /* null, code, data, and the TSS in two */
	int trap_signal; /* of the trap that is being handled, or 0 */
	volatile struct eft_kvm_time_info clock;

	/* Where there are several (x86/smp.c, x86/tlb.c). */
	struct eft_cpu *core;
	uint32_t apic_id;
	uint64_t flushed; /* the newest request done */
	bool asleep;	  /* in HLT; will look for requests when it wakes */
	bool stopped;	  /* for good */
};

/* The frame's CPU; works before set_cpu(). */
static inline struct eft_kvm_cpu *eft_kvm_cpu_of(struct eft_regs *frame)
{
	return *(struct eft_kvm_cpu **)(frame + 1);
}

/* What CPUID said. */
struct eft_kvm_features {
	bool fsgsbase, x2apic, tsc_deadline, page_1g, rdrand, rdseed;
	bool hypervisor;
	unsigned phys_bits;
	unsigned long hwcap;
};

extern struct eft_kvm_features eft_kvm_features;
extern struct eft_kvm_cpu eft_kvm_boot_cpu;

/* Make this CPU ready for traps, floating point and the no-execute bit. */
void eft_kvm_cpu_init(void);
/* The same for one that is not the first. */
void eft_kvm_cpu_start(struct eft_kvm_cpu *cpu);
void eft_kvm_set_cpu(struct eft_cpu *cpu);
void eft_kvm_set_thread_pointer(uintptr_t tp);

/*
 * Traps and interrupts (x86/trap.S, x86/trap.c, x86/irq.c).
 */

/* Load this CPU's interrupt descriptor table; build it at the first call. */
void eft_kvm_load_idt(void);
void eft_kvm_set_gate(unsigned vector, void (*stub)(void));
void eft_kvm_trap(struct eft_regs *regs);
void eft_kvm_interrupt(struct eft_regs *regs);
/* Until an interrupt comes. The processor's are off before, and after. */
void eft_kvm_sleep(void);

/* Have (handler) called for interrupt (irq), one of EFT_KVM_IRQ_*. */
void eft_kvm_set_irq_handler(unsigned irq, void (*handler)(void));

/*
 * Things that are numbered from 0 to 63, by a bit each in *(taken), which is set
 * while somebody has it: take the first that is free, and give it back.
 *
 * Returns   its number; -1 there is none
 * Context   any
 */
static inline int eft_take_bit(uint64_t *taken)
{
	uint64_t old = __atomic_load_n(taken, __ATOMIC_RELAXED);
	int n;

	do {
		if (old == UINT64_MAX)
			return -1;
		n = __builtin_ctzll(~old);
	} while (!__atomic_compare_exchange_n(taken, &old, old | 1ull << n,
					      false, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return n;
}

static inline void eft_give_bit(uint64_t *taken, unsigned n)
{
	eft_assert(*taken >> n & 1);
	__atomic_fetch_and(taken, ~(1ull << n), __ATOMIC_RELEASE);
}

/*
 * Device vectors (x86/vectors.c): have (handler) called with (arg) when the
 * vector that is returned is raised, on any CPU. It is acknowledged after that,
 * so that a level-triggered line is low by then.
 *
 * (handler)  interrupt, interrupts off; it may wake threads
 * Returns    a vector; -ENOSPC
 * Context    any; free() when the device raises it no more
 */
typedef void eft_kvm_vector_fn(void *arg);
int eft_kvm_vector_alloc(eft_kvm_vector_fn *handler, void *arg);
void eft_kvm_vector_free(int vector);
void eft_kvm_wait(uint64_t deadline_ns);
void eft_kvm_set_timer(uint64_t deadline_ns);
/* The processor's interrupts have been turned on for good (x86/irq.c). */
extern bool eft_kvm_interrupts_on;
/* What XSAVE writes; 0: there is no XSAVE. */
uint64_t eft_kvm_find_xsave_bytes(void);
/* x86/divert.c, in programs that handle signals; NULL elsewhere. */
extern __typeof__(eft_plat_guest_divert) eft_plat_guest_divert eft_weak;
void eft_kvm_deliver_interrupts(void);
/* Turn the boot CPU's interrupts on; and be ready for the timer's. */
void eft_kvm_interrupts_listen(void);
void eft_kvm_interrupts_start(void);

/*
 * More CPUs than the first (x86/smp.c, x86/tlb.c): weak where no program needs
 * them.
 */

/* Have every other CPU forget what it has cached; the caller has done so. */
void eft_kvm_flush_others(void) eft_weak;
/* Awake again: do what others asked meanwhile. Interrupts are off. */
void eft_kvm_flush_awake(void) eft_weak;
/* The machine is about to end: return on one CPU, when the others stand. */
void eft_kvm_stop_others(void) eft_weak;
/* Stop (cpu), the caller's own, if another CPU ends the machine. */
void eft_kvm_stop_if_asked(struct eft_kvm_cpu *cpu) eft_weak;

/* (cpu) takes part from now on, with an empty TLB. */
void eft_kvm_flush_join(struct eft_kvm_cpu *cpu);

/*
 * Interrupt controllers (x86/apic.c).
 */

/* Set up the boot CPU's local APIC, once, or another CPU's. */
void eft_kvm_apic_init(void);
void eft_kvm_apic_start(void);
/* Find the timer's rate, if that is not told. */
void eft_kvm_timer_calibrate(void);
void eft_kvm_apic_end_of_interrupt(void);
/* How others than the local APIC name it: an id; see struct eft_kvm_cpus. */
uint32_t eft_kvm_apic_id(void);
/* Interrupt this CPU at (deadline_ns) or somewhat before. */
void eft_kvm_timer_arm(uint64_t deadline_ns);

/*
 * Memory (x86/paging.c, x86/memory.c).
 */

/* All RAM, at its physical address plus this (AMD APM vol. 2 §5.3). */
#define EFT_KVM_DIRECT 0xffff800000000000ul
/* The program's own memory, what core maps. */
#define EFT_KVM_PROGRAM_START 0x100000000000ul
#define EFT_KVM_PROGRAM_END   0x700000000000ul

/*
 * Build the page tables and switch to them: the image; (ram) in the direct
 * map. Table pages that are needed beyond a few come out of (free).
 */
void eft_kvm_paging_init(const struct eft_kvm_regions *ram,
			 struct eft_kvm_regions *free);

/* Windows on physical memory that is not RAM, one per user. */
enum eft_kvm_window {
	EFT_KVM_WINDOW_LAPIC,
	EFT_KVM_WINDOW_RSDP,
	EFT_KVM_WINDOW_RSDT,
	EFT_KVM_WINDOW_FADT,
	EFT_KVM_WINDOW_MADT,
	EFT_KVM_WINDOW_MCFG,
	EFT_KVM_WINDOW_DSDT,
	EFT_KVM_WINDOW_SLEEP,
};

#define EFT_KVM_WINDOW_BYTES 0x200000ul /* seen from (phys) on, at least */

/*
 * Show what lies at (phys) through (window), which forgets what it showed:
 * a table to be read, or device registers (uncached).
 *
 * Returns   where it is now; NULL no such physical address
 */
const void *eft_kvm_window_table(enum eft_kvm_window window, uint64_t phys);
volatile void *eft_kvm_window_device(enum eft_kvm_window window, uint64_t phys);

/*
 * Map the device registers at [phys, phys+len), uncached and for good, wherever
 * they are. Nothing is given where there is RAM, whatever a device says.
 *
 * Returns   where they are now; NULL no such place, or no memory for tables
 * Context   any that holds no lock below the tables'
 */
volatile void *eft_kvm_map_device(uint64_t phys, uint64_t len);

int eft_kvm_map_page(struct eft_plat_space *space, uintptr_t addr, void *page,
		     int prot, enum eft_hold hold);
void eft_kvm_unmap(struct eft_plat_space *space, uintptr_t addr, size_t len);
int eft_kvm_protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		    int prot);
int eft_kvm_move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		 size_t len);

/*
 * Clocks (x86/clock.c, hyper/pvclock.c, x86/tsc.c, pc/rtc.c).
 */

/* Start to measure time where nobody tells the TSC's rate; cheap. */
void eft_kvm_clock_start(void);
/* Use it on (cpu) too. */
void eft_kvm_clock_join(struct eft_kvm_cpu *cpu);
/* Two CPUs' clocks, read one after the other, went back. */
void eft_kvm_distrust_clocks(void);
uint64_t eft_kvm_monotonic_ns(void);
/* The TSC at (deadline_ns) or somewhat before; UINT64_MAX for never. */
uint64_t eft_kvm_tsc_at(uint64_t deadline_ns);

/* The TSC alone: have the line (x86/clock.h) written, or written anew. */
void eft_kvm_tsc_start(void);
void eft_kvm_tsc_renew(void);
uint64_t eft_kvm_tsc_hz(void);

/* Does KVM offer its clock? If so, it is registered: the boot CPU's. */
bool eft_kvm_pvclock_init(void);
void eft_kvm_pvclock_join(struct eft_kvm_cpu *cpu);
/* One CPU's is everybody's, if KVM says so; else each has its own. */
bool eft_kvm_pvclock_is_one(void);
void eft_kvm_pvclock_renew(void);
uint64_t eft_kvm_pvclock_hz(void);
/* Wall clock time when pvclock was 0. */
uint64_t eft_kvm_pvclock_boot_ns(void);

/* Seconds since 1970 by the CMOS clock, or 0. */
uint64_t eft_kvm_rtc_seconds(void);

/*
 * The rest.
 */

int eft_kvm_entropy(void *buf, size_t len);
size_t eft_kvm_console_write(const void *buf, size_t len);
/* Until all that was written has left the port. Nobody writes any more. */
void eft_kvm_console_drain(void);
void eft_kvm_serial_drain(void); /* of the serial line */

eft_noreturn void eft_kvm_exit(int status);
eft_noreturn void eft_kvm_crash(int signal);
/* To `eft run`, by QEMU's debug console: see eft_plat.tell. */
bool eft_kvm_tell(const char *text);

/* pc/fw_cfg.c: see eft_plat.read_tracer. */
ssize_t eft_kvm_read_tracer(void *buf, size_t size);
/* Where the loader says that ACPI begins, or 0. */
extern uint64_t eft_kvm_rsdp;
/* Ask ACPI to power off. Returns whether there was somebody to ask. */
bool eft_kvm_acpi_power_off(void);
#endif
