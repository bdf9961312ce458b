// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console's line discipline: what a byte from the serial line does.
 *
 * WHAT   In canonical mode a line is edited at the end of the ring until a
 *        newline, or the end-of-file character, delivers it. In raw mode each
 *        byte is delivered as it comes.
 * HOW    An end of file is a line whose end is a marked NUL (ring.c): in
 *        mid-line it delivers what is there, at the start of one it gives a
 *        read of length 0. A plain terminal stands for a pipe: there the end
 *        of file comes once and stays.
 * ECHO   is written in the interrupt, byte by byte as it is typed
 *        (echo.c).
 * LOCKS  The whole is under the terminal's spin lock.
 * LIMITS No ^V, ^R, ^S/^Q and no job control.
 */
#include "core/log.h"
#include "core/plat.h"
#include "core/tty/tty.h"

/* Only programs that change settings can leave canonical mode. */
#pragma weak eft_tty_input_raw_locked

/* True when (c) is the control character number (index), if that is set. */
static bool is_control(const struct eft_tty *tty, uint8_t c, int index)
{
	return c != 0 && tty->termios.cc[index] == c;
}

static bool is_erase(const struct eft_tty *tty, uint8_t c)
{
	uint8_t erase = tty->termios.cc[VERASE];

	/* Terminals disagree on what the backspace key sends. */
	if (c == '\b' || c == 0x7f)
		return erase == '\b' || erase == 0x7f;
	return is_control(tty, c, VERASE);
}

/* The column where the line that is typed ends, on the screen. */
static unsigned line_end_column(struct eft_tty *tty)
{
	unsigned column = tty->line_column;

	for (uint32_t pos = tty->start; pos != tty->head; pos++)
		column = eft_tty_echoed_column(tty, eft_tty_byte(tty, pos),
					       column);
	return column;
}

/* Remove the last character of the line, and its picture. */
static void erase_character(struct eft_tty *tty, struct eft_tty_echo *echo)
{
	unsigned before = line_end_column(tty), after;
	uint8_t c;

	eft_assert(tty->termios.lflag & ICANON);
	eft_assert(tty->head != tty->start);
	do {
		c = eft_tty_byte(tty, --tty->head);
	} while (tty->head != tty->start && eft_tty_is_continuation(tty, c));
	if (!(tty->termios.lflag & ECHO) || !(tty->termios.lflag & ECHOE))
		return;
	after = line_end_column(tty);
	for (; before > after; before--) {
		eft_tty_echo_byte(tty, echo, '\b');
		/* A tab left no picture to wipe out. */
		if (c != '\t') {
			eft_tty_echo_byte(tty, echo, ' ');
			eft_tty_echo_byte(tty, echo, '\b');
		}
	}
}

static bool is_word(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z') || c == '_' || c >= 0x80;
}

/* Remove what is no word, then the word before it. */
static void erase_word(struct eft_tty *tty, struct eft_tty_echo *echo)
{
	bool in_word = false;

	while (tty->head != tty->start) {
		bool word = is_word(eft_tty_byte(tty, tty->head - 1));

		if (in_word && !word)
			break;
		in_word = word;
		erase_character(tty, echo);
	}
}

bool eft_tty_append_locked(struct eft_tty *tty, struct eft_tty_echo *echo,
			   uint8_t c, unsigned reserve, bool end)
{
	if (tty->head - tty->tail + reserve >= EFT_TTY_RING) {
		if ((tty->termios.lflag & ECHO) &&
		    (tty->termios.iflag & IMAXBEL))
			eft_tty_echo_byte(tty, echo, '\a');
		return false;
	}
	eft_tty_put_locked(tty, c, end);
	return true;
}

/* Deliver the line with the ending (c). */
static void end_line(struct eft_tty *tty, struct eft_tty_echo *echo, uint8_t c)
{
	if (!eft_tty_append_locked(tty, echo, c, 0, true))
		return;
	tty->start = tty->head;
}

static void end_input(struct eft_tty *tty, struct eft_tty_echo *echo)
{
	if (!tty->plain) {
		end_line(tty, echo, '\0');
		return;
	}
	tty->start = tty->head;
	tty->ended = true;
}

/* A byte that edits the line; false when (c) is an ordinary one. */
static bool edit(struct eft_tty *tty, struct eft_tty_echo *echo, uint8_t c)
{
	bool empty = tty->head == tty->start;

	if (is_erase(tty, c)) {
		if (!empty)
			erase_character(tty, echo);
	} else if (is_control(tty, c, VKILL)) {
		while (tty->head != tty->start)
			erase_character(tty, echo);
	} else if (is_control(tty, c, VWERASE) &&
		   (tty->termios.lflag & IEXTEN)) {
		erase_word(tty, echo);
	} else if (is_control(tty, c, VEOF)) {
		end_input(tty, echo);
	} else {
		return false;
	}
	return true;
}

static void input_canonical(struct eft_tty *tty, struct eft_tty_echo *echo,
			    uint8_t c)
{
	if (tty->head == tty->start)
		tty->line_column = tty->column;
	if (edit(tty, echo, c))
		return;
	if (c == '\n' || is_control(tty, c, VEOL)) {
		if (c == '\n' && (tty->termios.lflag & (ECHO | ECHONL)))
			eft_tty_echo_byte(tty, echo, c);
		else
			eft_tty_echo_typed(tty, echo, c);
		end_line(tty, echo, c);
	} else if (eft_tty_append_locked(tty, echo, c, 1, false)) {
		eft_tty_echo_typed(tty, echo, c);
	}
}

/* The signal that (c) stands for, or 0. */
static int signal_of(const struct eft_tty *tty, uint8_t c)
{
	if (!(tty->termios.lflag & ISIG))
		return 0;
	if (is_control(tty, c, VINTR))
		return SIGINT;
	return is_control(tty, c, VQUIT) ? SIGQUIT : 0;
}

/* Handle (c); returns the signal to be raised, or 0. */
static int input(struct eft_tty *tty, struct eft_tty_echo *echo, uint8_t c)
{
	int signal = signal_of(tty, c);
	uint8_t typed = c;

	if (signal != 0) {
		eft_tty_flush_locked(tty);
		eft_tty_echo_typed(tty, echo, c);
		return signal;
	}
	if (c == '\r' && (tty->termios.iflag & IGNCR))
		return 0;
	if (c == '\r' && (tty->termios.iflag & ICRNL))
		c = '\n';
	else if (c == '\n' && (tty->termios.iflag & INLCR))
		c = '\r';
	if (tty->termios.lflag & ICANON)
		input_canonical(tty, echo, c);
	else
		eft_tty_input_raw_locked(tty, echo, c, typed);
	return 0;
}

/*
 * Nothing of a plain console's input may be lost: a full ring stops the line,
 * and a line that fills it is delivered in parts.
 */
static bool pause_when_full(struct eft_tty *tty)
{
	if (!tty->plain || tty->head - tty->tail < EFT_TTY_RING - 1)
		return false;
	if (tty->start == tty->tail)
		tty->start = tty->head;
	tty->paused = true;
	return true;
}

bool eft_tty_receive(struct eft_tty *tty, uint8_t c)
{
	struct eft_tty_echo echo = {.len = 0};
	bool readable, paused;
	int signal;

	eft_lock(&tty->lock);
	signal = input(tty, &echo, c);
	paused = pause_when_full(tty);
	readable = tty->start != tty->tail || tty->ended;
	eft_tty_echo_flush(&echo);
	eft_unlock(&tty->lock);
	if (readable)
		eft_waitq_wake(&tty->readers, EFT_WAKE_ALL);
	if (signal != 0 && eft_tty_signal != NULL)
		eft_tty_signal(signal);
	else if (signal != 0)
		eft_plat->crash(signal);
	return !paused;
}
