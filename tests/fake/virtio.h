// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A virtio device in memory, for the test of one driver, which includes this
 * behind the driver's source: its registers. What it does with what it is lent
 * is the test's, notify().
 */
#include "plat-kvm/virtio/virtio.h"
#include "tests/unit/unit.h"

enum { NEXT = 1, WRITABLE = 2, INDIRECT = 4 }; /* VIRTIO 1.2 §2.7.5 */
enum { CONFIG_MAX = 64, QUEUES_MAX = 8 };

const struct eft_plat eft_kvm_plat;
struct eft_kvm_features eft_kvm_features;

/* What it says of itself. */
static uint8_t config_bytes[CONFIG_MAX];
static unsigned config_first; /* nobody is to read what is before it */
static unsigned config_len, queues = 1, descriptors = 128;
static uint64_t offers;
static uint8_t device_status;
static bool asleep; /* it does nothing for now */

static struct eft_virtio v;
static unsigned found_id; /* its id; 0: it is not found, but given */

static uint64_t now_ns, tick_ns; /* a look at the clock takes so long */

/* The device has (queue)'s requests to look at. */
static void run_device(struct eft_virtio_queue *queue);

uint64_t eft_kvm_monotonic_ns(void)
{
	return now_ns += tick_ns;
}

struct eft_virtio *eft_virtio_find(unsigned id, struct eft_virtio *after)
{
	if (found_id == 0 || after != NULL)
		return NULL;
	check_eq(id, found_id);
	return &v;
}

static uint8_t get_status(struct eft_virtio *self)
{
	return device_status;
}

static void set_status(struct eft_virtio *self, uint8_t value)
{
	device_status = value;
}

static uint64_t offered(struct eft_virtio *self)
{
	return offers | 1ull << EFT_VIRTIO_VERSION_1;
}

static void accept_features(struct eft_virtio *self, uint64_t features)
{
	check_eq(features & ~offered(self), 0);
}

static uint32_t generation(struct eft_virtio *self)
{
	return 0;
}

static bool config(struct eft_virtio *self, unsigned offset, uint8_t *ret)
{
	check(offset >= config_first);
	if (offset >= config_len)
		return false;
	*ret = config_bytes[offset];
	return true;
}

static void set_config(struct eft_virtio *self, unsigned offset, uint32_t value)
{
	check(offset + sizeof(value) <= config_len);
	memcpy(config_bytes + offset, &value, sizeof(value));
}

static unsigned queue_max(struct eft_virtio *self, unsigned n)
{
	return n < queues ? descriptors : 0;
}

static int queue_start(struct eft_virtio *self, struct eft_virtio_queue *queue)
{
	return 0;
}

static void notify(struct eft_virtio_queue *queue)
{
	if (!asleep)
		run_device(queue);
}

static const struct eft_virtio_transport transport = {
	.status = get_status,
	.set_status = set_status,
	.offered = offered,
	.accept = accept_features,
	.generation = generation,
	.config = config,
	.set_config = set_config,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.notify = notify,
};

/* A new one, called (name). */
static inline void begin_device(const char *name)
{
	memset(&v, 0, sizeof(v));
	memset(config_bytes, 0, sizeof(config_bytes));
	memcpy(v.name, name, strlen(name) + 1);
	v.transport = &transport;
}
