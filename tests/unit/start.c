// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a guest takes of the memory that its loader tells of: plat-kvm/boot/start.c,
 * compiled into the test, with an image of its own.
 */
#include "core/arch/x86_64/image.h"
#include "plat-kvm/kvm.h"
#include "tests/unit/unit.h"

#define eft_image_start ((const char *)0x200000)
#define eft_image_end	((const char *)0x280123)
#include "plat-kvm/boot/start.c"
#undef eft_image_start
#undef eft_image_end

enum { MIB = 1 << 20, INITRD = 30 * MIB + 0x800, CMDLINE = 31 * MIB - 16 };

struct eft_kvm_features eft_kvm_features;
struct eft_plat_space eft_kvm_pml4;
const struct eft_plat eft_kvm_plat;

size_t eft_kvm_console_write(const void *buf, size_t len)
{
	return len;
}

void eft_kvm_exit(int status)
{
	fake_plat.exit(status);
	__builtin_unreachable();
}

void eft_kvm_cpu_init(void)
{
}

void eft_kvm_clock_start(void)
{
}

void eft_kvm_paging_init(const struct eft_kvm_regions *ram,
			 struct eft_kvm_regions *free)
{
}

static struct eft_kvm_loader loader;
static struct eft_kvm_regions unused;
static struct eft_boot_info info;

static void load(uint64_t initrd_len, uint64_t cmdline_len)
{
	loader = (struct eft_kvm_loader){
		.ram = {3,
			{{0x1000, 0x9f000},
			 {MIB, 64 * MIB},
			 {4096ul * MIB, 5000ul * MIB}}},
		.initrd = initrd_len ? INITRD : 0,
		.initrd_len = initrd_len,
		.cmdline = CMDLINE,
		.cmdline_len = cmdline_len,
	};
	info = (struct eft_boot_info){.ram_count = 0};
	find_free(&loader, &unused);
	fill_info(&loader, &unused, &info);
}

static bool overlaps(uint64_t page, uint64_t start, uint64_t end)
{
	return page < end && start < page + EFT_PAGE_SIZE;
}

static bool is_given(uint64_t page)
{
	for (unsigned i = 0; i < info.ram_count; i++) {
		if (page + EFT_KVM_DIRECT >= info.ram[i].start &&
		    page + EFT_KVM_DIRECT < info.ram[i].end)
			return true;
	}
	return false;
}

/* All RAM is given to core, but the pages that somebody uses. */
static void check_pages(void)
{
	for (uint64_t page = 0; page < 6000ul * MIB; page += EFT_PAGE_SIZE) {
		bool wanted =
			eft_kvm_regions_contain(&loader.ram, page,
						page + EFT_PAGE_SIZE) &&
			page >= LOW_RAM &&
			!overlaps(page, 0x200000, 0x280123) &&
			!overlaps(page, loader.initrd,
				  loader.initrd + loader.initrd_len) &&
			!overlaps(page, loader.cmdline,
				  loader.cmdline + loader.cmdline_len + 1);

		if (page == 70ul * MIB)
			page = 4090ul * MIB; /* a hole */
		check_eq(is_given(page), wanted);
	}
}

/* The command line's NUL is its page's last byte, or the next one's first. */
Test(start, keeps_what_is_in_use)
{
	fake_boot(NULL);
	load(0x800, 15);
	check_pages();
	check_eq(info.ram_count, 6);
	check_eq(info.initrd_len, 0x800);
	load(0x801, 16);
	check_pages();
	load(0, 0);
	check_pages();
	check_eq(info.initrd_len, 0);
	check(info.initrd == NULL);
}

/* As many ranges as core takes. */
Test(start, many_ranges)
{
	fake_boot(NULL);
	loader.ram.count = 20;
	for (unsigned i = 0; i < 20; i++)
		loader.ram.at[i] =
			(struct eft_kvm_region){(2 * i + 10) * (uint64_t)MIB,
						(2 * i + 11) * (uint64_t)MIB};
	find_free(&loader, &unused);
	fill_info(&loader, &unused, &info);
	check_eq(info.ram_count, eft_array_size(info.ram));
	check_eq(info.ram[15].end, EFT_KVM_DIRECT + 41ul * MIB);
}
