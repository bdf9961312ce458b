// SPDX-License-Identifier: BSD-3-Clause
/* No wires of the host's. A test that has some defines this itself. */
#include "core/abi.h"
#include "core/dev/hostwire.h"

const struct eft_host_wires *eft_plat_host_wires(void)
{
	return NULL;
}
