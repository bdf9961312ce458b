// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals that wait: real-time ones in a queue with their values, the others
 * once; what siginfo says of each.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

enum { MANY = 100 };

static int values[MANY + 8], signals[MANY + 8], count;
static siginfo_t last;

static void note(int signal, siginfo_t *info, void *context)
{
	(void)context;
	last = *info;
	values[count] = info->si_value.sival_int;
	signals[count++] = signal;
}

static void handle(int signal)
{
	struct sigaction action = {.sa_sigaction = note,
				   .sa_flags = SA_SIGINFO};

	sigfillset(&action.sa_mask);
	need(sigaction(signal, &action, NULL) == 0);
}

static void block(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	need(sigprocmask(how, &set, NULL) == 0);
}

static int queue(int signal, int value)
{
	return sigqueue(getpid(), signal, (union sigval){.sival_int = value});
}

static void in_order(void)
{
	int right = 1;

	handle(SIGRTMIN);
	block(SIG_BLOCK, SIGRTMIN);
	for (int i = 0; i < MANY; i++)
		right &= queue(SIGRTMIN, i) == 0;
	ok(right && count == 0, "real-time signals wait while blocked");
	block(SIG_UNBLOCK, SIGRTMIN);
	ok(count == MANY, "all of them come");
	for (int i = 0; i < MANY; i++)
		right &= values[i] == i;
	ok(right, "in order, with their values");
	ok(last.si_code == SI_QUEUE && last.si_signo == SIGRTMIN &&
		   last.si_pid == getpid() && last.si_uid == getuid(),
	   "siginfo says who queued it");
}

static void once(void)
{
	count = 0;
	handle(SIGUSR1);
	block(SIG_BLOCK, SIGUSR1);
	queue(SIGUSR1, 1);
	queue(SIGUSR1, 2);
	block(SIG_UNBLOCK, SIGUSR1);
	ok(count == 1 && values[0] == 1, "a standard signal waits once");
}

static void thread_and_process(void)
{
	count = 0;
	handle(SIGUSR1);
	block(SIG_BLOCK, SIGUSR1);
	queue(SIGUSR1, 7);
	pthread_kill(pthread_self(), SIGUSR1);
	block(SIG_UNBLOCK, SIGUSR1);
	ok(count == 2, "once for the process and once for the thread");
	ok(last.si_code == SI_QUEUE, "the thread's own first");
}

static void lowest_first(void)
{
	count = 0;
	for (int i = 0; i < 4; i++) {
		handle(SIGRTMIN + i);
		block(SIG_BLOCK, SIGRTMIN + i);
	}
	for (int i = 3; i >= 0; i--)
		queue(SIGRTMIN + i, i);
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < 4; i++)
		sigaddset(&set, SIGRTMIN + i);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(count == 4 && signals[0] == SIGRTMIN && signals[1] == SIGRTMIN + 1 &&
		   signals[2] == SIGRTMIN + 2 && signals[3] == SIGRTMIN + 3,
	   "lowest first, where handlers mask each other");
}

static int order[2], begun;

static void note_order(int signal)
{
	order[begun++] = signal;
}

static void nested(void)
{
	sigset_t set;
	struct sigaction action = {.sa_handler = note_order};

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	raise(SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ok(begun == 2 && order[0] == SIGUSR2 && order[1] == SIGUSR1,
	   "where they do not, the last to begin runs first");
}

static void ignored(void)
{
	sigset_t waiting;

	block(SIG_BLOCK, SIGUSR2);
	raise(SIGUSR2);
	signal(SIGUSR2, SIG_IGN);
	need(sigpending(&waiting) == 0);
	ok(!sigismember(&waiting, SIGUSR2), "SIG_IGN drops what waits");
	raise(SIGUSR2);
	need(sigpending(&waiting) == 0);
	ok(sigismember(&waiting, SIGUSR2),
	   "a blocked signal waits though it is ignored");
	block(SIG_UNBLOCK, SIGUSR2);
	signal(SIGCHLD, SIG_DFL);
	ok(raise(SIGCHLD) == 0 && raise(SIGURG) == 0 && raise(SIGWINCH) == 0,
	   "some do nothing by default");
}

static void errors(void)
{
	siginfo_t info = {.si_code = SI_QUEUE};

	fails(queue(65, 0), EINVAL, "sigqueue: a number too large");
	fails(queue(-1, 0), EINVAL, "a negative one");
	ok(queue(0, 0) == 0, "none: is there a process?");
	fails(syscall(SYS_rt_tgsigqueueinfo, getpid(), 0, SIGUSR1, &info),
	      EINVAL, "rt_tgsigqueueinfo: thread 0");
	fails(syscall(SYS_tgkill, getpid(), -1, SIGUSR1), EINVAL,
	      "tgkill: a negative thread");
	fails(syscall(SYS_tgkill, 0, getpid(), SIGUSR1), EINVAL,
	      "tgkill: process 0");
	fails(syscall(SYS_tgkill, getpid(), getpid() + 500000, SIGUSR1), ESRCH,
	      "tgkill: a thread of nobody's");
	fails(syscall(SYS_tkill, 0, SIGUSR1), EINVAL, "tkill: thread 0");
	fails(syscall(SYS_tkill, getpid(), 65), EINVAL, "tkill: signal 65");
	ok(syscall(SYS_tkill, getpid(), 0) == 0, "tkill: signal 0");
	fails(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4), EINVAL,
	      "sigaction: a mask of another size");
	fails(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8), EINVAL,
	      "sigaction: signal 0");
	fails(syscall(SYS_rt_sigprocmask, 3, &(long){0}, NULL, 8), EINVAL,
	      "sigprocmask: no such way");
	fails(syscall(SYS_rt_sigprocmask, SIG_BLOCK, &(long){0}, NULL, 16),
	      EINVAL, "sigprocmask: a mask of another size");
	ok(syscall(SYS_rt_sigprocmask, 3, NULL, NULL, 8) == 0,
	   "the way does not matter where nothing is set");
	fails(syscall(SYS_rt_sigsuspend, &(long){0}, 4), EINVAL,
	      "sigsuspend: a mask of another size");
	fails(syscall(SYS_rt_sigtimedwait, &(long){0}, NULL, NULL, 4), EINVAL,
	      "sigtimedwait: a mask of another size");
	fails(syscall(SYS_rt_sigpending, &(long){0}, 16), EINVAL,
	      "sigpending: a mask too large");
}

int main(void)
{
	in_order();
	once();
	thread_and_process();
	lowest_first();
	nested();
	ignored();
	errors();
	return done();
}
