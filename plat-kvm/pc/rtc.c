// SPDX-License-Identifier: BSD-3-Clause
/*
 * The wall clock of a PC: the MC146818 real-time clock (Motorola data sheet).
 *
 * It counts in BCD or binary, in 12 or 24 hours, and must not be read while
 * it counts on: two readings that agree, neither of them during an update.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

#define PORT_INDEX 0x70 /* bit 7 would mask the NMI */
#define PORT_DATA  0x71

enum {
	SECONDS = 0x00,
	MINUTES = 0x02,
	HOURS = 0x04, /* bit 7: afternoon, of 12 hours */
	DAY = 0x07,
	MONTH = 0x08,
	YEAR = 0x09,
	STATUS_A = 0x0a,
	STATUS_B = 0x0b,
	CENTURY = 0x32, /* by custom, and QEMU; ACPI's FADT may say otherwise */
};

#define A_UPDATING 0x80 /* at most 2 ms */
#define A_ABSENT   0xff /* an empty port; no such divider exists */
#define B_24_HOURS 0x02
#define B_BINARY   0x04
#define HOURS_PM   0x80

#define TRIES_MAX 20000

struct time {
	union {
		uint8_t fields[7];
		struct { /* in the order of registers[] */
			uint8_t second, minute, hour, day, month, year, century;
		};
	};
};

static const uint8_t registers[] = {SECONDS, MINUTES, HOURS,  DAY,
				    MONTH,   YEAR,    CENTURY};

static uint8_t get(uint8_t reg)
{
	outb(PORT_INDEX, reg);
	return inb(PORT_DATA);
}

static bool get_time(struct time *t)
{
	uint8_t status;

	for (int i = 0; (status = get(STATUS_A)) & A_UPDATING; i++)
		if (i == TRIES_MAX || status == A_ABSENT)
			return false;
	for (size_t i = 0; i < eft_array_size(registers); i++)
		t->fields[i] = get(registers[i]);
	return true;
}

static uint8_t from_bcd(uint8_t value)
{
	return (value >> 4) * 10 + (value & 15);
}

static void decode(struct time *t, uint8_t status_b)
{
	bool afternoon = t->hour & HOURS_PM && !(status_b & B_24_HOURS);

	if (!(status_b & B_24_HOURS))
		t->hour &= ~HOURS_PM;
	for (size_t i = 0; i < eft_array_size(t->fields); i++) {
		if (!(status_b & B_BINARY))
			t->fields[i] = from_bcd(t->fields[i]);
	}
	if (!(status_b & B_24_HOURS))
		t->hour = t->hour % 12 + (afternoon ? 12 : 0);
	if (t->century < 19 || t->century > 29)
		t->century = t->year < 70 ? 20 : 19;
}

static bool sensible(const struct time *t)
{
	return t->second < 60 && t->minute < 60 && t->hour < 24 &&
	       t->day >= 1 && t->day <= 31 && t->month >= 1 && t->month <= 12 &&
	       t->year < 100;
}

/* Of the Gregorian calendar, since 1970; a year begins in March here. */
static int64_t days(const struct time *t)
{
	int year = t->century * 100 + t->year - (t->month <= 2);
	int month = (t->month + 9) % 12; /* 0 is March */

	/* 153 days in five months from March; 719,468 to 1970-01-01. */
	return year * 365ll + year / 4 - year / 100 + year / 400 +
	       (month * 153 + 2) / 5 + t->day - 1 - 719468;
}

uint64_t eft_kvm_rtc_seconds(void)
{
	struct time t, again;
	int64_t seconds;

	do {
		if (!get_time(&t) || !get_time(&again))
			return 0;
	} while (memcmp(&t, &again, sizeof(t)) != 0);
	decode(&t, get(STATUS_B));
	if (!sensible(&t))
		return 0;
	seconds = ((days(&t) * 24 + t.hour) * 60 + t.minute) * 60 + t.second;
	return seconds > 0 ? seconds : 0;
}
