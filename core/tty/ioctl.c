// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console's settings. (arg) is the program's memory: it is read before,
 * and written after, the terminal's spin lock is held.
 */
#include "core/boot.h"
#include "core/plat.h"
#include "core/tty/tty.h"

static void get_termios(struct eft_tty *tty, struct eft_termios *arg)
{
	struct eft_termios termios;

	eft_lock(&tty->lock);
	termios = tty->termios;
	eft_unlock(&tty->lock);
	*arg = termios;
}

static void set_termios(struct eft_tty *tty, const struct eft_termios *arg,
			bool flush)
{
	struct eft_termios termios = *arg;
	bool switched;

	eft_lock(&tty->lock);
	if (flush)
		eft_tty_flush_locked(tty);
	switched = (termios.lflag ^ tty->termios.lflag) & ICANON;
	tty->termios = termios;
	if (switched)
		eft_tty_switch_locked(tty);
	eft_unlock(&tty->lock);
	eft_waitq_wake(&tty->readers, EFT_WAKE_ALL);
}

static void set_winsize(struct eft_tty *tty, const struct eft_winsize *arg)
{
	struct eft_winsize winsize = *arg;

	eft_lock(&tty->lock);
	tty->winsize = winsize;
	eft_unlock(&tty->lock);
}

static void get_available(struct eft_tty *tty, int *arg)
{
	unsigned n;

	eft_lock(&tty->lock);
	n = eft_tty_available_locked(tty);
	eft_unlock(&tty->lock);
	*arg = (int)n;
}

/* TCFLSH: (queue) 0 input, 1 output, 2 both; output is never queued. */
static int flush(struct eft_tty *tty, uintptr_t queue)
{
	if (queue > 2)
		return -EINVAL;
	if (queue != 1) {
		eft_lock(&tty->lock);
		eft_tty_flush_locked(tty);
		eft_unlock(&tty->lock);
	}
	return 0;
}

/* The one process there is has the terminal. */
static int process_group(void)
{
	return eft_identity.pid;
}

int eft_tty_ioctl(struct eft_file *file, unsigned long request, void *arg)
{
	/* It stands for a pipe: stdio is to buffer, xz to write to it. */
	if (eft_tty.plain && request != FIONREAD)
		return -ENOTTY;
	switch (request) {
	case TCGETS:
		get_termios(&eft_tty, arg);
		return 0;
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		set_termios(&eft_tty, arg, request == TCSETSF);
		return 0;
	case TIOCGWINSZ:
		return file->ops->window_size(file, arg);
	case TIOCSWINSZ:
		set_winsize(&eft_tty, arg);
		return 0;
	case FIONREAD:
		get_available(&eft_tty, arg);
		return 0;
	case TIOCOUTQ:
		*(int *)arg = 0;
		return 0;
	case TIOCGPGRP:
		*(int *)arg = process_group();
		return 0;
	case TCFLSH:
		return flush(&eft_tty, (uintptr_t)arg);
	case TIOCSPGRP:
	case TCSBRK:
	case TCXONC:
		return 0;
	}
	return -ENOTTY;
}
