// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/net.h"
#include "core/abi.h"

#pragma weak eft_wire_find_net

static void (*const finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_net,
	eft_wire_find_net,
	NULL,
};

static struct eft_device_class nets = {
	.name = "net",
	.finders = finders,
};

struct eft_net *eft_net_next(struct eft_net *net)
{
	return (struct eft_net *)eft_device_next(&nets,
						 net ? &net->device : NULL);
}
