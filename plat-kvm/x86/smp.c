// SPDX-License-Identifier: BSD-3-Clause
/*
 * More CPUs than the first.
 *
 * START  One after the other: INIT, then STARTUP at a page below 1 MiB, which
 *	is borrowed and put back, so that it may be anybody's. The new CPU sets
 *	itself up as the first did, and the two compare their clocks.
 * STOP   Who ends the machine stops the others first, by an NMI, whatever
 *	they do.
 */
#include "plat-kvm/x86/smp.h"
#include "core/dev/cpus.h"
#include "plat-kvm/x86/asm.h"

#define ENODEV	  19
#define EAGAIN	  11
#define ETIMEDOUT 110

/*
 * SDM vol. 3 §8.4.4.1. Hypervisors need no time after INIT, nor do processors
 * younger than those with an APIC of their own chip (Linux agrees: its
 * init_udelay is 0 for all of the last twenty years).
 */
#define INIT_NS	       10000000
#define STARTUP_NS     200000
#define PATIENCE_NS    10000000000 /* an emulated CPU may have to wait long */
#define STOP_SPINS_MAX 10000000

/* Comparisons of two clocks, to and fro. */
enum { ROUNDS = 2, STEP_LAST = 2 * ROUNDS + 1 };

enum { CPU_ORDER = 4 };
_Static_assert(sizeof(struct eft_kvm_cpu) <= EFT_PAGE_SIZE << CPU_ORDER, "");

extern const char eft_kvm_startup[], eft_kvm_startup_end[];
extern uint64_t eft_kvm_early_tables[3][512];

struct eft_kvm_cpus eft_kvm_cpus = {.count = 1};

/* For smp_start.S. */
struct eft_kvm_cpu *eft_kvm_starting;
uintptr_t eft_kvm_starting_stack;

/* The two CPUs' talk: who has made a step waits for the other's. */
static struct {
	uint32_t step;
	uint64_t tsc;
} talk;

static struct eft_kvm_cpu *stopper;

static void make_step(uint32_t step)
{
	talk.tsc = rdtsc();
	__atomic_store_n(&talk.step, step, __ATOMIC_RELEASE);
}

static bool wait_for_step(uint32_t step, uint64_t deadline_ns)
{
	while (__atomic_load_n(&talk.step, __ATOMIC_ACQUIRE) != step) {
		if (deadline_ns != EFT_FOREVER &&
		    eft_kvm_monotonic_ns() >= deadline_ns)
			return false;
		eft_cpu_relax();
	}
	if (rdtsc() < talk.tsc)
		eft_kvm_distrust_clocks();
	return true;
}

void eft_kvm_cpu_main(struct eft_kvm_cpu *cpu)
{
	eft_kvm_cpu_start(cpu);
	eft_kvm_set_cpu(cpu->core);
	eft_kvm_clock_join(cpu);
	eft_kvm_apic_start();
	eft_kvm_flush_join(cpu);
	make_step(1);
	for (uint32_t step = 2; step < STEP_LAST; step += 2) {
		wait_for_step(step, EFT_FOREVER);
		make_step(step + 1);
	}
	sti();
	eft_cpu_main();
}

/* The first GiB where it is; nobody else uses these tables any more. */
static void make_early_tables(void)
{
	enum { TABLE = 0x3, PAGE_2M = 0x83 }; /* SDM vol. 3 §4.5 */

	eft_kvm_early_tables[0][0] = (uintptr_t)eft_kvm_early_tables[1] | TABLE;
	eft_kvm_early_tables[1][0] = (uintptr_t)eft_kvm_early_tables[2] | TABLE;
	for (uint64_t i = 0; i < 512; i++)
		eft_kvm_early_tables[2][i] = i << 21 | PAGE_2M;
}

/* Once, when the first CPU is alone. */
static void prepare(void)
{
	struct eft_kvm_cpu *self = eft_kvm_this_cpu();

	if (eft_kvm_cpus.at[0])
		return;
	eft_assert(eft_kvm_cpus.count == 1);
	self->apic_id = eft_kvm_find_processors()->apic_id[0];
	eft_kvm_cpus.at[0] = self;
	eft_kvm_set_irq_handler(EFT_KVM_IRQ_KICK, eft_kicked);
	eft_kvm_set_gate(EFT_KVM_FLUSH, eft_kvm_flush_stub);
	eft_kvm_interrupts_start();
	eft_kvm_timer_calibrate();
	make_early_tables();
}

static void delay(uint64_t ns)
{
	uint64_t deadline = eft_kvm_monotonic_ns() + ns;

	while (eft_kvm_monotonic_ns() < deadline)
		eft_cpu_relax();
}

static void init(uint32_t id)
{
	eft_irq_off();
	eft_kvm_send_init(id);
	eft_irq_on();
}

static bool start_up(uint32_t id, uint64_t patience_ns)
{
	eft_irq_off();
	eft_kvm_send_startup(id, EFT_KVM_STARTUP);
	eft_irq_on();
	return wait_for_step(1, eft_kvm_monotonic_ns() + patience_ns);
}

/* A second STARTUP is for processors that missed the first. */
static bool wake_up(uint32_t id)
{
	init(id);
	if (!eft_kvm_features.hypervisor)
		delay(INIT_NS);
	if (start_up(id, STARTUP_NS) || start_up(id, PATIENCE_NS))
		return true;
	init(id); /* so that it does not come later */
	return false;
}

static bool talk_to(void)
{
	uint64_t deadline = eft_kvm_monotonic_ns() + PATIENCE_NS;

	for (uint32_t step = 2; step < STEP_LAST; step += 2) {
		make_step(step);
		if (!wait_for_step(step + 1, deadline))
			return false;
	}
	return true;
}

/* With the page at EFT_KVM_STARTUP in our hands. */
static bool bring_up(uint32_t id)
{
	size_t len = eft_kvm_startup_end - eft_kvm_startup;
	char *page = (char *)EFT_KVM_DIRECT + EFT_KVM_STARTUP;
	char saved[256];
	bool awake;

	eft_assert(len <= sizeof(saved));
	memcpy(saved, page, len);
	memcpy(page, eft_kvm_startup, len);
	talk.step = 0;
	awake = wake_up(id);
	memcpy(page, saved, len);
	return awake && talk_to();
}

static unsigned count(void)
{
	return eft_kvm_find_processors()->count;
}

static int start(struct eft_cpu *core, uintptr_t stack_top)
{
	struct eft_kvm_cpu *cpu;

	if (core->number >= count())
		return -ENODEV;
	prepare();
	eft_assert(core->number == eft_kvm_cpus.count);
	cpu = eft_page_for_platform(CPU_ORDER);
	if (!cpu)
		return -EAGAIN;
	eft_assert(!eft_kvm_cpus.at[core->number]);
	cpu->core = core;
	cpu->apic_id = eft_kvm_find_processors()->apic_id[core->number];
	core->platform = cpu;
	eft_kvm_cpus.at[core->number] = cpu;
	eft_kvm_starting = cpu;
	eft_kvm_starting_stack = stack_top;
	if (bring_up(cpu->apic_id))
		return 0;
	return -ETIMEDOUT;
}

static void kick(struct eft_cpu *core)
{
	const struct eft_kvm_cpu *cpu = core->platform;

	eft_irq_off();
	eft_kvm_send_interrupt(cpu->apic_id, EFT_KVM_IRQ + EFT_KVM_IRQ_KICK);
	eft_irq_on();
}

const struct eft_cpus *eft_plat_guest_cpus(void)
{
	static const struct eft_cpus cpus = {
		.count = count,
		.start = start,
		.kick = kick,
		.spin = eft_kvm_flush_spinning,
	};

	return eft_plat == &eft_kvm_plat ? &cpus : NULL;
}

/* A CPU that does not stop in time is left behind. */
void eft_kvm_stop_others(void)
{
	struct eft_kvm_cpu *self, *nobody = NULL;

	if (eft_kvm_cpus.count == 1) /* perhaps it has no block yet */
		return;
	self = eft_kvm_this_cpu();
	if (!__atomic_compare_exchange_n(&stopper, &nobody, self, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		eft_kvm_stop_if_asked(self);
		return;
	}
	eft_kvm_send_nmi_to_others();
	for (unsigned i = 0; i < eft_kvm_cpus.count; i++)
		for (unsigned spins = 0; spins < STOP_SPINS_MAX; spins++)
			if (eft_kvm_cpus.at[i] == self ||
			    __atomic_load_n(&eft_kvm_cpus.at[i]->stopped,
					    __ATOMIC_ACQUIRE))
				break;
}

void eft_kvm_stop_if_asked(struct eft_kvm_cpu *cpu)
{
	struct eft_kvm_cpu *by = __atomic_load_n(&stopper, __ATOMIC_ACQUIRE);

	if (!by || by == cpu)
		return;
	__atomic_store_n(&cpu->stopped, true, __ATOMIC_RELEASE);
	halt_forever();
}
