// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console as an open file. The serial line is started when somebody first
 * wants to read, so that a program which only prints takes no interrupts.
 *
 * The program's memory is copied through a small buffer: the line discipline
 * works under a spin lock, where it must not be touched. Two threads that
 * write, or read, at once may thus find their bytes mixed.
 */
#include "core/file/tty.h"
#include "core/dev/uart.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/time.h"

enum { CHUNK = 256 };

struct eft_tty eft_tty;

static struct eft_file console;
static bool is_set_up;	   /* set at boot, by eft_stdio_init */
static bool input_started; /* atomic */

static void set_up(struct eft_tty *tty)
{
	tty->termios = (struct eft_termios){
		.iflag = ICRNL | IUTF8 | IMAXBEL,
		.oflag = OPOST | ONLCR,
		.cflag = B115200 | CS8 | CREAD,
		.lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK |
			 ECHOCTL | ECHOKE,
		.cc = {[VINTR] = 3,
		       [VQUIT] = 034,
		       [VERASE] = 0x7f,
		       [VKILL] = 025,
		       [VEOF] = 4,
		       [VMIN] = 1,
		       [VWERASE] = 027},
	};
	tty->plain = eft_options.tty_plain != 0;
	if (tty->plain) { /* bytes are data, but for ^C and the end */
		tty->termios = (struct eft_termios){
			.cflag = B115200 | CS8 | CREAD,
			.lflag = ISIG | ICANON,
			.cc = {[VINTR] = 3, [VEOF] = 4, [VMIN] = 1},
		};
	}
	eft_waitq_init(&tty->readers);
}

static bool receive(uint8_t c)
{
	return eft_tty_receive(&eft_tty, c);
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
		eft_plat_uart()->resume();
}

static void start_input(void)
{
	const struct eft_uart *uart = eft_plat_uart();

	if (!__atomic_exchange_n(&input_started, true, __ATOMIC_RELAXED) &&
	    uart != NULL)
		uart->start(receive);
}

/* What a read of (len) bytes waits for. */
struct need {
	bool met;
	bool timed;	    /* give up (time_ns) after the last byte */
	uint64_t time_ns;   /* termios' VTIME */
	uint32_t available; /* bytes */
};

static struct need find_need(struct eft_tty *tty, size_t len)
{
	struct need need = {.met = false};
	unsigned min, time;

	eft_lock(&tty->lock);
	min = tty->termios.cc[VMIN];
	time = tty->termios.cc[VTIME];
	need.available = tty->start - tty->tail;
	need.time_ns = time * UINT64_C(100000000);
	if (tty->termios.lflag & ICANON) {
		need.met = need.available > 0 || tty->ended;
	} else if (min == 0) {
		need.met = time == 0 || need.available > 0;
		need.timed = true;
	} else {
		need.met = need.available >= eft_min(min, len);
		need.timed = time > 0 && need.available > 0;
	}
	eft_unlock(&tty->lock);
	return need;
}

/* Sleep until a read of (len) bytes can be answered, maybe with nothing. */
static int wait_input(struct eft_tty *tty, size_t len, bool nonblock)
{
	struct eft_waiter waiter;
	struct need need;
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
		if (eft_tty_deliver != NULL)
			eft_tty_deliver();
	}
	eft_wait_end(&waiter);
	return error == -ETIMEDOUT ? 0 : error;
}

/* Read into one buffer; *ret_end says that the whole read is over. */
static ssize_t read_part(struct eft_tty *tty, char *buf, size_t len,
			 bool *ret_end)
{
	char chunk[CHUNK];
	size_t done = 0;

	*ret_end = false;
	while (done < len && !*ret_end) {
		size_t n = eft_min(len - done, sizeof(chunk));

		eft_lock(&tty->lock);
		n = eft_tty_take_locked(tty, chunk, n, ret_end);
		eft_unlock(&tty->lock);
		memcpy(buf + done, chunk, n);
		done += n;
	}
	return (ssize_t)done;
}

static ssize_t tty_read(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t at)
{
	size_t len = 0;
	ssize_t done = 0;
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
	for (int i = 0; i < count && !end; i++)
		done += read_part(&eft_tty, iov[i].base, iov[i].len, &end);
	resume_input(&eft_tty);
	return done;
}

static void write_part(struct eft_tty *tty, const uint8_t *buf, size_t len)
{
	uint8_t in[CHUNK];
	char out[2 * CHUNK];

	while (len > 0) {
		size_t n = eft_min(len, sizeof(in)), out_len = 0;

		memcpy(in, buf, n);
		eft_lock(&tty->lock);
		for (size_t i = 0; i < n; i++)
			out_len += eft_tty_translate_locked(tty, in[i],
							    out + out_len);
		eft_unlock(&tty->lock);
		eft_plat->console_write(out, out_len);
		buf += n;
		len -= n;
	}
}

static ssize_t tty_write(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	size_t done = 0;

	for (int i = 0; i < count; i++) {
		write_part(&eft_tty, iov[i].base, iov[i].len);
		done += iov[i].len;
	}
	return (ssize_t)done;
}

static int tty_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	struct eft_timespec boot = {
		.sec = (int64_t)(eft_realtime_ns() / 1000000000),
	};

	*ret_stat = (struct eft_stat){
		.dev = EFT_TTY_DEV,
		.ino = EFT_TTY_INO,
		.nlink = 1,
		.mode = S_IFCHR | 0600,
		.rdev = EFT_TTY_RDEV,
		.blksize = EFT_PAGE_SIZE,
		.atime = boot,
		.mtime = boot,
		.ctime = boot,
	};
	return 0;
}

static unsigned tty_poll(struct eft_file *file, unsigned events,
			 struct eft_poll *poll)
{
	unsigned in = events & (POLLIN | POLLRDNORM);
	unsigned out = events & (POLLOUT | POLLWRNORM);

	if (in != 0) {
		start_input();
		resume_input(&eft_tty);
		if (poll->entries != NULL)
			eft_poll_add(poll, &eft_tty.readers);
		if (!find_need(&eft_tty, SIZE_MAX).met)
			in = 0;
	}
	return in | out;
}

static ssize_t tty_path(struct eft_file *file, char *buf, size_t size)
{
	static const char path[] = "/dev/console";
	size_t len = eft_min(sizeof(path) - 1, size);

	memcpy(buf, path, len);
	return (ssize_t)len;
}

static void tty_release(struct eft_file *file)
{
	eft_assert(file != &console);
	eft_free(file);
}

static const struct eft_file_ops tty_ops = {
	.read = tty_read,
	.write = tty_write,
	.stat = tty_stat,
	.ioctl = eft_tty_ioctl,
	.poll = tty_poll,
	.path = tty_path,
	.release = tty_release,
};

struct eft_file *eft_tty_console(void)
{
	if (!is_set_up) {
		is_set_up = true;
		set_up(&eft_tty);
		/* The reference that stays here keeps it for good. */
		eft_file_init(&console, &tty_ops, O_RDWR);
	}
	return eft_file_get(&console);
}

int eft_tty_open(int flags, struct eft_file **ret_file)
{
	struct eft_file *file = eft_alloc(sizeof(*file));

	if (file == NULL)
		return -ENOMEM;
	eft_file_put(eft_tty_console()); /* set up */
	eft_file_init(file, &tty_ops, flags);
	*ret_file = file;
	return 0;
}
