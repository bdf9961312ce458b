// SPDX-License-Identifier: BSD-3-Clause
/*
 * From the entry code to eft_boot(): one page.
 */
#include "core/arch/x86_64/image.h"
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"
#include "plat-kvm/x86/pte.h"

#define REACH		0x40000000 /* what the first page tables map */
#define LOW_RAM		0x10000	   /* firmware's vectors and data: left alone */
#define HWCAP2_FSGSBASE 2 /* Linux arch/x86/include/uapi/asm/hwcap2.h */

uint64_t eft_kvm_rsdp;
struct eft_boot_info eft_kvm_boot_info;

void eft_kvm_refuse(const char *why)
{
	size_t len = 0;

	while (why[len])
		len++;
	eft_kvm_console_write("eft: cannot boot: ", 18);
	eft_kvm_console_write(why, len);
	eft_kvm_console_write("\n", 1);
	eft_kvm_exit(1);
}

static void *direct(uint64_t phys)
{
	return (void *)(EFT_KVM_DIRECT + phys);
}

static void ask_loader(unsigned protocol, uintptr_t info,
		       struct eft_kvm_loader *ret)
{
	const struct eft_kvm_memory memory = {0, REACH};
	const struct eft_kvm_region image = {(uintptr_t)eft_image_start,
					     (uintptr_t)eft_image_end};
	uint64_t top = 1ull << eft_kvm_features.phys_bits;
	int err;

	if (protocol == EFT_KVM_PROTOCOL_PVH)
		err = eft_kvm_parse_pvh(&memory, info, &image, top, ret);
	else
		err = eft_kvm_parse_linux(&memory, info, &image, top, ret);
	if (err)
		eft_kvm_refuse(ret->why);
}

/* What is left of RAM. The loader's other data has been copied. */
static void find_free(const struct eft_kvm_loader *loader,
		      struct eft_kvm_regions *free)
{
	const struct eft_kvm_region used[] = {
		{0, LOW_RAM},
		{(uintptr_t)eft_image_start, (uintptr_t)eft_image_end},
		{loader->initrd, loader->initrd + loader->initrd_len},
		{loader->cmdline, loader->cmdline + loader->cmdline_len + 1},
	};

	free->count = loader->ram.count;
	memcpy(free->at, loader->ram.at, free->count * sizeof(free->at[0]));
	for (unsigned i = 0; i < eft_array_size(used); i++)
		eft_kvm_regions_remove(
			free, eft_align_down(used[i].start, EFT_PAGE_SIZE),
			eft_align_up(used[i].end, EFT_PAGE_SIZE));
}

static void fill_info(const struct eft_kvm_loader *loader,
		      const struct eft_kvm_regions *free,
		      struct eft_boot_info *info)
{
	info->options = loader->cmdline ? direct(loader->cmdline) : "";
	if (loader->initrd_len) {
		info->initrd = direct(loader->initrd);
		info->initrd_len = loader->initrd_len;
	}
	while (info->ram_count <
	       eft_min(free->count, eft_array_size(info->ram))) {
		const struct eft_kvm_region *range = &free->at[info->ram_count];

		info->ram[info->ram_count++] =
			(struct eft_ram){EFT_KVM_DIRECT + range->start,
					 EFT_KVM_DIRECT + range->end};
	}
	info->space = &eft_kvm_pml4;
	info->window_start = EFT_KVM_PROGRAM_START;
	info->window_end = EFT_KVM_PROGRAM_END;
	info->hwcap = eft_kvm_features.hwcap;
	if (eft_kvm_features.fsgsbase)
		info->hwcap2 = HWCAP2_FSGSBASE;
}

void eft_kvm_start(unsigned protocol, uintptr_t loader_info)
{
	static struct eft_kvm_loader loader;
	static struct eft_kvm_regions free;

	eft_kvm_cpu_init();
	eft_kvm_clock_start();
	ask_loader(protocol, loader_info, &loader);
	eft_kvm_rsdp = loader.rsdp;
	find_free(&loader, &free);
	eft_kvm_paging_init(&loader.ram, &free);
	fill_info(&loader, &free, &eft_kvm_boot_info);
	eft_boot(&eft_kvm_plat, &eft_kvm_boot_info);
}
