// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for children of which there are none, and the process groups of a
 * process that stays alone.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "answers.h"

static void waits(void)
{
	int status = 77;
	struct rusage usage;

	answers(wait(&status), ECHILD, "wait");
	answers(waitpid(-1, &status, WNOHANG), ECHILD, "WNOHANG");
	answers(waitpid(0, NULL, 0), ECHILD, "of one's group");
	answers(waitpid(getpid(), NULL, 0), ECHILD, "for oneself");
	answers(waitpid(1, NULL, 0), ECHILD, "for another's child");
	answers(waitpid(-1, NULL, WUNTRACED | WCONTINUED), ECHILD,
		"WUNTRACED | WCONTINUED");
	answers(waitpid(INT_MIN, NULL, 0), ESRCH, "of no group at all");
	answers(waitpid(-1, NULL, 64), EINVAL, "an option nobody knows");
	answers(waitpid(INT_MIN, NULL, 64), EINVAL, "which comes first");
	answers(wait4(-1, &status, WNOHANG, &usage), ECHILD, "wait4");
	ok(status == 77, "the status is as it was");
}

static void by_id(void)
{
	siginfo_t info = {.si_signo = 77};

	answers(waitid(P_ALL, 0, &info, WEXITED), ECHILD, "waitid");
	answers(waitid(P_PID, 1, &info, WEXITED | WNOHANG), ECHILD, "P_PID");
	answers(waitid(P_PGID, 0, &info, WSTOPPED), ECHILD, "P_PGID");
	answers(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), ECHILD, "WNOWAIT");
	answers(waitid(P_PID, 0, &info, WEXITED), EINVAL, "P_PID of 0");
	answers(waitid(P_PID, -1, &info, WEXITED), EINVAL, "of -1");
	answers(waitid(P_PGID, -1, &info, WEXITED), EINVAL, "P_PGID of -1");
	answers(waitid(99, 1, &info, WEXITED), EINVAL, "a kind nobody knows");
	answers(waitid(P_ALL, 0, &info, 0), EINVAL, "no event");
	answers(waitid(P_ALL, 0, &info, WNOHANG), EINVAL, "WNOHANG alone");
	answers(waitid(P_ALL, 0, &info, WEXITED | 64), EINVAL,
		"an option nobody knows");
	answers(waitid(99, 1, &info, 64), EINVAL, "and an unknown kind");
	answers(waitid(3, -1, &info, WEXITED), EINVAL, "P_PIDFD of -1");
	answers(waitid(3, 999, &info, WEXITED), EBADF, "of no descriptor");
	answers(waitid(3, 1, &info, WEXITED), EBADF, "of another kind of it");
}

static void groups(void)
{
	int leads = getpgrp() == getpid();

	ok(getpgid(0) == getpgrp() && getpgid(getpid()) == getpgrp(),
	   "getpgid agrees with getpgrp");
	ok(getsid(0) == getsid(getpid()) && getsid(0) > 0, "getsid");
	answers(getpgid(INT_MAX), ESRCH, "getpgid of nobody");
	answers(getsid(-1), ESRCH, "getsid of -1");
	answers(setpgid(0, -1), EINVAL, "setpgid to -1");
	answers(setpgid(INT_MAX, 0), ESRCH, "of nobody");
	ok(setsid() == (leads ? -1 : getpid()),
	   "setsid, but for who leads a group");
	if (!leads)
		need(getsid(0) == getpid() && getpgrp() == getpid());
	if (getsid(0) == getpid())
		fails(setpgid(0, 0), EPERM, "who leads a session stays");
	else
		ok(setpgid(0, 0) == 0, "who leads a session stays");
	answers(setsid(), EPERM, "who leads a group begins no session");
	ok(getpgrp() == getpid(), "and leads it");
}

/* Where there can be children, one that ends is waited for; else none begins.
 */
static void begins(void)
{
	char *const words[] = {"true", NULL};
	FILE *file = popen("true", "r");
	pid_t child;
	int none = errno, status;

	ok(file != NULL ? pclose(file) == 0 : none == ENOSYS, "popen");
	errno = 0;
	status = system("true");
	ok(status == 0 || (status == -1 && errno == ENOSYS), "system");
	status = posix_spawnp(&child, "true", NULL, NULL, words, words + 1);
	ok(status == ENOSYS ||
		   (status == 0 && waitpid(child, NULL, 0) == child),
	   "posix_spawnp");
	ok((file != NULL) == (status == 0), "both or neither");
	fails_null(popen("true", "x"), EINVAL, "a mode that nobody knows");
}

int main(void)
{
	ok(system(NULL) != 0, "system(NULL): there is a shell");
	begins();
	waits();
	by_id();
	groups();
	return done();
}
