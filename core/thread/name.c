// SPDX-License-Identifier: BSD-3-Clause
/*
 * What reports call threads. A guest has no names of functions: `eft run` puts
 * them where the addresses are.
 */
#include "core/plat.h"
#include "core/thread.h"

const char *eft_thread_label(const struct eft_thread *thread)
{
	static char address[24];
	const char *name = NULL;
	uintptr_t start;

	if (thread->start == 0 || thread->name == thread->comm)
		return thread->name;
	if (eft_plat->symbol != NULL)
		name = eft_plat->symbol(thread->start, &start);
	if (name != NULL)
		return name;
	eft_snprintf(address, sizeof(address), "%p", (void *)thread->start);
	return address;
}
