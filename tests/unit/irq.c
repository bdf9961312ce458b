// SPDX-License-Identifier: BSD-3-Clause
/*
 * A guest's interrupts, one at each moment: plat-kvm/x86/irq.c is compiled into the
 * test, on a processor that takes an interrupt wherever the code looks at the
 * clock, sets its timer, or changes the processor's flag. None is lost, none
 * comes twice, and a CPU that waits does not sleep through one.
 */
#define cli real_cli
#define sti real_sti
#include "plat-kvm/x86/asm.h"
#undef cli
#undef sti

#include "plat-kvm/x86/smp.h"
#include "tests/unit/unit.h"

static void cli(void);
static void sti(void);

#include "plat-kvm/x86/irq.c"
#include "plat-kvm/x86/vectors.c"

enum {
	TIMER = EFT_KVM_IRQ_TIMER,
	DEVICE = EFT_KVM_IRQ_DEVICE,
	KICK = EFT_KVM_IRQ_KICK,
	NAP_NS = 1000000
};

const char
	eft_kvm_device_stubs[EFT_KVM_DEVICE_COUNT * EFT_KVM_DEVICE_STUB_BYTES];

static struct eft_kvm_cpu cpu;
static bool flag;	 /* the processor's, IF */
static uint32_t latched; /* interrupts that wait for it */
static uint64_t now_ns, timer_ns;
static unsigned handled[EFT_KVM_IRQ_COUNT];
static unsigned step, kick_at_step;
static uint64_t kicked_ns;

/* A device's line, triggered by its level: it raises (line_vector). */
static bool line_is_high, line_in_service;
static int line_vector;
static unsigned gates_set;

/* As the stub in trap.S does it. */
static void take(unsigned irq)
{
	struct eft_regs regs = {.vector = EFT_KVM_IRQ + irq};

	flag = false;
	if (eft_cpu()->irq_off != 0) {
		check(!(eft_cpu()->irq_pending & 1u << irq));
		eft_cpu()->irq_pending |= 1u << irq;
		return;
	}
	eft_cpu()->irq_off++;
	eft_kvm_interrupt(&regs);
	eft_cpu()->irq_off--;
	flag = true;
}

/* As that in vectors.S: where the vector's stub ends comes first. */
static void take_device(int vector)
{
	cpu.stack[EFT_KVM_IST_IRQ - 1].stub =
		eft_kvm_device_stubs +
		(vector - EFT_KVM_DEVICE + 1) * EFT_KVM_DEVICE_STUB_BYTES;
	take(DEVICE);
}

/* What the I/O APIC sends while a line is high and nobody serves it. */
static void take_line(void)
{
	while (flag && line_is_high && !line_in_service) {
		line_in_service = true;
		take_device(line_vector);
	}
}

static void take_all(void)
{
	take_line();
	while (flag && latched != 0) {
		unsigned irq = (unsigned)__builtin_ctz(latched);

		latched &= ~(1u << irq);
		take(irq);
	}
}

static void raise_irq(unsigned irq)
{
	latched |= 1u << irq;
	take_all();
}

/* A moment at which something may come. */
static void moment(void)
{
	if (++step == kick_at_step) {
		kicked_ns = now_ns;
		raise_irq(KICK);
	}
}

static void cli(void)
{
	moment();
	flag = false;
}

static void sti(void)
{
	flag = true;
	take_all();
	moment();
}

uint64_t eft_kvm_monotonic_ns(void)
{
	moment();
	return ++now_ns;
}

void eft_kvm_timer_arm(uint64_t deadline_ns)
{
	timer_ns = deadline_ns;
	moment();
}

/* STI, HLT and CLI: until an interrupt, at the latest the timer's. */
void eft_kvm_sleep(void)
{
	check(cpu.asleep && !flag);
	moment();
	flag = true;
	if (latched == 0 && !line_is_high) {
		check(timer_ns != EFT_FOREVER);
		now_ns = eft_max(now_ns, timer_ns);
		latched |= 1u << TIMER;
	}
	take_all();
	flag = false;
}

static unsigned sleeps_told;

void eft_kvm_flush_awake(void)
{
	check(!cpu.asleep);
	sleeps_told++;
}

void eft_kvm_apic_init(void)
{
}

void eft_kvm_apic_end_of_interrupt(void)
{
	line_in_service = false;
}

void eft_kvm_set_gate(unsigned vector, void (*stub)(void))
{
	check(vector >= EFT_KVM_DEVICE && vector < EFT_KVM_VECTORS);
	check((const char *)stub ==
	      eft_kvm_device_stubs +
		      (vector - EFT_KVM_DEVICE) * EFT_KVM_DEVICE_STUB_BYTES);
	gates_set++;
}

static void note_timer(void)
{
	handled[TIMER]++;
}

static void note_kick(void)
{
	handled[KICK]++;
}

static void boot(void)
{
	fake_boot(NULL);
	eft_cpu()->platform = &cpu;
	eft_kvm_interrupts_start();
	check(flag);
	eft_kvm_set_irq_handler(TIMER, note_timer);
	eft_kvm_set_irq_handler(KICK, note_kick);
}

static void begin(unsigned at_step)
{
	memset(handled, 0, sizeof(handled));
	step = 0;
	kick_at_step = at_step;
	kicked_ns = 0;
}

/* As the idle loop does: with core's interrupts off. */
static void wait_once(uint64_t ns)
{
	eft_cpu()->irq_off++;
	eft_kvm_wait(now_ns + ns);
	eft_cpu()->irq_off--;
	if (eft_cpu()->irq_pending != 0)
		eft_kvm_deliver_interrupts();
	check(flag);
	check_eq(latched, 0);
	check_eq(eft_cpu()->irq_pending, 0);
}

/* A kick at each moment of a wait ends it at once, and is seen once. */
Test(irq, kick_at_each_moment_of_a_wait)
{
	unsigned last;

	boot();
	begin(0);
	wait_once(NAP_NS);
	check_eq(handled[TIMER], 1);
	last = step;
	check(last > 5);
	for (unsigned at = 1; at <= last; at++) {
		uint64_t end_ns = now_ns + NAP_NS;

		begin(at);
		wait_once(NAP_NS);
		check_eq(handled[KICK], 1);
		check(kicked_ns >= end_ns || now_ns < end_ns);
	}
	check(sleeps_told > 0);
}

/* What came before it, too. */
Test(irq, kick_before_a_wait)
{
	uint64_t end_ns;

	boot();
	begin(0);
	eft_cpu()->irq_off++;
	raise_irq(KICK);
	check_eq(eft_cpu()->irq_pending, 1u << KICK);
	check(!flag);
	end_ns = now_ns + NAP_NS;
	eft_kvm_wait(end_ns);
	eft_cpu()->irq_off--;
	check_eq(handled[KICK], 1);
	check(flag && now_ns < end_ns);
}

/* A timer that comes early ends no wait. */
Test(irq, early_timer)
{
	uint64_t end_ns;

	boot();
	begin(0);
	end_ns = now_ns + NAP_NS;
	latched = 1u << TIMER;
	wait_once(NAP_NS);
	check(now_ns >= end_ns);
	check_eq(handled[TIMER], 2);
}

/* While they are off in software one is left for later, and another latched. */
Test(irq, left_for_later)
{
	boot();
	begin(0);
	eft_cpu()->irq_off++;
	raise_irq(TIMER);
	raise_irq(KICK);
	check_eq(handled[TIMER] + handled[KICK], 0);
	check(!flag && latched == 1u << KICK);
	eft_cpu()->irq_off--;
	eft_kvm_deliver_interrupts();
	check_eq(handled[TIMER], 1);
	check_eq(handled[KICK], 1);
	check(flag && latched == 0);
	check_eq(eft_cpu()->irq_pending, 0);
	raise_irq(TIMER);
	check_eq(handled[TIMER], 2);
}

static unsigned called[EFT_KVM_DEVICE_COUNT];

static void note_call(void *arg)
{
	++*(unsigned *)arg;
}

/* Each vector's handler gets its own argument; the last one fails. */
Test(irq, vectors)
{
	int vector;

	boot();
	for (unsigned i = 0; i < EFT_KVM_DEVICE_COUNT; i++) {
		vector = eft_kvm_vector_alloc(note_call, &called[i]);
		check_eq(vector, EFT_KVM_DEVICE + i);
	}
	check_eq(gates_set, EFT_KVM_DEVICE_COUNT);
	check_eq(eft_kvm_vector_alloc(note_call, NULL), -ENOSPC);
	for (unsigned i = 0; i < EFT_KVM_DEVICE_COUNT; i++) {
		take_device(EFT_KVM_DEVICE + i);
		check_eq(called[i], 1);
	}
	eft_kvm_vector_free(EFT_KVM_DEVICE + 7);
	take_device(EFT_KVM_DEVICE + 7); /* was on its way */
	check_eq(called[7], 1);
	check_eq(eft_kvm_vector_alloc(note_call, &called[9]),
		 EFT_KVM_DEVICE + 7);
	take_device(EFT_KVM_DEVICE + 7);
	check_eq(called[9], 2);
}

static void free_untaken(void *arg)
{
	fake_boot(NULL);
	eft_kvm_vector_free(EFT_KVM_DEVICE + 1);
}

Test(irq, vector_of_nobody)
{
	unit_check_panics(free_untaken, NULL, "taken");
}

/* One that is left for later keeps its number. */
Test(irq, vector_left_for_later)
{
	boot();
	check_eq(eft_kvm_vector_alloc(note_call, &called[0]), EFT_KVM_DEVICE);
	check_eq(eft_kvm_vector_alloc(note_call, &called[1]),
		 EFT_KVM_DEVICE + 1);
	eft_cpu()->irq_off++;
	take_device(EFT_KVM_DEVICE + 1);
	check(!flag);
	check_eq(eft_cpu()->irq_pending, 1u << DEVICE);
	check_eq(called[0] + called[1], 0);
	eft_cpu()->irq_off--;
	eft_kvm_deliver_interrupts();
	check_eq(called[0], 0);
	check_eq(called[1], 1);
	check(flag);
}

static void lower_line(void *arg)
{
	++*(unsigned *)arg;
	check(line_in_service);
	line_is_high = false;
}

/* A level is acknowledged when its handler has lowered it: it comes once. */
Test(irq, level_comes_once)
{
	boot();
	line_vector = eft_kvm_vector_alloc(lower_line, &called[0]);
	line_is_high = true;
	take_all();
	check_eq(called[0], 1);
	check(!line_in_service);
	eft_cpu()->irq_off++;
	line_is_high = true;
	take_all();
	check_eq(called[0], 1);
	eft_cpu()->irq_off--;
	eft_kvm_deliver_interrupts();
	check_eq(called[0], 2);
	check(!line_in_service);
}

/* A wait ends by a device's interrupt. */
Test(irq, device_ends_a_wait)
{
	uint64_t end_ns;

	boot();
	line_vector = eft_kvm_vector_alloc(lower_line, &called[0]);
	end_ns = now_ns + NAP_NS;
	line_is_high = true;
	wait_once(NAP_NS);
	check_eq(called[0], 1);
	check(now_ns < end_ns);
}
