// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What addresses an interface is to have: the options ip=, ip6=, ip.NAME= and
 * ip6.NAME= (docs: README, Options), read at boot.
 */
#include <lwip/ip_addr.h>

#include "core/base.h"

enum eft_inet_mode {
	EFT_INET_AUTO, /* by DHCP; by routers' advertisements, and DHCPv6 */
	EFT_INET_NONE,
	EFT_INET_FIXED,
};

enum { EFT_INET_SERVERS = 3 };

struct eft_inet_settings {
	bool given;
	enum eft_inet_mode mode;
	ip_addr_t address, gateway; /* fixed; any: no gateway */
	unsigned prefix_bits;
	ip_addr_t servers[EFT_INET_SERVERS];
	unsigned servers_count;
};

struct eft_inet_config {
	const char *name; /* of its interface; NULL: all that have none */
	struct eft_inet_settings four, six;
};

/* The settings of (name), which nobody may have given. */
const struct eft_inet_settings *eft_inet_settings(const char *name, bool six);

struct eft_inet_interface;

/* Give (interface) its addresses, or begin to. The mutex is held. */
void eft_inet_configure(struct eft_inet_interface *interface);
