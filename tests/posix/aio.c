// SPDX-License-Identifier: BSD-3-Clause
/*
 * Asynchronous input and output (aio(7)), which the C library does by threads
 * of its own, with stacks as small as it dares.
 */
#define _GNU_SOURCE
#include <aio.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static atomic_int told;
static volatile sig_atomic_t signalled, code, value;

static void wait_for(struct aiocb *cb)
{
	const struct aiocb *list[] = {cb};

	while (aio_error(cb) == EINPROGRESS)
		aio_suspend(list, 1, NULL);
}

static void pause_ms(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void one_by_one(int fd)
{
	char buf[32] = "";
	struct aiocb cb = {
		.aio_fildes = fd, .aio_buf = "hello, world", .aio_nbytes = 12};

	ok(aio_write(&cb) == 0, "aio_write");
	wait_for(&cb);
	ok(aio_error(&cb) == 0 && aio_return(&cb) == 12, "all was written");
	cb = (struct aiocb){.aio_fildes = fd,
			    .aio_buf = buf,
			    .aio_nbytes = sizeof(buf),
			    .aio_offset = 7};
	ok(aio_read(&cb) == 0, "aio_read");
	wait_for(&cb);
	ok(aio_return(&cb) == 5 && !strcmp(buf, "world"), "from where it says");
	cb = (struct aiocb){.aio_fildes = fd};
	ok(aio_fsync(O_SYNC, &cb) == 0, "aio_fsync");
	wait_for(&cb);
	ok(aio_return(&cb) == 0, "has an end");
}

static void many(int fd)
{
	enum { COUNT = 16 };
	static char parts[COUNT];
	static struct aiocb cbs[COUNT];
	struct aiocb *list[COUNT];
	int right = 1;

	for (int i = 0; i < COUNT; i++) {
		parts[i] = (char)('a' + i);
		cbs[i] = (struct aiocb){.aio_fildes = fd,
					.aio_buf = &parts[i],
					.aio_nbytes = 1,
					.aio_offset = i,
					.aio_lio_opcode = LIO_WRITE};
		list[i] = &cbs[i];
	}
	ok(lio_listio(LIO_WAIT, list, COUNT, NULL) == 0, "lio_listio writes");
	for (int i = 0; i < COUNT; i++) {
		right &= aio_return(&cbs[i]) == 1;
		cbs[i].aio_lio_opcode = LIO_READ;
		parts[i] = 0;
	}
	ok(right, "all of them");
	ok(lio_listio(LIO_WAIT, list, COUNT, NULL) == 0, "and reads");
	for (int i = 0; i < COUNT; i++)
		right &= aio_return(&cbs[i]) == 1 && parts[i] == 'a' + i;
	ok(right, "what was written");
}

static void by_signal(int signal, siginfo_t *info, void *context)
{
	(void)context;
	signalled = signal;
	code = info->si_code;
	value = info->si_value.sival_int;
}

static void by_thread(union sigval arg)
{
	told = arg.sival_int;
}

static void notified(int fd)
{
	struct sigaction action = {.sa_sigaction = by_signal,
				   .sa_flags = SA_SIGINFO};
	char buf[4];
	struct aiocb cb = {.aio_fildes = fd,
			   .aio_buf = buf,
			   .aio_nbytes = sizeof(buf),
			   .aio_sigevent = {.sigev_notify = SIGEV_SIGNAL,
					    .sigev_signo = SIGUSR1,
					    .sigev_value.sival_int = 42}};

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	need(aio_read(&cb) == 0);
	while (!signalled)
		pause_ms();
	ok(code == SI_ASYNCIO && value == 42, "told by a signal");
	wait_for(&cb);
	ok(aio_return(&cb) == 4, "that it is done");
	cb.aio_sigevent = (struct sigevent){.sigev_notify = SIGEV_THREAD,
					    .sigev_notify_function = by_thread,
					    .sigev_value.sival_int = 43};
	need(aio_read(&cb) == 0);
	while (!told)
		pause_ms();
	ok(told == 43, "or by a thread");
	wait_for(&cb);
	need(aio_return(&cb) == 4);
}

/* Who reads a pipe waits until somebody writes. */
static void waiting(void)
{
	char byte = 0;
	struct aiocb cb = {.aio_buf = &byte, .aio_nbytes = 1};
	const struct aiocb *list[] = {&cb};
	const struct timespec moment = {.tv_nsec = 10000000};
	int ends[2];

	need(pipe(ends) == 0);
	cb.aio_fildes = ends[0];
	need(aio_read(&cb) == 0);
	fails(aio_suspend(list, 1, &moment), EAGAIN, "aio_suspend, in vain");
	ok(aio_error(&cb) == EINPROGRESS, "it goes on");
	need(write(ends[1], "x", 1) == 1);
	wait_for(&cb);
	ok(aio_return(&cb) == 1 && byte == 'x', "until there is something");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600);

	need(fd >= 0);
	one_by_one(fd);
	many(fd);
	notified(fd);
	waiting();
	close(fd);
	return done();
}
