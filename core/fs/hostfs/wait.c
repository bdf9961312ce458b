// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for a host's handle: reading it while other threads run, and poll.
 *
 * A handle that may have nothing to read for a long time (pipe, terminal,
 * socket: a stream) must put only the calling thread to sleep, not the CPU.
 * So a stream is read without waiting, and the host told to notify our wait
 * queue. Whether a handle is a stream is found out at the first read or write.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/user.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_transfer

/* Linux's Documentation/admin-guide/devices.txt: 1 char, Memory devices. */
enum { DEV_NULL = 1 << 8 | 3, DEV_ZERO = 1 << 8 | 5, DEV_FULL = 1 << 8 | 7 };

static const struct eft_host_files *host(void)
{
	return eft_plat_host_files();
}

static const struct eft_host_waiting *waiting(void)
{
	return eft_plat_host_waiting();
}

/* Those that never wait have no poll operation on Linux either. */
static enum eft_hostfile_kind kind_of(const struct eft_hostfile *hf,
				      const struct eft_stat *st)
{
	struct eft_termios termios;

	switch (st->mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFBLK:
		return EFT_HOSTFILE_DIRECT;
	case S_IFCHR:
		if (host()->ioctl(hf->handle, TCGETS, eft_as_user(&termios)) ==
		    0)
			return EFT_HOSTFILE_TERMINAL;
		if (st->rdev == DEV_NULL || st->rdev == DEV_ZERO ||
		    st->rdev == DEV_FULL)
			return EFT_HOSTFILE_DEVICE;
	}
	return EFT_HOSTFILE_STREAM;
}

bool eft_hostfile_find_kind(struct eft_hostfile *hf)
{
	uint32_t kind = EFT_HOSTFILE_DIRECT;
	struct eft_stat st;

	if (host()->stat(hf->handle, &st) == 0)
		kind = kind_of(hf, &st);
	__atomic_store_n(&hf->kind, kind, __ATOMIC_RELAXED);
	return kind >= EFT_HOSTFILE_STREAM;
}

static void wake(void *arg)
{
	struct eft_hostfile *hf = arg;

	eft_waitq_wake(&hf->queue, EFT_WAKE_ALL);
}

int eft_hostfile_wait(struct eft_hostfile *hf, unsigned events,
		      uint64_t deadline_ns)
{
	struct eft_waiter waiter;
	int ticket, error;

	if (hf->file.flags & O_NONBLOCK)
		return -EAGAIN;
	eft_wait_begin(&waiter, &hf->queue);
	error = ticket = waiting()->notify(hf->handle, events, wake, hf);
	if (ticket >= 0) {
		error = eft_sleep(deadline_ns);
		waiting()->cancel(ticket);
	}
	eft_wait_end(&waiter);
	return error;
}

/*
 * poll() does not tell a FIFO that has no writer, and so is at its end, from
 * one that has nothing yet. The host does, of a handle that does not wait.
 */
ssize_t eft_hostfile_read_stream(struct eft_hostfile *hf,
				 const struct eft_iovec *iov, int count)
{
	ssize_t n;
	int error = 0;

	while ((n = waiting()->read_now(hf->handle, iov, count)) == -EAGAIN) {
		if (error < 0)
			return error;
		if (hf->file.flags & O_NONBLOCK &&
		    waiting()->get_flags(hf->handle) & O_NONBLOCK)
			return eft_plat_host_input()->read(
				hf->handle, iov, count, EFT_HOST_POSITION);
		error = eft_hostfile_wait(hf, POLLIN, EFT_FOREVER);
	}
	return n;
}

ssize_t eft_hostfile_read_asleep(struct eft_hostfile *hf,
				 const struct eft_iovec *iov, int count,
				 off_t at)
{
	long n;

	if (at != EFT_AT_POSITION || !eft_hostfile_is_stream(hf)) {
		if (!eft_is_only_thread() && eft_hostfile_transfer != NULL &&
		    eft_hostfile_transfer(EFT_HOST_READ, hf, iov, count, at,
					  &n))
			return n;
		return eft_plat_host_input()->read(hf->handle, iov, count, at);
	}
	if (hf->kind == EFT_HOSTFILE_TERMINAL)
		return eft_hostfile_read_terminal(hf, iov, count);
	return eft_hostfile_read_stream(hf, iov, count);
}

static void cancel_poll(struct eft_poll_entry *entry)
{
	waiting()->cancel(entry->ticket);
}

unsigned eft_hostfile_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll)
{
	struct eft_hostfile *hf = eft_hostfile_of(file);

	if (!eft_hostfile_is_stream(hf)) {
		poll->always = true;
		return events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	}
	if (poll->entries != NULL) {
		int ticket = waiting()->notify(hf->handle, events, wake, hf);
		struct eft_poll_entry *entry;

		if (ticket < 0) {
			poll->error = ticket;
			return 0;
		}
		entry = eft_poll_add(poll, &hf->queue);
		entry->cancel = cancel_poll;
		entry->ticket = ticket;
		/* It may come before we are on the queue: look afterwards. */
	}
	return waiting()->ready(hf->handle, events);
}
