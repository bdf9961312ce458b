// SPDX-License-Identifier: BSD-3-Clause
/*
 * POSIX AIO of the C library, whose threads have small stacks.
 */
#include <aio.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

enum { MANY = 12 };

static char buf[MANY][64];

/* Wait until (block) is over; what it says. */
static int wait_for(const struct aiocb *block)
{
	const struct aiocb *list[] = {block};
	int error;

	while ((error = aio_error(block)) == EINPROGRESS)
		need(aio_suspend(list, 1, NULL) == 0 || errno == EINTR);
	return error;
}

static struct aiocb block_of(int fd, void *data, size_t size, off_t offset)
{
	return (struct aiocb){.aio_fildes = fd,
			      .aio_buf = data,
			      .aio_nbytes = size,
			      .aio_offset = offset};
}

static void one(int fd)
{
	struct aiocb block = block_of(fd, "hello", 5, 0);

	ok(aio_write(&block) == 0 && wait_for(&block) == 0 &&
		   aio_return(&block) == 5,
	   "aio_write");
	block = block_of(fd, buf[0], 64, 1);
	ok(aio_read(&block) == 0 && wait_for(&block) == 0 &&
		   aio_return(&block) == 4 && memcmp(buf[0], "ello", 4) == 0,
	   "aio_read");
	block = block_of(fd, NULL, 0, 0);
	ok(aio_fsync(O_SYNC, &block) == 0 && wait_for(&block) == 0 &&
		   aio_return(&block) == 0,
	   "aio_fsync");
	fails(aio_fsync(12345, &block), EINVAL, "of no way");
	block = block_of(999, buf[0], 1, 0);
	ok(aio_read(&block) == -1
		   ? errno == EBADF
		   : wait_for(&block) == EBADF && aio_return(&block) == -1,
	   "of no descriptor");
}

static void list(int fd)
{
	struct aiocb blocks[MANY], *all[MANY];
	int good = 1;

	for (int i = 0; i < MANY; i++) {
		memset(buf[i], 'a' + i, 64);
		blocks[i] = block_of(fd, buf[i], 64, 64 * i);
		blocks[i].aio_lio_opcode = LIO_WRITE;
		all[i] = &blocks[i];
	}
	ok(lio_listio(LIO_WAIT, all, MANY, NULL) == 0, "lio_listio(LIO_WAIT)");
	for (int i = 0; i < MANY; i++) {
		good &= aio_error(&blocks[i]) == 0 &&
			aio_return(&blocks[i]) == 64;
		memset(buf[i], 0, 64);
		blocks[i].aio_lio_opcode = LIO_READ;
	}
	ok(good, "all are written");
	ok(lio_listio(LIO_NOWAIT, all, MANY, NULL) == 0, "LIO_NOWAIT");
	for (int i = 0; i < MANY; i++)
		good &= wait_for(&blocks[i]) == 0 &&
			aio_return(&blocks[i]) == 64 &&
			all_bytes(buf[i], 'a' + i, 64);
	ok(good, "all are read");
}

static volatile int told;

static void tell(union sigval value)
{
	told = value.sival_int;
}

static void tells(int fd)
{
	struct aiocb block = block_of(fd, buf[0], 8, 0);
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	block.aio_sigevent.sigev_notify = SIGEV_SIGNAL;
	block.aio_sigevent.sigev_signo = SIGUSR1;
	block.aio_sigevent.sigev_value.sival_int = 77;
	need(aio_read(&block) == 0);
	ok(sigwaitinfo(&set, &info) == SIGUSR1 &&
		   info.si_value.sival_int == 77 && info.si_code == SI_ASYNCIO,
	   "a signal tells");
	ok(wait_for(&block) == 0 && aio_return(&block) == 8, "that it is over");
	block.aio_sigevent.sigev_notify = SIGEV_THREAD;
	block.aio_sigevent.sigev_notify_function = tell;
	need(aio_read(&block) == 0 && wait_for(&block) == 0);
	while (told == 0)
		usleep(1000);
	ok(told == 77, "or a call");
}

static void cancels(void)
{
	struct timespec soon = {0, 1000000};
	const struct aiocb *list[1];
	struct aiocb block;
	int ends[2];

	need(pipe(ends) == 0);
	block = block_of(ends[0], buf[0], 1, 0);
	list[0] = &block;
	need(aio_read(&block) == 0);
	fails(aio_suspend(list, 1, &soon), EAGAIN, "a read that waits");
	ok(aio_cancel(ends[0], &block) == AIO_CANCELED &&
		   wait_for(&block) == ECANCELED && aio_return(&block) == -1,
	   "is cancelled");
	ok(aio_cancel(ends[0], NULL) == AIO_ALLDONE, "nothing is left");
	close(ends[0]);
	close(ends[1]);
}

int main(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC, 0600);

	need(fd >= 0);
	one(fd);
	list(fd);
	tells(fd);
	cancels();
	need(unlink("file") == 0);
	return done();
}
