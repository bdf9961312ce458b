// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tickets for the host's files that somebody waits for, and the waiting: by
 * io_uring, or by ppoll where that is forbidden (many containers).
 *
 * A ticket is its slot in the table and the slot's generation, so that one
 * which was completed long ago cancels nobody else's.
 *
 * Lock: tickets.lock guards the table; done() is called under it, so that
 * after cancel() it neither runs nor will. wait() runs on one CPU at a time.
 */
#include "plat-linuxu/notify.h"
#include "core/abi.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"

struct eft_linuxu_pending eft_linuxu_pending[EFT_LINUXU_TICKETS];

static struct {
	struct eft_lock lock;
	enum { UNKNOWN, URING, PPOLL } by;
	unsigned used; /* tickets at or above this are free */
} tickets;

#define pending eft_linuxu_pending

static void wait_by_ppoll(uint64_t deadline_ns)
{
	static struct eft_pollfd fds[EFT_LINUXU_TICKETS];
	struct eft_timespec buf;
	unsigned used = tickets.used;

	for (unsigned i = 0; i < used; i++) {
		fds[i].fd = pending[i].done ? pending[i].handle : -1;
		fds[i].events = pending[i].events;
		fds[i].revents = 0;
	}
	if (eft_linux6(SYS_ppoll, (long)fds, used,
		       (long)eft_linuxu_timeout(deadline_ns, &buf), 0, 0,
		       0) <= 0)
		return;
	for (unsigned i = 0; i < used; i++) {
		if (fds[i].revents != 0)
			eft_linuxu_complete(i);
	}
}

static void choose(void)
{
	bool uring =
		!eft_linuxu_facts.uring_off && eft_linuxu_uring_init() == 0;

	tickets.by = uring ? URING : PPOLL;
	eft_linuxu_wait = uring ? eft_linuxu_uring_wait : wait_by_ppoll;
	eft_log(EFT_LOG_INFO, "waiting for the host by %s",
		uring ? "io_uring" : "ppoll");
}

void eft_linuxu_complete(unsigned slot)
{
	struct eft_linuxu_pending *p = &pending[slot];

	eft_lock(&tickets.lock);
	if (p->done != NULL)
		p->done(p->arg);
	p->done = NULL;
	eft_unlock(&tickets.lock);
}

static int ticket_of(unsigned slot)
{
	return (int)((pending[slot].generation * EFT_LINUXU_TICKETS + slot) &
		     INT32_MAX);
}

/* A free slot, or -1. Holds the lock. */
static int find_free(void)
{
	for (int i = 0; i < EFT_LINUXU_TICKETS; i++) {
		if (pending[i].done == NULL)
			return i;
	}
	return -1;
}

int eft_linuxu_notify(int handle, unsigned events, void (*done)(void *arg),
		      void *arg)
{
	int slot, error = -ENOMEM;

	eft_lock(&tickets.lock);
	if (tickets.by == UNKNOWN)
		choose();
	slot = find_free();
	if (slot >= 0) {
		struct eft_linuxu_pending *p = &pending[slot];

		p->handle = handle;
		p->events = events;
		p->generation++;
		p->done = done;
		p->arg = arg;
		tickets.used = eft_max(tickets.used, slot + 1);
		error = tickets.by == URING ? eft_linuxu_uring_add(slot) : 0;
		if (error < 0)
			p->done = NULL;
	}
	eft_unlock(&tickets.lock);
	return error < 0 ? -ENOMEM : ticket_of(slot);
}

void eft_linuxu_cancel(int ticket)
{
	unsigned slot = ticket % EFT_LINUXU_TICKETS;

	eft_lock(&tickets.lock);
	if (pending[slot].done != NULL && ticket_of(slot) == ticket) {
		if (tickets.by == URING)
			eft_linuxu_uring_remove(slot);
		pending[slot].done = NULL;
	}
	eft_unlock(&tickets.lock);
}
