// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/button.h"
#include "core/abi.h"
#include "core/dev/signals.h"

enum { SI_KERNEL = 0x80 }; /* include/uapi/asm-generic/siginfo.h */

void eft_button_pressed(void)
{
	const struct eft_host_siginfo info = {
		.signal = SIGTERM,
		.code = SI_KERNEL,
	};

	eft_signal_came(&info);
}
