// SPDX-License-Identifier: BSD-3-Clause
/*
 * A console that is a device, in place of the serial line: images linked with
 * -Wl,-u,eft_console_device have it. What the libOS itself says stays on the
 * serial line, which needs nothing to work.
 *
 * HOW    These functions are weak where the terminal (console.c, echo.c,
 *        read.c) has them.
 *
 * LOCKS  A plain console's input is put into the ring under the terminal's.
 */
#include "core/dev/console.h"
#include "core/dev/uart.h"
#include "core/fd/iov.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/time.h"
#include "core/tty/tty.h"

enum { PACE_NS = 1000000 }; /* between looks for a free chunk */

static void (*const finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_console,
	NULL,
};

static struct eft_device_class consoles = {
	.name = "console",
	.finders = finders,
};

static struct eft_console *device;	/* NULL: there is none */
static bool (*receive_byte)(uint8_t c); /* the terminal's (read.c) */

/* Put (buf) into the ring, as far as there is room: it can be read at once. */
static size_t put_data_locked(struct eft_tty *tty, const uint8_t *buf,
			      size_t len)
{
	size_t room = EFT_TTY_RING - (tty->head - tty->tail);
	size_t n = eft_min(len, room);

	for (size_t done = 0; done < n;) {
		size_t at = tty->head % EFT_TTY_RING;
		size_t part = eft_min(n - done, EFT_TTY_RING - at);

		memcpy(&tty->ring[at], buf + done, part);
		tty->head += part;
		done += part;
	}
	tty->start = tty->head;
	tty->paused = n < len;
	return n;
}

static size_t take_data(const uint8_t *buf, size_t len)
{
	struct eft_tty *tty = &eft_tty;
	size_t n = 0;

	if (!tty->plain) {
		while (n < len && receive_byte(buf[n]))
			n++;
		return n;
	}
	eft_lock(&tty->lock);
	n = put_data_locked(tty, buf, len);
	eft_unlock(&tty->lock);
	eft_waitq_wake(&tty->readers, EFT_WAKE_ALL);
	return n;
}

/* A terminal whose other end has gone may get another. */
static void take_end(void)
{
	struct eft_tty *tty = &eft_tty;

	if (!tty->plain)
		return;
	eft_lock(&tty->lock);
	tty->ended = true;
	eft_unlock(&tty->lock);
	eft_waitq_wake(&tty->readers, EFT_WAKE_ALL);
}

static void start(bool (*receive)(uint8_t byte))
{
	static const struct eft_console_sink sink = {take_data, take_end};

	receive_byte = receive;
	device->start(device, &sink);
	eft_plat->tell("listens\n"); /* ^C reaches the program */
}

static void resume(void)
{
	device->resume(device);
}

const struct eft_uart *eft_console_uart(void)
{
	static const struct eft_uart uart = {.start = start, .resume = resume};

	return device != NULL ? &uart : eft_plat_uart();
}

/* A chunk, at the pace of who reads the other end. */
static int reserve(struct eft_file *file, char **ret_chunk)
{
	int error = 0;

	while ((*ret_chunk = device->reserve(device)) == NULL && error == 0) {
		if (file->flags & O_NONBLOCK)
			error = -EAGAIN;
		else if (eft_sleep(eft_now_ns() + PACE_NS) == -EINTR)
			error = -EINTR;
	}
	return error;
}

/* Fill (chunk) from (len) bytes of the program's, as they are to be shown. */
static ssize_t fill(struct eft_cursor *from, size_t len, char *chunk)
{
	struct eft_tty *tty = &eft_tty;
	char in[EFT_TTY_CHUNK];
	size_t n = 0;

	if (tty->plain)
		return eft_cursor_take(from, chunk, len) == 0 ? (ssize_t)len
							      : -EFAULT;
	if (eft_cursor_take(from, in, len) != 0)
		return -EFAULT;
	eft_lock(&tty->lock);
	for (size_t i = 0; i < len; i++)
		n += eft_tty_translate_locked(tty, (uint8_t)in[i], chunk + n);
	eft_unlock(&tty->lock);
	return (ssize_t)n;
}

static ssize_t write_device(struct eft_file *file, const struct eft_iovec *iov,
			    int count)
{
	size_t left = eft_iov_total(iov, count), done = 0;
	size_t most = eft_tty.plain ? device->chunk_bytes : EFT_TTY_CHUNK;
	struct eft_cursor from = {.iov = iov};
	ssize_t n = 0;
	char *chunk;
	int error = 0;

	eft_assert(device->chunk_bytes >= 2 * EFT_TTY_CHUNK);
	while (left > 0 && error == 0) {
		size_t len = eft_min(left, most);

		error = reserve(file, &chunk);
		if (error < 0)
			break;
		n = fill(&from, len, chunk);
		device->send(device, chunk, n > 0 ? (size_t)n : 0);
		error = n < 0 ? (int)n : 0;
		done += n < 0 ? 0 : len;
		left -= n < 0 ? 0 : len;
	}
	return done > 0 ? (ssize_t)done : error;
}

ssize_t eft_tty_write(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at)
{
	return device != NULL ? write_device(file, iov, count)
			      : eft_tty_write_line(file, iov, count, at);
}

/* Echo that finds no room is lost. */
void eft_tty_echo_flush(struct eft_tty_echo *echo)
{
	char *chunk;

	if (echo->len > 0 && device == NULL) {
		eft_console_write(echo->buf, echo->len);
	} else if (echo->len > 0 && (chunk = device->reserve(device))) {
		memcpy(chunk, echo->buf, echo->len);
		device->send(device, chunk, echo->len);
	}
	echo->len = 0;
}

/* Which has no ^C and no end of file among its bytes, where it is plain. */
void eft_console_device(void)
{
	struct eft_file *file = eft_tty_console();

	device = (struct eft_console *)eft_device_next(&consoles, NULL);
	if (device != NULL && eft_tty.plain) {
		eft_tty.termios.lflag &= ~(uint32_t)ISIG;
		eft_tty.termios.cc[VINTR] = 0;
		eft_tty.termios.cc[VEOF] = 0;
	}
	eft_file_put(file);
}

/* Called at boot. */
void eft_tty_init(void)
{
	eft_console_device();
	eft_tty_begin_line();
}
