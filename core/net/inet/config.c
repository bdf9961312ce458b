// SPDX-License-Identifier: BSD-3-Clause
/*
 * The interfaces' addresses: none yet but lo's.
 */
#include "core/net/inet/lwip/hooks.h"
#include "core/net/inet/stack.h"

int eft_inet_add_devices(void)
{
	return 0;
}

int eft_inet_wait_address(uint64_t deadline_ns)
{
	return 0;
}

void eft_inet_name_server(u8_t index, const ip_addr_t *server)
{
}

const ip_addr_t *eft_inet_name_server_of(u8_t index)
{
	return IP_ADDR_ANY;
}

bool eft_inet_get_name_server(unsigned index, ip_addr_t *ret_address)
{
	return false;
}

/* send.c's and receive.c's, until they are there. */
void eft_inet_flush(struct eft_inet_interface *interface)
{
}

bool eft_inet_poll(struct eft_inet_interface *interface)
{
	return false;
}
