// SPDX-License-Identifier: BSD-3-Clause
/*
 * The MMIO transport, version 2 (VIRTIO 1.2 §4.2): registers in memory and one
 * interrupt line.
 */
#include "plat-kvm/pc/ioapic.h"
#include "plat-kvm/virtio/virtio.h"

enum { /* §4.2.2, in words of 32 bits */
       MAGIC = 0x000 / 4,
       VERSION = 0x004 / 4,
       DEVICE_ID = 0x008 / 4,
       DEVICE_FEATURES = 0x010 / 4,
       DEVICE_FEATURES_SELECT = 0x014 / 4,
       DRIVER_FEATURES = 0x020 / 4,
       DRIVER_FEATURES_SELECT = 0x024 / 4,
       QUEUE_SELECT = 0x030 / 4,
       QUEUE_MAX = 0x034 / 4,
       QUEUE_SIZE = 0x038 / 4,
       QUEUE_READY = 0x044 / 4,
       QUEUE_NOTIFY = 0x050 / 4,
       INTERRUPT_STATUS = 0x060 / 4,
       INTERRUPT_ACK = 0x064 / 4,
       STATUS = 0x070 / 4,
       QUEUE_DESC = 0x080 / 4,
       QUEUE_DRIVER = 0x090 / 4,
       QUEUE_DEVICE = 0x0a0 / 4,
       GENERATION = 0x0fc / 4,
       CONFIG_BYTES = 0x100, /* from there on */
};

#define MAGIC_VALUE 0x74726976 /* "virt" */
#define LEN_MAX	    0x10000

static uint8_t status(struct eft_virtio *v)
{
	return v->registers[STATUS];
}

static void set_status(struct eft_virtio *v, uint8_t value)
{
	v->registers[STATUS] = value;
}

static uint64_t offered(struct eft_virtio *v)
{
	uint64_t low;

	v->registers[DEVICE_FEATURES_SELECT] = 0;
	low = v->registers[DEVICE_FEATURES];
	v->registers[DEVICE_FEATURES_SELECT] = 1;
	return low | (uint64_t)v->registers[DEVICE_FEATURES] << 32;
}

static void accept(struct eft_virtio *v, uint64_t features)
{
	v->registers[DRIVER_FEATURES_SELECT] = 0;
	v->registers[DRIVER_FEATURES] = features;
	v->registers[DRIVER_FEATURES_SELECT] = 1;
	v->registers[DRIVER_FEATURES] = features >> 32;
}

static uint32_t generation(struct eft_virtio *v)
{
	return v->registers[GENERATION];
}

static bool config(struct eft_virtio *v, unsigned offset, uint8_t *ret)
{
	const volatile uint8_t *bytes = (const volatile uint8_t *)v->registers;

	if (offset >= v->registers_len - CONFIG_BYTES)
		return false;
	*ret = bytes[CONFIG_BYTES + offset];
	return true;
}

static void set_config(struct eft_virtio *v, unsigned offset, uint32_t value)
{
	if (offset + sizeof(value) <= v->registers_len - CONFIG_BYTES)
		v->registers[(CONFIG_BYTES + offset) / 4] = value;
}

/* One that is ready already is somebody else's (§4.2.3.2). */
static unsigned queue_max(struct eft_virtio *v, unsigned n)
{
	v->registers[QUEUE_SELECT] = n;
	return v->registers[QUEUE_READY] ? 0 : v->registers[QUEUE_MAX];
}

static void set_address(struct eft_virtio *v, unsigned reg, uint64_t phys)
{
	v->registers[reg] = phys;
	v->registers[reg + 1] = phys >> 32;
}

static int queue_start(struct eft_virtio *v, struct eft_virtio_queue *queue)
{
	int err = 0;

	if (!v->has_line)
		err = eft_kvm_line_route(&v->line, eft_virtio_line_interrupt,
					 v);
	if (err < 0)
		return err;
	v->has_line = true;
	v->registers[QUEUE_SELECT] = queue->number;
	v->registers[QUEUE_SIZE] = queue->ring.size;
	set_address(v, QUEUE_DESC, queue->ring.desc_phys);
	set_address(v, QUEUE_DRIVER, queue->ring.avail_phys);
	set_address(v, QUEUE_DEVICE, queue->ring.used_phys);
	v->registers[QUEUE_READY] = 1;
	return v->registers[QUEUE_READY] ? 0 : -EIO;
}

static void notify(struct eft_virtio_queue *queue)
{
	queue->device->registers[QUEUE_NOTIFY] = queue->number;
}

static unsigned acknowledge(struct eft_virtio *v)
{
	uint32_t why = v->registers[INTERRUPT_STATUS];

	v->registers[INTERRUPT_ACK] = why;
	return why;
}

static const struct eft_virtio_transport mmio = {
	.status = status,
	.set_status = set_status,
	.offered = offered,
	.accept = accept,
	.generation = generation,
	.config = config,
	.set_config = set_config,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.notify = notify,
	.acknowledge = acknowledge,
};

/* Of an empty place the id is 0 (§4.2.2). */
bool eft_virtio_mmio_probe(const struct eft_kvm_mmio_device *at,
			   struct eft_virtio *v)
{
	uint64_t len = eft_min(at->len, LEN_MAX);

	if (len < CONFIG_BYTES || at->phys % sizeof(uint32_t) != 0)
		return false;
	v->registers = eft_kvm_map_device(at->phys, len);
	if (!v->registers || v->registers[MAGIC] != MAGIC_VALUE ||
	    v->registers[DEVICE_ID] == 0)
		return false;
	if (v->registers[VERSION] != 2) {
		eft_log(EFT_LOG_WARN,
			"virtio-mmio at 0x%lx: version %u is not known",
			(unsigned long)at->phys, v->registers[VERSION]);
		return false;
	}
	v->registers_len = len;
	v->transport = &mmio;
	v->id = v->registers[DEVICE_ID];
	v->line = at->line;
	return true;
}
