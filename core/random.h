// SPDX-License-Identifier: BSD-3-Clause
#pragma once
#include "core/user.h"

/*
 * Fill (buf) with (len) unpredictable bytes: ChaCha20 with fast key erasure,
 * seeded by the platform at the first call.
 *
 * Context   any
 */
void eft_random(void *buf, size_t len);

/* The same of the program's memory; for how many bytes could be written. */
size_t eft_random_out(char eft_user *buf, size_t len);

/*
 * Mix (len) bytes into the generator: whatever they are, what it gives is as
 * unpredictable as before, at least. Context: any.
 */
void eft_random_add(const void *data, size_t len);

/* The ChaCha20 block function (RFC 8439 §2.3), for its test. */
void eft_chacha20_block(const uint32_t key[8], uint32_t counter,
			const uint32_t nonce[3], uint32_t ret_block[16]);
