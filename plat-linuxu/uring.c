// SPDX-License-Identifier: BSD-3-Clause
/*
 * Notifications by io_uring: a one-shot IORING_OP_POLL_ADD for each slot,
 * submitted together with the wait, so that a wait is one system call.
 *
 * The user data of a request is its slot and the slot's generation: the
 * completion of a cancelled request does not match any more, and is dropped.
 */
#include <liburing.h>

#include "plat-linuxu/notify.h"

/* liburing brings libc's types; of the platform's, only these are needed. */
const struct eft_timespec *eft_linuxu_timeout(uint64_t deadline_ns,
					      struct eft_timespec *buf);

enum { ENTRIES = 64 };

static struct io_uring ring;

static uint64_t user_data(unsigned slot)
{
	return (uint64_t)eft_linuxu_pending[slot].generation << 32 | slot;
}

int eft_linuxu_uring_init(void)
{
	return io_uring_queue_init(ENTRIES, &ring, 0);
}

/* A free submission entry; a full queue is submitted first. */
static struct io_uring_sqe *get_entry(void)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&ring);

	if (entry == NULL && io_uring_submit(&ring) >= 0)
		entry = io_uring_get_sqe(&ring);
	return entry;
}

int eft_linuxu_uring_add(unsigned slot)
{
	const struct eft_linuxu_pending *p = &eft_linuxu_pending[slot];
	struct io_uring_sqe *entry = get_entry();

	if (entry == NULL)
		return -EAGAIN;
	io_uring_prep_poll_add(entry, p->handle, p->events);
	io_uring_sqe_set_data64(entry, user_data(slot));
	return 0;
}

void eft_linuxu_uring_remove(unsigned slot)
{
	struct io_uring_sqe *entry = get_entry();

	if (entry == NULL)
		return;
	io_uring_prep_poll_remove(entry, user_data(slot));
	io_uring_sqe_set_data64(entry, LIBURING_UDATA_TIMEOUT);
}

static void complete(const struct io_uring_cqe *cqe)
{
	uint64_t data = io_uring_cqe_get_data64(cqe);
	unsigned slot = (uint32_t)data;

	if (slot < EFT_LINUXU_TICKETS && data == user_data(slot))
		eft_linuxu_complete(slot);
}

void eft_linuxu_uring_wait(uint64_t deadline_ns)
{
	struct __kernel_timespec buf;
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_submit_and_wait_timeout(
		&ring, &cqe, 1,
		(void *)eft_linuxu_timeout(deadline_ns, (void *)&buf), NULL);
	io_uring_for_each_cqe(&ring, head, cqe)
	{
		complete(cqe);
		count++;
	}
	io_uring_cq_advance(&ring, count);
}
