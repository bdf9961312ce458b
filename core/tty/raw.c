// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console in raw mode, which a program has to ask for.
 */
#include "core/tty/tty.h"

void eft_tty_input_raw_locked(struct eft_tty *tty, struct eft_tty_echo *echo,
			      uint8_t c, uint8_t typed)
{
	if (!eft_tty_append_locked(tty, echo, c, 0, false))
		return;
	tty->start = tty->head;
	/* Linux: the return key ends the line, ^J is shown as such. */
	if (c == '\n' && typed == '\r' && (tty->termios.lflag & ECHO))
		eft_tty_echo_byte(tty, echo, c);
	else
		eft_tty_echo_typed(tty, echo, c);
}

void eft_tty_need_raw_locked(const struct eft_tty *tty, size_t len,
			     struct eft_tty_need *need)
{
	unsigned min = tty->termios.cc[VMIN], time = tty->termios.cc[VTIME];

	need->time_ns = time * UINT64_C(100000000);
	if (min == 0) {
		need->met = time == 0 || need->available > 0;
		need->polled = need->available > 0;
		need->timed = true;
	} else {
		need->met = need->available >= eft_min(min, len);
		need->polled = need->available >= (time > 0 ? 1 : min);
		need->timed = time > 0 && need->available > 0;
	}
}
