// SPDX-License-Identifier: BSD-3-Clause
/*
 * The families that the stack has.
 */
#include "core/abi.h"
#include "core/socket.h"

extern const struct eft_socket_family eft_inet4_family, eft_inet6_family;
extern const struct eft_socket_family eft_netlink_family;

eft_needs(eft_inet_end);      /* exit_group() */
eft_needs(eft_net_files_add); /* /proc/net */
eft_needs(eft_net_names_add); /* /etc/hosts */

const struct eft_socket_family *eft_stack_family(int domain)
{
	switch (domain) {
	case AF_INET:
		return &eft_inet4_family;
	case AF_INET6:
		return &eft_inet6_family;
	case AF_NETLINK:
		return &eft_netlink_family;
	default:
		return NULL;
	}
}
