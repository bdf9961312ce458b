// SPDX-License-Identifier: BSD-3-Clause
/*
 * prctl(2): names, and wishes that are remembered.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include "tap.h"

#ifndef PR_SET_THP_DISABLE
#define PR_SET_THP_DISABLE 41
#define PR_GET_THP_DISABLE 42
#endif

static void *inherits(void *arg)
{
	char name[16] = "";

	need(prctl(PR_GET_NAME, name) == 0);
	ok(strcmp(name, "fifteen letters") == 0, "a new thread inherits it");
	need(prctl(PR_SET_NAME, "other") == 0);
	return arg;
}

static void names(void)
{
	char name[16] = "";
	pthread_t thread;

	ok(prctl(PR_GET_NAME, name) == 0 && name[0] != '\0',
	   "there is a name at first");
	ok(prctl(PR_SET_NAME, "fifteen letters and more") == 0, "a long name");
	ok(prctl(PR_GET_NAME, name) == 0 &&
		   strcmp(name, "fifteen letters") == 0,
	   "is cut");
	need(pthread_create(&thread, NULL, inherits, NULL) == 0);
	need(pthread_join(thread, NULL) == 0);
	need(prctl(PR_GET_NAME, name) == 0);
	ok(strcmp(name, "fifteen letters") == 0, "each has its own");
	ok(prctl(PR_SET_NAME, "") == 0 && prctl(PR_GET_NAME, name) == 0 &&
		   *name == '\0',
	   "an empty name");
	fails(prctl(PR_SET_NAME, 0), EFAULT, "no name");
	fails(prctl(PR_GET_NAME, 0), EFAULT, "no room");
}

static void switches(void)
{
	int value = -1;

	ok(prctl(PR_SET_DUMPABLE, 0) == 0 && prctl(PR_GET_DUMPABLE) == 0,
	   "no dumps");
	ok(prctl(PR_SET_DUMPABLE, 1) == 0 && prctl(PR_GET_DUMPABLE) == 1,
	   "dumps");
	fails(prctl(PR_SET_DUMPABLE, 2), EINVAL, "other dumps");
	ok(prctl(PR_GET_KEEPCAPS) == 0, "capabilities go");
	ok(prctl(PR_SET_KEEPCAPS, 1) == 0 && prctl(PR_GET_KEEPCAPS) == 1,
	   "or stay");
	fails(prctl(PR_SET_KEEPCAPS, 2), EINVAL, "nothing else");
	ok(prctl(PR_SET_PDEATHSIG, SIGUSR1) == 0 &&
		   prctl(PR_GET_PDEATHSIG, &value) == 0 && value == SIGUSR1,
	   "a signal when the parent ends");
	ok(prctl(PR_SET_PDEATHSIG, 0) == 0, "none");
	fails(prctl(PR_SET_PDEATHSIG, 65), EINVAL, "no such signal");
	ok(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0 &&
		   prctl(PR_GET_CHILD_SUBREAPER, &value) == 0 && value == 1,
	   "a reaper");
	ok(prctl(PR_GET_TIMING) == 0, "statistical timing");
	fails(prctl(PR_SET_TIMING, 1), EINVAL, "and no other");
}

static void other_wishes(void)
{
	ok(prctl(PR_GET_TIMERSLACK) == 50000, "a timer's slack");
	ok(prctl(PR_SET_TIMERSLACK, 1) == 0 && prctl(PR_GET_TIMERSLACK) == 1,
	   "another slack");
	ok(prctl(PR_SET_TIMERSLACK, 0) == 0 &&
		   prctl(PR_GET_TIMERSLACK) == 50000,
	   "the usual one");
	ok(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0, "new privileges");
	fails(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0), EINVAL,
	      "are not given up by 0");
	ok(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
		   prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1,
	   "are given up");
	ok(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0) == 0 &&
		   prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0) == 1,
	   "no huge pages");
	fails(prctl(PR_SET_THP_DISABLE, 1, 1, 0, 0), EINVAL,
	      "with an argument too many");
	fails(prctl(9999), EINVAL, "no such option");
}

int main(void)
{
	names();
	switches();
	other_wishes();
	return done();
}
