// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls for a thread's attention: in programs that handle signals.
 */
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/image.h"
#include "core/dev/signals.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "core/trace.h"
#include "core/trap.h"

eft_needs(eft_plat_guest_divert);
eft_needs(eft_plat_process_divert);
eft_needs(eft_trap_is_handled);

/* Only images with signals have this file, and so its hook. */
extern __typeof__(eft_signals_interrupted) eft_signals_interrupted eft_weak;
/* Without handlers of signals nobody asks (host_signal.c). */
extern __typeof__(eft_plat_host_signals) eft_plat_host_signals eft_weak;

/* What a CPU shows of its thread changes with it: under its queue's lock. */
static void set_attention(struct eft_thread *thread, uint32_t attention)
{
	__atomic_store_n(&thread->attention, attention, __ATOMIC_RELAXED);
	if (thread->state == EFT_THREAD_RUNNING)
		__atomic_store_n(&thread->cpu->attention, attention,
				 __ATOMIC_RELAXED);
}

void eft_thread_interrupt(struct eft_thread *thread)
{
	struct eft_run_queue *queue = eft_thread_lock_queue(thread);
	bool elsewhere =
		thread->state == EFT_THREAD_RUNNING && thread->cpu != eft_cpu();

	set_attention(thread, thread->attention | EFT_ATTENTION_SIGNAL);
	if (!elsewhere && thread->state == EFT_THREAD_RUNNING)
		eft_thread_look_soon(eft_cpu());
	if (elsewhere)
		eft_cpu_kick(thread->cpu);
	eft_unlock(&queue->lock);
	eft_thread_wake(thread);
}

void eft_thread_attended(void)
{
	struct eft_thread *self = eft_current();
	struct eft_run_queue *queue = eft_thread_lock_queue(self);

	set_attention(self, self->attention & ~EFT_ATTENTION_SIGNAL);
	eft_unlock(&queue->lock);
}

static bool is_tracer(uintptr_t rip)
{
	return eft_tracer != NULL &&
	       rip - (uintptr_t)eft_tracer < EFT_TRACER_BYTES;
}

/* What only the libOS calls in a process: the host's clock. */
static bool is_host(uintptr_t rip)
{
	const struct eft_host_signals *host = NULL;

	if (eft_plat_host_signals != NULL)
		host = eft_plat_host_signals();
	return host != NULL && host->is_host_text(rip);
}

/*
 * All that is not the libOS's: the program may have written its code at run
 * time, or have gone where there is none.
 */
bool eft_is_program(uintptr_t rip)
{
	bool is_libos = rip >= (uintptr_t)eft_image_libos_text &&
			rip < (uintptr_t)eft_image_libos_text_end;

	return !is_libos && !is_tracer(rip) && !is_host(rip);
}

bool eft_signal_wanted(uintptr_t rip)
{
	return eft_current()->attention & EFT_ATTENTION_SIGNAL &&
	       eft_is_program(rip);
}

void eft_context_entered(struct eft_context *context)
{
	eft_lock_touch_stack();
	if (eft_yield_wanted())
		eft_yield();
	if (eft_signals_interrupted != NULL)
		eft_signals_interrupted(context);
}

struct eft_context *eft_context_lay(uintptr_t top, size_t vectors)
{
	uintptr_t at = eft_align_down(top - vectors, 64); /* as XSAVE wants */
	struct eft_context *context =
		(void *)eft_align_down(at - sizeof(*context), 16);

	memset(context, 0, top - (uintptr_t)context);
	context->vectors = (void *)at;
	return context;
}
