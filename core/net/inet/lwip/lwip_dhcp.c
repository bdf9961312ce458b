// SPDX-License-Identifier: BSD-3-Clause
/*
 * lwIP's DHCP, which tells of name servers only where lwIP resolves names.
 */
#include <lwip/opt.h>
#undef LWIP_DNS
#define LWIP_DNS 1
#include <core/ipv4/dhcp.c>
