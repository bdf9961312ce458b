// SPDX-License-Identifier: BSD-3-Clause
#include "core/abi.h"
#include "core/boot.h"
#include "core/cache.h"
#include "core/dev/signals.h"
#include "core/thread.h"

/* Posix's. */
extern __typeof__(eft_signals_arrive) eft_signals_arrive eft_weak;

/* Only images with files that are not in memory have it. */
#pragma weak eft_flusher_die

/* What others end a program by. */
static const uint8_t ending[] = {SIGHUP, SIGINT, SIGTERM};

static bool is_ending(int signal)
{
	for (size_t i = 0; i < eft_array_size(ending); i++) {
		if (ending[i] == signal)
			return true;
	}
	return false;
}

void eft_signal_came(const struct eft_host_siginfo *info)
{
	if (eft_signals_arrive != NULL)
		eft_signals_arrive(info);
	else if (eft_flusher_die == NULL || !eft_flusher_die(info->signal))
		eft_die_by(info->signal);
}

void eft_host_signals_end(void)
{
	for (size_t i = 0; i < eft_array_size(ending); i++) {
		if (!eft_host_signal_ignored(ending[i]))
			eft_host_signal_set(ending[i], false, false);
	}
}

void eft_host_signal_set(int signal, bool caught, bool ignored)
{
	const struct eft_host_signals *host = eft_plat_host_signals();

	/* Files are written before the program ends. */
	if (!ignored && eft_flusher_die != NULL && is_ending(signal))
		caught = true;
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
