// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that QEMU has for its firmware, and for us: `-fw_cfg name=…,file=…`.
 *
 * Source: QEMU docs/specs/fw_cfg.rst. Numbers are big-endian.
 */
#include "plat-kvm/kvm.h"
#include "plat-kvm/x86/asm.h"

enum { SELECTOR = 0x510, DATA = 0x511 };
enum { SIGNATURE = 0, DIRECTORY = 0x19 };

struct entry {
	uint32_t size;
	uint16_t key, reserved;
	char name[56];
};

static void select(uint16_t key)
{
	outw(SELECTOR, key);
}

static void read(void *buf, size_t len)
{
	__asm__ volatile("rep insb"
			 : "+D"(buf), "+c"(len)
			 : "d"((uint16_t)DATA)
			 : "memory");
}

ssize_t eft_kvm_read_tracer(void *buf, size_t size)
{
	static const char name[] = "opt/eft/tracer";
	char signature[4];
	uint32_t count;
	struct entry entry;

	select(SIGNATURE);
	read(signature, sizeof(signature));
	if (memcmp(signature, "QEMU", sizeof(signature)) != 0)
		return -ENODEV;
	select(DIRECTORY);
	read(&count, sizeof(count));
	for (count = __builtin_bswap32(count); count > 0; count--) {
		read(&entry, sizeof(entry));
		if (memcmp(entry.name, name, sizeof(name)) != 0)
			continue;
		select(__builtin_bswap16(entry.key));
		size = eft_min(size, __builtin_bswap32(entry.size));
		read(buf, size);
		return (ssize_t)size;
	}
	return -ENOENT;
}
