// SPDX-License-Identifier: BSD-3-Clause
/*
 * The wall clock of a PC, on one that tells its time in each of the ways that
 * it may be set up for (Motorola's MC146818 data sheet): plat-kvm/pc/rtc.c is
 * compiled into the test, with the instructions replaced that reach the chip.
 * The C library's timegm() says what is right.
 */
#define inb  real_inb
#define outb real_outb
#include "plat-kvm/x86/asm.h"
#undef inb
#undef outb

#include "tests/unit/unit.h"

#include <time.h>

static uint8_t inb(uint16_t port);
static void outb(uint16_t port, uint8_t value);

#include "plat-kvm/pc/rtc.c"

enum { NEVER = UINT32_MAX, UPDATE_READS = 3 };

static struct {
	time_t now;
	uint8_t mode; /* status B */
	bool no_century;
	bool absent;
	uint8_t month; /* what it says instead of the month, or 0 */
	uint8_t index;
	unsigned reads;	     /* of any register */
	unsigned counts_at;  /* it counts on after so many of them */
	unsigned updates_at; /* for some reads from then on it says so */
} chip;

static uint8_t encode(unsigned value)
{
	return chip.mode & B_BINARY ? value : value / 10 << 4 | value % 10;
}

static uint8_t encode_hour(unsigned hour)
{
	if (chip.mode & B_24_HOURS)
		return encode(hour);
	return encode((hour + 11) % 12 + 1) | (hour >= 12 ? HOURS_PM : 0);
}

static uint8_t read_register(void)
{
	struct tm tm;

	gmtime_r(&chip.now, &tm);
	switch (chip.index) {
	case SECONDS:
		return encode((unsigned)tm.tm_sec);
	case MINUTES:
		return encode((unsigned)tm.tm_min);
	case HOURS:
		return encode_hour((unsigned)tm.tm_hour);
	case DAY:
		return encode((unsigned)tm.tm_mday);
	case MONTH:
		return chip.month ?: encode((unsigned)tm.tm_mon + 1);
	case YEAR:
		return encode((unsigned)tm.tm_year % 100);
	case CENTURY:
		return chip.no_century
			       ? 0
			       : encode((unsigned)tm.tm_year / 100 + 19);
	case STATUS_A:
		return chip.reads - chip.updates_at < UPDATE_READS ? A_UPDATING
								   : 0x26;
	case STATUS_B:
		return chip.mode;
	}
	return 0;
}

static void outb(uint16_t port, uint8_t value)
{
	check_eq(port, PORT_INDEX);
	check_eq(value & 0x80, 0); /* the NMI stays on */
	chip.index = value;
}

static uint8_t inb(uint16_t port)
{
	check_eq(port, PORT_DATA);
	if (chip.absent)
		return 0xff;
	if (chip.reads++ == chip.counts_at)
		chip.now++;
	return read_register();
}

static void set(time_t now, uint8_t mode)
{
	chip = (typeof(chip)){.now = now,
			      .mode = mode,
			      .counts_at = NEVER,
			      .updates_at = NEVER};
}

static void check_told(time_t now)
{
	static const uint8_t modes[] = {0, B_24_HOURS, B_BINARY,
					B_24_HOURS | B_BINARY};

	for (unsigned i = 0; i < eft_array_size(modes); i++) {
		set(now, modes[i]);
		check_eq(eft_kvm_rtc_seconds(), now);
	}
}

static time_t at(int year, int month, int day, int hour, int minute, int second)
{
	struct tm tm = {.tm_year = year - 1900,
			.tm_mon = month - 1,
			.tm_mday = day,
			.tm_hour = hour,
			.tm_min = minute,
			.tm_sec = second};

	return timegm(&tm);
}

Test(rtc, every_hour)
{
	for (int hour = 0; hour < 24; hour++)
		check_told(at(2026, 11, 29, hour, 47, 21));
}

Test(rtc, days)
{
	static const int years[] = {1970, 1999, 2000, 2024,
				    2026, 2099, 2100, 2101};

	for (unsigned i = 0; i < eft_array_size(years); i++) {
		for (int day = 1; day <= 366; day++)
			check_told(at(years[i], 1, day, 12, 0, 1));
	}
	for (int i = 0; i < 2000; i++)
		check_told((time_t)unit_random(UINT32_MAX) + 1);
}

/* Two digits are a year of the century from 1970 on. */
Test(rtc, no_century)
{
	static const int years[] = {1970, 1999, 2000, 2026, 2069};

	for (unsigned i = 0; i < eft_array_size(years); i++) {
		set(at(years[i], 7, 1, 0, 30, 0), 0);
		chip.no_century = true;
		check_eq(eft_kvm_rtc_seconds(), chip.now);
	}
}

/* It counts on at any moment, between two registers too. */
Test(rtc, counts_on)
{
	time_t before = at(2027, 12, 31, 23, 59, 59);

	for (unsigned reads = 0; reads < 40; reads++) {
		uint64_t told;

		set(before, B_24_HOURS);
		chip.counts_at = reads;
		told = eft_kvm_rtc_seconds();
		check(told == (uint64_t)before || told == (uint64_t)before + 1);
		set(before, 0);
		chip.updates_at = reads;
		check_eq(eft_kvm_rtc_seconds(), before);
	}
}

Test(rtc, none)
{
	set(at(2026, 1, 1, 0, 0, 0), 0);
	chip.month = 0x13;
	check_eq(eft_kvm_rtc_seconds(), 0);
	chip.absent = true;
	check_eq(eft_kvm_rtc_seconds(), 0);
}
