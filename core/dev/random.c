// SPDX-License-Identifier: BSD-3-Clause
#include "core/random.h"
#include "core/dev/random.h"
#include "core/log.h"
#include "core/plat.h"

enum { PATIENCE_NS = 300000000 };

static void (*const finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_random,
	NULL,
};

static struct eft_device_class sources = {
	.name = "random",
	.finders = finders,
};

static unsigned asked, answered; /* the second is atomic */
static bool came;		 /* atomic */

static void take(const void *data, size_t len)
{
	if (len > 0) {
		eft_random_add(data, len);
		__atomic_store_n(&came, true, __ATOMIC_RELAXED);
	}
	__atomic_fetch_add(&answered, 1, __ATOMIC_RELEASE);
}

static bool is_waited_for(void)
{
	return !__atomic_load_n(&came, __ATOMIC_RELAXED) &&
	       __atomic_load_n(&answered, __ATOMIC_ACQUIRE) < asked;
}

void eft_random_begin(void)
{
	struct eft_device *device = NULL;
	uint64_t deadline_ns;

	while ((device = eft_device_next(&sources, device))) {
		struct eft_random_source *source =
			(struct eft_random_source *)device;

		if (source->ask(source, EFT_RANDOM_BYTES, take) == 0)
			asked++;
	}
	deadline_ns = eft_plat->monotonic_ns() + PATIENCE_NS;
	while (is_waited_for() && eft_plat->monotonic_ns() < deadline_ns)
		eft_plat->wait(deadline_ns);
	if (is_waited_for())
		eft_log(EFT_LOG_WARN, "no source of random bytes answers");
}
