// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What a boot loader says, and the parsers that believe none of it.
 *
 * Pure functions over bytes: no hardware, no allocation, no globals. They
 * are built for a fuzzer as they are for the guest.
 */
#include "core/base.h"

/* Physical ranges [start, end), sorted, apart from each other, not empty. */
struct eft_kvm_region {
	uint64_t start, end;
};

struct eft_kvm_regions {
	unsigned count;
	struct eft_kvm_region at[32];
};

/* Where there is no room for one more range, memory is forgone. */
void eft_kvm_regions_add(struct eft_kvm_regions *r, uint64_t start,
			 uint64_t end);
void eft_kvm_regions_remove(struct eft_kvm_regions *r, uint64_t start,
			    uint64_t end);
bool eft_kvm_regions_contain(const struct eft_kvm_regions *r, uint64_t start,
			     uint64_t end);

/* Physical memory [0, size), to be read at (base). */
struct eft_kvm_memory {
	uintptr_t base;
	uint64_t size;
};

/* What the loader said, checked. Addresses are physical. */
struct eft_kvm_loader {
	struct eft_kvm_regions ram; /* usable, whole pages */
	uint64_t cmdline;	    /* an empty string in the image if none */
	uint64_t cmdline_len;	    /* without the NUL, which is there */
	uint64_t initrd, initrd_len;
	uint64_t rsdp;
	const char *why; /* after an error: what was wrong */
};

/*
 * Read the struct hvm_start_info at (info), or the struct boot_params.
 *
 * memory    where all that the loader points at is read, but not the initrd
 * image     where we are, in RAM: nothing that the loader hands over is there
 * top       physical addresses from here on do not exist
 * Returns   0; -EINVAL, and ret->why says why
 * Source    Xen public/arch-x86/hvm/start_info.h; Linux x86/boot.rst
 */
int eft_kvm_parse_pvh(const struct eft_kvm_memory *memory, uint64_t info,
		      const struct eft_kvm_region *image, uint64_t top,
		      struct eft_kvm_loader *ret);
int eft_kvm_parse_linux(const struct eft_kvm_memory *memory, uint64_t info,
			const struct eft_kvm_region *image, uint64_t top,
			struct eft_kvm_loader *ret);
