// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console as an open file.
 *
 * The program's memory is copied through a small buffer: the line discipline
 * works under a spin lock, where it must not be touched. Two threads that
 * write, or read, at once may thus find their bytes mixed.
 */
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/trace.h"
#include "core/tty/tty.h"

/* How long a writer sleeps before it asks a full console again. */
enum { PACE_NS = 1000000 };

/* The callers of these operations name them (see eft_needs). */
#pragma weak eft_tty_ioctl
#pragma weak eft_tty_read
#pragma weak eft_tty_stat
#pragma weak eft_tty_poll

struct eft_tty eft_tty = {.lock = EFT_LOCK_INIT(EFT_RANK_TERMINAL)};

static struct eft_file console;
static bool is_set_up; /* set at boot, by eft_stdio_init */

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

/*
 * Give the console (buf), at the pace of who reads it. It has no interrupt for
 * that: the other threads run meanwhile.
 *
 * Returns   how much it took: less than (len) where *ret_error is why
 */
static size_t put(struct eft_file *file, const char *buf, size_t len,
		  int *ret_error)
{
	size_t done = 0;

	*ret_error = 0;
	eft_trace(EFT_TRACE_IO, EFT_TRACE_IO_CONSOLE, 0);
	while (done < len && *ret_error == 0) {
		size_t n = eft_plat->console_write(buf + done, len - done);

		done += n;
		if (n == 0 && (file->flags & O_NONBLOCK))
			*ret_error = -EAGAIN;
		else if (n == 0 && eft_sleep(eft_now_ns() + PACE_NS) == -EINTR)
			*ret_error = -EINTR;
	}
	eft_trace(EFT_TRACE_IO_END, done, 0);
	return done;
}

/* How many bytes of (in) the first (len) of (out), its translation, show. */
static size_t shown(const char *in, const char *out, size_t len)
{
	size_t n = 0;

	for (size_t at = 0; at < len; at++)
		n += out[at] == in[n];
	return n;
}

/* Write the next (len) bytes, a chunk at most. */
static ssize_t write_some(struct eft_tty *tty, struct eft_file *file,
			  struct eft_cursor *from, size_t len)
{
	char in[EFT_TTY_CHUNK], out[2 * EFT_TTY_CHUNK];
	size_t out_len = 0, n;
	int error;

	if (eft_cursor_take(from, in, len) != 0)
		return -EFAULT;
	eft_lock(&tty->lock);
	for (size_t i = 0; i < len; i++)
		out_len += eft_tty_translate_locked(tty, (uint8_t)in[i],
						    out + out_len);
	eft_unlock(&tty->lock);
	n = put(file, out, out_len, &error);
	if (error == 0)
		return (ssize_t)len;
	n = shown(in, out, n);
	return n > 0 ? (ssize_t)n : error;
}

ssize_t eft_tty_write_line(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	size_t left = eft_iov_total(iov, count), done = 0;
	struct eft_cursor from = {.iov = iov};
	ssize_t n, wanted;

	do {
		wanted = (ssize_t)eft_min(left, EFT_TTY_CHUNK);
		n = write_some(&eft_tty, file, &from, (size_t)wanted);
		if (n > 0) {
			done += (size_t)n;
			left -= (size_t)n;
		}
	} while (left > 0 && n == wanted);
	return done > 0 ? (ssize_t)done : n;
}

/* device.c has another. */
ssize_t eft_tty_write(struct eft_file *file, const struct eft_iovec *iov,
		      int count, off_t at)
	__attribute__((weak, alias("eft_tty_write_line")));

/* It stands for a pipe, where it is plain: stdio is to buffer. */
static int tty_window_size(struct eft_file *file,
			   struct eft_winsize eft_user *arg)
{
	struct eft_winsize winsize;

	if (eft_tty.plain)
		return -ENOTTY;
	eft_lock(&eft_tty.lock);
	winsize = eft_tty.winsize;
	eft_unlock(&eft_tty.lock);
	return eft_copy_out(arg, &winsize, sizeof(winsize));
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
	.read = eft_tty_read,
	.write = eft_tty_write,
	.stat = eft_tty_stat,
	.ioctl = eft_tty_ioctl,
	.window_size = tty_window_size,
	.poll = eft_tty_poll,
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
