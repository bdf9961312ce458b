// SPDX-License-Identifier: BSD-3-Clause
#include "core/dev/share.h"
#include "core/abi.h"
#include "core/lib.h"
#include "core/log.h"

/* Each is brought in by the file systems of its protocol. */
#pragma weak eft_plat_guest_find_ninep
#pragma weak eft_plat_guest_find_virtiofs

static void (*const ninep_finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_ninep,
	NULL,
};

static void (*const fuse_finders[])(struct eft_device_class *class) = {
	eft_plat_guest_find_virtiofs,
	NULL,
};

static struct eft_device_class classes[] = {
	[EFT_SHARE_9P] = {.name = "9p", .finders = ninep_finders},
	[EFT_SHARE_FUSE] = {.name = "virtiofs", .finders = fuse_finders},
};

static unsigned pending; /* atomic */

static struct eft_share *find(enum eft_share_protocol protocol, const char *tag)
{
	struct eft_device *device = NULL;

	while ((device = eft_device_next(&classes[protocol], device))) {
		struct eft_share *share = (struct eft_share *)device;

		eft_assert(share->protocol == protocol);
		if (eft_strcmp(share->tag, tag) == 0)
			return share;
	}
	return NULL;
}

int eft_share_take(enum eft_share_protocol protocol, const char *tag,
		   struct eft_share **ret_share)
{
	struct eft_share *share = find(protocol, tag);

	if (share == NULL)
		return -ENOENT;
	if (__atomic_exchange_n(&share->taken, true, __ATOMIC_ACQUIRE))
		return -EBUSY;
	*ret_share = share;
	return 0;
}

void eft_share_give(struct eft_share *share)
{
	eft_assert(share->taken);
	__atomic_store_n(&share->taken, false, __ATOMIC_RELEASE);
}

void eft_share_count(int more)
{
	__atomic_fetch_add(&pending, (unsigned)more, __ATOMIC_RELEASE);
}

unsigned eft_share_pending(void)
{
	return __atomic_load_n(&pending, __ATOMIC_ACQUIRE);
}
