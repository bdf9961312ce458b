// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "core/base.h"

/*
 * Fill (buf) with (len) unpredictable bytes: ChaCha20 with fast key erasure,
 * seeded by the platform at the first call.
 *
 * Context   any
 */
void eft_random(void *buf, size_t len);
