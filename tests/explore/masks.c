// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals to threads that change what they block: posix/signal/mask.c,
 * posix/signal/send.c. Nobody handles them here: it is told who is to.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/boot.h"
#include "core/file.h"
#include "core/process.h"
#include "core/time.h"
#include "core/trap.h"
#include "posix/fs/transfer.h"
#include "posix/signal/signal.h"
#include "posix/syscalls.h"
#include "tests/explore/explore.h"

enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1 };

static const uint64_t alarm_bit = 1ul << (SIGALRM - 1);

/* The changer is the program's first task, which is asked first. */
static struct eft_task *const changer = &eft_first_tasks.first;
static struct eft_task other;

struct eft_tasks eft_first_tasks;

struct eft_task *eft_task_current(void)
{
	return eft_current()->owner;
}

/* Core's list of threads is not looked at. */
void eft_threads_add(struct eft_thread *thread)
{
}

void eft_threads_remove(struct eft_thread *thread)
{
}

/* The host has nothing to say. */
void eft_host_signal_set(int signal, bool caught, bool ignored)
{
}

bool eft_host_signal_ignored(int signal)
{
	return false;
}

void eft_host_signals_unblock(void)
{
}

/* No handler is called, and so what is due stays due. */
void eft_context_call(void (*function)(struct eft_context *context, void *arg),
		      void *arg)
{
}

void eft_context_handler(void (*handler)(int, void *, void *), int signal,
			 void *info, struct eft_context *context,
			 uintptr_t stack_top)
{
}

bool eft_signal_on_stack(const struct eft_task *task, uintptr_t rsp)
{
	return false;
}

bool eft_signal_touch(uintptr_t start, size_t len)
{
	return true;
}

struct eft_sigstack eft_signal_stack(const struct eft_task *task, uintptr_t rsp)
{
	return task->signals.stack;
}

/* Nobody ends by a signal, or reports that. */
void eft_die_by(int signal)
{
	explore_fail("a signal ends the program", __FILE__, __LINE__);
	__builtin_trap();
}

void eft_broken_pipe(void)
{
}

void eft_report_own_end(const char *line, int signal)
{
}

static void handler(int signal)
{
}

static void set_up(uint64_t changer_blocks, uint64_t other_blocks)
{
	changer->thread = explore_thread(0);
	changer->tid = eft_process()->identity.pid = 100;
	changer->thread->owner = changer;
	other.thread = explore_thread(1);
	other.thread->owner = &other;
	eft_tasks_add(&other);
	eft_process()->signals->actions[SIGALRM].handler = (void *)handler;
	eft_lock(&eft_tasks_lock);
	eft_signals_keep_locked(alarm_bit);
	eft_unlock(&eft_tasks_lock);
	changer->signals.blocked = changer_blocks;
	other.signals.blocked = other_blocks;
}

static void change(int how)
{
	explore_check(eft_sys_rt_sigprocmask(how, &alarm_bit, NULL,
					     sizeof(alarm_bit)) == 0);
}

static void block(void)
{
	change(SIG_BLOCK);
}

static void unblock(void)
{
	change(SIG_UNBLOCK);
}

static void send(struct eft_task *task)
{
	eft_lock(&eft_tasks_lock);
	explore_check(eft_signal_send_locked(eft_process(), task, SIGALRM,
					     NULL) == EFT_SENT);
	eft_unlock(&eft_tasks_lock);
}

static void send_to_changer(void)
{
	send(changer);
}

static void send_to_process(void)
{
	send(NULL);
}

/* Who has been told and not slept since has a token: when all rest, no more. */
static void take_tokens(void)
{
	eft_sleep(eft_now_ns() + 1000000000);
	for (unsigned i = 0; i < 2; i++)
		explore_thread(i)->woken = false;
}

static bool is_told(const struct eft_task *task)
{
	return task->thread->attention & EFT_ATTENTION_SIGNAL;
}

static void blocked_before(void)
{
	set_up(alarm_bit, alarm_bit);
}

static void nobody_blocks(void)
{
	set_up(0, 0);
}

static void changer_is_told(void)
{
	explore_check(changer->signals.blocked == 0 && is_told(changer));
}

/* The other takes it, or blocks it too. */
static void other_is_told(void)
{
	explore_check(changer->signals.blocked == alarm_bit && is_told(&other));
}

const struct explore_scenario explore_scenarios[] = {
	{"unblocked",
	 blocked_before,
	 {unblock, send_to_changer, take_tokens},
	 changer_is_told,
	 1,
	 0},
	{"unblocked, for the process",
	 blocked_before,
	 {unblock, send_to_process, take_tokens},
	 changer_is_told,
	 1,
	 0},
	{"blocked, for the process",
	 nobody_blocks,
	 {block, send_to_process, take_tokens},
	 other_is_told,
	 1,
	 0},
	{},
};
