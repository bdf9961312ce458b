// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which connection is a segment of? lwIP looks through the list of all. So there
 * is a hash table of those, and while lwIP looks, its lists have nothing but
 * what the table has found. They are whole again before lwIP goes on with what
 * it was shown (eft_inet_segment()), or has found nothing.
 *
 * A connection is in the table from when it is in lwIP's list of active ones to
 * when it is freed. In its pcb, the arguments that lwIP has for others (ext_args)
 * are the next of its chain, and its hash: its names change before it is freed.
 */
#include <lwip/memp.h>
#include <lwip/priv/tcp_priv.h>

#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/socket.h"

enum { FIRST_CHAINS = 64, NEXT = 0, HASH = 1 };

static struct tcp_pcb *few[FIRST_CHAINS];
static struct tcp_pcb **chains = few;
static uint32_t mask = FIRST_CHAINS - 1, count;

static struct {
	bool is;
	struct tcp_pcb *active, *waiting; /* lwIP's lists */
	struct tcp_pcb *found, *next;	  /* and what follows the one found */
} hidden;

static struct tcp_pcb *next_of(const struct tcp_pcb *pcb)
{
	return pcb->ext_args[NEXT].data;
}

static uint32_t hash_of(const struct tcp_pcb *pcb)
{
	return (uint32_t)(uintptr_t)pcb->ext_args[HASH].data;
}

static uint64_t mix(uint64_t hash, uint32_t word)
{
	hash = (hash ^ word) * 0xff51afd7ed558ccdull; /* odd */
	return hash ^ hash >> 32;
}

static uint32_t hash_names(const ip_addr_t *local, uint16_t local_port,
			   const ip_addr_t *remote, uint16_t remote_port)
{
	static uint64_t seed; /* so that nobody makes a chain long */
	unsigned words = IP_IS_V6(remote) ? 4 : 1;
	uint64_t hash;

	if (seed == 0)
		seed = (uint64_t)LWIP_RAND() << 32 | LWIP_RAND() | 1;
	hash = mix(seed, (uint32_t)remote_port << 16 | local_port);
	for (unsigned i = 0; i < words; i++) {
		hash = mix(hash, ip_2_ip6(remote)->addr[i]);
		hash = mix(hash, ip_2_ip6(local)->addr[i]);
	}
	return (uint32_t)hash;
}

static void put(struct tcp_pcb *pcb)
{
	struct tcp_pcb **chain = &chains[hash_of(pcb) & mask];

	pcb->ext_args[NEXT].data = *chain;
	*chain = pcb;
}

/* Without memory, chains are longer. */
static void grow(void)
{
	uint32_t old_mask = mask;
	struct tcp_pcb **old = chains, *pcb, *next;
	struct tcp_pcb **made = eft_alloc(2 * (mask + 1) * sizeof(*made));

	if (made == NULL)
		return;
	chains = made;
	mask = 2 * mask + 1;
	for (uint32_t i = 0; i <= old_mask; i++) {
		for (pcb = old[i]; pcb != NULL; pcb = next) {
			next = next_of(pcb);
			put(pcb);
		}
	}
	if (old != few)
		eft_free(old);
}

void eft_inet_tcp_note(struct tcp_pcb *pcb)
{
	uint32_t hash = hash_names(&pcb->local_ip, pcb->local_port,
				   &pcb->remote_ip, pcb->remote_port);

	if (++count > mask)
		grow();
	pcb->ext_args[HASH].data = (void *)(uintptr_t)hash;
	put(pcb);
}

/* False: it was not there. */
static bool take_out(struct tcp_pcb *pcb)
{
	struct tcp_pcb *at = chains[hash_of(pcb) & mask], *before = NULL;

	while (at != NULL && at != pcb) {
		before = at;
		at = next_of(at);
	}
	if (at == NULL)
		return false;
	if (before != NULL)
		before->ext_args[NEXT].data = next_of(pcb);
	else
		chains[hash_of(pcb) & mask] = next_of(pcb);
	count--;
	return true;
}

void eft_inet_memp_free(memp_t type, void *memory)
{
	if (type == MEMP_TCP_PCB)
		take_out(memory);
	(memp_free)(type, memory);
}

struct tcp_pcb *eft_inet_tcp_find(const struct tcp_pcb *like)
{
	uint32_t hash = hash_names(&like->local_ip, like->local_port,
				   &like->remote_ip, like->remote_port);
	struct tcp_pcb *pcb = chains[hash & mask];

	while (pcb != NULL &&
	       (pcb->remote_port != like->remote_port ||
		pcb->local_port != like->local_port ||
		!ip_addr_cmp(&pcb->remote_ip, &like->remote_ip) ||
		!ip_addr_cmp(&pcb->local_ip, &like->local_ip)))
		pcb = next_of(pcb);
	return pcb;
}

void eft_inet_tcp_give_way(struct tcp_pcb *pcb)
{
	bool was_there = take_out(pcb);

	eft_assert(was_there && pcb->state == TIME_WAIT);
	pcb->local_port = 0;
	pcb->tmr = tcp_ticks - 2 * TCP_MSL / TCP_SLOW_INTERVAL - 1;
}

/* The connection of the segment in (p) that came by (netif); NULL: none. */
static struct tcp_pcb *find(const struct pbuf *p, struct netif *netif)
{
	const struct tcp_hdr *header = p->payload;
	uint16_t from = lwip_ntohs(header->src), to = lwip_ntohs(header->dest);
	uint32_t hash = hash_names(ip_current_dest_addr(), to,
				   ip_current_src_addr(), from);
	struct tcp_pcb *pcb = chains[hash & mask];

	while (pcb != NULL &&
	       (pcb->remote_port != from || pcb->local_port != to ||
		!ip_addr_cmp(&pcb->remote_ip, ip_current_src_addr()) ||
		!ip_addr_cmp(&pcb->local_ip, ip_current_dest_addr()) ||
		(pcb->netif_idx != NETIF_NO_INDEX &&
		 pcb->netif_idx != netif_get_index(netif))))
		pcb = next_of(pcb);
	return pcb;
}

static void hide(struct tcp_pcb *found)
{
	eft_assert(!hidden.is);
	hidden.is = true;
	hidden.active = tcp_active_pcbs;
	hidden.waiting = tcp_tw_pcbs;
	hidden.found = found;
	tcp_active_pcbs = tcp_tw_pcbs = NULL;
	if (found == NULL)
		return;
	hidden.next = found->next;
	found->next = NULL;
	if (found->state == TIME_WAIT)
		tcp_tw_pcbs = found;
	else
		tcp_active_pcbs = found;
}

void eft_inet_tcp_show(void)
{
	if (!hidden.is)
		return;
	hidden.is = false;
	tcp_active_pcbs = hidden.active;
	tcp_tw_pcbs = hidden.waiting;
	if (hidden.found != NULL)
		hidden.found->next = hidden.next;
}

void eft_inet_tcp_input(struct pbuf *p, struct netif *netif)
{
	if (p->len >= sizeof(struct tcp_hdr))
		hide(find(p, netif));
	tcp_input(p, netif);
	eft_inet_tcp_show();
}
