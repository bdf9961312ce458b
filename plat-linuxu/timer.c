// SPDX-License-Identifier: BSD-3-Clause
/*
 * The interrupts of a CPU: its timer, one of the host's that sends a signal to
 * this thread of the host's, and other CPUs' kicks, which are the same signal.
 *
 * No other thread of ours runs from within the signal's handler: it diverts
 * the interrupted one to where that yields by itself. So a frame of the host's
 * stays on the thread of the host's, and CPU, that it came to; its end puts
 * back what is that one's alone, the stack for handlers among it.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/trace.h"
#include "plat-linuxu/linuxu.h"

/* timer_create(2), include/uapi/asm-generic/siginfo.h, x86-64. */
struct event {
	uint64_t value;
	int signal, notify, thread, pad[11];
};

struct info {
	int signal, error, code;
};

enum { SIGEV_THREAD_ID = 4, TIMER_ABSOLUTE = 1, SI_TIMER = -2 };

static void handle_bits(uint32_t bits)
{
	struct eft_linuxu_cpu *cpu = eft_cpu()->platform;

	if (bits & EFT_LINUXU_IRQ_KICK && eft_linuxu_kicked != NULL)
		eft_linuxu_kicked();
	if (bits & EFT_LINUXU_IRQ_SIGNAL && eft_linuxu_signals_came != NULL)
		eft_linuxu_signals_came();
	if (!(bits & EFT_LINUXU_IRQ_TIMER))
		return;
	cpu->tick_ns = EFT_FOREVER;
	if (cpu->look_ns != EFT_FOREVER) {
		cpu->look_ns = EFT_FOREVER;
		eft_linuxu_look(cpu);
	}
	eft_tick();
}

/* Interrupts are off. */
static void deliver(uint32_t bits)
{
	eft_trace(EFT_TRACE_INTERRUPT, bits, 0);
	handle_bits(bits);
	eft_trace(EFT_TRACE_INTERRUPT_END, 0, 0);
}

void eft_linuxu_interrupt(uint32_t bit, struct eft_context *frame)
{
	if (eft_cpu()->irq_off != 0) {
		eft_linuxu_pend(bit);
		return;
	}
	eft_irq_off();
	deliver(bit);
	eft_irq_on();
	if (eft_signal_wanted != NULL && eft_signal_wanted(frame->rip)) {
		struct eft_trap none = {.stack_top = frame->rsp - EFT_RED_ZONE};

		eft_plat_process_divert(frame, &none);
	} else if (eft_yield_wanted()) {
		eft_linuxu_divert_to_yield(frame);
	}
}

static void handle(int signal, void *info, void *context)
{
	bool by_timer = ((const struct info *)info)->code == SI_TIMER;

	if (eft_linuxu_follow_change != NULL)
		eft_linuxu_follow_change(
			&((struct eft_linuxu_cpu *)eft_cpu()->platform)
				 ->changes);
	eft_linuxu_interrupt(
		by_timer ? EFT_LINUXU_IRQ_TIMER : EFT_LINUXU_IRQ_KICK, context);
}

void eft_linuxu_handle_interrupts(void)
{
	eft_linuxu_set_handler(EFT_LINUXU_TIMER_SIGNAL, handle, true);
}

int eft_linuxu_create_timer(int signal, int *ret_timer)
{
	struct event event = {.signal = signal, .notify = SIGEV_THREAD_ID};

	event.thread = eft_linux3(SYS_gettid, 0, 0, 0);
	return eft_linux3(SYS_timer_create, CLOCK_MONOTONIC, (long)&event,
			  (long)ret_timer);
}

/* A process has had enough of timers: no slices. */
static void create(struct eft_linuxu_cpu *cpu)
{
	eft_linuxu_handle_interrupts();
	if (eft_linuxu_need(eft_linuxu_create_timer(EFT_LINUXU_TIMER_SIGNAL,
						    &cpu->timer),
			    "timer_create") < 0)
		eft_log(EFT_LOG_ERROR, "the host gives no timer: threads that "
				       "compute will not be interrupted");
}

static void set_timer(struct eft_linuxu_cpu *cpu)
{
	uint64_t deadline_ns = eft_min(cpu->tick_ns, cpu->look_ns);
	struct eft_itimerspec setting = {0};

	if (cpu->timer < 0)
		create(cpu);
	cpu->armed_ns = deadline_ns;
	if (deadline_ns != EFT_FOREVER)
		setting.value = (struct eft_timespec){
			.sec = deadline_ns / 1000000000,
			.nsec = deadline_ns % 1000000000,
		};
	eft_linuxu_need(eft_linux4(SYS_timer_settime, cpu->timer,
				   TIMER_ABSOLUTE, (long)&setting, 0),
			"timer_settime");
}

void eft_linuxu_set_timer(uint64_t deadline_ns)
{
	struct eft_linuxu_cpu *cpu = eft_cpu()->platform;

	cpu->tick_ns = deadline_ns;
	set_timer(cpu);
}

void eft_linuxu_look_by_timer(struct eft_linuxu_cpu *cpu, uint64_t delay_ns)
{
	if (cpu->look_ns != EFT_FOREVER)
		return;
	cpu->look_ns = eft_linuxu_monotonic_ns() + delay_ns;
	if (cpu->look_ns < cpu->tick_ns)
		set_timer(cpu);
}

/* socketwatch.c has another. */
void eft_linuxu_look_in(struct eft_linuxu_cpu *cpu, uint64_t delay_ns)
	__attribute__((weak, alias("eft_linuxu_look_by_timer")));

uint32_t eft_linuxu_take_pending(void)
{
	return __atomic_fetch_and(&eft_cpu()->irq_pending, EFT_IRQ_TO_KICK,
				  __ATOMIC_RELAXED) &
	       ~EFT_IRQ_TO_KICK;
}

/* With interrupts on, the caller may have come to another CPU by now. */
void eft_linuxu_deliver_interrupts(void)
{
	uint32_t bits;

	eft_irq_off();
	while ((bits = eft_linuxu_take_pending()) != 0)
		deliver(bits);
	eft_irq_on();
}
