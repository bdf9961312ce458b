// SPDX-License-Identifier: BSD-3-Clause
/*
 * Notifications by io_uring: a one-shot IORING_OP_POLL_ADD for each slot,
 * submitted together with the wait, so that a wait is one system call.
 *
 * The user data of a request is its slot and the slot's generation: the
 * completion of a cancelled request does not match any more, and is dropped.
 *
 * Both rings are guarded by the table's lock, but for enter(): the host lets
 * some of its threads submit while another waits.
 */
#include <liburing.h>

#include "plat-linuxu/notify.h"

/* liburing's, src/queue.c: requests that the host has not seen yet. */
unsigned __io_uring_flush_sq(struct io_uring *ring);

enum { ENTRIES = 64 };

static struct io_uring ring;

static uint64_t user_data(unsigned slot)
{
	return (uint64_t)eft_linuxu_pending[slot].generation << 32 | slot;
}

/* A host before Linux 5.11 does not wait until a time by itself. */
int eft_plat_process_uring(void)
{
	int error = io_uring_queue_init(ENTRIES, &ring, 0);

	if (error != 0)
		return error;
	if (!(ring.features & IORING_FEAT_EXT_ARG))
		error = -ENOSYS;
	else /* it may be refused by itself */
		error = io_uring_enter2(ring.ring_fd, 0, 0, 0, NULL, 0);
	if (error < 0)
		io_uring_queue_exit(&ring);
	return error < 0 ? error : 0;
}

int eft_linuxu_uring_handle(void)
{
	return ring.ring_fd;
}

int eft_linuxu_uring_submit(unsigned requests)
{
	return io_uring_enter2(ring.ring_fd, requests, 0, 0, NULL, 0);
}

unsigned eft_linuxu_uring_flush(void)
{
	return __io_uring_flush_sq(&ring);
}

/* A free submission entry; a full queue is submitted first. */
static struct io_uring_sqe *get_entry(void)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&ring);

	if (entry == NULL &&
	    eft_linuxu_uring_submit(eft_linuxu_uring_flush()) >= 0)
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

unsigned eft_linuxu_uring_remove(unsigned slot)
{
	struct io_uring_sqe *entry = get_entry();

	if (entry == NULL)
		return 0;
	io_uring_prep_poll_remove(entry, user_data(slot));
	io_uring_sqe_set_data64(entry, LIBURING_UDATA_TIMEOUT);
	return eft_linuxu_uring_flush();
}

void eft_linuxu_uring_enter(unsigned requests, uint64_t deadline_ns)
{
	struct __kernel_timespec buf;
	struct io_uring_getevents_arg arg = {
		.ts = (uintptr_t)eft_linuxu_timeout(deadline_ns, (void *)&buf),
	};

	io_uring_enter2(ring.ring_fd, requests, 1,
			IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
			(void *)&arg, sizeof(arg));
}

static void collect(void)
{
	struct io_uring_cqe *cqe;
	unsigned head, count = 0;

	io_uring_for_each_cqe(&ring, head, cqe)
	{
		uint64_t data = io_uring_cqe_get_data64(cqe);
		unsigned slot = (uint32_t)data;

		if (slot < eft_linuxu_slots && data == user_data(slot))
			eft_linuxu_complete(slot);
		count++;
	}
	io_uring_cq_advance(&ring, count);
}

/* What did not fit into the ring is put there at the next look. */
void eft_linuxu_uring_collect(void)
{
	int error = 0;

	collect();
	while (error >= 0 && io_uring_cq_has_overflow(&ring)) {
		error = io_uring_enter2(ring.ring_fd, 0, 0,
					IORING_ENTER_GETEVENTS, NULL, 0);
		collect();
	}
}
