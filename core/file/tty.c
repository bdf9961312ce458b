// SPDX-License-Identifier: BSD-3-Clause
/*
 * The console as an open file.
 *
 * The program's memory is copied through a small buffer: the line discipline
 * works under a spin lock, where it must not be touched. Two threads that
 * write, or read, at once may thus find their bytes mixed.
 */
#include "core/file/tty.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/time.h"
#include "core/trace.h"

/* The callers of these operations name them (see eft_needs). */
#pragma weak eft_tty_read
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

static void write_part(struct eft_tty *tty, const uint8_t *buf, size_t len)
{
	uint8_t in[EFT_TTY_CHUNK];
	char out[2 * EFT_TTY_CHUNK];

	while (len > 0) {
		size_t n = eft_min(len, sizeof(in)), out_len = 0;

		memcpy(in, buf, n);
		eft_lock(&tty->lock);
		for (size_t i = 0; i < n; i++)
			out_len += eft_tty_translate_locked(tty, in[i],
							    out + out_len);
		eft_unlock(&tty->lock);
		eft_trace(EFT_TRACE_IO, EFT_TRACE_IO_CONSOLE, 0);
		eft_plat->console_write(out, out_len);
		eft_trace(EFT_TRACE_IO_END, out_len, 0);
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
	.write = tty_write,
	.stat = tty_stat,
	.ioctl = eft_tty_ioctl,
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
