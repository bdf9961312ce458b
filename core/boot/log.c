// SPDX-License-Identifier: BSD-3-Clause
/*
 * The log ring: the newest bytes of all messages, overwritten in a circle.
 * Its lock is the innermost of all, so that anything may log.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/lib.h"
#include "core/lock.h"
#include "core/plat.h"
#include "core/trap.h"

enum { RING_BYTES = 4096, LINE_BYTES = 256, PATIENCE_NS = 1000000000 };

static struct {
	struct eft_lock lock;
	enum eft_log_level console;
	size_t written; /* bytes, ever */
	char ring[RING_BYTES];
} log = {.lock = EFT_LOCK_INIT(EFT_RANK_LOG)};

bool eft_report_told_only;

void eft_log_set_level(enum eft_log_level level)
{
	log.console = level;
}

static void keep(const char *line, size_t len)
{
	eft_lock(&log.lock);
	for (size_t i = 0; i < len; i++)
		log.ring[log.written++ % RING_BYTES] = line[i];
	eft_unlock(&log.lock);
}

/* Format a whole line, "eft: " first; a line too long is cut. */
static size_t format_line(char *line, const char *fmt, va_list ap)
{
	size_t len = eft_snprintf(line, LINE_BYTES, "eft: ");

	len += eft_vsnprintf(line + len, LINE_BYTES - len, fmt, ap);
	len = eft_min(len, LINE_BYTES - 2); /* and a NUL, if one is wanted */
	line[len++] = '\n';
	return len;
}

/* The time is asked for when it matters: to find its rate takes long. */
static bool is_patient(uint64_t *since_ns)
{
	uint64_t now = eft_plat->monotonic_ns();

	if (*since_ns == 0)
		*since_ns = now;
	return now - *since_ns < PATIENCE_NS;
}

void eft_console_write(const void *buf, size_t len)
{
	static bool stuck; /* it was waited for in vain */
	const char *at = buf;
	uint64_t since_ns = 0;
	bool waits = true;

	while (len > 0 && waits) {
		size_t n = eft_plat->console_write(at, len);

		at += n;
		len -= n;
		if (n > 0)
			since_ns = 0;
		else
			waits = !__atomic_load_n(&stuck, __ATOMIC_RELAXED) &&
				is_patient(&since_ns);
	}
	__atomic_store_n(&stuck, len > 0, __ATOMIC_RELAXED);
}

void eft_log(enum eft_log_level level, const char *fmt, ...)
{
	char line[LINE_BYTES];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = format_line(line, fmt, ap);
	va_end(ap);
	keep(line, len);
	if (level <= log.console)
		eft_console_write(line, len);
}

size_t eft_log_read(char *buf, size_t len)
{
	size_t start;

	eft_lock(&log.lock);
	len = eft_min(len, eft_min(log.written, RING_BYTES));
	start = log.written - len;
	for (size_t i = 0; i < len; i++)
		buf[i] = log.ring[(start + i) % RING_BYTES];
	eft_unlock(&log.lock);
	return len;
}

void eft_console_printf(const char *fmt, ...)
{
	char line[LINE_BYTES];
	size_t len;
	va_list ap;

	va_start(ap, fmt);
	len = eft_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	if (eft_plat->tell != NULL && eft_report_is_here() &&
	    eft_plat->tell(line) && eft_report_told_only)
		return;
	eft_console_write(line, eft_min(len, sizeof(line) - 1));
}

eft_noreturn void eft_panic(const char *fmt, ...)
{
	char line[LINE_BYTES];
	bool first;
	va_list ap;

	va_start(ap, fmt);
	line[format_line(line, fmt, ap)] = '\0';
	va_end(ap);
	first = eft_report_begin();
	eft_console_printf("%s", line);
	if (first) {
		eft_report_thread();
		eft_backtrace(eft_current(), __builtin_return_address(0),
			      *(void **)__builtin_frame_address(0));
	}
	eft_die_by(SIGABRT);
}

eft_noreturn void eft_assert_failed(const char *cond, const char *file,
				    int line)
{
	eft_panic("%s:%d: assertion failed: %s", file, line, cond);
}

eft_noreturn void eft_stack_smashed(void)
{
	eft_report_own_end("eft: stack smashing detected\n", 0);
	eft_die_by(SIGABRT);
}
