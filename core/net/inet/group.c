// SPDX-License-Identifier: BSD-3-Clause
/*
 * Groups that sockets have joined. lwIP counts how many want one.
 */
#include <lwip/igmp.h>
#include <lwip/mld6.h>

#include "core/mem.h"
#include "core/net/inet/socket.h"

static err_t change(const struct eft_inet_group *group, bool join)
{
	struct netif *netif = netif_get_by_index(group->interface);

	if (netif == NULL)
		return ERR_OK;
	if (IP_IS_V6(&group->address))
		return join ? mld6_joingroup_netif(netif,
						   ip_2_ip6(&group->address))
			    : mld6_leavegroup_netif(netif,
						    ip_2_ip6(&group->address));
	return join ? igmp_joingroup_netif(netif, ip_2_ip4(&group->address))
		    : igmp_leavegroup_netif(netif, ip_2_ip4(&group->address));
}

static struct eft_inet_group **find(struct eft_inet *self,
				    const ip_addr_t *address, uint8_t interface)
{
	struct eft_inet_group **at = &self->datagram.groups;

	while (*at != NULL && (!ip_addr_cmp(&(*at)->address, address) ||
			       (*at)->interface != interface))
		at = &(*at)->next;
	return at;
}

bool eft_inet_is_member(struct eft_inet *self, const ip_addr_t *group,
			uint8_t index)
{
	return *find(self, group, index) != NULL;
}

static int join_group(struct eft_inet *self, const ip_addr_t *address,
		      uint8_t interface)
{
	struct eft_inet_group *made;
	int error;

	if (*find(self, address, interface) != NULL)
		return -EFT_EADDRINUSE;
	made = eft_alloc(sizeof(*made));
	if (made == NULL)
		return -ENOMEM;
	made->address = *address;
	made->interface = interface;
	error = eft_inet_errno(change(made, true));
	if (error != 0) {
		eft_free(made);
		return error;
	}
	made->next = self->datagram.groups;
	self->datagram.groups = made;
	return 0;
}

static void leave(struct eft_inet_group **at)
{
	struct eft_inet_group *group = *at;

	*at = group->next;
	change(group, false);
	eft_free(group);
}

int eft_inet_group(struct eft_inet *self, const ip_addr_t *address,
		   struct netif *netif, bool join)
{
	struct eft_inet_group **at;

	if (self->socket.type == SOCK_STREAM)
		return -ENOPROTOOPT;
	if (!ip_addr_ismulticast(address))
		return -EINVAL;
	if (netif == NULL)
		return -ENODEV;
	if (join)
		return join_group(self, address, netif_get_index(netif));
	at = find(self, address, netif_get_index(netif));
	if (*at == NULL)
		return -EFT_EADDRNOTAVAIL;
	leave(at);
	return 0;
}

void eft_inet_leave_groups(struct eft_inet *self)
{
	while (self->datagram.groups != NULL)
		leave(&self->datagram.groups);
}
