// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading the console. A terminal's serial line is started at boot, so that a
 * program which does not read hears ^C; that of a plain console when somebody
 * first wants to read.
 */
#include "core/dev/uart.h"
#include "core/fd/iov.h"
#include "core/options.h"
#include "core/time.h"
#include "core/tty/tty.h"

/* Only images with consoles that are devices have it (device.c). */
#pragma weak eft_console_uart

/* Only programs that change settings can leave canonical mode. */
#pragma weak eft_tty_need_raw_locked

static bool line_started; /* atomic */
static bool was_read;	  /* atomic */

static bool receive(uint8_t c)
{
	return eft_tty_receive(&eft_tty, c);
}

static const struct eft_uart *find_line(void)
{
	return eft_console_uart != NULL ? eft_console_uart() : eft_plat_uart();
}

/* Let the line go on, when there is much room or nothing left to be read. */
static void resume_input(struct eft_tty *tty)
{
	bool resume;

	eft_lock(&tty->lock);
	resume = tty->paused && (tty->start == tty->tail ||
				 tty->head - tty->tail <= EFT_TTY_RING / 2);
	if (resume)
		tty->paused = false;
	eft_unlock(&tty->lock);
	if (resume)
		find_line()->resume();
}

bool eft_tty_listens(void)
{
	return __atomic_load_n(&was_read, __ATOMIC_RELAXED);
}

static void start_line(void)
{
	const struct eft_uart *uart = find_line();

	if (uart != NULL &&
	    !__atomic_exchange_n(&line_started, true, __ATOMIC_RELAXED))
		uart->start(receive);
}

void eft_tty_begin_line(void)
{
	if (!eft_options.tty_plain)
		start_line();
}

/* device.c has another. */
void eft_tty_init(void) __attribute__((weak, alias("eft_tty_begin_line")));

static void start_input(void)
{
	__atomic_store_n(&was_read, true, __ATOMIC_RELAXED);
	start_line();
}

static struct eft_tty_need find_need(struct eft_tty *tty, size_t len)
{
	struct eft_tty_need need = {.met = false};

	eft_lock(&tty->lock);
	need.available = tty->start - tty->tail;
	if (tty->termios.lflag & ICANON) {
		need.met = need.available > 0 || tty->ended;
		need.polled = need.met;
	} else {
		eft_tty_need_raw_locked(tty, len, &need);
	}
	eft_unlock(&tty->lock);
	return need;
}

/* Sleep until a read of (len) bytes can be answered, maybe with nothing. */
static int wait_input(struct eft_tty *tty, size_t len, bool nonblock)
{
	struct eft_waiter waiter;
	struct eft_tty_need need;
	uint64_t deadline = EFT_FOREVER;
	uint32_t seen = UINT32_MAX;
	int error = 0;

	eft_wait_begin(&waiter, &tty->readers);
	while (need = find_need(tty, len), !need.met && error == 0) {
		if (nonblock) {
			error = need.available > 0 ? 0 : -EAGAIN;
			break;
		}
		if (!need.timed)
			deadline = EFT_FOREVER;
		else if (need.available != seen)
			deadline = eft_now_ns() + need.time_ns;
		seen = need.available;
		error = eft_sleep(deadline);
	}
	eft_wait_end(&waiter);
	/* A signal leaves the reader what it would have waited with. */
	if (need.met || error == -ETIMEDOUT ||
	    (error == -EINTR && need.available > 0))
		return 0;
	return error;
}

/*
 * Read into one buffer; *ret_end says that the whole read is over. What cannot
 * be copied is lost, as on Linux.
 */
static ssize_t read_part(struct eft_tty *tty, char eft_user *buf, size_t len,
			 bool *ret_end)
{
	char chunk[EFT_TTY_CHUNK];
	size_t done = 0, copied;

	*ret_end = false;
	while (done < len && !*ret_end) {
		size_t n = eft_min(len - done, sizeof(chunk));

		eft_lock(&tty->lock);
		n = eft_tty_take_locked(tty, chunk, n, ret_end);
		eft_unlock(&tty->lock);
		copied = eft_copy_out_some(buf + done, chunk, n);
		done += copied;
		if (copied < n) {
			*ret_end = true;
			return eft_iov_result(done, n);
		}
	}
	return (ssize_t)done;
}

ssize_t eft_tty_read(struct eft_file *file, const struct eft_iovec *iov,
		     int count, off_t at)
{
	size_t len = 0;
	ssize_t done = 0, n;
	bool end = false;
	int error;

	for (int i = 0; i < count; i++)
		len += iov[i].len;
	if (len == 0)
		return 0;
	start_input();
	resume_input(&eft_tty); /* if a flush has made the room */
	error = wait_input(&eft_tty, len, file->flags & O_NONBLOCK);
	if (error != 0)
		return error;
	for (int i = 0; i < count && !end; i++) {
		n = read_part(&eft_tty, iov[i].base, iov[i].len, &end);
		done = n >= 0 || done == 0 ? done + n : done;
	}
	resume_input(&eft_tty);
	return done;
}

void eft_tty_start_input(void)
{
	start_input();
	resume_input(&eft_tty);
}

bool eft_tty_has_input(void)
{
	return find_need(&eft_tty, SIZE_MAX).polled;
}
