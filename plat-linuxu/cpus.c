// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/cpus.h"
#include "core/base.h"

const struct eft_cpus *eft_plat_process_cpus(void)
{
	return NULL;
}
