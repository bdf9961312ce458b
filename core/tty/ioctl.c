// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console's settings. (arg) is the program's memory: it is read before,
 * and written after, the terminal's spin lock is held.
 */
#include "core/boot.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/tty/tty.h"
#include "core/user.h"

eft_needs(eft_tty_input_raw_locked);
eft_needs(eft_tty_need_raw_locked);

static int get_termios(struct eft_tty *tty, struct eft_termios eft_user *arg)
{
	struct eft_termios termios;

	eft_lock(&tty->lock);
	termios = tty->termios;
	eft_unlock(&tty->lock);
	return eft_put_user(arg, &termios);
}

static int set_termios(struct eft_tty *tty,
		       const struct eft_termios eft_user *arg, bool flush)
{
	struct eft_termios termios;
	bool switched;

	if (eft_get_user(&termios, arg) != 0)
		return -EFAULT;
	eft_lock(&tty->lock);
	if (flush)
		eft_tty_flush_locked(tty);
	switched = (termios.lflag ^ tty->termios.lflag) & ICANON;
	tty->termios = termios;
	if (switched)
		eft_tty_switch_locked(tty);
	eft_unlock(&tty->lock);
	eft_waitq_wake(&tty->readers, EFT_WAKE_ALL);
	return 0;
}

static int set_winsize(struct eft_tty *tty,
		       const struct eft_winsize eft_user *arg)
{
	struct eft_winsize winsize;

	if (eft_get_user(&winsize, arg) != 0)
		return -EFAULT;
	eft_lock(&tty->lock);
	tty->winsize = winsize;
	eft_unlock(&tty->lock);
	return 0;
}

static int available(struct eft_tty *tty)
{
	unsigned n;

	eft_lock(&tty->lock);
	n = eft_tty_available_locked(tty);
	eft_unlock(&tty->lock);
	return (int)n;
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
	return eft_process()->identity.pid;
}

static int put_number(int eft_user *arg, int number)
{
	return eft_put_user(arg, &number);
}

int eft_tty_ioctl(struct eft_file *file, unsigned long request,
		  void eft_user *arg)
{
	/* It stands for a pipe: stdio is to buffer, xz to write to it. */
	if (eft_tty.plain && request != FIONREAD)
		return -ENOTTY;
	switch (request) {
	case TCGETS:
		return get_termios(&eft_tty, arg);
	case TCSETS:
	case TCSETSW:
	case TCSETSF:
		return set_termios(&eft_tty, arg, request == TCSETSF);
	case TIOCGWINSZ:
		return file->ops->window_size(file, arg);
	case TIOCSWINSZ:
		return set_winsize(&eft_tty, arg);
	case FIONREAD:
		return put_number(arg, available(&eft_tty));
	case TIOCOUTQ:
		return put_number(arg, 0);
	case TIOCGPGRP:
		return put_number(arg, process_group());
	case TCFLSH:
		return flush(&eft_tty, (uintptr_t)arg);
	case TIOCSPGRP:
	case TCSBRK:
	case TCXONC:
		return 0;
	}
	return -ENOTTY;
}
