// SPDX-License-Identifier: BSD-3-Clause
/*
 * The registry of devices. Finders share buses, so one mutex is for all
 * classes. A list does not change once it was looked for.
 */
#include "core/dev/device.h"
#include "core/log.h"
#include "core/thread.h"

static struct eft_mutex looking = EFT_MUTEX_INIT(looking, EFT_RANK_DEVICES);

void eft_device_add(struct eft_device_class *class, struct eft_device *device)
{
	eft_assert(!class->looked && device->next == NULL);
	*class->end = device;
	class->end = &device->next;
	eft_log(EFT_LOG_INFO, "%s: %s", class->name, device->name);
}

static void look(struct eft_device_class *class)
{
	eft_mutex_lock(&looking);
	if (!class->looked) {
		class->end = &class->first;
		for (unsigned i = 0; class->finders[i] != NULL; i++)
			class->finders[i](class);
		__atomic_store_n(&class->looked, true, __ATOMIC_RELEASE);
	}
	eft_mutex_unlock(&looking);
}

struct eft_device *eft_device_next(struct eft_device_class *class,
				   struct eft_device *device)
{
	if (!__atomic_load_n(&class->looked, __ATOMIC_ACQUIRE))
		look(class);
	return device ? device->next : class->first;
}
