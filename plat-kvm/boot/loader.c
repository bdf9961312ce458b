// SPDX-License-Identifier: BSD-3-Clause
/*
 * The parsers of what a loader hands over.
 *
 * The host may lie. Every address is checked against the memory that can be
 * read before it is followed, every count has a limit, sums are checked for
 * overflow. Entries of a memory map may overlap and come in any order; what
 * any entry does not call usable, is not.
 *
 * Everything is copied out, but for the command line and the initrd. Those
 * must lie where nothing else will: in what the map calls RAM (the caller
 * keeps it from the allocator), or below 1 MiB outside of it, and apart from
 * the image, which is RAM too.
 */
#include "plat-kvm/boot/loader.h"

#define EINVAL 22

#define MAP_ENTRIES_MAX 128 /* of an e820 table: E820_MAX_ENTRIES_ZEROPAGE */
#define CMDLINE_MAX	65536
#define INITRD_PAST_MAX 65536
#define LOW_END		0x100000
#define RSDP_BYTES	36 /* ACPI §5.2.5.3 */
#define TYPE_RAM	1  /* ACPI §15, address range types; the same in PVH */

/* Xen public/arch-x86/hvm/start_info.h. */
#define PVH_MAGIC 0x336ec578

struct pvh_start_info {
	uint32_t magic, version, flags, module_count;
	uint64_t modules, cmdline, rsdp;
	uint64_t map; /* from version 1 on */
	uint32_t map_count, reserved;
};

struct pvh_module {
	uint64_t start, len, cmdline, reserved;
};

struct pvh_map_entry {
	uint64_t start, len;
	uint32_t type, reserved;
};

/* Linux arch/x86/include/uapi/asm/bootparam.h; offsets from boot.rst. */
struct linux_map_entry {
	uint64_t start, len;
	uint32_t type;
} __attribute__((packed));

struct linux_boot_params {
	uint8_t skipped0[0x70];
	uint64_t rsdp;
	uint8_t skipped1[0xc0 - 0x78];
	uint32_t initrd_high, initrd_len_high, cmdline_high;
	uint8_t skipped2[0x1e8 - 0xcc];
	uint8_t map_count;
	uint8_t skipped3[0x202 - 0x1e9];
	uint32_t magic; /* "HdrS" */
	uint8_t skipped4[0x218 - 0x206];
	uint32_t initrd, initrd_len;
	uint8_t skipped5[0x228 - 0x220];
	uint32_t cmdline;
	uint8_t skipped6[0x2d0 - 0x22c];
	struct linux_map_entry map[MAP_ENTRIES_MAX];
} __attribute__((packed));

#define LINUX_MAGIC 0x53726448

_Static_assert(offsetof(struct linux_boot_params, map) == 0x2d0, "boot.rst");

static int bad(struct eft_kvm_loader *loader, const char *why)
{
	loader->why = why;
	return -EINVAL;
}

/* [addr, addr+len) of physical memory, or NULL: it cannot be read. */
static const void *see(const struct eft_kvm_memory *memory, uint64_t addr,
		       uint64_t len)
{
	if (addr == 0 || addr > memory->size || len > memory->size - addr)
		return NULL;
	return (const void *)(memory->base + addr);
}

/* One entry of a memory map; RAM is added first, then the rest removed. */
static int take_entry(struct eft_kvm_loader *loader, uint64_t start,
		      uint64_t len, uint64_t top, bool usable)
{
	uint64_t end = start + len;

	if (end < start)
		return bad(loader, "the memory map has a range that wraps");
	end = eft_min(end, top);
	start = eft_min(start, top);
	if (usable)
		eft_kvm_regions_add(&loader->ram,
				    eft_align_up(start, EFT_PAGE_SIZE),
				    eft_align_down(end, EFT_PAGE_SIZE));
	else
		eft_kvm_regions_remove(&loader->ram,
				       eft_align_down(start, EFT_PAGE_SIZE),
				       eft_align_up(end, EFT_PAGE_SIZE));
	return 0;
}

/* The sum start + len does not wrap. */
static bool overlap(const struct eft_kvm_region *range, uint64_t start,
		    uint64_t len)
{
	return start < range->end && range->start < start + len;
}

/* The map is known: is the program in RAM, as who runs already must be? */
static int check_image(const struct eft_kvm_region *image,
		       struct eft_kvm_loader *ret)
{
	if (!eft_kvm_regions_contain(&ret->ram, image->start, image->end))
		return bad(ret, "the program does not fit into the memory");
	return 0;
}

static int check_rsdp(uint64_t addr, uint64_t top, struct eft_kvm_loader *ret)
{
	if (addr > top - RSDP_BYTES)
		return bad(ret, "the RSDP is beyond what can be addressed");
	ret->rsdp = addr;
	return 0;
}

static int check_cmdline(const struct eft_kvm_memory *memory, uint64_t addr,
			 const struct eft_kvm_region *image,
			 struct eft_kvm_loader *ret)
{
	const char *text;
	uint64_t len = 0, max;

	if (addr == 0)
		return 0;
	if (addr >= memory->size)
		return bad(ret, "the command line is out of reach");
	text = (const char *)(memory->base + addr);
	max = eft_min(memory->size - addr, CMDLINE_MAX);
	while (len < max && text[len] != '\0')
		len++;
	if (len == max)
		return bad(ret, "the command line has no end");
	if (addr + len >= LOW_END &&
	    !eft_kvm_regions_contain(&ret->ram, addr, addr + len + 1))
		return bad(ret, "the command line is not in RAM");
	if (overlap(image, addr, len + 1))
		return bad(ret, "the command line is where the program is");
	ret->cmdline = addr;
	ret->cmdline_len = len;
	return 0;
}

/*
 * SeaBIOS on KVM keeps the last page of RAM for its clock (src/fw/paravirt.c),
 * where QEMU puts the end of a microvm's initrd. It counts as RAM, then, which
 * the initrd keeps from the allocator.
 */
static void add_initrd_end(uint64_t start, uint64_t end, uint64_t top,
			   struct eft_kvm_regions *ram)
{
	for (unsigned i = 0; i < ram->count; i++) {
		struct eft_kvm_region *r = &ram->at[i];

		if (r->start <= start && start < r->end && r->end < end &&
		    end - r->end <= INITRD_PAST_MAX && end <= top) {
			eft_kvm_regions_add(ram, r->end,
					    eft_align_up(end, EFT_PAGE_SIZE));
			return;
		}
	}
}

static int check_initrd(uint64_t addr, uint64_t len, uint64_t top,
			const struct eft_kvm_region *image,
			struct eft_kvm_loader *ret)
{
	if (len == 0)
		return 0;
	add_initrd_end(addr, addr + len, top, &ret->ram);
	if (addr + len < addr ||
	    !eft_kvm_regions_contain(&ret->ram, addr, addr + len))
		return bad(ret, "the initrd is not in RAM");
	if (overlap(image, addr, len))
		return bad(ret, "the initrd is where the program is");
	ret->initrd = addr;
	ret->initrd_len = len;
	return 0;
}

static int pvh_map(const struct eft_kvm_memory *memory,
		   const struct pvh_start_info *info, uint64_t top,
		   struct eft_kvm_loader *ret)
{
	struct pvh_map_entry entry;
	const uint8_t *map;
	int err = 0;

	if (info->version < 1 || info->map_count == 0)
		return bad(ret, "the loader gave no memory map");
	if (info->map_count > MAP_ENTRIES_MAX)
		return bad(ret, "the memory map is too long");
	map = see(memory, info->map, info->map_count * sizeof(entry));
	if (!map)
		return bad(ret, "the memory map is out of reach");
	for (unsigned i = 0; i < 2 * info->map_count && !err; i++) {
		bool usable = i < info->map_count;

		memcpy(&entry, map + i % info->map_count * sizeof(entry),
		       sizeof(entry));
		if (usable == (entry.type == TYPE_RAM))
			err = take_entry(ret, entry.start, entry.len, top,
					 usable);
	}
	return err;
}

int eft_kvm_parse_pvh(const struct eft_kvm_memory *memory, uint64_t addr,
		      const struct eft_kvm_region *image, uint64_t top,
		      struct eft_kvm_loader *ret)
{
	struct pvh_start_info info = {0};
	struct pvh_module module = {0};
	const void *p;
	int err;

	/* Version 0 ends where the memory map's address would be. */
	p = see(memory, addr, offsetof(struct pvh_start_info, map));
	if (!p)
		return bad(ret, "the start info is out of reach");
	memcpy(&info, p, offsetof(struct pvh_start_info, map));
	if (info.magic != PVH_MAGIC)
		return bad(ret, "the start info has no magic number");
	p = see(memory, addr, sizeof(info));
	if (info.version >= 1 && p)
		memcpy(&info, p, sizeof(info));
	err = check_rsdp(info.rsdp, top, ret);
	if (!err)
		err = pvh_map(memory, &info, top, ret);
	if (err)
		return err;
	if (info.module_count > 0) {
		p = see(memory, info.modules, sizeof(module));
		if (!p)
			return bad(ret, "the module list is out of reach");
		memcpy(&module, p, sizeof(module));
	}
	err = check_initrd(module.start, module.len, top, image, ret);
	if (!err)
		err = check_cmdline(memory, info.cmdline, image, ret);
	return err ? err : check_image(image, ret);
}

static uint64_t wide(uint32_t high, uint32_t low)
{
	return (uint64_t)high << 32 | low;
}

int eft_kvm_parse_linux(const struct eft_kvm_memory *memory, uint64_t addr,
			const struct eft_kvm_region *image, uint64_t top,
			struct eft_kvm_loader *ret)
{
	const struct linux_boot_params *p = see(memory, addr, sizeof(*p));
	int err;

	if (!p)
		return bad(ret, "the boot parameters are out of reach");
	if (p->magic != LINUX_MAGIC)
		return bad(ret, "the boot parameters have no magic number");
	if (p->map_count == 0 || p->map_count > MAP_ENTRIES_MAX)
		return bad(ret, "the loader gave no good memory map");
	err = check_rsdp(p->rsdp, top, ret);
	for (unsigned i = 0; i < 2u * p->map_count && !err; i++) {
		const struct linux_map_entry *e = &p->map[i % p->map_count];
		bool usable = i < p->map_count;

		if (usable == (e->type == TYPE_RAM))
			err = take_entry(ret, e->start, e->len, top, usable);
	}
	if (!err)
		err = check_initrd(wide(p->initrd_high, p->initrd),
				   wide(p->initrd_len_high, p->initrd_len), top,
				   image, ret);
	if (!err)
		err = check_cmdline(memory, wide(p->cmdline_high, p->cmdline),
				    image, ret);
	return err ? err : check_image(image, ret);
}
