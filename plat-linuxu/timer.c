// SPDX-License-Identifier: BSD-3-Clause
/*
 * The CPU's timer: a timer of the host's that sends a signal to this thread
 * of the host's. The signal's handler runs on the interrupted thread's own
 * stack, below its red zone; so another thread of ours can run from within
 * it, and the frame, with all registers, waits there until it returns.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-linuxu/linuxu.h"

/* timer_create(2), include/uapi/asm-generic/siginfo.h, x86-64. */
struct event {
	uint64_t value;
	int signal, notify, thread, pad[11];
};

struct setting {
	struct eft_timespec interval, value;
};

enum { SIGEV_THREAD_ID = 4, TIMER_ABSOLUTE = 1 };

static int timer = -1;

static void handle(int signal, void *info, void *context)
{
	struct eft_cpu *cpu = eft_cpu();

	if (cpu->irq_off != 0) {
		cpu->irq_pending |= EFT_LINUXU_IRQ_TIMER;
		return;
	}
	eft_irq_off();
	eft_tick();
	eft_irq_on();
	if (!eft_yield_wanted())
		return;
	/* The frame has the x87 registers; Linux empties them, valgrind not. */
	__asm__ volatile("fninit");
	eft_yield();
}

/* A process has had enough of timers, or the host forbids them: no slices. */
static void create(void)
{
	struct event event = {.signal = EFT_LINUXU_TIMER_SIGNAL,
			      .notify = SIGEV_THREAD_ID};

	event.thread = eft_linux3(SYS_gettid, 0, 0, 0);
	eft_linuxu_set_handler(EFT_LINUXU_TIMER_SIGNAL, handle,
			       EFT_LINUXU_ON_THREAD);
	if (eft_linux3(SYS_timer_create, CLOCK_MONOTONIC, (long)&event,
		       (long)&timer) < 0)
		eft_log(EFT_LOG_ERROR, "the host gives no timer: threads that "
				       "compute will not be interrupted");
}

void eft_linuxu_set_timer(uint64_t deadline_ns)
{
	struct setting setting = {
		.value = {.sec = deadline_ns / 1000000000,
			  .nsec = deadline_ns % 1000000000},
	};

	if (timer < 0)
		create();
	if (deadline_ns == EFT_FOREVER)
		setting.value = (struct eft_timespec){0};
	eft_linux4(SYS_timer_settime, timer, TIMER_ABSOLUTE, (long)&setting, 0);
}

void eft_linuxu_deliver_interrupts(void)
{
	struct eft_cpu *cpu = eft_cpu();

	eft_irq_off();
	if (__atomic_exchange_n(&cpu->irq_pending, 0, __ATOMIC_RELAXED))
		eft_tick();
	eft_irq_on();
}
