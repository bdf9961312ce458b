// SPDX-License-Identifier: BSD-3-Clause
/*
 * Signals that a program sends to itself: handlers, masks, what waits while
 * it is blocked and comes afterwards.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <unistd.h>

#include "tap.h"

static int runs, depth, deepest, hangups, seen_inside, code;

static void handle(int signal, void (*handler)(int), int flags, int all_masked)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};

	if (all_masked)
		sigfillset(&action.sa_mask);
	need(sigaction(signal, &action, NULL) == 0);
}

static void raise_again(int signal)
{
	runs++;
	if (depth++ == 0 && runs == 1)
		raise(signal);
	deepest = depth > deepest ? depth : deepest;
	depth--;
}

static void raise_within(int signal)
{
	depth++;
	deepest = depth > deepest ? depth : deepest;
	if (depth < 3)
		raise(signal);
	depth--;
}

static void count_hangup(int signal)
{
	(void)signal;
	hangups++;
}

static void raise_hangup(int signal)
{
	(void)signal;
	raise(SIGHUP);
	seen_inside = hangups;
}

static void note_code(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)context;
	code = info->si_code;
}

static void within_its_own_handler(void)
{
	handle(SIGUSR1, raise_again, 0, 0);
	raise(SIGUSR1);
	ok(runs == 2 && deepest == 1, "raise: once more, after the handler");
	runs = 0;
	kill(getpid(), SIGUSR1);
	ok(runs == 2 && deepest == 1, "kill: the same");
	handle(SIGUSR1, raise_within, SA_NODEFER, 0);
	deepest = 0;
	raise(SIGUSR1);
	ok(deepest == 3, "SA_NODEFER: at once, within the handler");
}

static void masked_by_a_handler(void)
{
	handle(SIGHUP, count_hangup, 0, 0);
	handle(SIGUSR2, raise_hangup, 0, 1);
	raise(SIGUSR2);
	ok(seen_inside == 0 && hangups == 1,
	   "a signal of sa_mask comes after the handler");
	kill(getpid(), SIGUSR2);
	ok(seen_inside == 1 && hangups == 2, "after kill too");
}

static void blocked(void)
{
	sigset_t set, waiting;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	hangups = 0;
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	raise(SIGHUP);
	raise(SIGHUP);
	ok(hangups == 0, "a blocked signal waits");
	ok(sigpending(&waiting) == 0 && sigismember(&waiting, SIGHUP),
	   "and is pending");
	need(sigprocmask(SIG_UNBLOCK, &set, NULL) == 0);
	ok(hangups == 1, "it comes once when it is let through");
	ok(sigpending(&waiting) == 0 && !sigismember(&waiting, SIGHUP),
	   "and is not pending any more");
}

static void one_shot(void)
{
	struct sigaction now;

	hangups = 0;
	handle(SIGHUP, count_hangup, SA_RESETHAND, 0);
	raise(SIGHUP);
	need(sigaction(SIGHUP, NULL, &now) == 0);
	ok(hangups == 1 && now.sa_handler == SIG_DFL,
	   "SA_RESETHAND: one time only");
	handle(SIGHUP, SIG_IGN, 0, 0);
	ok(raise(SIGHUP) == 0 && hangups == 1, "SIG_IGN: nothing happens");
}

static void asking(void)
{
	struct sigaction action = {.sa_sigaction = note_code,
				   .sa_flags = SA_SIGINFO};

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	raise(SIGUSR1);
	ok(code == SI_TKILL, "raise sends it to the thread");
	kill(getpid(), SIGUSR1);
	ok(code == SI_USER, "kill to the process");
	need(sigaction(SIGUSR2, NULL, &action) == 0);
	ok(sigismember(&action.sa_mask, SIGHUP) &&
		   !sigismember(&action.sa_mask, SIGKILL),
	   "SIGKILL is in no mask");
	fails(kill(getpid(), 65), EINVAL, "a number too large");
	fails(kill(getpid(), -1), EINVAL, "a negative one");
	ok(kill(getpid(), 0) == 0, "none at all: is there a process?");
	fails(sigaction(SIGKILL, &action, NULL), EINVAL,
	      "SIGKILL has no handler");
}

int main(void)
{
	within_its_own_handler();
	masked_by_a_handler();
	blocked();
	one_shot();
	asking();
	return done();
}
