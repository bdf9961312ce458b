// SPDX-License-Identifier: BSD-3-Clause
/*
 * The other CPUs' TLBs.
 *
 * Requests are numbered. A CPU that flushes its TLB has done all of them up
 * to the newest; the one who asked interrupts those that have not, and waits
 * until they have.
 *
 * NO DEADLOCK  Who asks holds spin locks. Another CPU may spin for one of
 *	them, and if a pending bit is set, with the processor's interrupts
 *	off. So whoever spins looks for requests (core's eft_spin()); all
 *	others turn interrupts on soon.
 * SLEEP  A CPU that waits in HLT is let sleep. It says so before, and looks
 *	for requests after it has said that it no longer does: either it sees
 *	the request, or who asks sees it awake. Until then it touches nothing
 *	that requests are about.
 */
#include "core/dev/cpus.h"
#include "core/lock.h"
#include "plat-kvm/x86/apic.h"
#include "plat-kvm/x86/smp.h"

static uint64_t newest; /* request */

/* Interrupts are off; the flush forgets cached tables too. */
static void flush(struct eft_kvm_cpu *cpu)
{
	uint64_t request = __atomic_load_n(&newest, __ATOMIC_SEQ_CST);

	eft_assert(cpu->flushed <= request);
	if (cpu->flushed == request)
		return;
	write_cr3(read_cr3());
	__atomic_store_n(&cpu->flushed, request, __ATOMIC_SEQ_CST);
}

/* The store of the count comes first: who does not see it need not ask. */
void eft_kvm_flush_join(struct eft_kvm_cpu *cpu)
{
	__atomic_store_n(&eft_kvm_cpus.count, eft_kvm_cpus.count + 1,
			 __ATOMIC_SEQ_CST);
	cpu->flushed = __atomic_load_n(&newest, __ATOMIC_SEQ_CST);
	write_cr3(read_cr3());
}

void eft_kvm_flush_interrupt(void)
{
	flush(eft_kvm_this_cpu());
	apic_write(APIC_EOI, 0);
}

void eft_kvm_flush_awake(void)
{
	flush(eft_kvm_this_cpu());
}

/* With interrupts on, the interrupt does it. */
void eft_kvm_flush_spinning(unsigned turn)
{
	if (eft_kvm_cpus.count > 1 && !interrupts_on())
		flush(eft_kvm_this_cpu());
}

static bool done(const struct eft_kvm_cpu *cpu, uint64_t request)
{
	return __atomic_load_n(&cpu->flushed, __ATOMIC_SEQ_CST) >= request ||
	       __atomic_load_n(&cpu->asleep, __ATOMIC_SEQ_CST);
}

/* A CPU that joins after the look at the count begins with an empty TLB. */
void eft_kvm_flush_others(void)
{
	struct eft_kvm_cpu *self = eft_kvm_this_cpu();
	uint64_t request, before;
	unsigned count;

	if (eft_kvm_cpus.count == 1)
		return;
	request = __atomic_add_fetch(&newest, 1, __ATOMIC_SEQ_CST);
	before = request - 1; /* its own part is done */
	__atomic_compare_exchange_n(&self->flushed, &before, request, false,
				    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
	count = __atomic_load_n(&eft_kvm_cpus.count, __ATOMIC_SEQ_CST);
	for (unsigned i = 0; i < count; i++)
		if (!done(eft_kvm_cpus.at[i], request))
			eft_kvm_send_interrupt(eft_kvm_cpus.at[i]->apic_id,
					       EFT_KVM_FLUSH);
	for (unsigned i = 0; i < count; i++) {
		for (unsigned n = 0; !done(eft_kvm_cpus.at[i], request); n++)
			eft_spin(n);
	}
}
