// SPDX-License-Identifier: BSD-3-Clause
/*
 * The fake platform but for memory and devices: console, clock, entropy,
 * interrupts, failures.
 */
#include "tests/fake/fake.h"
#include "core/process.h"

#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/image.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/trace.h"
#include "tests/fake/host.h"

struct eft_boot_info fake_info;

const uint64_t eft_tracer_key = 0x666;

/* The image's marks: three pages that are no program's. */
__asm__(".section .rodata.image\n\t"
	".balign 4096\n"
	".globl eft_image_start, eft_image_text, eft_image_text_end\n\t"
	".globl eft_image_libos_text, eft_image_libos_text_end\n\t"
	".globl eft_image_libc_text_end\n\t"
	".globl eft_image_rodata, eft_image_rodata_end\n\t"
	".globl eft_image_data, eft_image_end\n"
	"eft_image_start:\neft_image_text:\n\t.skip 4096\n"
	"eft_image_libos_text:\n\t.skip 4096\neft_image_libos_text_end:\n"
	"eft_image_libc_text_end:\n"
	"eft_image_text_end:\neft_image_rodata:\n\t.skip 4096\n"
	"eft_image_rodata_end:\neft_image_data:\n\t.skip 4096\n"
	"eft_image_end:\n\t.text");

/*
 * Console.
 */
char fake_console[1 << 16];
size_t fake_console_takes = SIZE_MAX;
static size_t console_len;

/* What does not fit any more is dropped. */
static size_t console_write(const void *buf, size_t len)
{
	size_t taken = eft_min(len, fake_console_takes);
	size_t kept = eft_min(taken, sizeof(fake_console) - 1 - console_len);

	memcpy(fake_console + console_len, buf, kept);
	console_len += kept;
	fake_console[console_len] = '\0';
	fake_console_takes -= taken;
	if (taken < len)
		fake_now += 1000000; /* it was polled for a moment */
	return taken;
}

/*
 * The sanitizers call these before they report. What core has said by then, of
 * an assertion that failed before it or with it, comes first.
 */
void __asan_on_error(void);
void __ubsan_on_report(void);

void __asan_on_error(void)
{
	host_print(fake_console, console_len);
}

void __ubsan_on_report(void)
{
	host_print(fake_console, console_len);
}

void fake_console_clear(void)
{
	console_len = 0;
	fake_console[0] = '\0';
}

static eft_noreturn void plat_exit(int status)
{
	fake_finish(FAKE_EXITED, status);
}

static eft_noreturn void plat_crash(int signal)
{
	fake_finish(FAKE_CRASHED, signal);
}

/*
 * Failures.
 */
static struct {
	uint64_t left;
	int error;
	bool always;
} failures[FAKE_CALLS];

void fake_fail(enum fake_call call, uint64_t nth, int error)
{
	failures[call].left = nth;
	failures[call].error = error;
	failures[call].always = false;
}

void fake_fail_always(enum fake_call call, int error)
{
	failures[call].error = error;
	failures[call].always = error != 0;
}

int fake_injected(enum fake_call call)
{
	if (failures[call].always)
		return failures[call].error;
	if (failures[call].left == 0 || --failures[call].left > 0)
		return 0;
	return failures[call].error;
}

/*
 * Time and interrupts.
 */
enum { EVENTS_MAX = 64 };

struct event {
	uint64_t when_ns;
	void (*handler)(void *);
	void *arg;
};

static struct event events[EVENTS_MAX]; /* in order */
static unsigned event_count;

uint64_t fake_now = 1000;
uint64_t fake_realtime = 1700000000000000000;
uint64_t fake_waits;
uint64_t fake_patience = UINT64_MAX;

static uint64_t monotonic_ns(void)
{
	return fake_now;
}

static uint64_t realtime_ns(void)
{
	return fake_realtime + fake_now;
}

void fake_interrupt_at(uint64_t when_ns, void (*handler)(void *), void *arg)
{
	unsigned at = event_count++;

	if (at == EVENTS_MAX)
		host_abort("too many events", "");
	for (; at > 0 && events[at - 1].when_ns > when_ns; at--)
		events[at] = events[at - 1];
	events[at] = (struct event){when_ns, handler, arg};
}

/* The interrupts whose time has come; interrupts are off. */
static bool run_events(void)
{
	bool any = false;

	while (event_count > 0 && events[0].when_ns <= fake_now) {
		struct event event = events[0];

		event_count--;
		memmove(&events[0], &events[1], event_count * sizeof(event));
		event.handler(event.arg);
		any = true;
	}
	return any;
}

/* The thread that is to be preempted, and after how many times; or 0. */
static const struct eft_thread *preempted;
static unsigned preempt_in;

void fake_preempt_after(unsigned times)
{
	preempted = eft_current();
	preempt_in = times;
	eft_cpu()->irq_pending |= times != 0;
}

static void deliver_interrupts(void)
{
	struct eft_cpu *cpu = eft_cpu();

	while (cpu->irq_pending != 0) {
		cpu->irq_pending = 0;
		cpu->irq_off++;
		run_events();
		cpu->irq_off--;
	}
	if (preempted != eft_current())
		preempt_in = 0; /* it has slept meanwhile */
	if (preempt_in == 0)
		return;
	if (--preempt_in == 0)
		cpu->yield_wanted = true;
}

bool __real_eft_yield_wanted(void);
bool __wrap_eft_yield_wanted(void);

/*
 * Asked at the end of each delivery. What is to come the next time must not be
 * pending before: core turns interrupts off and on again in here.
 */
bool __wrap_eft_yield_wanted(void)
{
	bool wanted = __real_eft_yield_wanted();

	if (preempt_in > 0)
		eft_cpu()->irq_pending = 1;
	return wanted;
}

/* Interrupts are off, or the caller is about to turn them so. */
static void come(void)
{
	struct eft_cpu *cpu = eft_cpu();

	cpu->irq_pending = 1;
	if (cpu->irq_off != 0)
		return;
	deliver_interrupts();
	if (eft_yield_wanted())
		eft_yield();
}

void fake_interrupt(void (*handler)(void *), void *arg)
{
	fake_interrupt_at(fake_now, handler, arg);
	come();
}

void fake_advance(uint64_t ns)
{
	uint64_t end = fake_now + ns;

	while (event_count > 0 && events[0].when_ns <= end) {
		fake_now = eft_max(fake_now, events[0].when_ns);
		come();
		if (eft_cpu()->irq_off != 0)
			break;
	}
	fake_now = eft_max(fake_now, end); /* another thread may have run */
}

static uint64_t timer_ns = EFT_FOREVER;

static void timer_event(void *arg)
{
	if (timer_ns > fake_now)
		return; /* it was set anew */
	timer_ns = EFT_FOREVER;
	eft_tick();
}

/* The deadline before is forgotten. */
static void remove_timer(void)
{
	for (unsigned i = 0; i < event_count; i++) {
		if (events[i].handler != timer_event)
			continue;
		event_count--;
		memmove(&events[i], &events[i + 1],
			(event_count - i) * sizeof(events[0]));
		return;
	}
}

static void set_timer(uint64_t deadline_ns)
{
	remove_timer();
	timer_ns = deadline_ns;
	if (deadline_ns != EFT_FOREVER)
		fake_interrupt_at(deadline_ns, timer_event, NULL);
}

static void wait_until(uint64_t deadline_ns)
{
	eft_assert(eft_cpu()->irq_off == 1);
	if (fake_waits++ == fake_patience)
		fake_finish(FAKE_STUCK, 0);
	eft_cpu()->irq_pending = 0;
	if (run_events())
		return;
	if (event_count > 0)
		deadline_ns = eft_min(deadline_ns, events[0].when_ns);
	if (deadline_ns == EFT_FOREVER)
		fake_finish(FAKE_STUCK, 0);
	fake_now = eft_max(fake_now, deadline_ns);
	run_events();
}

/*
 * The rest.
 */

/* Not random at all, and never twice the same. */
static int entropy(void *buf, size_t len)
{
	static uint8_t next = 1;
	int error = fake_injected(FAKE_ENTROPY);

	if (error < 0)
		return error;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = next++;
	return 0;
}

static void set_cpu(struct eft_cpu *cpu)
{
	host_set_gs(cpu);
}

/* libc has FS: the program's thread pointer is but noted. */
static void set_thread_pointer(uintptr_t tp)
{
}

static void identity(struct eft_identity *ret_id)
{
	*ret_id = (struct eft_identity){
		.pid = 42,
		.ppid = 1,
		.uid = 1000,
		.euid = 1000,
		.gid = 100,
		.egid = 100,
	};
}

struct eft_plat fake_plat = {
	.name = "fake",
	.exit = plat_exit,
	.crash = plat_crash,
	.console_write = console_write,
	.monotonic_ns = monotonic_ns,
	.realtime_ns = realtime_ns,
	.entropy = entropy,
	.set_cpu = set_cpu,
	.set_thread_pointer = set_thread_pointer,
	.wait = wait_until,
	.set_timer = set_timer,
	.deliver_interrupts = deliver_interrupts,
	.note_stack = fake_note_stack,
	.forget_stack = fake_forget_stack,
	.identity = identity,
};

void fake_init(const struct fake_config *config, struct eft_boot_info *ret_info)
{
	static const struct fake_config defaults;

	*ret_info = (struct eft_boot_info){.options = ""};
	fake_memory_init(config ? config : &defaults, ret_info);
	eft_plat = &fake_plat;
}

void fake_boot(const struct fake_config *config)
{
	fake_init(config, &fake_info);
	eft_thread_init("idle");
	eft_page_init(&fake_info);
	eft_plat->identity(&eft_process()->identity);
	eft_range_init(&fake_info, 0);
}
