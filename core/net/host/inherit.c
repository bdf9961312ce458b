// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sockets that exec has left: inetd's, and those of socket activation. They may
 * be of any family that the host has.
 */
#include "core/mem.h"
#include "core/net/host/host.h"

bool eft_host_socket_inherit(int handle, int flags, struct eft_file **ret_file)
{
	struct eft_host_socket *hs;
	unsigned len = sizeof(int);
	int domain = 0;

	if (eft_host_calls() == NULL ||
	    eft_host_calls()->get_option(handle, SOL_SOCKET, SO_DOMAIN, &domain,
					 &len) != 0)
		return false;
	hs = eft_host_socket_create(handle, domain,
				    eft_host_number(handle, SO_TYPE),
				    eft_host_number(handle, SO_PROTOCOL));
	if (hs == NULL)
		return false;
	hs->given = true;
	hs->socket.file.flags = flags;
	hs->socket.low_water = (uint32_t)eft_max(
		eft_host_number(handle, SO_RCVLOWAT) + 0u, 1u);
	*ret_file = &hs->socket.file;
	return true;
}

void eft_host_socket_disown(struct eft_file *file)
{
	eft_free(eft_host_socket_of(eft_socket_of(file)));
}
