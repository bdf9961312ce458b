// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * TCP's timer, as core/net/inet/clock.c wants it. The mutex is held.
 */
#include <lwip/priv/tcp_priv.h>

#include "core/base.h"

#define EFT_INET_NEVER UINT64_MAX

enum {
	EFT_INET_TCP_TICK_MS = TCP_TMR_INTERVAL,
	/* Before a round trip was measured, in slow calls (RFC 6298 §2.1). */
	EFT_INET_RTO = 1000 / TCP_SLOW_INTERVAL,
};

/* A call of it, of which every second one is a slow one (tcp_slowtmr()). */
void eft_inet_tcp_tick(void);
/* How many calls it is until one does something; EFT_INET_NEVER. */
uint64_t eft_inet_tcp_wait(void);
/* So many calls have come and gone that would have done nothing. */
void eft_inet_tcp_pass(uint64_t calls);
