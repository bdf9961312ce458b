// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Bytes of packets: numbers in network byte order, and checksums.
 */
#include "core/base.h"

static inline unsigned get16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static inline uint32_t get32(const uint8_t *at)
{
	return get16(at) << 16 | get16(at + 2);
}

static inline void put16(uint8_t *at, unsigned value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static inline void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

/* RFC 1071's checksum, of (len) bytes and of what was summed before. */
static inline unsigned sum16(const uint8_t *at, unsigned len, uint32_t start)
{
	for (unsigned i = 0; i < len; i++)
		start += i & 1 ? at[i] : at[i] << 8;
	while (start >> 16)
		start = (start & 0xffff) + (start >> 16);
	return ~start & 0xffff;
}
