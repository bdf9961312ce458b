// SPDX-License-Identifier: BSD-3-Clause
/*
 * The terminal's line discipline (core/tty): the input is what is
 * typed, mixed with settings, reads and polls. What it keeps must be in order
 * after each; with everything turned off, bytes come out as they went in.
 */
#include "core/tty/tty.h"
#include "fuzz/fuzz.h"

/* They are called as operations of the terminal. */
eft_needs(eft_tty_ioctl);
eft_needs(eft_tty_read);

static struct eft_file *tty;

/* What was typed since the terminal became a plain pipe; or none of it. */
static bool raw;
static uint8_t typed[EFT_TTY_RING];
static unsigned typed_len, read_len;

void eft_tty_signal(int signal)
{
	fuzz_check(signal == 2 || signal == 3);
}

static void set(const struct eft_termios *termios)
{
	fuzz_check(tty->ops->ioctl(tty, TCSETSF, (void *)termios) == 0);
	raw = false;
}

static void do_settings(void)
{
	struct eft_termios termios;

	fuzz_check(tty->ops->ioctl(tty, TCGETS, &termios) == 0);
	termios.iflag = fuzz_u64();
	termios.oflag = fuzz_u64();
	termios.lflag = fuzz_u64();
	for (unsigned i = 0; i < eft_array_size(termios.cc); i++)
		termios.cc[i] = fuzz_u8();
	termios.cc[VMIN] = 0; /* a read does not sleep */
	termios.cc[VTIME] = 0;
	set(&termios);
}

static void do_raw(void)
{
	struct eft_termios termios = {.cflag = 0};

	set(&termios);
	raw = true;
	typed_len = read_len = 0;
}

static void do_type(void)
{
	char text[64];
	size_t len = fuzz_string(text, sizeof(text));

	raw &= typed_len + len < sizeof(typed);
	if (raw) {
		memcpy(typed + typed_len, text, len);
		typed_len += len;
	}
	fake_uart_type(text);
}

static void do_read(void)
{
	char buf[200];
	struct eft_iovec iov = {buf, fuzz_below(sizeof(buf))};
	ssize_t n = tty->ops->read(tty, &iov, 1, EFT_AT_POSITION);

	fuzz_check(n <= (ssize_t)iov.len);
	if (!raw || n < 0)
		return;
	fuzz_check(n == (ssize_t)eft_min(iov.len, typed_len - read_len));
	fuzz_check(memcmp(buf, typed + read_len, n) == 0);
	read_len += n;
}

static void do_poll(void)
{
	struct eft_pollfd fd = {0, POLLIN | POLLOUT, 0};
	int waiting = 0;

	fuzz_check(eft_poll(&fd, 1, 0) == 1 && fd.revents & POLLOUT);
	fuzz_check(tty->ops->ioctl(tty, FIONREAD, &waiting) == 0);
	fuzz_check(waiting >= 0 && waiting <= EFT_TTY_RING);
	if (raw)
		fuzz_check(waiting == (int)(typed_len - read_len));
}

static void do_write(void)
{
	char text[64];
	struct eft_iovec iov = {text, fuzz_string(text, sizeof(text))};

	fuzz_check(tty->ops->write(tty, &iov, 1, EFT_AT_POSITION) ==
		   (ssize_t)iov.len);
}

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;
	char byte;
	struct eft_iovec iov = {&byte, 1};

	fake_boot(&config);
	eft_fd_init();
	tty = eft_fd_get(0);
	tty->flags |= O_NONBLOCK;
	tty->ops->read(tty, &iov, 1, EFT_AT_POSITION); /* starts input */
}

static void check_ring(void)
{
	fuzz_check(eft_tty.start - eft_tty.tail <= EFT_TTY_RING);
	fuzz_check(eft_tty.head - eft_tty.start <= EFT_TTY_RING);
	fuzz_check(eft_tty.head - eft_tty.tail <= EFT_TTY_RING);
}

void fuzz_one(void)
{
	static void (*const steps[])(void) = {do_type,	   do_read, do_poll,
					      do_settings, do_raw,  do_write};

	while (fuzz_more()) {
		steps[fuzz_below(eft_array_size(steps))]();
		check_ring();
	}
}
