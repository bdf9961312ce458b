// SPDX-License-Identifier: BSD-3-Clause
/*
 * The terminal: what is typed, what is shown, what is read. And poll(2).
 */
#include "core/tty/tty.h"
#include "core/log.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/unit/files.h"

static struct eft_file *tty;
static int signals[8];
static unsigned signal_count;

void eft_tty_signal(int signal)
{
	signals[signal_count++] = signal;
}

/* Start input, without waiting for any. */
static void boot(void)
{
	char c;

	files_boot(NULL, 0);
	tty = eft_fd_get(0);
	tty->flags |= O_NONBLOCK;
	check(!fake_uart_started);
	check_eq(f_pread(tty, &c, 1, -1), -EAGAIN);
	check(fake_uart_started);
	fake_console_clear();
}

static void set_termios(uint32_t clear, uint32_t set, int min, int time)
{
	struct eft_termios t;

	check_eq(tty->ops->ioctl(tty, TCGETS, &t), 0);
	t.lflag = (t.lflag & ~clear) | set;
	t.cc[VMIN] = (uint8_t)min;
	t.cc[VTIME] = (uint8_t)time;
	check_eq(tty->ops->ioctl(tty, TCSETS, &t), 0);
}

/* Type (text): the screen shows (echo). */
static void type(const char *text, const char *echo)
{
	fake_console_clear();
	fake_uart_type(text);
	check_str(fake_console, echo);
}

/* A read of (size) bytes gives (text). */
static void reads(size_t size, const char *text)
{
	static char buf[8192];
	ssize_t n = f_pread(tty, buf, size, -1);

	check_eq(n, strlen(text));
	buf[n] = '\0';
	check_str(buf, text);
}

static void reads_nothing(void)
{
	char c;

	check_eq(f_pread(tty, &c, 1, -1), -EAGAIN);
}

Test(tty, lines)
{
	boot();
	type("hello", "hello");
	reads_nothing();
	type("\r", "\r\n");
	reads(100, "hello\n");
	reads_nothing();
	type("a\nbc\n", "a\r\nbc\r\n");
	reads(100, "a\n"); /* one line a read */
	reads(1, "b");
	reads(100, "c\n");
	reads(0, "");
}

Test(tty, erase)
{
	boot();
	type("ab\x7f", "ab\b \b");
	type("\bc", "\b \bc");	       /* either key */
	type("\x7f\x7f\x7f", "\b \b"); /* not past the beginning */
	type("x\n", "x\r\n");
	reads(100, "x\n");
	type("\x01z\x7f\x7f", "^Az\b \b\b \b\b \b");
	type("\n", "\r\n");
	reads(100, "\n");
	type("\xc3\xa4\xe2\x82\xac\x7f", "\xc3\xa4\xe2\x82\xac\b \b");
	type("\n", "\r\n");
	reads(100, "\xc3\xa4\n");
}

Test(tty, erase_tab)
{
	boot();
	type("ab\tc", "ab\tc");
	type("\x7f", "\b \b");
	type("\x7f", "\b\b\b\b\b\b");
	type("\n", "\r\n");
	reads(100, "ab\n");
}

Test(tty, kill_and_word_erase)
{
	boot();
	type("one two", "one two");
	type("\x15", "\b \b\b \b\b \b\b \b\b \b\b \b\b \b");
	type("a bc  \x17", "a bc  \b \b\b \b\b \b\b \b");
	type("\x17\x17", "\b \b\b \b");
	type("k\n", "k\r\n");
	reads(100, "k\n");
	type("a \xc3\xa4_1\x17", "a \xc3\xa4_1\b \b\b \b\b \b");
	type("\n", "\r\n");
	reads(100, "a \n");
}

Test(tty, end_of_file)
{
	boot();
	type("\x04", "");
	reads(100, ""); /* a read of length 0, once */
	reads_nothing();
	type("ab\x04", "ab");
	reads(100, "ab"); /* in mid-line: what is there */
	reads_nothing();
	type("ab\x04", "ab");
	reads(2, "ab"); /* exactly: its end belongs to it */
	reads_nothing();
	type("c\x04\x04", "c");
	reads(1, "c");
	reads(100, "");
	type("x\x04y\n", "xy\r\n");
	reads(100, "x");
	reads(100, "y\n");
}

Test(tty, signals)
{
	boot();
	type("ab\x03", "ab^C");
	type("c\x1c", "c^\\");
	check_eq(signal_count, 2);
	check_eq(signals[0], SIGINT);
	check_eq(signals[1], 3);
	type("d\n", "d\r\n");
	reads(100, "d\n");
	set_termios(ISIG, 0, 1, 0);
	type("\x03\n", "^C\r\n");
	check_eq(signal_count, 2);
	reads(100, "\x03\n");
}

Test(tty, no_echo)
{
	boot();
	set_termios(ECHO, 0, 1, 0);
	type("secret\x7f\n", "");
	reads(100, "secre\n");
	set_termios(0, ECHONL, 1, 0);
	type("x\n", "\r\n");
	reads(100, "x\n");
}

/* A line that is too long rings the bell, and can still be ended. */
Test(tty, overflow)
{
	static char line[EFT_TTY_RING + 1], buf[2 * EFT_TTY_RING];
	ssize_t n;

	boot();
	memset(line, 'x', EFT_TTY_RING - 1);
	fake_uart_type(line);
	type("yz", "\a\a");
	type("\n", "\r\n");
	n = f_pread(tty, buf, sizeof(buf), -1);
	check_eq(n, EFT_TTY_RING);
	check_eq(buf[n - 1], '\n');
	check_eq(buf[n - 2], 'x');
	for (int i = 0; i < EFT_TTY_RING; i++)
		fake_uart_type("\n"); /* full of lines */
	type("lost\n", "\a\a\a\a\r\n\a");
	reads(1, "\n");
	type("k", "\a"); /* room for an end, not for what it ends */
	type("\n", "\r\n");
}

/* A plain console loses nothing: its line stops, and goes on at half of it. */
Test(tty, paused_line)
{
	enum { LINES = 2 * EFT_TTY_RING, HELD = EFT_TTY_RING - 1 };
	int read = 0;

	boot();
	eft_tty.plain = true;
	for (int i = 0; i < LINES; i++)
		fake_uart_type("\n");
	check_eq(eft_tty.head - eft_tty.tail, HELD);
	for (; read < HELD - EFT_TTY_RING / 2 - 1; read++)
		reads(1, "\n");
	check(eft_tty.paused);
	check_eq(eft_tty.head - eft_tty.tail, HELD - read);
	reads(1, "\n");
	check_eq(eft_tty.head - eft_tty.tail, HELD);
	for (read++; read < LINES; read++)
		reads(1, "\n");
	check(!eft_tty.paused);
	reads_nothing();
}

Test(tty, flush)
{
	int n;

	boot();
	type("one\ntwo", "one\r\ntwo");
	check_eq(tty->ops->ioctl(tty, FIONREAD, &n), 0);
	check_eq(n, 4);
	check_eq(tty->ops->ioctl(tty, TCFLSH, 0), 0);
	reads_nothing();
	type("x\n", "x\r\n");
	reads(100, "x\n");
	check_eq(tty->ops->ioctl(tty, TCFLSH, (void *)3), -EINVAL);
	check_eq(tty->ops->ioctl(tty, 0x1234, &n), -ENOTTY);
}

Test(tty, raw)
{
	boot();
	set_termios(ICANON | ECHO | ISIG, 0, 1, 0);
	type("a\x7f\x04\x03\r", "");
	reads(2, "a\x7f");
	reads(100, "\x04\x03\n");
	reads_nothing();
	type("left", "");
	set_termios(0, ICANON, 1, 0); /* what waits is a line */
	reads(100, "left");
	type("half", "");
	set_termios(ICANON, 0, 1, 0);
	reads(100, "half");
	set_termios(0, 0, 0, 0); /* VMIN 0, VTIME 0: never waits */
	reads(100, "");
}

Test(tty, random_bytes)
{
	static char buf[300];

	boot();
	for (unsigned i = 0; i < 60000; i++) {
		char c[2] = {(char)unit_random(256), 0};

		if (unit_random(3) == 0)
			c[0] = "\x7f\x15\x17\x04\n\t\r\x03"[unit_random(8)];
		if (signal_count > 4)
			signal_count = 0;
		fake_uart_type(c);
		if (i % 32 == 0)
			f_pread(tty, buf, 1 + unit_random(299), -1);
		if (i % 512 == 0)
			set_termios(ICANON | ECHO,
				    unit_random(2) * ICANON |
					    unit_random(2) * ECHO,
				    1, 0);
		if (i % 64 == 0)
			fake_console_clear();
		check(eft_tty.head - eft_tty.tail <= EFT_TTY_RING);
	}
}

Test(tty, output)
{
	struct eft_termios t;

	boot();
	check_eq(f_pwrite(tty, "a\nb\r\n", 5, -1), 5);
	check_str(fake_console, "a\r\nb\r\r\n");
	fake_console_clear();
	tty->ops->ioctl(tty, TCGETS, &t);
	t.oflag &= ~(uint32_t)OPOST;
	tty->ops->ioctl(tty, TCSETS, &t);
	check_eq(f_pwrite(tty, "a\n", 2, -1), 2);
	check_str(fake_console, "a\n");
	check_eq(f_pwrite(tty, "x", 1, 0), -ESPIPE);
}

Test(tty, window_size)
{
	struct eft_winsize set = {25, 80, 0, 0}, got;

	boot();
	check_eq(tty->ops->ioctl(tty, TIOCSWINSZ, &set), 0);
	check_eq(tty->ops->ioctl(tty, TIOCGWINSZ, &got), 0);
	check(got.rows == 25 && got.columns == 80);
}

/*
 * Reads that wait.
 */
static void type_later(void *text)
{
	fake_uart_type(text);
}

static void type_at(uint64_t ms, const char *text)
{
	fake_interrupt_at(ms * 1000000, type_later, (void *)(uintptr_t)text);
}

static void reads_at(uint64_t ms, size_t size, const char *text)
{
	reads(size, text);
	check_eq(fake_now / 1000000, ms);
}

static void waits(void *arg)
{
	tty->flags &= ~O_NONBLOCK;
	type_at(10, "li");
	type_at(20, "ne\n");
	reads_at(20, 100, "line\n");
	set_termios(ICANON | ECHO, 0, 3, 0);
	type_at(30, "a");
	type_at(40, "bcd");
	reads_at(40, 100, "abcd"); /* VMIN 3 */
	type_at(50, "xy");
	reads_at(50, 2, "xy"); /* no more than is asked for */
	set_termios(0, 0, 0, 2);
	reads_at(250, 100, ""); /* VTIME: 0.2 s, nothing */
	type_at(300, "k");
	reads_at(300, 100, "k");
	set_termios(0, 0, 10, 1);
	type_at(1000, "a");
	type_at(1050, "b");
	type_at(1140, "c");
	reads_at(1240, 100, "abc"); /* 0.1 s between bytes */
}

Test(tty, waiting)
{
	boot();
	check_eq(fake_run(waits, NULL), FAKE_RETURNED);
}

/*
 * Writing to a console that takes nothing for a while.
 */
static void take(void *arg)
{
	fake_console_takes = (size_t)(uintptr_t)arg;
}

static void take_at(uint64_t ms, size_t bytes)
{
	fake_interrupt_at(ms * 1000000, take, (void *)bytes);
}

static void interrupt(void *thread)
{
	eft_thread_interrupt(thread);
}

static void waits_to_write(void *arg)
{
	tty->flags &= ~O_NONBLOCK;
	fake_console_takes = 4; /* newlines are two bytes there */
	take_at(100, 2);
	take_at(200, 100);
	check_eq(f_pwrite(tty, "ab\nc\nd", 6, -1), 6);
	check(fake_now >= 200000000);
	check_str(fake_console, "ab\r\nc\r\nd");

	/* What was shown until a signal came counts; half a newline does not.
	 */
	fake_console_clear();
	fake_console_takes = 2;
	fake_interrupt_at(300000000, interrupt, eft_current());
	check_eq(f_pwrite(tty, "a\nb", 3, -1), 1);
	check_str(fake_console, "a\r");
	check_eq(f_pwrite(tty, "\nb", 2, -1), -EINTR);
	eft_thread_attended();

	fake_console_clear();
	fake_console_takes = 1;
	tty->flags |= O_NONBLOCK;
	check_eq(f_pwrite(tty, "xyz", 3, -1), 1);
	check_eq(f_pwrite(tty, "yz", 2, -1), -EAGAIN);
	check_str(fake_console, "x");
	fake_console_takes = SIZE_MAX;
}

Test(tty, slow_console)
{
	boot();
	check_eq(fake_run(waits_to_write, NULL), FAKE_RETURNED);
}

/* A message waits a second in all, and not again until something was taken. */
Test(tty, messages_on_a_stuck_console)
{
	uint64_t began;

	boot();
	began = fake_now;
	fake_console_takes = 2;
	eft_console_printf("lost");
	check_str(fake_console, "lo");
	check(fake_now - began >= 1000000000);
	began = fake_now;
	eft_console_printf("lost too");
	check(fake_now - began < 10000000);
	fake_console_takes = 6;
	eft_console_printf("st, no");
	fake_console_takes = SIZE_MAX;
	eft_console_printf("t");
	check_str(fake_console, "lost, not");
}

/*
 * poll(2).
 */
static void polls(void *arg)
{
	struct eft_pollfd fds[7] = {
		{.fd = 0, .events = POLLIN},
		{.fd = -1, .events = POLLIN, .revents = 77},
	};

	check_eq(eft_poll(fds, 2, 0), 0);
	check_eq(fds[1].revents, 0);
	check_eq(eft_poll(fds, 2, 5000000), 0);
	check_eq(fake_now, 5000000);
	type_at(10, "x");
	type_at(11, "\n");
	check_eq(eft_poll(fds, 1, EFT_FOREVER), 1);
	check_eq(fds[0].revents, POLLIN);
	check_eq(fake_now, 11000000);
	fds[0].events = POLLOUT;
	check_eq(eft_poll(fds, 1, EFT_FOREVER), 1);
	check_eq(fds[0].revents, POLLOUT);
	fds[1].fd = 99; /* not open */
	check_eq(eft_poll(fds, 2, EFT_FOREVER), 2);
	check_eq(fds[1].revents, POLLNVAL);
	reads(100, "x\n");
	for (int i = 0; i < 7; i++) /* more than need no memory */
		fds[i] = (struct eft_pollfd){.fd = i % 3, .events = POLLIN};
	eft_alloc_fail_after(0);
	check_eq(eft_poll(fds, 7, 0), -ENOMEM);
	eft_alloc_fail_after(UINT64_MAX);
	type_at(20, "y\n");
	check_eq(eft_poll(fds, 7, EFT_FOREVER), 7);
	check(eft_list_empty(&eft_tty.readers.waiters));
	check_eq(eft_poll(NULL, 0, fake_now + 1000), 0);
}

Test(poll, terminal)
{
	struct files_usage before;

	boot();
	before = files_usage();
	check_eq(fake_run(polls, NULL), FAKE_RETURNED);
	check_eq(fake_heap_blocks(), before.blocks + 1); /* the thread */
	check_eq(tty->references, 5);
}
