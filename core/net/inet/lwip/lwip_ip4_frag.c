// SPDX-License-Identifier: BSD-3-Clause
/*
 * lwIP's fragments of IPv4: what is there of whole packets, only its own file
 * sees.
 */
#include <core/ipv4/ip4_frag.c>
#include <stdbool.h>

bool eft_lwip_reassembles(void)
{
	return reassdatagrams != NULL;
}
