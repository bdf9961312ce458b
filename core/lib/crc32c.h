// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "core/base.h"

/*
 * CRC-32C (RFC 3720, appendix B.4) of (len) bytes at (data), going on from
 * (crc). Nothing is inverted at the begin or the end, as Linux's crc32c().
 */
uint32_t eft_crc32c(uint32_t crc, const void *data, size_t len);

/* The same on a processor that has no instruction for it. */
uint32_t eft_crc32c_by_table(uint32_t crc, const void *data, size_t len);
