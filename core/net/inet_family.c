// SPDX-License-Identifier: BSD-3-Clause
/*
 * The internet's families, and who has them: as a process the host, unless the
 * option net= names a device, and in a guest the libOS's own stack.
 */
#include "core/abi.h"
#include "core/dev/hostsockets.h"
#include "core/dev/net.h"
#include "core/lib.h"
#include "core/options.h"
#include "core/socket.h"

#pragma weak eft_inet_option

/* What posix/net has for the internet's sockets only. */
eft_needs(eft_control_take);
eft_needs(eft_network_set_option);
eft_needs(eft_rare_option);

/* net=: "host", "none", or what a finder of network devices reads. */
const char *eft_net_choice;
const char *eft_net_pcap;

bool eft_inet_is_hosts(void)
{
	return eft_plat_host_sockets() != NULL &&
	       (eft_net_choice == NULL ||
		eft_strcmp(eft_net_choice, "host") == 0);
}

const struct eft_socket_family *eft_inet_family(int domain)
{
	return eft_inet_is_hosts() ? eft_host_family(domain)
				   : eft_stack_family(domain);
}

int eft_interface_ioctl(unsigned long request, void eft_user *arg)
{
	return eft_inet_is_hosts() ? eft_host_interface_ioctl(request, arg)
				   : eft_stack_interface_ioctl(request, arg);
}

bool eft_net_option(const char *key, char *value)
{
	if (eft_strcmp(key, "net") == 0)
		eft_net_choice = value;
	else if (eft_strcmp(key, "net.pcap") == 0)
		eft_net_pcap = value;
	else
		return eft_inet_option != NULL && eft_inet_option(key, value);
	return true;
}
