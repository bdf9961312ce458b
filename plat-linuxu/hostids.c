// SPDX-License-Identifier: BSD-3-Clause
/*
 * Changing users and groups. The host does it for one of its threads: the other
 * CPUs, and helpers, are told by a signal, and do it in its handler, whatever
 * they are at.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/dev/caller.h"
#include "plat-linuxu/linuxu.h"

/* What all CPUs are to do; one at a time. */
static struct {
	uint32_t busy;	 /* atomic */
	uint32_t number; /* atomic; of the last one */
	long call, args[3];
} change;

void eft_linuxu_follow_change(uint32_t *changes)
{
	uint32_t number = __atomic_load_n(&change.number, __ATOMIC_ACQUIRE);

	if (*changes == number)
		return;
	eft_linux3(change.call, change.args[0], change.args[1], change.args[2]);
	__atomic_store_n(changes, number, __ATOMIC_RELEASE);
}

/* Interrupts are off: the caller stays on its CPU. */
static void tell_others(void)
{
	struct eft_linuxu_cpu *own = eft_cpu()->platform, *cpu;
	uint32_t number = change.number + 1;

	own->changes = number;
	__atomic_store_n(&change.number, number, __ATOMIC_RELEASE);
	for (cpu = &eft_linuxu_first; cpu != NULL; cpu = cpu->next) {
		if (cpu == own)
			continue;
		while (eft_linux3(SYS_tkill, cpu->thread,
				  EFT_LINUXU_TIMER_SIGNAL, 0) == -EAGAIN)
			eft_cpu_relax();
		while (__atomic_load_n(&cpu->changes, __ATOMIC_ACQUIRE) !=
		       number)
			eft_cpu_relax();
	}
	if (eft_linuxu_change_helpers != NULL) /* who begin as their CPU is */
		eft_linuxu_change_helpers(number);
}

static void find_identity(struct eft_identity *ret_id)
{
	eft_linux3(SYS_getresuid, (long)&ret_id->uid, (long)&ret_id->euid,
		   (long)&ret_id->suid);
	eft_linux3(SYS_getresgid, (long)&ret_id->gid, (long)&ret_id->egid,
		   (long)&ret_id->sgid);
}

long eft_plat_caller_change(long call, long a, long b, long c,
			    struct eft_identity *ret_id)
{
	long result;

	if (eft_plat != &eft_linuxu_plat)
		return -ENOSYS;
	eft_irq_off();
	while (__atomic_exchange_n(&change.busy, 1, __ATOMIC_ACQUIRE))
		eft_cpu_relax();
	result = eft_linux3(call, a, b, c);
	if (result == 0) {
		change.call = call;
		change.args[0] = a;
		change.args[1] = b;
		change.args[2] = c;
		tell_others();
		find_identity(ret_id);
	}
	__atomic_store_n(&change.busy, 0, __ATOMIC_RELEASE);
	eft_irq_on();
	return result;
}

long eft_plat_caller_groups(int size, unsigned *groups)
{
	if (eft_plat != &eft_linuxu_plat)
		return -ENOSYS;
	return eft_linux3(SYS_getgroups, size, (long)groups, 0);
}
