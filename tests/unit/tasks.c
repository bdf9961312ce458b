// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tasks and signals: what a new task has from its maker, and which task a
 * signal for the process reaches, where the one that was told of it does not
 * take it. All runs on one CPU and in turns: each of these races is forced.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/vfs/root.h"
#include "posix/musl/overlay/arch/x86_64/eft_clone.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "posix/thread/task.h"
#include "tests/unit/files.h"

enum {
	STACK = 32 * EFT_PAGE_SIZE,
	THREAD = 0x100 | 0x10000 | 0x80000, /* CLONE_VM, _THREAD, _SETTLS */
	BLOCK = 0,
	SETMASK = 2,
	SCHED_BATCH = 3,
};

static const uint64_t all = UINT64_MAX, none = 0;

static void run(void (*function)(void *))
{
	fake_boot(NULL);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_root_init(NULL, 0);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

/* Let all others come as far as they do. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		eft_yield();
}

/* A task that runs (function), and ends. */
static int begin(int (*function)(void *))
{
	struct eft_clone request = {.flags = THREAD};
	long stack = eft_sys_mmap(0, STACK, EFT_PROT_READ | EFT_PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	long tid;

	check(stack > 0);
	request.stack_top = (uintptr_t)stack + STACK;
	tid = eft_clone(function, NULL, &request);
	check(tid > 0);
	return (int)tid;
}

static void block(int how, uint64_t set)
{
	check_eq(eft_sys_rt_sigprocmask(how, &set, NULL, 8), 0);
}

static uint64_t blocked(void)
{
	uint64_t set;

	check_eq(eft_sys_rt_sigprocmask(BLOCK, NULL, &set, 8), 0);
	return set;
}

static uint64_t pending(void)
{
	uint64_t set;

	check_eq(eft_sys_rt_sigpending(&set, 8), 0);
	return set;
}

/*
 * A new task: what is blocked, and how it is scheduled; but neither what is
 * pending for its maker, nor its maker's alternate stack.
 */
static unsigned ended;

static int look_at_self(void *arg)
{
	struct eft_sigstack stack;

	check_eq(blocked(), eft_signal_bit(SIGTERM) | eft_signal_bit(SIGURG));
	check_eq(pending(), 0);
	check_eq(eft_sys_sched_getscheduler(0), SCHED_BATCH);
	check_eq(eft_sys_sigaltstack(NULL, &stack), 0);
	check_eq(stack.flags, SS_DISABLE);
	check(eft_sys_gettid() != eft_process()->identity.pid);
	ended++;
	return (int)eft_sys_exit(0);
}

static void inherits(void *arg)
{
	static char space[4 * EFT_PAGE_SIZE];
	struct eft_sigstack stack = {(uintptr_t)space, 0, sizeof(space)};
	int zero = 0;

	block(SETMASK, eft_signal_bit(SIGTERM) | eft_signal_bit(SIGURG));
	check_eq(eft_sys_sigaltstack(&stack, NULL), 0);
	check_eq(eft_sys_tkill((int)eft_sys_gettid(), SIGTERM), 0);
	check_eq(eft_sys_sched_setscheduler(0, SCHED_BATCH, &zero), 0);
	begin(look_at_self);
	settle();
	check_eq(ended, 1);
	check_eq(pending(), eft_signal_bit(SIGTERM));
}

Test(tasks, what_is_inherited)
{
	run(inherits);
}

/*
 * A signal for the process goes to a task that takes it.
 */
static long waited, slept;
static bool go_on;

/* Waits for it, and takes it. */
static int take_it(void *arg)
{
	uint64_t set = eft_signal_bit(SIGTERM);

	waited = eft_sys_rt_sigtimedwait(&set, NULL, NULL, 8);
	ended++;
	return (int)eft_sys_exit(0);
}

/* Has waited for it, in vain: it is blocked here as before. */
static int wait_in_vain(void *arg)
{
	uint64_t set = eft_signal_bit(SIGTERM);
	struct eft_timespec moment = {0, 1000};

	check_eq(eft_sys_rt_sigtimedwait(&set, NULL, &moment, 8), -EAGAIN);
	slept = eft_sleep(EFT_FOREVER);
	check_eq(slept, -EINTR); /* which nothing does */
	return (int)eft_sys_exit(0);
}

static void after_a_wait(void *arg)
{
	block(SETMASK, all);
	begin(wait_in_vain);
	eft_sleep(fake_now + 5000);
	begin(take_it);
	settle();
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGTERM), 0);
	settle();
	check_eq(ended, 1);
	check_eq(waited, SIGTERM);
	check_eq(slept, 0);
}

Test(tasks, signal_after_a_wait_in_vain)
{
	run(after_a_wait);
}

/*
 * A signal is told to a thread that runs (told), and takes it not: it goes to
 * the one that waits for it.
 */
static void told_in_vain(int (*told)(void *))
{
	struct eft_sigaction action = {.handler = (void *)told_in_vain};

	/* That handler is never called. */
	check_eq(eft_sys_rt_sigaction(SIGTERM, &action, NULL, 8), 0);
	block(SETMASK, all);
	begin(told);
	settle();
	begin(take_it);
	settle();
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGTERM), 0);
	go_on = true;
	settle();
	check_eq(ended, 1);
	check_eq(waited, SIGTERM);
}

/* Is told of it, and ends. */
static int end_when_told(void *arg)
{
	block(SETMASK, none);
	while (!go_on)
		eft_yield();
	return (int)eft_sys_exit(0);
}

static void told_one_ends(void *arg)
{
	told_in_vain(end_when_told);
}

Test(tasks, signal_for_one_that_ends)
{
	run(told_one_ends);
}

/* Is told of it, and blocks it. */
static int block_when_told(void *arg)
{
	block(SETMASK, none);
	while (!go_on)
		eft_yield();
	/* As a call for a signal of its own does: nothing is handled before. */
	eft_lock(&eft_tasks_lock);
	eft_signals_block_locked(eft_task_current(), all);
	eft_unlock(&eft_tasks_lock);
	eft_thread_attended();
	eft_sleep(EFT_FOREVER);
	return (int)eft_sys_exit(0);
}

static void told_one_blocks(void *arg)
{
	told_in_vain(block_when_told);
}

Test(tasks, signal_for_one_that_blocks_it)
{
	run(told_one_blocks);
}

/* Waits for two, takes one: the other is for who waits for that. */
static int take_either(void *arg)
{
	uint64_t set = eft_signal_bit(SIGTERM) | eft_signal_bit(SIGHUP);

	slept = eft_sys_rt_sigtimedwait(&set, NULL, NULL, 8);
	eft_sleep(EFT_FOREVER);
	return (int)eft_sys_exit(0);
}

static void told_one_takes_another(void *arg)
{
	block(SETMASK, all);
	begin(take_either);
	settle();
	begin(take_it);
	settle();
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGTERM), 0);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGHUP), 0);
	settle();
	check_eq(slept, SIGHUP); /* the lower number first */
	check_eq(ended, 1);
	check_eq(waited, SIGTERM);
}

Test(tasks, signal_for_one_that_takes_another)
{
	run(told_one_takes_another);
}

/*
 * An event and a signal that only the mask of the wait lets in, at once: the
 * event is told, and the signal waits on.
 */
static int ends[2], epoll;
static unsigned handled;
static long (*call)(const uint64_t *mask);

static void handler(int signal)
{
	handled++;
}

static long by_ppoll(const uint64_t *mask)
{
	struct eft_pollfd fds = {.fd = ends[0], .events = POLLIN};

	return eft_sys_ppoll(&fds, 1, NULL, mask, 8);
}

static long by_epoll(const uint64_t *mask)
{
	struct eft_epoll_event event;

	return eft_sys_epoll_pwait(epoll, &event, 1, -1, mask, 8);
}

static int wait_with_mask(void *arg)
{
	block(SETMASK, eft_signal_bit(SIGTERM) | eft_signal_bit(SIGHUP));
	waited = call(&none);
	check_eq(handled, 0);
	check_eq(blocked(), eft_signal_bit(SIGTERM) | eft_signal_bit(SIGHUP));
	check_eq(pending(), eft_signal_bit(SIGTERM));
	ended++;
	block(SETMASK, none);
	return (int)eft_sys_exit(0);
}

static void event_and_signal(long (*function)(const uint64_t *mask))
{
	char byte;

	ended = handled = 0;
	call = function;
	begin(wait_with_mask);
	settle();
	check_eq(ended, 0);
	check_eq(eft_sys_write(ends[1], "x", 1), 1);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGTERM), 0);
	settle();
	check_eq(ended, 1);
	check_eq(waited, 1);
	check_eq(handled, 1);
	check_eq(eft_sys_read(ends[0], &byte, 1), 1);
}

static void events_and_signals(void *arg)
{
	struct eft_sigaction action = {.handler = (void *)handler};
	struct eft_epoll_event event = {.events = POLLIN};

	check_eq(eft_sys_rt_sigaction(SIGTERM, &action, NULL, 8), 0);
	check_eq(eft_sys_pipe2(ends, 0), 0);
	epoll = (int)eft_sys_epoll_create1(0);
	check_eq(eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event), 0);
	block(SETMASK, all);
	event_and_signal(by_ppoll);
	event_and_signal(by_epoll);
}

Test(tasks, event_and_signal_at_once)
{
	run(events_and_signals);
}
