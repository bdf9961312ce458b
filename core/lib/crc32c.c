// SPDX-License-Identifier: BSD-3-Clause
/*
 * By the processor's instruction, where it has that (SSE4.2: Intel SDM, volume
 * 2A, CRC32), or else by a table of four bits at a time.
 */
#include "core/lib/crc32c.h"

/* Of the four bits that leave: the polynomial 0x1edc6f41, bits reflected. */
static const uint32_t table[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t eft_crc32c_by_table(uint32_t crc, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (; len > 0; len--) {
		crc ^= *at++;
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

/* Anywhere in memory: the instruction takes its operand from there. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word;

static uint32_t by_instruction(uint64_t crc, const uint8_t *data, size_t len)
{
	for (; len >= sizeof(word); len -= sizeof(word)) {
		__asm__("crc32q %1, %0" : "+r"(crc) : "m"(*(const word *)data));
		data += sizeof(word);
	}
	for (; len > 0; len--)
		__asm__("crc32b %1, %0" : "+r"(crc) : "rm"(*data++));
	return (uint32_t)crc;
}

/* CPUID.01H:ECX.SSE4_2; it is asked once, for it is slow in a guest. */
static bool has_instruction(void)
{
	static int known; /* 0: not asked yet; atomic */
	int has = __atomic_load_n(&known, __ATOMIC_RELAXED);

	if (has == 0) {
		uint32_t eax = 1, ebx, ecx = 0, edx;

		__asm__("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
		has = ecx >> 20 & 1 ? 1 : -1;
		__atomic_store_n(&known, has, __ATOMIC_RELAXED);
	}
	return has > 0;
}

uint32_t eft_crc32c(uint32_t crc, const void *data, size_t len)
{
	return has_instruction() ? by_instruction(crc, data, len)
				 : eft_crc32c_by_table(crc, data, len);
}
