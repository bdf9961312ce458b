// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: signals from outside, by which a process's host and its other
 * programs call. A guest has none.
 */
#include "core/abi.h"

enum eft_signal_wish {
	EFT_SIGNAL_DEFAULT, /* the host's own way */
	EFT_SIGNAL_IGNORED,
	EFT_SIGNAL_CAUGHT, /* eft_signal_came() is called: an interrupt */
};

struct eft_host_signals {
	/* What is to happen when (signal) comes. Context: any. */
	void (*set)(int signal, enum eft_signal_wish wish);
	/* Has exec left (signal) ignored, as long as set() is not called? */
	bool (*ignored)(int signal);
	/*
	 * Let in those that exec has left blocked: from now on none is, at the
	 * host. Context: boot.
	 */
	void (*unblock)(void);
	/* Does (rip) lie in code of the host's that only the libOS calls? */
	bool (*is_host_text)(uintptr_t rip);
};

/* NULL where there are none. */
const struct eft_host_signals *eft_plat_host_signals(void);

/* What the platform calls, for each that came. Context: interrupt. */
void eft_signal_came(const struct eft_host_siginfo *info);
