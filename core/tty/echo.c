// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the console shows, and where its cursor is.
 *
 * The column is followed through all that is written, the program's output and
 * the echo, so that erasing a tab goes back by as many columns as it took. As
 * on Linux, a newline from the program takes the line that is being typed to
 * column 0. A character is one column wide, a UTF-8 sequence one character.
 */
#include "core/log.h"
#include "core/plat.h"
#include "core/tty/tty.h"

bool eft_tty_is_continuation(const struct eft_tty *tty, uint8_t c)
{
	return (tty->termios.iflag & IUTF8) && (c & 0xc0) == 0x80;
}

unsigned eft_tty_echoed_column(const struct eft_tty *tty, uint8_t c,
			       unsigned column)
{
	if (c == '\t')
		return (column | 7) + 1;
	if (c < 0x20 || c == 0x7f)
		return column + (tty->termios.lflag & ECHOCTL ? 2 : 0);
	return column + !eft_tty_is_continuation(tty, c);
}

size_t eft_tty_translate_locked(struct eft_tty *tty, uint8_t c, char *out)
{
	uint32_t both = OPOST | ONLCR;
	size_t len = 0;

	if (c == '\n' && (tty->termios.oflag & both) == both)
		out[len++] = '\r';
	out[len++] = (char)c;
	if (c == '\r' || len == 2)
		tty->column = tty->line_column = 0;
	else if (c == '\n')
		tty->line_column = tty->column;
	else if (c == '\b')
		tty->column -= tty->column > 0;
	else if (c == '\t' || (c >= 0x20 && c != 0x7f))
		tty->column = eft_tty_echoed_column(tty, c, tty->column);
	return len;
}

/* device.c has another. */
eft_weak void eft_tty_echo_flush(struct eft_tty_echo *echo)
{
	if (echo->len > 0)
		eft_console_write(echo->buf, echo->len);
	echo->len = 0;
}

void eft_tty_echo_byte(struct eft_tty *tty, struct eft_tty_echo *echo,
		       uint8_t c)
{
	eft_assert(echo->len <= sizeof(echo->buf));
	if (echo->len + 2 > sizeof(echo->buf))
		eft_tty_echo_flush(echo);
	echo->len += eft_tty_translate_locked(tty, c, echo->buf + echo->len);
}

void eft_tty_echo_typed(struct eft_tty *tty, struct eft_tty_echo *echo,
			uint8_t c)
{
	if (!(tty->termios.lflag & ECHO))
		return;
	if ((c < 0x20 || c == 0x7f) && c != '\t' &&
	    (tty->termios.lflag & ECHOCTL)) {
		eft_tty_echo_byte(tty, echo, '^');
		c ^= 0x40;
	}
	eft_tty_echo_byte(tty, echo, c);
}
