// SPDX-License-Identifier: BSD-3-Clause
/*
 * The bytes between the line discipline, which puts them, and the reader, who
 * takes them. A bitmap marks those that end a line; a marked NUL is the end of
 * a file, which the reader steps over and is not given.
 */
#include "core/log.h"
#include "core/tty/tty.h"

uint8_t eft_tty_byte(const struct eft_tty *tty, uint32_t pos)
{
	return tty->ring[pos % EFT_TTY_RING];
}

static bool is_end(const struct eft_tty *tty, uint32_t pos)
{
	pos %= EFT_TTY_RING;
	return tty->ends[pos / 64] >> (pos % 64) & 1;
}

static void mark_end(struct eft_tty *tty, uint32_t pos, bool end)
{
	uint64_t mask = UINT64_C(1) << (pos % 64);
	uint64_t *word = &tty->ends[pos % EFT_TTY_RING / 64];

	*word = end ? *word | mask : *word & ~mask;
}

void eft_tty_put_locked(struct eft_tty *tty, uint8_t c, bool end)
{
	eft_assert(tty->head - tty->tail < EFT_TTY_RING);
	tty->ring[tty->head % EFT_TTY_RING] = c;
	mark_end(tty, tty->head, end);
	tty->head++;
}

/* Step over the end of a line at (tail), if that is there. */
static bool take_end(struct eft_tty *tty)
{
	if (tty->tail == tty->start || !is_end(tty, tty->tail))
		return false;
	tty->tail++;
	return true;
}

size_t eft_tty_take_locked(struct eft_tty *tty, void *buf, size_t len,
			   bool *ret_end)
{
	uint8_t *out = buf;
	size_t n = 0;
	bool end = false;

	while (n < len && tty->tail != tty->start && !end) {
		uint8_t c = eft_tty_byte(tty, tty->tail);

		end = take_end(tty);
		if (!end)
			tty->tail++;
		if (!end || c != '\0')
			out[n++] = c;
	}
	/* The end of file after just these bytes belongs to this read. */
	if (n == len && !end && tty->tail != tty->start &&
	    eft_tty_byte(tty, tty->tail) == '\0')
		end = take_end(tty);
	*ret_end = end || tty->tail == tty->start;
	return n;
}

unsigned eft_tty_available_locked(const struct eft_tty *tty)
{
	unsigned n = 0;

	for (uint32_t pos = tty->tail; pos != tty->start; pos++)
		n += !is_end(tty, pos) || eft_tty_byte(tty, pos) != '\0';
	return n;
}

void eft_tty_flush_locked(struct eft_tty *tty)
{
	tty->tail = tty->start = tty->head;
}

void eft_tty_switch_locked(struct eft_tty *tty)
{
	for (uint32_t pos = tty->tail; pos != tty->head; pos++)
		mark_end(tty, pos, false);
	tty->start = tty->head;
	if ((tty->termios.lflag & ICANON) && tty->tail != tty->head)
		mark_end(tty, tty->head - 1, true);
}
