// SPDX-License-Identifier: BSD-3-Clause
/*
 * The tracer's door, and what it stands on.
 *
 * It is linked by itself, at address 0, and moved to where the libOS has put
 * it. It knows nothing of the image: all that it calls is in (services).
 */
#include "trace/tracer.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/lib.h"
#include "core/plat.h"
#include "core/thread.h"

extern char tracer_bss[], tracer_bss_end[];

struct eft_trace_services services;
struct wanted wanted;
static uint64_t began_ns;
static int pid;

uint64_t now_ns(void)
{
	return services.plat->monotonic_ns() - began_ns;
}

int number_of(const struct eft_thread *thread)
{
	return thread == NULL || thread->id == 1 ? pid : thread->id;
}

int ordinal_of(const struct eft_thread *thread)
{
	int number = number_of(thread);

	return number >= pid ? number - pid + 1 : number;
}

/* What core's eft_irq_on() calls. */
void eft_irq_deliver(void)
{
	services.irq_deliver();
}

void lock(struct lock *lock)
{
	eft_irq_off();
	for (unsigned turn = 0;
	     __atomic_exchange_n(&lock->held, 1, __ATOMIC_ACQUIRE); turn++)
		services.spin(turn);
}

void unlock(struct lock *lock)
{
	__atomic_store_n(&lock->held, 0, __ATOMIC_RELEASE);
	eft_irq_on();
}

static bool is_word(const char *text, size_t len, const char *word)
{
	return eft_strlen(word) == len && memcmp(text, word, len) == 0;
}

static bool is_file(const char *text, size_t len)
{
	while (len-- > 0) {
		if (*text == '.' || *text == '/')
			return true;
		text++;
	}
	return false;
}

/* One of the option's words. Returns 0; -EINVAL it is none. */
static int take_word(const char *word, size_t len)
{
	if (is_word(word, len, "syscall")) {
		wanted.syscalls = true;
	} else if (is_word(word, len, "time")) {
		wanted.times = true;
	} else if (is_file(word, len) && wanted.file == NULL) {
		wanted.file = word;
		wanted.file_len = len;
	} else if (!is_word(word, len, "off")) {
		return -EINVAL;
	}
	return 0;
}

static int take_words(const char *words, char *message, size_t size)
{
	for (;;) {
		size_t len = 0;

		while (words[len] != '\0' && words[len] != ',')
			len++;
		if (take_word(words, len) < 0) {
			eft_snprintf(message, size,
				     "trace: '%.*s' is not syscall, time, or "
				     "one file (its name has a . or /)",
				     (int)len, words);
			return -EINVAL;
		}
		if (words[len] == '\0')
			return 0;
		words += len + 1;
	}
}

/*
 * When the instance began: a guest's clock begins with it; a process has run
 * for as long as it has used its CPU.
 */
static void find_beginning(void)
{
	const struct eft_plat *plat = services.plat;

	began_ns = 0;
	if (plat->cpu_time_ns != NULL)
		began_ns = plat->monotonic_ns() - plat->cpu_time_ns();
}

static int start(const struct eft_trace_services *given, const char *words,
		 char *message, size_t size)
{
	struct eft_identity identity;
	int error;

	/* The relocations were here. Touched, the pages do not fault. */
	memset(tracer_bss, 0, tracer_bss_end - tracer_bss);
	services = *given;
	services.plat->identity(&identity);
	pid = identity.pid;
	find_beginning();
	error = take_words(words, message, size);
	if (error == 0 && wanted.file != NULL) {
		error = events_start();
		if (error < 0)
			eft_snprintf(message, size,
				     "trace: '%.*s' cannot be written: %s",
				     (int)wanted.file_len, wanted.file,
				     error_words(-error));
	}
	return error;
}

static uint64_t enter(unsigned number, const long args[6])
{
	if (wanted.file != NULL)
		events_call(number, args[0]);
	if (wanted.syscalls)
		strace_enter(number, args);
	return now_ns();
}

static void leave(unsigned number, const long args[6], uint64_t entered,
		  long result)
{
	uint64_t took_ns = now_ns() - entered;

	if (wanted.file != NULL)
		events_record(EVENT_RETURN, result, 0);
	if (wanted.syscalls)
		strace_leave(number, args, result, took_ns);
	if (wanted.file != NULL)
		events_write_some();
}

static void print_event(enum eft_trace_event event, uintptr_t a)
{
	switch (event) {
	case EFT_TRACE_FAULT:
		strace_fault(a);
		break;
	case EFT_TRACE_FAULT_END:
		strace_fault_end(a);
		break;
	case EFT_TRACE_SIGNAL:
	case EFT_TRACE_EXIT:
	case EFT_TRACE_CRASH:
		strace_event(event, a);
		break;
	default:
		break;
	}
}

static void event(enum eft_trace_event event, uintptr_t a, uintptr_t b)
{
	if (wanted.file != NULL)
		events_record(event, a, b);
	if (wanted.syscalls)
		print_event(event, a);
	if (wanted.file != NULL &&
	    (event == EFT_TRACE_EXIT || event == EFT_TRACE_CRASH))
		events_end();
}

const struct eft_tracer tracer __attribute__((section(".tracer"), used)) = {
	.start = start,
	.enter = enter,
	.leave = leave,
	.event = event,
};
