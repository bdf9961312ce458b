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

enum { TIMER = EFT_KVM_IRQ_TIMER, KICK = EFT_KVM_IRQ_KICK, NAP_NS = 1000000 };

static struct eft_kvm_cpu cpu;
static bool flag;	 /* the processor's, IF */
static uint32_t latched; /* interrupts that wait for it */
static uint64_t now_ns, timer_ns;
static unsigned handled[EFT_KVM_IRQ_COUNT];
static unsigned step, kick_at_step;
static uint64_t kicked_ns;

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

static void take_all(void)
{
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
	if (latched == 0) {
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
