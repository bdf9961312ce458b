// SPDX-License-Identifier: BSD-3-Clause
/*
 * The same as lwip_ip4_frag.c of IPv6.
 */
#include <core/ipv6/ip6_frag.c>
#include <stdbool.h>

bool eft_lwip_reassembles6(void)
{
	return reassdatagrams != NULL;
}
