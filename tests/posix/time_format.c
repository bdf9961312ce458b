// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calendar time in UTC: gmtime(), timegm(), mktime(), strftime() and
 * strptime() agree, over leap years and before 1970.
 */
#define _GNU_SOURCE
#include <time.h>

#include "tap.h"

static int formats(time_t when, const char *format, const char *want)
{
	struct tm tm;
	char buf[128];

	return gmtime_r(&when, &tm) && strftime(buf, 128, format, &tm) &&
	       strcmp(buf, want) == 0;
}

static void formatting(void)
{
	const time_t when = 1234567890;

	ok(formats(0, "%F %T", "1970-01-01 00:00:00"), "the epoch");
	ok(formats(when, "%F %T", "2009-02-13 23:31:30"), "1234567890");
	ok(formats(-1, "%F %T", "1969-12-31 23:59:59"), "a second before");
	ok(formats(951782400, "%F", "2000-02-29"), "a leap day in 2000");
	ok(formats(4107542400, "%F", "2100-03-01"), "no leap day in 2100");
	ok(formats(4294967296, "%F %T", "2106-02-07 06:28:16"), "2^32");
	ok(formats(when, "%a %A %b %B", "Fri Friday Feb February"), "names");
	ok(formats(when, "%j %U %W %u %w", "044 06 06 5 5"), "days and weeks");
	ok(formats(when, "%G-W%V", "2009-W07"), "the ISO week");
	ok(formats(when, "%I:%M %p %y %e", "11:31 PM 09 13"), "twelve hours");
	ok(formats(when, "%s %%", "1234567890 %"), "seconds");
	ok(formats(when, "%c", "Fri Feb 13 23:31:30 2009"), "the C locale's");
}

static void back_again(void)
{
	struct tm tm;
	int same = 1;

	for (time_t when = -2208988800; when < 4102444800; when += 86399 * 37) {
		need(gmtime_r(&when, &tm));
		same &= timegm(&tm) == when && mktime(&tm) == when;
	}
	ok(same, "timegm and mktime undo gmtime, 1900 to 2100");
	tm = (struct tm){.tm_year = 109, .tm_mon = 13, .tm_mday = 32};
	ok(mktime(&tm) == 1267660800 && tm.tm_year == 110 && tm.tm_mon == 2 &&
		   tm.tm_mday == 4 && tm.tm_wday == 4,
	   "mktime carries over");
	ok(difftime(10, 4) == 6.0, "difftime");
}

static void local(void)
{
	time_t when = 1234567890;
	struct tm tm;

	setenv("TZ", "XYZ-2", 1);
	tzset();
	ok(localtime_r(&when, &tm) && tm.tm_hour == 1 && tm.tm_mday == 14,
	   "two hours east");
	ok(!strcmp(tzname[0], "XYZ") && timezone == -7200, "its name");
	setenv("TZ", "UTC0", 1);
	tzset();
	ok(localtime_r(&when, &tm) && tm.tm_hour == 23 && tm.tm_gmtoff == 0,
	   "and UTC again");
}

static void parsing(void)
{
	struct tm tm = {0};
	const char *rest =
		strptime("2009-02-13 23:31:30 rest", "%Y-%m-%d %H:%M:%S", &tm);

	ok(rest && !strcmp(rest, " rest") && timegm(&tm) == 1234567890,
	   "strptime");
	ok(!strptime("2009-13-01", "%Y-%m-%d", &tm), "no thirteenth month");
	ok(!strcmp(asctime(gmtime(&(time_t){0})), "Thu Jan  1 00:00:00 1970\n"),
	   "asctime");
}

int main(void)
{
	setenv("TZ", "UTC0", 1);
	tzset();
	formatting();
	back_again();
	local();
	parsing();
	return done();
}
