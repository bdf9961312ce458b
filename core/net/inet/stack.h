// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Between the parts of the stack's port. All is called with the mutex held but
 * what says otherwise.
 */
#include "core/net/inet/inet.h"

/*
 * clock.c: lwIP's timers. Run what is due; ask when something is to be done
 * next, in core's time, EFT_FOREVER: nothing is. Time that passed with nothing
 * to do is made good by eft_inet_clock_run().
 */
void eft_inet_clock_init(uint64_t now_ns);
void eft_inet_clock_run(uint64_t now_ns);
uint64_t eft_inet_clock_next(void);
/* The next moment at which something may have come to be due. */
uint64_t eft_inet_clock_tick(uint64_t now_ns);

/* What lwIP's files say of tables of their own (core/net/inet/lwip). */
bool eft_lwip_arp_busy(void);
bool eft_lwip_reassembles(void);
bool eft_lwip_reassembles6(void);

/* interface.c: lo, and an interface for each device that was found. */
void eft_inet_add_lo(void);
int eft_inet_add_devices(void);
/* loop.c: have arrive what was sent to ourselves. */
void eft_inet_settle_own(void);

/* stack.c: frames have come, so that timers may have something to do. */
void eft_inet_has_frames(void);

/* send.c */
err_t eft_inet_send(struct netif *netif, struct pbuf *p);
/* What waits for segments that follow it: before the mutex is given back. */
void eft_inet_send_gathered(struct eft_inet_interface *interface);
/* The device has room: go on with what waits. */
void eft_inet_send_waiting(struct eft_inet_interface *interface);
void eft_inet_flush(struct eft_inet_interface *interface);
/* At that time, or at an earlier one that was said before. */
void eft_inet_flush_later(struct eft_inet_interface *interface,
			  uint64_t deadline_ns);

/* receive.c: a device's sink. */
extern const struct eft_net_sink eft_inet_sink;
/* Poll it, for some frames. Is there something left? */
bool eft_inet_poll(struct eft_inet_interface *interface);
