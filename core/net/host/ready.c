// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a host's socket is ready for, and waiting for that.
 */
#include "core/dev/host.h"
#include "core/mem.h"
#include "core/net/host/host.h"
#include "core/time.h"

eft_needs(eft_plat_process_uring);

/* (seen): how often there was news, what is unknown, and what is true. */
enum { TRUE_BITS = 16, COUNT_SHIFT = 32 };
enum { WATCH_BEGINS = 1, WATCHED = 2 };

static unsigned true_of(uint64_t seen)
{
	return (uint16_t)seen;
}

static unsigned unknown_of(uint64_t seen)
{
	return (uint16_t)(seen >> TRUE_BITS);
}

static uint32_t count_of(uint64_t seen)
{
	return (uint32_t)(seen >> COUNT_SHIFT);
}

eft_inline uint64_t make(uint32_t count, unsigned unknown, unsigned events)
{
	eft_assert((events & ~EFT_HOST_EVENTS) == 0);
	return (uint64_t)count << COUNT_SHIFT | unknown << TRUE_BITS |
	       (events & ~unknown);
}

eft_inline bool exchange(struct eft_host_socket *hs, uint64_t *before,
			 uint64_t after)
{
	return __atomic_compare_exchange_n(&hs->seen, before, after, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

/*
 * A call that ended after the host was asked may have changed what it said.
 * A program whose calls do not wait is told all the same, and finds out.
 */
void eft_host_news(struct eft_host_watch *watch, unsigned events,
		   uint64_t round)
{
	struct eft_host_socket *hs =
		eft_container_of(watch, struct eft_host_socket, watch);
	uint64_t seen = eft_host_begin(hs), after;

	events &= EFT_HOST_EVENTS;
	do {
		bool old = __atomic_load_n(&hs->last_use, __ATOMIC_SEQ_CST) >=
				   round &&
			   !(hs->socket.file.flags & O_NONBLOCK);

		after = make(count_of(seen) + 1, old ? EFT_HOST_EVENTS : 0,
			     events);
	} while (!exchange(hs, &seen, after));
	eft_waitq_wake(&hs->queue, EFT_WAKE_ALL);
}

/* Most calls come in the round that brought the news which they are due to. */
eft_inline void note_use(struct eft_host_socket *hs)
{
	uint64_t round =
		__atomic_load_n(eft_host_calls()->round, __ATOMIC_SEQ_CST);

	if (__atomic_load_n(&hs->last_use, __ATOMIC_SEQ_CST) != round)
		__atomic_store_n(&hs->last_use, round, __ATOMIC_SEQ_CST);
}

void eft_host_not(struct eft_host_socket *hs, uint64_t before, unsigned events)
{
	uint64_t seen = before, after;

	note_use(hs);
	do {
		bool news = count_of(seen) != count_of(before);
		unsigned unknown = unknown_of(seen);

		unknown = news ? unknown | events : unknown & ~events;
		after = make(count_of(seen), unknown, true_of(seen) & ~events);
	} while (!exchange(hs, &seen, after));
}

void eft_host_unknown(struct eft_host_socket *hs, unsigned events)
{
	uint64_t seen = eft_host_begin(hs);

	note_use(hs);
	while ((unknown_of(seen) & events) != events &&
	       !exchange(hs, &seen,
			 make(count_of(seen), unknown_of(seen) | events,
			      true_of(seen))))
		;
}

bool eft_host_saw(const struct eft_host_socket *hs, unsigned events)
{
	return (true_of(eft_host_begin(hs)) & events) != 0;
}

/* Two may come at once: who is second waits for the first by looking again. */
static int begin_watch(struct eft_host_socket *hs)
{
	uint32_t before = 0;
	int error;

	while (!__atomic_compare_exchange_n(&hs->watched, &before, WATCH_BEGINS,
					    false, __ATOMIC_ACQUIRE,
					    __ATOMIC_ACQUIRE)) {
		if (before == WATCHED)
			return 0;
		before = 0;
		eft_yield();
	}
	hs->watch.news = eft_host_news;
	/* What is true is news: nothing has to be asked. */
	__atomic_store_n(&hs->seen, make(count_of(eft_host_begin(hs)), 0, 0),
			 __ATOMIC_SEQ_CST);
	error = eft_host_calls()->watch(hs->handle, &hs->watch);
	__atomic_store_n(&hs->watched, error == 0 ? WATCHED : 0,
			 __ATOMIC_RELEASE);
	return error;
}

void eft_host_unwatch(struct eft_host_socket *hs)
{
	if (__atomic_load_n(&hs->watched, __ATOMIC_ACQUIRE) == WATCHED)
		eft_host_calls()->unwatch(hs->handle, &hs->watch);
	hs->watched = 0;
}

int eft_host_wait(struct eft_host_socket *hs, uint64_t before,
		  uint64_t deadline_ns)
{
	struct eft_waiter waiter;
	int error;

	if (deadline_ns == 0)
		return -EAGAIN;
	error = begin_watch(hs);
	if (error != 0)
		return error == -ENOSPC ? -ENOMEM : error;
	eft_wait_begin(&waiter, &hs->queue);
	while (count_of(eft_host_begin(hs)) == count_of(before) && error == 0)
		error = eft_sleep(deadline_ns);
	eft_wait_end(&waiter);
	return error == -ETIMEDOUT ? -EAGAIN : error;
}

static unsigned ask(struct eft_host_socket *hs, unsigned events)
{
	return eft_plat_host_waiting()->ready(hs->handle, events);
}

/* Those of (events) that are true; the host is asked if that is unknown. */
eft_inline unsigned know(struct eft_host_socket *hs, unsigned events)
{
	uint64_t seen = eft_host_begin(hs);
	unsigned now;

	if ((unknown_of(seen) & events) == 0)
		return true_of(seen) & events;
	now = ask(hs, EFT_HOST_EVENTS) & EFT_HOST_EVENTS;
	exchange(hs, &seen, make(count_of(seen), 0, now));
	return now & events;
}

/* What a call has left for the next one is an error, too. */
static unsigned own_events(const struct eft_host_socket *hs)
{
	return __atomic_load_n(&hs->error, __ATOMIC_RELAXED) != 0 ? POLLERR : 0;
}

void eft_hear_host_news(void)
{
	if (eft_host_calls() != NULL)
		eft_host_calls()->look();
}

static bool is_watched(const struct eft_host_socket *hs)
{
	return __atomic_load_n(&hs->watched, __ATOMIC_ACQUIRE) == WATCHED;
}

/*
 * News may have come that nobody has heard of yet. Who waits afterwards hears
 * of it then; for who does not, the host is asked once for all sockets.
 */
unsigned eft_host_poll(struct eft_socket *socket, unsigned events,
		       struct eft_poll *poll)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);

	events &= EFT_HOST_EVENTS;
	if (poll->entries != NULL) {
		poll->error = begin_watch(hs);
		if (poll->error != 0)
			return 0;
		eft_poll_add(poll, &hs->queue);
	} else if (!is_watched(hs)) {
		return (ask(hs, events) | own_events(hs)) & events;
	}
	if (!poll->later && !poll->looked)
		eft_host_calls()->look();
	poll->looked = true;
	return (know(hs, events) | own_events(hs)) & events;
}
