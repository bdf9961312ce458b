// SPDX-License-Identifier: BSD-3-Clause
/*
 * The end of the program: what it has sent goes out first, as a kernel's stack,
 * which lives on, would have it, and peers are told. Who does not acknowledge
 * waits for nothing: the end comes when nobody has for a while.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/net/inet/inet.h"
#include "core/socket.h"
#include "core/time.h"

enum {
	LOOK_NS = 2 * 1000 * 1000, /* between looks */
	/* Longer than what the first segment is sent again after (RFC 6298 §2). */
	QUIET_LOOKS = 3500 / 2,
	MAX_LOOKS = 30 * 1000 / 2,
};

static struct eft_thread *ending; /* atomic: who ends the program */

static void wake(struct eft_timer *timer)
{
	eft_thread_wake(__atomic_load_n(&ending, __ATOMIC_ACQUIRE));
}

/* Both ends of what is on lo are ours, and end. */
static bool has_peer(const struct tcp_pcb *pcb)
{
	return pcb->state >= ESTABLISHED &&
	       !ip_addr_isloopback(&pcb->remote_ip) &&
	       !ip_addr_cmp(&pcb->remote_ip, &pcb->local_ip);
}

/* Nothing follows: as close() of each socket would say. */
static void shut_all(void)
{
	struct tcp_pcb *next;

	eft_inet_lock();
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = next) {
		next = pcb->next;
		if (has_peer(pcb) &&
		    (pcb->state == ESTABLISHED || pcb->state == CLOSE_WAIT))
			tcp_shutdown(pcb, 0, 1);
	}
	eft_inet_unlock();
}

/* How many wait for acknowledgements; (ret_heard) changes with each of those. */
static unsigned count_waiting(uint32_t *ret_heard)
{
	unsigned count = 0;
	uint32_t heard = 0;

	eft_inet_lock();
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL;
	     pcb = pcb->next) {
		if (!has_peer(pcb) || (!pcb->unsent && !pcb->unacked))
			continue;
		count++;
		heard += pcb->lastack;
	}
	eft_inet_unlock();
	*ret_heard = heard + count;
	return count;
}

void eft_inet_end(void)
{
	struct eft_timer timer = {.expire = wake};
	struct eft_thread *nobody = NULL;
	uint32_t heard, before = 0;
	unsigned quiet = 0;

	if (!eft_inet_started())
		return;
	while (!__atomic_compare_exchange_n(&ending, &nobody, eft_current(),
					    false, __ATOMIC_ACQ_REL,
					    __ATOMIC_RELAXED)) {
		eft_sleep_through(); /* another ends it */
		nobody = NULL;
	}
	shut_all();
	for (unsigned i = 0;
	     i < MAX_LOOKS && quiet < QUIET_LOOKS && count_waiting(&heard) > 0;
	     i++) {
		quiet = heard == before ? quiet + 1 : 0;
		before = heard;
		eft_timer_set(&timer, eft_now_ns() + LOOK_NS);
		eft_sleep_through();
		eft_timer_cancel(&timer);
	}
}
