// SPDX-License-Identifier: BSD-3-Clause
#include "core/boot.h"
#include "core/process.h"
#include "posix/fs/transfer.h"
#include "posix/signal/signal.h"

/* Without signals in the image there is just the default. */
extern __typeof__(eft_signal_send) eft_signal_send eft_weak;

void eft_broken_pipe(void)
{
	struct eft_siginfo info = {
		.signal = SIGPIPE,
		.code = SI_USER,
		.pid = eft_process()->identity.pid,
		.uid = eft_process()->identity.uid,
	};

	if (eft_signal_send == NULL)
		eft_die_by(SIGPIPE);
	eft_signal_send(eft_task_current()->tid, &info);
}
