// SPDX-License-Identifier: BSD-3-Clause
/*
 * The PCI transport (VIRTIO 1.2 §4.1): capabilities say where in the function's
 * ranges the four structures are. Interrupts are MSI-X, one for each queue as
 * far as they go, or the function's line where it has none.
 *
 * Each structure is mapped by itself, with the length that it needs: what a
 * capability claims beyond that is not used.
 */
#include "plat-kvm/pc/ioapic.h"
#include "plat-kvm/virtio/virtio.h"
#include "plat-kvm/x86/smp.h"

/* Only programs with threads have more CPUs than the first. */
#pragma weak eft_kvm_cpus

enum { /* §4.1.4 */
       CAP_COMMON = 1,
       CAP_NOTIFY = 2,
       CAP_ISR = 3,
       CAP_DEVICE = 4,
};

enum { /* the common configuration, §4.1.4.3 */
       DEVICE_FEATURES_SELECT = 0x00,
       DEVICE_FEATURES = 0x04,
       DRIVER_FEATURES_SELECT = 0x08,
       DRIVER_FEATURES = 0x0c,
       CONFIG_VECTOR = 0x10,
       STATUS = 0x14,
       GENERATION = 0x15,
       QUEUE_SELECT = 0x16,
       QUEUE_SIZE = 0x18,
       QUEUE_VECTOR = 0x1a,
       QUEUE_ENABLE = 0x1c,
       QUEUE_NOTIFY_OFFSET = 0x1e,
       QUEUE_DESC = 0x20,
       QUEUE_DRIVER = 0x28,
       QUEUE_DEVICE = 0x30,
       COMMON_BYTES = 0x38,
};

#define NO_VECTOR	 0xffff
#define CONFIG_BYTES_MAX 0x1000
#define NOTIFY_BYTES_MAX 0x10000

/* MSI-X's entries: a message, which the local APIC of an id below 256 hears
 * (SDM vol. 3 §10.11). */
#define MESSAGE_ADDRESS 0xfee00000u
#define APIC_ID_MAX	0xfe
enum { ENTRY_ADDRESS = 0, ENTRY_HIGH = 1, ENTRY_DATA = 2, ENTRY_CONTROL = 3 };

static uint8_t get8(struct eft_virtio *v, unsigned at)
{
	return v->common[at];
}

static uint16_t get16(struct eft_virtio *v, unsigned at)
{
	return *(volatile uint16_t *)(v->common + at);
}

static uint32_t get32(struct eft_virtio *v, unsigned at)
{
	return *(volatile uint32_t *)(v->common + at);
}

static void put16(struct eft_virtio *v, unsigned at, uint16_t value)
{
	*(volatile uint16_t *)(v->common + at) = value;
}

static void put32(struct eft_virtio *v, unsigned at, uint32_t value)
{
	*(volatile uint32_t *)(v->common + at) = value;
}

static void put64(struct eft_virtio *v, unsigned at, uint64_t value)
{
	put32(v, at, value);
	put32(v, at + 4, value >> 32);
}

static uint8_t status(struct eft_virtio *v)
{
	return get8(v, STATUS);
}

static void set_status(struct eft_virtio *v, uint8_t value)
{
	v->common[STATUS] = value;
}

static uint64_t offered(struct eft_virtio *v)
{
	uint64_t low;

	put32(v, DEVICE_FEATURES_SELECT, 0);
	low = get32(v, DEVICE_FEATURES);
	put32(v, DEVICE_FEATURES_SELECT, 1);
	return low | (uint64_t)get32(v, DEVICE_FEATURES) << 32;
}

static void accept(struct eft_virtio *v, uint64_t features)
{
	put32(v, DRIVER_FEATURES_SELECT, 0);
	put32(v, DRIVER_FEATURES, features);
	put32(v, DRIVER_FEATURES_SELECT, 1);
	put32(v, DRIVER_FEATURES, features >> 32);
}

static uint32_t generation(struct eft_virtio *v)
{
	return get8(v, GENERATION);
}

static bool config(struct eft_virtio *v, unsigned offset, uint8_t *ret)
{
	if (offset >= v->config_len)
		return false;
	*ret = v->config[offset];
	return true;
}

static unsigned queue_max(struct eft_virtio *v, unsigned n)
{
	put16(v, QUEUE_SELECT, n);
	return get16(v, QUEUE_ENABLE) ? 0 : get16(v, QUEUE_SIZE);
}

/* Queue (n) interrupts CPU (n), if there is one by now; else the caller's. */
static uint32_t apic_id_for(unsigned n)
{
	if (&eft_kvm_cpus != NULL && n < eft_kvm_cpus.count &&
	    eft_kvm_cpus.at[n] != NULL)
		return eft_kvm_cpus.at[n]->apic_id;
	return eft_kvm_apic_id();
}

/* The last entry is for all queues that have none of their own. */
static void last_interrupt(void *arg)
{
	struct eft_virtio *v = arg;

	for (unsigned i = v->msix.count - 1; i < EFT_VIRTIO_QUEUES_MAX; i++)
		if (v->queue[i])
			eft_virtio_queue_interrupt(v->queue[i]);
	if (v->watched)
		eft_virtio_note_change(v);
}

/* Entry (n) of the table. Returns   its vector, which is not 0; an error */
static int set_entry(struct eft_virtio *v, unsigned n,
		     void (*handler)(void *arg), void *arg)
{
	volatile uint32_t *entry = v->msix_table + 4 * n;
	uint32_t id = apic_id_for(n);
	int vector;

	if (id > APIC_ID_MAX)
		return -ENOSPC;
	vector = eft_kvm_vector_alloc(handler, arg);
	if (vector < 0)
		return vector;
	entry[ENTRY_ADDRESS] = MESSAGE_ADDRESS | id << 12;
	entry[ENTRY_HIGH] = 0;
	entry[ENTRY_DATA] = vector;
	entry[ENTRY_CONTROL] = 0; /* not masked */
	return vector;
}

/* Its entry, and the queue's word that names it. */
static int start_msix(struct eft_virtio *v, struct eft_virtio_queue *queue)
{
	unsigned last = v->msix.count - 1u;
	unsigned n = eft_min(queue->number, last);
	int vector = 0;

	if (n < last)
		vector = set_entry(v, n, eft_virtio_queue_interrupt, queue);
	else if (!v->has_last)
		vector = set_entry(v, n, last_interrupt, v);
	if (vector < 0)
		return vector;
	put16(v, QUEUE_VECTOR, n);
	if (get16(v, QUEUE_VECTOR) == n) {
		v->has_last |= n == last;
		return 0;
	}
	if (vector > 0)
		eft_kvm_vector_free(vector);
	return -ENOSPC;
}

/* The last entry, for changes too (§4.1.5.1.2). A line is for all. */
static int watch(struct eft_virtio *v)
{
	unsigned last = v->msix.count - 1u;
	int vector = 0;

	if (!v->has_msix)
		return 0;
	eft_kvm_interrupts_listen();
	if (!v->has_last)
		vector = set_entry(v, last, last_interrupt, v);
	if (vector < 0)
		return vector;
	v->has_last = true;
	put16(v, CONFIG_VECTOR, last);
	v->watched = get16(v, CONFIG_VECTOR) == last;
	return v->watched ? 0 : -ENOSPC;
}

static int start_line(struct eft_virtio *v)
{
	int err;

	if (v->has_line)
		return 0;
	if (v->function.pin == 0)
		return -ENODEV;
	err = eft_kvm_intx_route(v->function.line, eft_virtio_line_interrupt,
				 v);
	v->has_line = err == 0;
	return err;
}

/* (2 bytes) within what the notification capability spans; §4.1.4.4. */
static volatile uint16_t *notify_at(struct eft_virtio *v, unsigned offset)
{
	uint64_t at = (uint64_t)offset * v->notify_multiplier;

	if (at % 2 != 0 || at + 2 > v->notify_len)
		return NULL;
	return (volatile uint16_t *)(v->notify + at);
}

static int queue_start(struct eft_virtio *v, struct eft_virtio_queue *queue)
{
	int err;

	put16(v, QUEUE_SELECT, queue->number);
	queue->notify = notify_at(v, get16(v, QUEUE_NOTIFY_OFFSET));
	if (!queue->notify)
		return -EIO;
	eft_kvm_interrupts_listen();
	err = v->has_msix ? start_msix(v, queue) : start_line(v);
	if (err < 0)
		return err;
	put16(v, QUEUE_SIZE, queue->ring.size);
	put64(v, QUEUE_DESC, queue->ring.desc_phys);
	put64(v, QUEUE_DRIVER, queue->ring.avail_phys);
	put64(v, QUEUE_DEVICE, queue->ring.used_phys);
	put16(v, QUEUE_ENABLE, 1);
	return 0;
}

static void notify(struct eft_virtio_queue *queue)
{
	*queue->notify = queue->number;
}

/* To read it is to acknowledge it (§4.1.4.5.1). */
static unsigned acknowledge(struct eft_virtio *v)
{
	return *v->isr;
}

static const struct eft_virtio_transport transport = {
	.status = status,
	.set_status = set_status,
	.offered = offered,
	.accept = accept,
	.generation = generation,
	.config = config,
	.queue_max = queue_max,
	.queue_start = queue_start,
	.watch = watch,
	.notify = notify,
	.acknowledge = acknowledge,
};

/* Map (len) bytes at (offset) of range (n), which has them all. */
static volatile uint8_t *map_range(struct eft_virtio *v, unsigned n,
				   uint64_t offset, uint64_t len)
{
	struct eft_kvm_pci_bar bar;

	if (eft_kvm_pci_bar(v->pci, &v->function, n, &bar) < 0 || bar.is_port ||
	    offset > bar.len || len > bar.len - offset)
		return NULL;
	return eft_kvm_map_device(bar.phys + offset, len);
}

/*
 * The first structure of (type): struct virtio_pci_cap (§4.1.4) has the type at
 * 3, the range at 4, the offset at 8, the length at 12, of which (most) bytes
 * are mapped, and no less than (least).
 *
 * Returns   where it is; NULL there is none
 */
static volatile uint8_t *map_structure(struct eft_virtio *v, unsigned type,
				       uint32_t least, uint32_t most,
				       uint32_t *ret_len, unsigned *ret_cap)
{
	unsigned at = 0, address = v->function.address;
	volatile uint8_t *mapped = NULL;
	uint32_t offset, len;

	while (!mapped) {
		at = eft_kvm_pci_capability(v->pci, &v->function,
					    EFT_KVM_PCI_VENDOR, at);
		if (at == 0 || at > 0xf0)
			return NULL;
		if (eft_kvm_pci_read(v->pci, address, at + 3, 1) != type)
			continue;
		offset = eft_kvm_pci_read(v->pci, address, at + 8, 4);
		len = eft_kvm_pci_read(v->pci, address, at + 12, 4);
		if (len < least || offset % 4 != 0)
			continue;
		*ret_len = eft_min(len, most);
		*ret_cap = at;
		mapped = map_range(v,
				   eft_kvm_pci_read(v->pci, address, at + 4, 1),
				   offset, *ret_len);
	}
	return mapped;
}

static bool map_structures(struct eft_virtio *v)
{
	uint32_t len;
	unsigned cap;

	v->common = map_structure(v, CAP_COMMON, COMMON_BYTES, COMMON_BYTES,
				  &len, &cap);
	v->isr = map_structure(v, CAP_ISR, 1, 1, &len, &cap);
	v->config = map_structure(v, CAP_DEVICE, 1, CONFIG_BYTES_MAX,
				  &v->config_len, &cap);
	if (!v->config) /* not every device has some */
		v->config_len = 0;
	v->notify = map_structure(v, CAP_NOTIFY, 2, NOTIFY_BYTES_MAX,
				  &v->notify_len, &cap);
	if (!v->common || !v->isr || !v->notify)
		return false;
	v->notify_multiplier = eft_kvm_pci_read(v->pci, v->function.address,
						eft_min(cap + 16, 0xfc), 4);
	return true;
}

static void use_msix(struct eft_virtio *v)
{
	v->has_msix = eft_kvm_apic_id() <= APIC_ID_MAX &&
		      eft_kvm_pci_find_msix(v->pci, &v->function, &v->msix);
	if (v->has_msix) {
		v->msix_table = (volatile uint32_t *)map_range(
			v, v->msix.bar, v->msix.offset,
			v->msix.count * EFT_KVM_PCI_MSIX_ENTRY_BYTES);
		v->has_msix = v->msix_table != NULL;
	}
	eft_kvm_pci_enable(v->pci, v->function.address, !v->has_msix);
	if (v->has_msix)
		eft_kvm_pci_enable_msix(v->pci, v->function.address, &v->msix,
					true);
}

/* §4.1.2: a transitional device's number says nothing, but its subsystem's. */
static unsigned id_of(const struct eft_kvm_pci *pci,
		      const struct eft_kvm_pci_function *f)
{
	enum { RED_HAT = 0x1af4, OLD = 0x1000, NEW = 0x1040, END = 0x1080 };

	if (f->vendor != RED_HAT || f->device < OLD || f->device >= END)
		return 0;
	return f->device >= NEW ? f->device - (unsigned)NEW
				: eft_kvm_pci_read(pci, f->address, 0x2e, 2);
}

bool eft_virtio_pci_probe(const struct eft_kvm_pci *pci,
			  const struct eft_kvm_pci_function *function,
			  struct eft_virtio *v)
{
	v->id = id_of(pci, function);
	if (v->id == 0)
		return false;
	v->pci = pci;
	v->function = *function;
	v->transport = &transport;
	if (!map_structures(v)) {
		eft_log(EFT_LOG_WARN, "virtio at PCI %x: not a modern device",
			function->address);
		return false;
	}
	eft_kvm_apic_init();
	use_msix(v);
	return true;
}
