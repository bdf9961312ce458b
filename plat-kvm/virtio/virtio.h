// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * virtio devices: what their drivers share (VIRTIO 1.2 §2, §3). A driver finds
 * its devices, begins each, starts its queues, and lends requests to them.
 *
 * A device that lies, fails or wants to be reset has failed for good: the log
 * says so once, it is reset, and its driver takes back what it lent.
 */
#include "core/lock.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/pc/acpi_aml.h"
#include "plat-kvm/pc/pci.h"
#include "plat-kvm/virtio/ring.h"

enum { /* §5 */
       EFT_VIRTIO_NET = 1,
       EFT_VIRTIO_BLOCK = 2,
       EFT_VIRTIO_CONSOLE = 3,
       EFT_VIRTIO_RNG = 4,
       EFT_VIRTIO_BALLOON = 5,
       EFT_VIRTIO_9P = 9,
       EFT_VIRTIO_FS = 26,
};

enum { /* device status, §2.1 */
       EFT_VIRTIO_ACKNOWLEDGE = 1,
       EFT_VIRTIO_DRIVER = 2,
       EFT_VIRTIO_DRIVER_OK = 4,
       EFT_VIRTIO_FEATURES_OK = 8,
       EFT_VIRTIO_NEEDS_RESET = 64,
       EFT_VIRTIO_FAILED = 128,
};

enum { /* why it interrupts, §4.1.4.5, §4.2.2 */
       EFT_VIRTIO_USED = 1,
       EFT_VIRTIO_CHANGED = 2,
};

#define EFT_VIRTIO_QUEUES_MAX 16

struct eft_virtio;
struct eft_virtio_queue;

/* How a device is reached. Context: thread, but for those that say more. */
struct eft_virtio_transport {
	uint8_t (*status)(struct eft_virtio *v);
	void (*set_status)(struct eft_virtio *v, uint8_t status);
	uint64_t (*offered)(struct eft_virtio *v);
	void (*accept)(struct eft_virtio *v, uint64_t features);

	/* What changes while it is read has another generation then. */
	uint32_t (*generation)(struct eft_virtio *v);
	/* False: configuration does not go that far. */
	bool (*config)(struct eft_virtio *v, unsigned offset, uint8_t *ret);

	/* Write 32 bits of configuration. Any context, one at a time. */
	void (*set_config)(struct eft_virtio *v, unsigned offset,
			   uint32_t value);

	/* The most that queue (n) may have; 0: there is none. */
	unsigned (*queue_max)(struct eft_virtio *v, unsigned n);
	/* Tell it where (queue) is, and whom to interrupt. 0; an error. */
	int (*queue_start)(struct eft_virtio *v,
			   struct eft_virtio_queue *queue);
	/* Any context. */
	void (*notify)(struct eft_virtio_queue *queue);
	/* Why it interrupts; the line is low then. Interrupt. */
	unsigned (*acknowledge)(struct eft_virtio *v);
};

/* A request has come back: (len) bytes were written into it. Interrupt. */
typedef void eft_virtio_used_fn(struct eft_virtio_queue *queue, void *cookie,
				uint32_t len);

struct eft_virtio_queue {
	struct eft_lock lock;
	struct eft_virtq ring; /* owned by (lock) */
	struct eft_virtio *device;
	eft_virtio_used_fn *used;
	/*
	 * Set before the queue is started, this is called instead of (used), and
	 * the driver takes what has come back in a thread; (used) is what it
	 * lent to a device that has failed. Interrupt; any.
	 */
	void (*ready)(struct eft_virtio_queue *queue);
	void *driver;		   /* its own */
	volatile uint16_t *notify; /* pci.c */
	unsigned number;
};

struct eft_virtio {
	const struct eft_virtio_transport *transport;
	unsigned id;   /* EFT_VIRTIO_RNG… */
	char name[48]; /* "virtio 4 at 0xfeb02e00" */
	uint64_t features;
	bool failed; /* atomic */
	/* The driver's own; what its configuration's change is told; or NULL. */
	void *driver;
	void (*changed)(struct eft_virtio *v);
	struct eft_virtio *next;
	struct eft_virtio_queue *queue[EFT_VIRTIO_QUEUES_MAX];

	/* mmio.c */
	volatile uint32_t *registers;
	uint64_t registers_len;
	struct eft_kvm_line line;
	bool has_line; /* its line is routed */

	/* pci.c */
	const struct eft_kvm_pci *pci;
	struct eft_kvm_pci_function function;
	struct eft_kvm_pci_msix msix;
	bool has_msix, has_last; /* the last entry is set up */
	uint8_t seen_generation; /* of its configuration */
	volatile uint8_t *common, *isr, *config, *notify;
	uint32_t config_len, notify_len, notify_multiplier;
	volatile uint32_t *msix_table;
};

/*
 * The device of (id) after (v), the first for NULL. All buses are looked
 * through at the first call. Context: a finder's (core/dev/device.h).
 */
struct eft_virtio *eft_virtio_find(unsigned id, struct eft_virtio *v);

/* Barriers are none: devices are told of all, and tell of all (device.c). */
extern bool eft_virtio_tells_all;

/*
 * Reset the device, and agree on features: of those that it offers (wanted),
 * and those of the rings.
 *
 * Returns   0; -EIO it does not do as it should, and has failed
 */
int eft_virtio_begin(struct eft_virtio *v, uint64_t wanted);

/*
 * Start queue (n): of (size) descriptors at most, a power of two, with requests
 * of (parts_max) parts at most.
 *
 * queue     lives until exit
 * Returns   0; -ENODEV it has no such queue; -ENOMEM; -ENOSPC no interrupt is
 *           left; -EIO
 */
int eft_virtio_queue_start(struct eft_virtio *v, unsigned n,
			   struct eft_virtio_queue *queue, unsigned size,
			   unsigned parts_max, eft_virtio_used_fn *used);

/* All queues are there: go. */
void eft_virtio_go(struct eft_virtio *v);

/*
 * Read (len) bytes of the device's configuration at (offset), all from one
 * moment. Returns   0; -EIO it changes all the time, or ends before
 */
int eft_virtio_config(struct eft_virtio *v, unsigned offset, void *buf,
		      size_t len);

/*
 * Lend a request (eft_virtq_add), and tell the device. Context: any that holds
 * no lock below EFT_RANK_VIRTQUEUE.
 */
int eft_virtio_lend(struct eft_virtio_queue *queue,
		    const struct eft_virtq_part *parts, unsigned out,
		    unsigned in, void *cookie);

/*
 * Of a queue that is polled: the next request that has come back (eft_virtq_take);
 * NULL: none, or the device is at fault, and has failed. Context: thread.
 */
void *eft_virtio_take(struct eft_virtio_queue *queue, uint32_t *ret_len);

/*
 * Have (ready) called at the next one. False: there is one. Context: thread.
 */
bool eft_virtio_listen(struct eft_virtio_queue *queue);

/* It need not be, until then; it may all the same. Context: any. */
void eft_virtio_silence(struct eft_virtio_queue *queue);

/* Tell the device of what was added. Context: as eft_virtio_lend(). */
void eft_virtio_publish(struct eft_virtio_queue *queue);

/*
 * The device is at fault, as (why) says. What it was lent comes back by
 * (used), with 0 bytes. Context: any, no lock of a queue.
 */
void eft_virtio_fail(struct eft_virtio *v, const char *why);

/*
 * Between the files: an interrupt of (arg), a device with a line or a queue.
 */
void eft_virtio_line_interrupt(void *arg);
void eft_virtio_queue_interrupt(void *arg);
/* Its configuration has changed, or it wants to be reset. */
void eft_virtio_changed(struct eft_virtio *v);

/*
 * Is there a device in these registers, by their own word? If so, (v) is it.
 */
bool eft_virtio_mmio_probe(const struct eft_kvm_mmio_device *at,
			   struct eft_virtio *v);
bool eft_virtio_pci_probe(const struct eft_kvm_pci *pci,
			  const struct eft_kvm_pci_function *function,
			  struct eft_virtio *v);

/*
 * The next word "virtio_mmio.device=SIZE@ADDRESS:IRQ[:ID]" of a command line,
 * behind which (*text) is then. (Linux drivers/virtio/virtio_mmio.c)
 */
bool eft_virtio_mmio_word(const char **text, struct eft_kvm_mmio_device *ret);
