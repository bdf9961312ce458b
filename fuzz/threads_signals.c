// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals of the target `threads`: two that are told once however often they
 * were sent, and two that queue, of which each is sent with a number of its
 * own.
 */
#include "core/boot.h"
#include "core/process.h"
#include "core/time.h"
#include "fuzz/threads.h"
#include "posix/signal/restart.h"
#include "posix/signal/signal.h"
#include "posix/time/time.h"

enum { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK };
enum { SIGEV_SIGNAL = 0, TIMERS = 4, SENT = 1024, HANDLED_MAX = 300 };
enum { TIMER_VALUE = SENT }; /* and its number */

/* posix/time/timer.c */
struct sigevent {
	uint64_t value;
	int signal, notify, tid, pad[11];
};

static const int signals[] = {10, 12, 34, 35};

/* Those that queue, by their number. */
static struct {
	int signal, to;	     /* a thread's number; 0: the process */
	unsigned begun, end; /* when it was sent; end 0: not yet */
	bool came;
} sent[SENT];

static unsigned sent_count, handled, moment;
static bool armed[TIMERS];
static int timers[TIMERS];

static int any_signal(void)
{
	return signals[fuzz_below(eft_array_size(signals))];
}

static uint64_t any_set(void)
{
	unsigned chosen = fuzz_u8();
	uint64_t set = 0;

	for (unsigned i = 0; i < eft_array_size(signals); i++)
		if (chosen >> i & 1)
			set |= eft_signal_bit(signals[i]);
	return set;
}

static int tid_of(const struct model_thread *thread)
{
	return thread == model_threads ? eft_process()->identity.pid
				       : (int)thread->tid;
}

static uint64_t blocked_now(void)
{
	uint64_t mask;

	fuzz_check(eft_sys_rt_sigprocmask(SIG_BLOCK, NULL, &mask, 8) == 0);
	return mask;
}

/*
 * Is (self) in a wait for (signal)? That may have taken an older one, which is
 * noted after the handlers that run at the wait's end, as on Linux.
 */
static bool waits_for(const struct model_thread *self, int signal)
{
	return (self->reason == FOR_TIME || self->reason == FOR_SIGNAL) &&
	       self->set & eft_signal_bit(signal);
}

/* A queued one comes once, the oldest of its kind first. */
static void note_taken(const struct eft_siginfo *info)
{
	uint64_t number = info->value;

	if (info->code == SI_TIMER) {
		fuzz_check(number >= TIMER_VALUE &&
			   number < TIMER_VALUE + TIMERS);
		return;
	}
	if (info->code != SI_QUEUE)
		return;
	fuzz_check(number < sent_count && !sent[number].came);
	fuzz_check(sent[number].signal == info->signal);
	sent[number].came = true;
	if (sent[number].to == 0) /* another thread may be on its way */
		return;
	fuzz_check(sent[number].to == tid_of(myself()));
	if (waits_for(myself(), info->signal))
		return;
	for (unsigned i = 0; i < number; i++)
		fuzz_check(sent[i].came || sent[i].end == 0 ||
			   sent[i].end > sent[number].begun ||
			   sent[i].signal != sent[number].signal ||
			   sent[i].to != sent[number].to);
}

static void handle(int signal, struct eft_siginfo *info, void *context)
{
	struct model_thread *self = myself();
	uint64_t before = self->sure;

	fuzz_check(info->signal == signal);
	fuzz_check(!(before & eft_signal_bit(signal)));
	note_taken(info);
	self->sure = blocked_now();
	fuzz_check((before & ~self->sure) == 0);
	if (fuzz_below(8) == 1)
		before_call();
	if (fuzz_below(8) == 1)
		eft_sys_sched_yield();
	fuzz_check(blocked_now() == self->sure);
	self->sure = before;
	if (++handled > HANDLED_MAX)
		fake_return(); /* a timer that ticks and ticks */
}

static void set_action(int signal)
{
	static const uint64_t flags[] = {SA_RESTART, 0, SA_NODEFER,
					 SA_RESTART | SA_NODEFER};
	struct eft_sigaction action = {
		.handler = (void *)handle,
		.flags = SA_SIGINFO | flags[fuzz_below(4)],
		.mask = any_set(),
	};

	if (signal >= SIGRTMIN) /* they come in their order */
		action.flags &= ~SA_NODEFER;

	fuzz_check(eft_sys_rt_sigaction(signal, &action, NULL, 8) == 0);
}

void signals_boot(void)
{
	for (unsigned i = 0; i < eft_array_size(signals); i++)
		set_action(signals[i]);
}

void signals_check_mask(void)
{
	fuzz_check(blocked_now() == myself()->mask);
}

/*
 * Steps.
 */
static struct model_thread *any_thread(void)
{
	return &model_threads[fuzz_below(MODEL_THREADS)];
}

static void do_action(void)
{
	before_call();
	set_action(any_signal());
}

static void do_send(void)
{
	int signal = any_signal();

	before_call();
	fuzz_check(eft_sys_kill(eft_process()->identity.pid, signal) == 0);
}

static void do_send_to(void)
{
	struct model_thread *to = any_thread();
	int signal = any_signal(), tid = tid_of(to);
	long result;

	if (tid <= 1)
		return;
	before_call();
	result = eft_sys_tgkill(eft_process()->identity.pid, tid, signal);
	fuzz_check(result == 0 || result == -ESRCH);
}

static void do_queue(void)
{
	int signal = signals[2 + fuzz_below(2)];
	struct model_thread *to = fuzz_below(2) ? any_thread() : NULL;
	struct eft_siginfo info = {.code = SI_QUEUE};
	int tid = to ? tid_of(to) : 0;
	unsigned number;
	long result;

	if (sent_count == SENT || (to != NULL && (!to->task || tid <= 1)))
		return;
	before_call();
	number = sent_count++;
	info.value = number;
	sent[number].signal = signal;
	sent[number].to = tid;
	sent[number].begun = ++moment;
	if (to == NULL)
		result = eft_sys_rt_sigqueueinfo(eft_process()->identity.pid,
						 signal, &info);
	else
		result = eft_sys_rt_tgsigqueueinfo(eft_process()->identity.pid,
						   tid, signal, &info);
	sent[number].end = ++moment;
	if (result != 0) {
		fuzz_check(result == -ESRCH && tid != 0);
		sent[number].came = true;
	}
}

static void do_mask(void)
{
	struct model_thread *self = myself();
	int how = (int)fuzz_below(3);
	uint64_t set = any_set(), old;
	uint64_t after = how == SIG_BLOCK     ? self->mask | set
			 : how == SIG_UNBLOCK ? self->mask & ~set
					      : set;

	before_call();
	self->sure = self->mask & after;
	fuzz_check(eft_sys_rt_sigprocmask(how, &set, &old, 8) == 0);
	fuzz_check(old == self->mask);
	self->sure = self->mask = after;
}

static void wait_for_signal(void)
{
	uint64_t set = any_set(), end;
	unsigned ns = fuzz_below(256);
	struct eft_timespec timeout = eft_time_to(ns);
	struct eft_siginfo info = {.signal = 0};
	long result;

	before_call();
	end = eft_now_ns() + ns;
	wait_begins(ns ? FOR_TIME : FOR_SIGNAL, 0, set);
	result = eft_sys_rt_sigtimedwait(&set, &info, ns ? &timeout : NULL, 8);
	wait_ends();
	if (result > 0) {
		fuzz_check(set & eft_signal_bit((int)result));
		fuzz_check(info.signal == result);
		note_taken(&info);
	} else {
		fuzz_check(result == -EINTR || (ns && result == -EAGAIN));
		fuzz_check(result == -EINTR || eft_now_ns() >= end);
	}
}

static void wait_for_handler(void)
{
	struct model_thread *self = myself();
	uint64_t set = any_set();
	unsigned before = handled;

	before_call();
	self->sure = self->mask & set;
	wait_begins(FOR_HANDLER, 0, set);
	fuzz_check(eft_sys_rt_sigsuspend(&set, 8) == -EINTR);
	wait_ends();
	self->sure = self->mask;
	fuzz_check(handled > before);
}

static void do_wait(void)
{
	if (fuzz_below(2))
		wait_for_signal();
	else
		wait_for_handler();
}

static void make_timer(unsigned number)
{
	struct sigevent event = {
		.value = TIMER_VALUE + number,
		.signal = any_signal(),
		.notify = SIGEV_SIGNAL,
	};
	int id;

	fuzz_check(eft_sys_timer_create(CLOCK_MONOTONIC, (void *)&event, &id) ==
		   0);
	timers[number] = id;
	armed[number] = true;
}

static void do_timer(void)
{
	unsigned number = fuzz_below(TIMERS);
	struct eft_itimerspec spec = {
		.interval = eft_time_to(fuzz_below(4) * 500),
		.value = eft_time_to(fuzz_below(256) * 4),
	};

	before_call();
	if (!armed[number]) {
		armed[number] = true; /* others look while we make it */
		timers[number] = -1;
		make_timer(number);
	} else if (timers[number] >= 0 && fuzz_below(4) > 0) {
		eft_sys_timer_settime(timers[number], 0, &spec, NULL);
	} else if (timers[number] >= 0) {
		int id = timers[number];

		timers[number] = -1;
		fuzz_check(eft_sys_timer_delete(id) == 0);
		armed[number] = false;
	}
}

void signal_step(unsigned which)
{
	static void (*const steps[SIGNAL_STEPS])(void) = {
		do_action, do_send, do_send_to, do_queue,
		do_mask,   do_wait, do_timer,
	};

	steps[which]();
}

/*
 * At the end.
 */
void signals_check_waiting(const struct model_thread *thread)
{
	uint64_t pending = thread->task->signals.pending.set |
			   eft_process()->signals->pending.set;
	uint64_t blocked =
		thread->reason == FOR_HANDLER ? thread->set : thread->mask;

	fuzz_check((pending & ~blocked) == 0);
	if (thread->reason == FOR_SIGNAL)
		fuzz_check((pending & thread->set) == 0);
}

void signals_end(void)
{
	struct model_thread *self = myself();
	uint64_t none = 0;

	for (unsigned i = 0; i < TIMERS; i++)
		if (armed[i])
			fuzz_check(eft_sys_timer_delete(timers[i]) == 0);
	self->sure = 0;
	fuzz_check(eft_sys_rt_sigprocmask(SIG_SETMASK, &none, NULL, 8) == 0);
	self->mask = 0;
	before_call();
	fuzz_check(eft_signals_due(self->task, 0) == 0);
	for (unsigned i = 0; i < sent_count; i++)
		fuzz_check(sent[i].came ||
			   (sent[i].to != 0 &&
			    sent[i].to != eft_process()->identity.pid));
	fuzz_check(eft_timers_next() == EFT_FOREVER);
}
