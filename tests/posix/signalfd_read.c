// SPDX-License-Identifier: BSD-3-Clause
/*
 * signalfd: signals as records to be read, and waited for by poll.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

static int fd;
static struct signalfd_siginfo record[4];

static void *send(void *arg)
{
	kill(getpid(), (int)(long)arg);
	return NULL;
}

static void reading(void)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	fails(read(fd, record, sizeof(record)), EAGAIN, "nothing is there");
	ok(poll(&p, 1, 0) == 0, "poll says so");
	fails(read(fd, record, 64), EINVAL, "a buffer too small");
	raise(SIGUSR1);
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 5});
	sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 6});
	ok(poll(&p, 1, -1) == 1 && p.revents == POLLIN, "poll: three wait");
	ok(read(fd, record, sizeof(record)) == 3 * sizeof(record[0]),
	   "all of them in one read");
	ok(record[0].ssi_signo == SIGUSR1 &&
		   record[0].ssi_pid == (unsigned)getpid() &&
		   record[0].ssi_uid == getuid(),
	   "with who sent it");
	ok(record[1].ssi_code == SI_QUEUE && record[1].ssi_int == 5 &&
		   record[2].ssi_int == 6,
	   "and its value, in order");
	ok(poll(&p, 1, 0) == 0, "then there is none");
}

static void waiting(void)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	pthread_t thread;

	need(pthread_create(&thread, NULL, send, (void *)SIGUSR1) == 0);
	ok(poll(&p, 1, -1) == 1, "poll waits");
	need(pthread_join(thread, NULL) == 0);
	ok(read(fd, record, sizeof(record)) == sizeof(record[0]), "for one");
	need(fcntl(fd, F_SETFL, 0) == 0);
	need(pthread_create(&thread, NULL, send, (void *)SIGUSR1) == 0);
	ok(read(fd, record, sizeof(record)) == sizeof(record[0]),
	   "read waits too");
	need(pthread_join(thread, NULL) == 0);
}

int main(void)
{
	sigset_t set, other;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	ok(fd >= 0 && fcntl(fd, F_GETFD) == FD_CLOEXEC &&
		   fcntl(fd, F_GETFL) & O_NONBLOCK,
	   "signalfd");
	reading();
	waiting();
	sigemptyset(&other);
	sigaddset(&other, SIGUSR2);
	need(sigprocmask(SIG_BLOCK, &other, NULL) == 0);
	ok(signalfd(fd, &other, 0) == fd, "another set");
	raise(SIGUSR2);
	ok(read(fd, record, sizeof(record)) == sizeof(record[0]) &&
		   record[0].ssi_signo == SIGUSR2,
	   "is read from now on");
	fails(signalfd(0, &set, 0), EINVAL, "not a signalfd");
	fails(signalfd(1000, &set, 0), EBADF, "not open");
	fails(signalfd(-1, &set, 1), EINVAL, "flags that are none");
	fails(syscall(SYS_signalfd4, -1, &set, 4, 0), EINVAL,
	      "a set of another size");
	return done();
}
