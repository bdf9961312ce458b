// SPDX-License-Identifier: BSD-3-Clause
/*
 * The log ring, and panics.
 */
#include "core/log.h"
#include "tests/unit/unit.h"

static char buf[8192];

static const char *whole_log(void)
{
	buf[eft_log_read(buf, sizeof(buf) - 1)] = '\0';
	return buf;
}

Test(log, levels)
{
	fake_boot(NULL);
	eft_log(EFT_LOG_ERROR, "e %d", 1);
	eft_log(EFT_LOG_WARN, "w");
	check_str(fake_console, "eft: e 1\n");
	eft_log_set_level(EFT_LOG_DEBUG);
	eft_log(EFT_LOG_DEBUG, "d");
	check_str(fake_console, "eft: e 1\neft: d\n");
	check_str(whole_log(), "eft: e 1\neft: w\neft: d\n");
	check_eq(eft_log_read(buf, 3), 3);
	check_eq(memcmp(buf, " d\n", 3), 0);
	check_eq(eft_log_read(buf, 0), 0);
}

/* The newest bytes stay, whatever the ring's size. */
Test(log, wraps)
{
	char line[32];
	const char *all, *at;

	fake_boot(NULL);
	check_eq(eft_log_read(buf, sizeof(buf)), 0);
	for (int i = 0; i < 2000; i++)
		eft_log(EFT_LOG_INFO, "line %05d", i);
	all = whole_log();
	check(eft_strlen(all) >= 1024 && eft_strlen(all) < 8000);
	snprintf(line, sizeof(line), "eft: line %05d\n", 1999);
	check_str(all + eft_strlen(all) - 16, line);
	at = strstr(all, "eft:");
	for (int i = 2000 - (int)eft_strlen(at) / 16; i < 2000; i++, at += 16) {
		snprintf(line, sizeof(line), "eft: line %05d\n", i);
		check_eq(memcmp(at, line, 16), 0);
	}
}

Test(log, long_line_is_cut_with_its_end)
{
	static char text[1000];

	fake_boot(NULL);
	memset(text, 'x', sizeof(text) - 1);
	for (unsigned len = 240; len < 260; len++) {
		fake_console_clear();
		eft_log(EFT_LOG_ERROR, "%.*s", (int)len, text);
		check(eft_strlen(fake_console) <= 256);
		check_eq(fake_console[eft_strlen(fake_console) - 1], '\n');
	}
	fake_console_clear();
	eft_console_printf("%s", text);
	check(eft_strlen(fake_console) < 256);
}

/* A console that takes a byte every second turn of so many nanoseconds. */
static uint64_t turn_ns;
static unsigned turns, taken;

static size_t take_slowly(const void *bytes, size_t len)
{
	fake_now += turn_ns;
	if (++turns % 2 == 1)
		return 0;
	taken++;
	return 1;
}

/* One that is slow is waited for, as long as it goes on. */
Test(log, slow_console)
{
	fake_boot(NULL);
	fake_plat.console_write = take_slowly;
	turn_ns = 900000000;
	eft_console_write("0123456789", 10);
	check_eq(taken, 10);
	eft_console_write("0123456789", 10);
	check_eq(taken, 20);
}

static void panic(void *arg)
{
	eft_panic("it is %s", "over");
}

Test(log, panic)
{
	fake_boot(NULL);
	unit_check_panics(panic, NULL,
			  "eft: it is over\n"
			  "  in thread 0 (idle) of a program, a fake\n"
			  "  #0  0x");
}

static void fail(void *arg)
{
	eft_assert(arg != NULL);
}

Test(log, assertion)
{
	fake_boot(NULL);
	unit_check_panics(fail, NULL, "assertion failed: arg != NULL\n");
}
