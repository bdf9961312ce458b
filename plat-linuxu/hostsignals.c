// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's signals to this process, as interrupts: for programs that have
 * said what they want done about them.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/dev/signals.h"
#include "plat-linuxu/linuxu.h"

/* The kernel's siginfo of a signal that somebody sent. */
struct info {
	int signal, error, code, pad, pid;
	unsigned uid;
};

/* Who sent it last; as good as can be told where several do at once. */
static struct sender {
	int pid;
	unsigned uid;
} senders[EFT_SIGNALS + 1];

static uint64_t came; /* atomic; bit 0 is signal 1 */

static void handle(int signal, void *arg, void *context)
{
	const struct info *info = arg;

	senders[signal] = (struct sender){info->pid, info->uid};
	__atomic_fetch_or(&came, 1ul << (signal - 1), __ATOMIC_RELEASE);
	eft_linuxu_interrupt(EFT_LINUXU_IRQ_SIGNAL, context);
}

void eft_linuxu_signals_came(void)
{
	uint64_t set = __atomic_exchange_n(&came, 0, __ATOMIC_ACQUIRE);

	for (; set != 0; set &= set - 1) {
		int signal = __builtin_ctzl(set) + 1;

		eft_signal_came(signal, senders[signal].pid,
				senders[signal].uid);
	}
}

/* Faults, and the signals for CPUs and helpers, are the platform's own. */
static bool is_ours(int signal)
{
	return signal == SIGILL || signal == SIGTRAP || signal == SIGBUS ||
	       signal == SIGFPE || signal == SIGSEGV ||
	       signal == EFT_LINUXU_TIMER_SIGNAL ||
	       signal == EFT_LINUXU_STOP_SIGNAL;
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

const struct eft_host_signals *eft_plat_host_signals(void)
{
	static const struct eft_host_signals signals = {
		.set = set,
		.ignored = eft_linuxu_is_ignored,
		.unblock = eft_linuxu_unblock_signals,
	};

	return eft_plat == &eft_linuxu_plat ? &signals : NULL;
}
