// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's signals to this process, as interrupts: for programs that have
 * said what they want done about them.
 *
 * The first CPU takes them all (cpus.c), one after the other: what the host
 * has queued arrives in its order. One that comes while interrupts are off
 * waits here, and the host holds back all others for as long. So its queue is
 * the only one, and is never too short.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/dev/signals.h"
#include "plat-linuxu/elf.h"
#include "plat-linuxu/linuxu.h"

enum { SIG_UNBLOCK = 1 };

/* The first CPU's, of its handler and of who has interrupts off. */
static struct eft_host_siginfo waiting; /* signal 0: none */
static bool holding_back;

static void handle(int signal, void *info, void *context)
{
	struct eft_context *frame = context;

	eft_assert(waiting.signal == 0);
	memcpy(&waiting, info, sizeof(waiting));
	if (eft_cpu()->irq_off != 0) {
		frame->mask[0] |= EFT_LINUXU_HELD_BACK;
		holding_back = true;
	}
	eft_linuxu_interrupt(EFT_LINUXU_IRQ_SIGNAL, frame);
}

/* With the last step the next one may come, and be left pending again. */
void eft_linuxu_signals_came(void)
{
	struct eft_host_siginfo info = waiting;
	uint64_t set = EFT_LINUXU_HELD_BACK;

	waiting.signal = 0;
	if (info.signal != 0)
		eft_signal_came(&info);
	if (!holding_back)
		return;
	holding_back = false;
	eft_linux4(SYS_rt_sigprocmask, SIG_UNBLOCK, (long)&set, 0, sizeof(set));
}

/* Faults, and the signals for CPUs and helpers, are the platform's own. */
static bool is_ours(int signal)
{
	return !(EFT_LINUXU_HELD_BACK >> (signal - 1) & 1);
}

/*
 * SIGPIPE comes with -EPIPE, of which posix makes one of its own; it must only
 * not end the process.
 */
static void set(int signal, enum eft_signal_wish wish)
{
	if (is_ours(signal))
		return;
	if (wish == EFT_SIGNAL_CAUGHT && signal != SIGPIPE)
		eft_linuxu_set_handler(signal, handle, true);
	else
		eft_linuxu_set_disposition(signal, wish != EFT_SIGNAL_DEFAULT);
}

/* The vDSO's sections are before the table of them. */
static bool is_host_text(uintptr_t rip)
{
	const struct eft_elf_header *vdso = eft_linuxu_facts.vdso;

	return vdso != NULL && rip - (uintptr_t)vdso < vdso->shoff;
}

const struct eft_host_signals *eft_plat_host_signals(void)
{
	static const struct eft_host_signals signals = {
		.set = set,
		.ignored = eft_linuxu_is_ignored,
		.unblock = eft_linuxu_unblock_signals,
		.is_host_text = is_host_text,
	};

	return eft_plat == &eft_linuxu_plat ? &signals : NULL;
}
