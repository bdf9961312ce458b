// SPDX-License-Identifier: BSD-3-Clause
/*
 * TCP's timer: when does a connection want it? What tcp_slowtmr() and
 * tcp_fasttmr() of lwIP's tcp.c do is worked out in advance here. Too soon is a
 * wake-up for nothing; never is a connection that hangs.
 */
#include "core/net/inet/tcp_clock.h"
#include "core/log.h"
#include "core/net/inet/socket.h"

enum { RTO_MAX = 120 * 1000 / TCP_SLOW_INTERVAL };

static bool next_is_slow;

/* The timer sends an acknowledgement: no answer has come that would carry it. */
static void note_late(void)
{
	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL;
	     pcb = pcb->next) {
		struct eft_inet *self = eft_inet_tcp_socket(pcb);

		if (pcb->flags & TF_ACK_DELAY && self != NULL)
			self->tcp.quick = true;
	}
}

/*
 * lwIP sends its SYNs at the same pace, where RFC 6298 §5.5 has it grow slower, and
 * other segments up to an hour later, where Linux has a most (TCP_RTO_MAX).
 */
static void slow_down(struct tcp_pcb *pcb)
{
	if (pcb->state == SYN_SENT)
		pcb->rto = EFT_INET_RTO << pcb->nrtx;
	pcb->rto = eft_min(pcb->rto, RTO_MAX);
}

static uint64_t difference(uint64_t due, uint64_t passed)
{
	return passed >= due ? 1 : due - passed;
}

/*
 * TCP_USER_TIMEOUT (RFC 5482 §2): how long what was sent may be unacknowledged.
 */

/* The socket of (pcb) that has such a limit; NULL: it has none. */
static struct eft_inet *limited(const struct tcp_pcb *pcb)
{
	struct eft_inet *self = eft_inet_tcp_socket(pcb);

	return self != NULL && self->tcp.user_timeout_ms != 0 ? self : NULL;
}

/* Slow calls until the limit; it is counted from the first that sees it wait. */
static uint64_t user_wait(const struct tcp_pcb *pcb)
{
	const struct eft_inet *self = limited(pcb);
	uint64_t due;

	if (self == NULL || (pcb->unacked == NULL && pcb->persist_backoff == 0))
		return EFT_INET_NEVER;
	if (!self->tcp.stuck || self->tcp.stuck_ack != pcb->lastack)
		return 1;
	due = self->tcp.user_timeout_ms / TCP_SLOW_INTERVAL + 1;
	return difference(due, (uint32_t)(tcp_ticks - self->tcp.stuck_since));
}

static void look(struct tcp_pcb *pcb)
{
	struct eft_inet *self = limited(pcb);
	uint32_t passed;

	if (self == NULL)
		return;
	if (pcb->unacked == NULL && pcb->persist_backoff == 0) {
		self->tcp.stuck = false;
		return;
	}
	if (!self->tcp.stuck || self->tcp.stuck_ack != pcb->lastack) {
		self->tcp.stuck = true;
		self->tcp.stuck_ack = pcb->lastack;
		self->tcp.stuck_since = tcp_ticks;
	}
	passed = tcp_ticks - self->tcp.stuck_since;
	if ((uint64_t)passed * TCP_SLOW_INTERVAL > self->tcp.user_timeout_ms)
		tcp_abandon(pcb, 0); /* no reset: Linux's tcp_write_err() */
}

/* What lwIP's slow call leaves to us. */
static void after_slow(void)
{
	struct tcp_pcb *next;

	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = next) {
		next = pcb->next;
		slow_down(pcb);
		look(pcb);
	}
}

void eft_inet_tcp_tick(void)
{
	note_late();
	tcp_fasttmr();
	if (next_is_slow) {
		tcp_slowtmr();
		after_slow();
	}
	next_is_slow = !next_is_slow;
}

/*
 * A slow call that does nothing counts, and so it does for connections that wait
 * for an answer.
 */
void eft_inet_tcp_pass(uint64_t calls)
{
	uint64_t slow = (calls + next_is_slow) / 2;

	next_is_slow ^= calls & 1;
	tcp_ticks += slow;
	for (struct tcp_pcb *pcb = tcp_active_pcbs; slow > 0 && pcb != NULL;
	     pcb = pcb->next) {
		if (pcb->persist_backoff > 0)
			pcb->persist_cnt += slow;
		else if (pcb->rtime >= 0)
			pcb->rtime += slow;
	}
}

/* Slow calls until more than (ms) have passed since (pcb) heard something. */
static uint64_t until(const struct tcp_pcb *pcb, uint64_t ms)
{
	uint64_t due = ms / TCP_SLOW_INTERVAL + 1;
	uint32_t passed = tcp_ticks - pcb->tmr;

	return passed >= due ? 1 : due - passed;
}

static uint64_t state_wait(const struct tcp_pcb *pcb)
{
	switch (pcb->state) {
	case SYN_RCVD:
		return until(pcb, TCP_SYN_RCVD_TIMEOUT);
	case FIN_WAIT_2:
		return pcb->flags & TF_RXCLOSED
			       ? until(pcb, TCP_FIN_WAIT_TIMEOUT)
			       : EFT_INET_NEVER;
	case LAST_ACK:
	case TIME_WAIT:
		return until(pcb, 2 * TCP_MSL);
	case ESTABLISHED:
	case CLOSE_WAIT:
		if (!ip_get_option(pcb, SOF_KEEPALIVE))
			return EFT_INET_NEVER;
		return until(pcb,
			     pcb->keep_idle + (uint64_t)pcb->keep_cnt_sent *
						      pcb->keep_intvl);
	default:
		return EFT_INET_NEVER;
	}
}

/* lwIP's table in tcp.c, of slow calls between probes of a closed window. */
static const uint8_t persist_waits[] = {3, 6, 12, 24, 48, 96, 120};

static uint64_t resend_wait(const struct tcp_pcb *pcb)
{
	unsigned step = pcb->persist_backoff;

	if (pcb->nrtx >= (pcb->state == SYN_SENT ? TCP_SYNMAXRTX : TCP_MAXRTX))
		return 1;
	if (step > 0) {
		eft_assert(step <= eft_array_size(persist_waits));
		return difference(persist_waits[step - 1], pcb->persist_cnt);
	}
	if (pcb->rtime >= 0)
		return difference(pcb->rto, pcb->rtime);
	return pcb->unsent != NULL ? 1 : EFT_INET_NEVER;
}

static uint64_t slow_wait(const struct tcp_pcb *pcb)
{
	uint64_t wait = eft_min(state_wait(pcb), resend_wait(pcb));

	wait = eft_min(wait, user_wait(pcb));
	if (pcb->poll != NULL)
		wait = eft_min(wait,
			       difference(pcb->pollinterval, pcb->polltmr));
	if (pcb->ooseq != NULL)
		wait = eft_min(wait,
			       difference((uint64_t)pcb->rto * 6,
					  (uint32_t)(tcp_ticks - pcb->tmr)));
	return wait;
}

static bool wants_fast(const struct tcp_pcb *pcb)
{
	return pcb->flags & (TF_ACK_DELAY | TF_CLOSEPEND) ||
	       pcb->refused_data != NULL;
}

/* Of all calls, where it is so many slow ones. */
static uint64_t in_calls(uint64_t slow)
{
	return slow == EFT_INET_NEVER ? EFT_INET_NEVER
				      : 2 * slow - next_is_slow;
}

uint64_t eft_inet_tcp_wait(void)
{
	uint64_t wait = EFT_INET_NEVER;

	for (struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL;
	     pcb = pcb->next) {
		if (wants_fast(pcb))
			return 1;
		wait = eft_min(wait, slow_wait(pcb));
	}
	for (struct tcp_pcb *pcb = tcp_tw_pcbs; pcb != NULL; pcb = pcb->next)
		wait = eft_min(wait, state_wait(pcb));
	return in_calls(wait);
}

/* lwIP's, when there is a first connection: the caller unlocks soon. */
void tcp_timer_needed(void)
{
}
