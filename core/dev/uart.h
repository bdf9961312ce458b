// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: a serial line that is the console. Probed by the terminal
 * (core/tty/read.c); output goes through eft_plat->console_write().
 */
#include "core/base.h"

struct eft_uart {
	/*
	 * Have every byte that arrives given to (receive) from now on. When it
	 * returns false it has taken that byte, and no further one is to come
	 * before resume(): the sender has to wait.
	 *
	 * Context   thread; (receive) is called as an interrupt: it may wake
	 *           threads and must not sleep
	 */
	void (*start)(bool (*receive)(uint8_t byte));

	/*
	 * Go on after (receive) returned false; it may be called from here.
	 *
	 * Context   thread
	 */
	void (*resume)(void);
};

/* The console's serial line, or NULL: a process has the host's streams. */
const struct eft_uart *eft_plat_uart(void);
