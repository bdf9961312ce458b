// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * virtio's MMIO devices, as ACPI's DSDT has them: a pure function over the
 * table, whose length was checked and of which nothing else is believed.
 *
 * There is no interpreter. A device's body is searched for, and its names are
 * read where they are constants, as they are on QEMU's microvm, Firecracker and
 * Cloud Hypervisor. What computes them is passed over.
 */
#include "plat-kvm/pc/acpi_madt.h"

/* Registers at [phys, phys+len), and the interrupt line. */
struct eft_kvm_mmio_device {
	uint64_t phys, len;
	struct eft_kvm_line line;
};

/*
 * The next device at or after offset (*at), 0 for the first; (*at) is then
 * behind its head. It is one with the _HID "LNRO0005", a _STA that says present
 * if any, and a _CRS with a fixed range of memory and an interrupt.
 *
 * Returns   whether there is one; else (ret) is unchanged
 * Source    ACPI 6.4 §20.2, §6.4; Linux drivers/virtio/virtio_mmio.c for the id
 */
bool eft_kvm_acpi_next_virtio(const void *dsdt, size_t len, size_t *at,
			      struct eft_kvm_mmio_device *ret);
