// SPDX-License-Identifier: BSD-3-Clause
/*
 * lwIP's DHCPv6, which tells of name servers only where lwIP resolves names.
 */
#include <lwip/opt.h>
#undef LWIP_DNS
#define LWIP_DNS 1
#include <core/ipv6/dhcp6.c>
