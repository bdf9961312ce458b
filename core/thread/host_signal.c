// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/signals.h"
#include "core/thread.h"

/* Posix's. */
extern __typeof__(eft_signals_arrive) eft_signals_arrive eft_weak;

void eft_signal_came(const struct eft_host_siginfo *info)
{
	if (eft_signals_arrive != NULL)
		eft_signals_arrive(info);
}

void eft_host_signal_set(int signal, bool caught, bool ignored)
{
	const struct eft_host_signals *host = eft_plat_host_signals();

	if (host != NULL)
		host->set(signal, caught    ? EFT_SIGNAL_CAUGHT
				  : ignored ? EFT_SIGNAL_IGNORED
					    : EFT_SIGNAL_DEFAULT);
}

bool eft_host_signal_ignored(int signal)
{
	const struct eft_host_signals *host = eft_plat_host_signals();

	return host != NULL && host->ignored(signal);
}

void eft_host_signals_unblock(void)
{
	const struct eft_host_signals *host = eft_plat_host_signals();

	if (host != NULL)
		host->unblock();
}
