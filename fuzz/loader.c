// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a boot loader says (plat-kvm/boot/loader.c): the input is physical
 * memory, with the structure somewhere in its first 256 bytes, read by both
 * protocols.
 */
#include "plat-kvm/boot/loader.h"
#include "fuzz/fuzz.h"

enum { TOP_BITS = 40, BITS = 64 };

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
}

/* Whoever reads this is in RAM, a part of which no loader may hand over. */
static const struct eft_kvm_region image = {0x1000, 0x3000};

static bool apart(uint64_t start, uint64_t len)
{
	return len == 0 || start >= image.end || start + len <= image.start;
}

/* What is believed must be sorted, whole pages, and below the top. */
static void check_loader(const struct eft_kvm_loader *loader)
{
	const struct eft_kvm_regions *ram = &loader->ram;

	for (unsigned i = 0; i < ram->count; i++) {
		fuzz_check(ram->at[i].start < ram->at[i].end);
		fuzz_check(ram->at[i].end <= 1ull << TOP_BITS);
		fuzz_check(ram->at[i].start % EFT_PAGE_SIZE == 0);
		fuzz_check(i == 0 || ram->at[i - 1].end < ram->at[i].start);
	}
	fuzz_check(eft_kvm_regions_contain(ram, image.start, image.end));
	fuzz_check(loader->rsdp < 1ull << TOP_BITS);
	fuzz_check(apart(loader->initrd, loader->initrd_len));
	fuzz_check(loader->cmdline == 0 ||
		   apart(loader->cmdline, loader->cmdline_len + 1));
	fuzz_check(
		loader->initrd_len == 0 ||
		eft_kvm_regions_contain(ram, loader->initrd,
					loader->initrd + loader->initrd_len));
}

typedef int parse_fn(const struct eft_kvm_memory *memory, uint64_t info,
		     const struct eft_kvm_region *image, uint64_t top,
		     struct eft_kvm_loader *ret);

static void parse(parse_fn *parse_it, const uint8_t *data, size_t len)
{
	const struct eft_kvm_memory memory = {(uintptr_t)data, len};
	struct eft_kvm_loader loader = {0};

	if (parse_it(&memory, data[0], &image, 1ull << TOP_BITS, &loader) == 0)
		check_loader(&loader);
	else
		fuzz_check(loader.why != NULL);
}

/* Sets of 64 numbers, by ranges and by bits. */
static void add_and_remove(const uint8_t *data, size_t len)
{
	struct eft_kvm_regions ranges = {0};
	uint64_t bits = 0, found = 0;

	for (size_t i = 0; i + 3 <= len; i += 3) {
		unsigned start = data[i] % BITS, end = data[i + 1] % BITS;

		if (data[i + 2] & 1)
			eft_kvm_regions_add(&ranges, start, end);
		else
			eft_kvm_regions_remove(&ranges, start, end);
		for (unsigned k = start; k < end; k++) {
			bits &= ~(1ull << k);
			bits |= (uint64_t)(data[i + 2] & 1) << k;
		}
	}
	for (unsigned i = 0; i < ranges.count; i++)
		for (uint64_t k = ranges.at[i].start; k < ranges.at[i].end; k++)
			found |= 1ull << k;
	fuzz_check(found == bits);
}

void fuzz_one(void)
{
	size_t len;
	const uint8_t *data = fuzz_rest(&len);

	if (len < 2)
		return;
	parse(eft_kvm_parse_pvh, data, len);
	parse(eft_kvm_parse_linux, data, len);
	add_and_remove(data, len);
}
