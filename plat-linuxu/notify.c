// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tickets for the host's files that somebody waits for, and the waiting: by
 * io_uring, or by ppoll where that is forbidden (many containers).
 *
 * Lock: tickets.lock guards the table. wait() runs on one CPU at a time.
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

void eft_linuxu_complete(unsigned ticket)
{
	void (*done)(void *arg);
	void *arg;

	eft_lock(&tickets.lock);
	done = pending[ticket].done;
	arg = pending[ticket].arg;
	pending[ticket].done = NULL;
	eft_unlock(&tickets.lock);
	if (done != NULL)
		done(arg);
}

/* A free ticket, or -1. Holds the lock. */
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
	int ticket, error = 0;

	eft_lock(&tickets.lock);
	if (tickets.by == UNKNOWN)
		choose();
	ticket = find_free();
	if (ticket >= 0) {
		struct eft_linuxu_pending *p = &pending[ticket];

		p->handle = handle;
		p->events = events;
		p->generation++;
		p->done = done;
		p->arg = arg;
		tickets.used = eft_max(tickets.used, ticket + 1);
		if (tickets.by == URING)
			error = eft_linuxu_uring_add(ticket);
		if (error < 0)
			p->done = NULL;
	}
	eft_unlock(&tickets.lock);
	return ticket < 0 || error < 0 ? -ENOMEM : ticket;
}

void eft_linuxu_cancel(int ticket)
{
	eft_lock(&tickets.lock);
	if (pending[ticket].done != NULL && tickets.by == URING)
		eft_linuxu_uring_remove(ticket);
	pending[ticket].done = NULL;
	eft_unlock(&tickets.lock);
}
