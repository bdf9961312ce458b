// SPDX-License-Identifier: BSD-3-Clause
/*
 * lwIP's ARP, whose table only its own file sees.
 */
#include <core/ipv4/etharp.c>
#include <stdbool.h>

/* Does an entry wait for an answer? Those that only grow old do not. */
bool eft_lwip_arp_busy(void)
{
	for (int i = 0; i < ARP_TABLE_SIZE; i++) {
		if (arp_table[i].state == ETHARP_STATE_PENDING ||
		    arp_table[i].state > ETHARP_STATE_STABLE)
			return true;
	}
	return false;
}
