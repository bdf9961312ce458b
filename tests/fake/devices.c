// SPDX-License-Identifier: BSD-3-Clause
/*
 * The serial line of the fake.
 */
#include "core/arch/x86_64/cpu.h"
#include "core/dev/balloon.h"
#include "core/dev/block.h"
#include "core/dev/button.h"
#include "core/dev/caller.h"
#include "core/dev/cpus.h"
#include "core/dev/export.h"
#include "core/dev/hostwire.h"
#include "core/dev/net.h"
#include "core/dev/random.h"
#include "core/dev/share.h"
#include "core/dev/signals.h"
#include "core/dev/uart.h"
#include "core/plat.h"
#include "tests/fake/fake.h"

bool fake_has_uart = true;
void (*fake_find_random)(struct eft_device_class *class);
void (*fake_find_block)(struct eft_device_class *class);
void (*fake_find_ninep)(struct eft_device_class *class);
void (*fake_find_net)(struct eft_device_class *class);
void (*fake_find_virtiofs)(struct eft_device_class *class);

void eft_plat_guest_find_block(struct eft_device_class *class)
{
	if (fake_find_block != NULL)
		fake_find_block(class);
}

/* The linker may take in core/mem/balloon.c; its test has a driver. */
__attribute__((weak)) void
eft_plat_guest_find_balloon(struct eft_device_class *class)
{
}

void eft_plat_guest_button_start(void)
{
}

void eft_plat_guest_find_ninep(struct eft_device_class *class)
{
	if (fake_find_ninep != NULL)
		fake_find_ninep(class);
}

void eft_plat_guest_find_net(struct eft_device_class *class)
{
	if (fake_find_net != NULL)
		fake_find_net(class);
}

void eft_plat_guest_find_virtiofs(struct eft_device_class *class)
{
	if (fake_find_virtiofs != NULL)
		fake_find_virtiofs(class);
}

void eft_plat_guest_find_random(struct eft_device_class *class)
{
	if (fake_find_random != NULL)
		fake_find_random(class);
}

bool fake_uart_started;

static bool (*receiver)(uint8_t byte);

/* Bytes on the line that the receiver has not taken yet. */
static uint8_t line[65536];
static unsigned line_head, line_tail;
static bool line_stopped;

static void deliver(void)
{
	while (!line_stopped && line_tail != line_head)
		line_stopped = !receiver(line[line_tail++ % sizeof(line)]);
}

static void start(bool (*receive)(uint8_t byte))
{
	receiver = receive;
	fake_uart_started = true;
}

static void resume(void)
{
	eft_irq_off();
	line_stopped = false;
	deliver();
	eft_irq_on();
}

const struct eft_uart *eft_plat_uart(void)
{
	static const struct eft_uart uart = {.start = start, .resume = resume};

	return fake_has_uart ? &uart : NULL;
}

static void arrive(void *arg)
{
	eft_assert(line_head - line_tail < sizeof(line));
	line[line_head++ % sizeof(line)] = (uint8_t)(uintptr_t)arg;
	deliver();
}

void fake_uart_type(const char *text)
{
	eft_assert(receiver != NULL);
	for (; *text != '\0'; text++)
		fake_interrupt(arrive, (void *)(uintptr_t)(uint8_t)*text);
}

const struct eft_export *fake_export;

const struct eft_export *eft_plat_process_export(uint64_t to)
{
	return fake_export;
}

const struct eft_export *eft_plat_guest_export(void)
{
	return NULL;
}

/* Nobody outside sends signals, and no trap finds a program at work. */
/* Nobody started us. */
void eft_plat_caller_limit(int resource, uint64_t limit[2])
{
}

void eft_plat_caller_nice(int *nice)
{
}

long eft_plat_caller_change(long call, long a, long b, long c,
			    struct eft_identity *ret_id)
{
	return -ENOSYS;
}

long eft_plat_caller_groups(int size, unsigned *groups)
{
	return -ENOSYS;
}

const struct eft_host_signals *eft_plat_host_signals(void)
{
	return NULL;
}

eft_clock_fn *eft_plat_guest_find_clock(int clock)
{
	return NULL;
}

uint64_t eft_plat_guest_realtime_ns(void)
{
	return 0;
}

/* No wires, unless a test has some. */
eft_weak const struct eft_host_wires *eft_plat_host_wires(void)
{
	return NULL;
}

eft_weak void eft_plat_guest_divert(struct eft_regs *regs,
				    const struct eft_trap *trap)
{
	eft_panic("a trap in a program");
}

void eft_plat_process_divert(struct eft_context *frame,
			     const struct eft_trap *trap)
{
	eft_panic("a signal in a program");
}

/* One CPU is all that a test has here. */
const struct eft_cpus *eft_plat_process_cpus(void)
{
	return NULL;
}

const struct eft_cpus *eft_plat_guest_cpus(void)
{
	return NULL;
}
