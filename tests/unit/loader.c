// SPDX-License-Identifier: BSD-3-Clause
/*
 * plat-kvm's parsers of what a boot loader says. Source of the layouts: Xen
 * public/arch-x86/hvm/start_info.h; Linux Documentation/arch/x86/boot.rst.
 */
#include "plat-kvm/boot/loader.h"
#include "tests/unit/unit.h"

enum { MEMORY = 8192, TOP = 1 << 30, MIB = 1 << 20 };
enum { INFO = 64, MAP = 256, MODULES = 512, CMDLINE = 600, PARAMS = 4096 };

static struct eft_kvm_region image = {0x10000, 0x20000};
static uint8_t *memory_at;
static size_t memory_size = MEMORY;

static void put32(size_t at, uint32_t value)
{
	memcpy(memory_at + at, &value, 4);
}

static void put64(size_t at, uint64_t value)
{
	memcpy(memory_at + at, &value, 8);
}

static void put_map(unsigned i, uint64_t start, uint64_t len, uint32_t type)
{
	put64(MAP + 24 * i, start);
	put64(MAP + 24 * i + 8, len);
	put32(MAP + 24 * i + 16, type);
}

static void put_pvh(void)
{
	put32(INFO, 0x336ec578);
	put32(INFO + 4, 1);
	put32(INFO + 12, 1); /* modules */
	put64(INFO + 16, MODULES);
	put64(INFO + 24, CMDLINE);
	put64(INFO + 32, 0xf0000);
	put64(INFO + 40, MAP);
	put32(INFO + 48, 4);
	put64(MODULES, 64 * MIB);
	put64(MODULES + 8, 12345);
	memcpy(memory_at + CMDLINE, "mem=1M -- x", 12);
	put_map(0, 0, 0x9fc00, 1);
	put_map(1, MIB, 127 * MIB, 1);
	put_map(2, 0x9f000, 0x1000, 2);
	put_map(3, 120 * MIB, 100, 2);
}

static void put_linux(void)
{
	put64(PARAMS + 0x70, 0xe0000);
	memory_at[PARAMS + 0x1e8] = 2;
	put32(PARAMS + 0x202, 0x53726448);
	put32(PARAMS + 0x218, 16 * MIB);
	put32(PARAMS + 0x21c, 999);
	put32(PARAMS + 0x228, CMDLINE);
	memcpy(memory_at + CMDLINE, "log=debug", 10);
	put64(PARAMS + 0x2d0, MIB);
	put64(PARAMS + 0x2d8, 63 * MIB);
	put32(PARAMS + 0x2e0, 1);
	put64(PARAMS + 0x2e4, 0);
	put64(PARAMS + 0x2ec, 0x9f000);
	put32(PARAMS + 0x2f4, 1);
}

static void begin(void)
{
	memory_at = malloc(memory_size);
	memset(memory_at, 0, memory_size);
}

static struct eft_kvm_loader loader;

/* Parse a copy of exactly (size) bytes; reading past them shows. */
static int parse(bool pvh, size_t size)
{
	uint8_t *copy = malloc(size);
	struct eft_kvm_memory memory = {(uintptr_t)copy, size};
	int error;

	memcpy(copy, memory_at, size);
	loader = (struct eft_kvm_loader){.why = NULL};
	error = pvh ? eft_kvm_parse_pvh(&memory, INFO, &image, TOP, &loader)
		    : eft_kvm_parse_linux(&memory, PARAMS, &image, TOP,
					  &loader);
	check(error == 0 || error == -EINVAL);
	check((error != 0) == (loader.why != NULL));
	free(copy);
	return error;
}

static void refused(const char *why)
{
	check_eq(parse(true, MEMORY), -EINVAL);
	check_str(loader.why, why);
	put_pvh();
}

/* Whatever is said: sorted, apart, whole pages, below the top. */
static void check_sane(void)
{
	uint64_t last = 0;

	check(loader.ram.count <= eft_array_size(loader.ram.at));
	for (unsigned i = 0; i < loader.ram.count; i++) {
		const struct eft_kvm_region *r = &loader.ram.at[i];

		check(r->start % 4096 == 0 && r->end % 4096 == 0);
		check(r->start < r->end && r->end <= TOP);
		check(i == 0 || r->start > last);
		last = r->end;
	}
	if (loader.initrd_len > 0)
		check(eft_kvm_regions_contain(&loader.ram, loader.initrd,
					      loader.initrd +
						      loader.initrd_len));
}

Test(loader, pvh)
{
	begin();
	put_pvh();
	check_eq(parse(true, MEMORY), 0);
	check_sane();
	check_eq(loader.ram.count, 3);
	check_eq(loader.ram.at[0].start, 0);
	check_eq(loader.ram.at[0].end, 0x9f000);
	check_eq(loader.ram.at[1].start, MIB);
	check_eq(loader.ram.at[1].end, 120 * MIB);
	check_eq(loader.ram.at[2].start, 120 * MIB + 4096);
	check_eq(loader.ram.at[2].end, 128 * MIB);
	check_eq(loader.cmdline, CMDLINE);
	check_eq(loader.cmdline_len, 11);
	check_eq(loader.initrd, 64 * MIB);
	check_eq(loader.initrd_len, 12345);
	check_eq(loader.rsdp, 0xf0000);
	free(memory_at);
}

/* The firmware has the page that the end of the initrd lies in. */
Test(loader, initrd_ends_in_a_reserved_page)
{
	begin();
	put_pvh();
	put64(MODULES, 120 * MIB - 8192);
	put64(MODULES + 8, 8192 + 100);
	check_eq(parse(true, MEMORY), 0);
	check_sane();
	check_eq(loader.initrd_len, 8192 + 100);
	check_eq(loader.ram.count, 2);
	put_pvh();
	put64(MODULES, 120 * MIB); /* all of it */
	put64(MODULES + 8, 100);
	refused("the initrd is not in RAM");
	put64(MODULES, 128 * MIB - 100);
	put64(MODULES + 8, 100 + 65536);
	check_eq(parse(true, MEMORY), 0);
	check_sane();
	put64(MODULES + 8, 100 + 65537);
	refused("the initrd is not in RAM");
	free(memory_at);
}

Test(loader, linux)
{
	begin();
	put_linux();
	check_eq(parse(false, MEMORY), 0);
	check_sane();
	check_eq(loader.ram.count, 2);
	check_eq(loader.ram.at[1].end, 64 * MIB);
	check_eq(loader.cmdline_len, 9);
	check_eq(loader.initrd, 16 * MIB);
	check_eq(loader.initrd_len, 999);
	check_eq(loader.rsdp, 0xe0000);
	put32(PARAMS + 0xc0, 1); /* the initrd is above 4 GiB: not in RAM */
	check_eq(parse(false, MEMORY), -EINVAL);
	free(memory_at);
}

Test(loader, pvh_lies)
{
	begin();
	put_pvh();
	put32(INFO, 0);
	refused("the start info has no magic number");
	put32(INFO + 4, 0);
	refused("the loader gave no memory map");
	put32(INFO + 48, 0);
	refused("the loader gave no memory map");
	put32(INFO + 48, 129);
	refused("the memory map is too long");
	put64(INFO + 40, MEMORY - 24);
	refused("the memory map is out of reach");
	put64(INFO + 40, UINT64_MAX - 8);
	refused("the memory map is out of reach");
	put_map(3, UINT64_MAX - 5, 10, 2);
	refused("the memory map has a range that wraps");
	put64(INFO + 16, MEMORY - 8);
	refused("the module list is out of reach");
	put64(MODULES + 8, 64 * MIB);
	refused("the initrd is not in RAM");
	put64(MODULES, UINT64_MAX - 5);
	refused("the initrd is not in RAM");
	put64(INFO + 24, MEMORY);
	refused("the command line is out of reach");
	put64(INFO + 24, UINT64_MAX);
	refused("the command line is out of reach");
	memset(memory_at + CMDLINE, 'x', MEMORY - CMDLINE);
	refused("the command line has no end");
	free(memory_at);
}

/* What is handed over must not be where the program itself is. */
Test(loader, over_the_image)
{
	begin();
	put_pvh();
	put64(MODULES, 0x10000 - 12344); /* its last byte */
	refused("the initrd is where the program is");
	put64(MODULES, 0x1ffff);
	refused("the initrd is where the program is");
	put64(MODULES, 0x20000);
	check_eq(parse(true, MEMORY), 0);
	image = (struct eft_kvm_region){0, CMDLINE + 1};
	refused("the command line is where the program is");
	image = (struct eft_kvm_region){CMDLINE + 11, 4096}; /* its NUL */
	refused("the command line is where the program is");
	image = (struct eft_kvm_region){CMDLINE + 12, 4096};
	check_eq(parse(true, MEMORY), 0);
	image = (struct eft_kvm_region){0x9e000, 0x9f001};
	refused("the program does not fit into the memory");
	free(memory_at);
}

Test(loader, over_the_image_linux)
{
	begin();
	put_linux();
	image = (struct eft_kvm_region){16 * MIB + 998, 20 * MIB};
	check_eq(parse(false, MEMORY), -EINVAL);
	check_str(loader.why, "the initrd is where the program is");
	image = (struct eft_kvm_region){512, 1024};
	check_eq(parse(false, MEMORY), -EINVAL);
	check_str(loader.why, "the command line is where the program is");
	image = (struct eft_kvm_region){63 * MIB, 65 * MIB};
	check_eq(parse(false, MEMORY), -EINVAL);
	check_str(loader.why, "the program does not fit into the memory");
	free(memory_at);
}

Test(loader, rsdp_that_wraps)
{
	static const uint64_t bad[] = {TOP - 35, TOP, UINT64_MAX - 35,
				       UINT64_MAX - 0x3fffff, UINT64_MAX};

	begin();
	put_pvh();
	put_linux();
	for (unsigned i = 0; i < eft_array_size(bad); i++) {
		put64(INFO + 32, bad[i]);
		refused("the RSDP is beyond what can be addressed");
		put64(PARAMS + 0x70, bad[i]);
		check_eq(parse(false, MEMORY), -EINVAL);
		check_str(loader.why,
			  "the RSDP is beyond what can be addressed");
	}
	put64(INFO + 32, TOP - 36);
	check_eq(parse(true, MEMORY), 0);
	check_eq(loader.rsdp, TOP - 36);
	free(memory_at);
}

/* No RAM but what the map says; what two entries dispute is no RAM. */
Test(loader, reserved_wins)
{
	begin();
	put_pvh();
	put32(INFO + 12, 0);
	put_map(3, MIB + 1, 127 * MIB, 2);
	check_eq(parse(true, MEMORY), 0);
	check_eq(loader.ram.count, 1);
	put_map(1, TOP - 4096, UINT64_MAX / 2, 1); /* beyond what exists */
	check_eq(parse(true, MEMORY), 0);
	check_eq(loader.ram.at[loader.ram.count - 1].end, TOP);
	free(memory_at);
}

Test(loader, truncated)
{
	begin();
	put_pvh();
	put_linux();
	for (size_t size = 0; size < MEMORY; size++) {
		parse(true, size);
		check_sane();
		parse(false, size);
		check_sane();
	}
	free(memory_at);
}

Test(loader, random_lies)
{
	uint8_t *good;

	begin();
	put_pvh();
	put_linux();
	good = malloc(MEMORY);
	memcpy(good, memory_at, MEMORY);
	for (unsigned i = 0; i < 20000; i++) {
		memcpy(memory_at, good, MEMORY);
		for (unsigned n = 1 + unit_random(4); n > 0; n--) {
			size_t at = unit_random(2)
					    ? INFO + unit_random(CMDLINE - INFO)
					    : PARAMS + unit_random(0x300);

			memory_at[at] = (uint8_t)unit_random(256);
			if (unit_random(4) == 0)
				put64(at, 0 - unit_random(8192));
		}
		parse(true, MEMORY);
		check_sane();
		parse(false, MEMORY);
		check_sane();
	}
	free(good);
	free(memory_at);
}

/* Sets of addresses, against a table of bits. */
Test(ranges, against_model)
{
	static bool model[200];
	struct eft_kvm_regions r = {.count = 0};

	for (unsigned step = 0; step < 20000; step++) {
		uint64_t start = unit_random(200), len = unit_random(12);
		uint64_t end = eft_min(start + len, 200);
		bool add = unit_random(2), all = true;

		if (step % 500 == 0) {
			memset(model, 0, sizeof(model));
			r.count = 0;
		}
		if (r.count == eft_array_size(r.at))
			continue; /* then memory is forgone */
		if (add)
			eft_kvm_regions_add(&r, start, end);
		else
			eft_kvm_regions_remove(&r, start, end);
		for (uint64_t i = start; i < end; i++)
			model[i] = add;
		for (unsigned i = 0; i < 200; i++)
			check_eq(eft_kvm_regions_contain(&r, i, i + 1),
				 model[i]);
		start = unit_random(200);
		end = start + 1 + unit_random(200 - start);
		for (uint64_t i = start; i < end; i++)
			all &= model[i];
		check_eq(eft_kvm_regions_contain(&r, start, end), all);
		for (unsigned i = 1; i < r.count; i++)
			check(r.at[i - 1].end < r.at[i].start);
	}
}

/* No room for one more: the set stays a true one, only smaller. */
Test(ranges, full)
{
	struct eft_kvm_regions r = {.count = 0};

	for (unsigned i = 0; i < 100; i++)
		eft_kvm_regions_add(&r, i * 10, i * 10 + 5);
	check_eq(r.count, eft_array_size(r.at));
	eft_kvm_regions_remove(&r, 1, 2);
	check(!eft_kvm_regions_contain(&r, 1, 2));
	eft_kvm_regions_add(&r, 0, 1000); /* joins them all */
	check_eq(r.count, 1);
	check(eft_kvm_regions_contain(&r, 0, 1000));
	eft_kvm_regions_add(&r, 5, 5);
	eft_kvm_regions_add(&r, 9, 3);
	eft_kvm_regions_remove(&r, 9, 3);
	check_eq(r.count, 1);
}
