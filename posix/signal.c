// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals, as far as a program sends them to itself: a handler is called
 * where the signal is sent, the default ends the program. Delivery to a
 * program that computes comes with preemption (CAVEATS).
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/file.h"
#include "core/options.h"
#include "core/trap.h"
#include "posix/restart.h"
#include "posix/syscalls.h"
#include "posix/task.h"

enum { SIGNALS = 64, SI_USER = 0, SI_TKILL = -6 };
enum { SIG_BLOCK = 0, SIG_UNBLOCK = 1, SIG_SETMASK = 2 };
enum { SIGCHLD = 17, SIGCONT = 18, SIGURG = 23, SIGWINCH = 28, SIGSTOP = 19 };

#define SA_NODEFER   0x40000000ul
#define SA_RESETHAND 0x80000000ul

/* The kernel's sigaction(2) and siginfo (x86-64). */
struct eft_sigaction {
	void *handler; /* 0: the default, 1: ignored */
	unsigned long flags;
	void *restorer;
	uint64_t mask;
};

struct eft_siginfo {
	int signal, error, code, pad, pid, uid;
	char rest[104];
};

struct eft_sigstack {
	void *sp;
	int flags;
	size_t size;
};

#define SIG_DFL ((void *)0)
#define SIG_IGN ((void *)1)

/* The process's; what a thread blocks is its task's. */
static struct eft_sigaction actions[SIGNALS + 1];
static uint64_t pending;
static uint64_t sent_to_thread; /* of pending: by tkill(), not by kill() */

static uint64_t bit(int signal)
{
	return 1ul << (signal - 1);
}

static bool ignored_by_default(int signal)
{
	return signal == SIGCHLD || signal == SIGCONT || signal == SIGURG ||
	       signal == SIGWINCH;
}

/* A mask without what cannot be blocked. */
static uint64_t blockable(uint64_t mask)
{
	return mask & ~(bit(SIGKILL) | bit(SIGSTOP));
}

/* Signals whose default is a core file: a report says where. */
static bool deserves_report(int signal)
{
	return signal == SIGABRT || signal == SIGQUIT || signal == SIGILL ||
	       signal == SIGTRAP || signal == SIGBUS || signal == SIGFPE ||
	       signal == SIGSEGV;
}

static eft_noreturn void die_by(int signal)
{
	if (deserves_report(signal)) {
		eft_console_printf("eft: %s ended itself by signal %d\n",
				   eft_program_name(), signal);
		eft_backtrace(__builtin_return_address(0),
			      __builtin_frame_address(0));
	}
	eft_die_by(signal);
}

static void call_handler(int signal, struct eft_sigaction action, int code)
{
	struct eft_siginfo info = {.signal = signal,
				   .code = code,
				   .pid = eft_identity.pid,
				   .uid = eft_identity.uid};
	void (*handler)(int, void *, void *) = action.handler;
	struct eft_task *task = eft_task_current();
	uint64_t before = task->blocked;

	if (action.flags & SA_RESETHAND)
		actions[signal].handler = SIG_DFL;
	task->blocked |= action.mask;
	if (!(action.flags & SA_NODEFER))
		task->blocked |= bit(signal);
	handler(signal, &info, NULL);
	task->blocked = before;
}

/* Do what the program wants done about (signal), now. */
static void act(int signal, int code)
{
	struct eft_sigaction action = actions[signal];

	if (action.handler == SIG_IGN)
		return;
	if (action.handler != SIG_DFL)
		call_handler(signal, action, code);
	else if (!ignored_by_default(signal))
		die_by(signal);
}

/* Lowest first. A handler's end may let more of them through. */
static void raise_pending(void)
{
	uint64_t ready;

	while ((ready = pending & ~eft_task_current()->blocked) != 0) {
		int signal = __builtin_ctzll(ready) + 1;
		bool by_thread = sent_to_thread & bit(signal);

		__atomic_fetch_and(&pending, ~bit(signal), __ATOMIC_RELAXED);
		sent_to_thread &= ~bit(signal);
		act(signal, by_thread ? SI_TKILL : SI_USER);
	}
}

/* The default is death at once, whatever the program is doing. */
void eft_tty_signal(int signal)
{
	if (actions[signal].handler == SIG_DFL)
		eft_die_by(signal);
	__atomic_fetch_or(&pending, bit(signal), __ATOMIC_RELAXED);
}

void eft_tty_deliver(void)
{
	raise_pending();
}

void eft_signals_deliver(void)
{
	raise_pending();
}

long eft_sys_rt_sigaction(int signal, const struct eft_sigaction *new,
			  struct eft_sigaction *old, size_t size)
{
	struct eft_sigaction before;

	if (size != sizeof(uint64_t) || signal < 1 || signal > SIGNALS)
		return -EINVAL;
	if (new != NULL && (signal == SIGKILL || signal == SIGSTOP))
		return -EINVAL;
	before = actions[signal];
	if (new != NULL) {
		actions[signal] = *new;
		actions[signal].mask = blockable(new->mask);
	}
	if (old != NULL)
		*old = before;
	return 0;
}

long eft_sys_rt_sigprocmask(int how, const uint64_t *set, uint64_t *old,
			    size_t size)
{
	struct eft_task *task = eft_task_current();
	uint64_t before = task->blocked;

	if (size != sizeof(uint64_t))
		return -EINVAL;
	if (set != NULL) {
		if (how == SIG_BLOCK)
			task->blocked |= *set;
		else if (how == SIG_UNBLOCK)
			task->blocked &= ~*set;
		else if (how == SIG_SETMASK)
			task->blocked = *set;
		else
			return -EINVAL;
		task->blocked = blockable(task->blocked);
	}
	if (old != NULL)
		*old = before;
	raise_pending();
	return 0;
}

long eft_sys_rt_sigpending(uint64_t *set, size_t size)
{
	if (size > sizeof(uint64_t))
		return -EINVAL;
	memcpy(set, &pending, size);
	return 0;
}

static long send(int signal, bool to_thread)
{
	if (signal < 0 || signal > SIGNALS)
		return -EINVAL;
	if (signal == 0)
		return 0;
	if (to_thread)
		sent_to_thread |= bit(signal);
	__atomic_fetch_or(&pending, bit(signal), __ATOMIC_RELAXED);
	raise_pending();
	return 0;
}

long eft_sys_kill(int pid, int signal)
{
	bool self = pid == eft_identity.pid || pid == 0 ||
		    pid == -eft_identity.pid || pid == -1;

	return self ? send(signal, false) : -ESRCH;
}

long eft_sys_tkill(int tid, int signal)
{
	if (tid <= 0)
		return -EINVAL;
	return tid == eft_task_current()->tid ? send(signal, true) : -ESRCH;
}

long eft_sys_tgkill(int pid, int tid, int signal)
{
	if (pid <= 0)
		return -EINVAL;
	return pid == eft_identity.pid ? eft_sys_tkill(tid, signal) : -ESRCH;
}

/* Kept for the program; nothing runs on it yet. */
long eft_sys_sigaltstack(const struct eft_sigstack *stack,
			 struct eft_sigstack *old)
{
	static struct eft_sigstack current = {.flags = 2 /* SS_DISABLE */};

	if (old != NULL)
		*old = current;
	if (stack != NULL)
		current = *stack;
	return 0;
}
