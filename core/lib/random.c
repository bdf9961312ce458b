// SPDX-License-Identifier: BSD-3-Clause
/*
 * ChaCha20 (RFC 8439 §2.3) as a generator with fast key erasure: the first 32
 * bytes of every block's output become the next key at once, so that what was
 * given out cannot be recomputed from the state (D. J. Bernstein, 2017).
 */
#include "core/random.h"
#include "core/lock.h"
#include "core/plat.h"

enum { BLOCK_BYTES = 64, KEY_BYTES = 32 };

static struct {
	struct eft_lock lock;
	bool seeded, fed; /* fed: by a source other than the platform */
	uint32_t key[8];
} generator = {.lock = EFT_LOCK_INIT(EFT_RANK_RANDOM)};

static uint32_t rotate(uint32_t x, unsigned bits)
{
	return x << bits | x >> (32 - bits);
}

static void quarter_round(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d)
{
	*a += *b, *d = rotate(*d ^ *a, 16);
	*c += *d, *b = rotate(*b ^ *c, 12);
	*a += *b, *d = rotate(*d ^ *a, 8);
	*c += *d, *b = rotate(*b ^ *c, 7);
}

static void double_round(uint32_t *x)
{
	for (unsigned i = 0; i < 4; i++)
		quarter_round(&x[i], &x[4 + i], &x[8 + i], &x[12 + i]);
	for (unsigned i = 0; i < 4; i++)
		quarter_round(&x[i], &x[4 + (i + 1) % 4], &x[8 + (i + 2) % 4],
			      &x[12 + (i + 3) % 4]);
}

void eft_chacha20_block(const uint32_t key[8], uint32_t counter,
			const uint32_t nonce[3], uint32_t ret_block[16])
{
	uint32_t input[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

	memcpy(&input[4], key, KEY_BYTES);
	input[12] = counter;
	memcpy(&input[13], nonce, 12);
	memcpy(ret_block, input, BLOCK_BYTES);
	for (unsigned i = 0; i < 10; i++)
		double_round(ret_block);
	for (unsigned i = 0; i < 16; i++)
		ret_block[i] += input[i];
}

static void mix_locked(const uint8_t *data, size_t len)
{
	uint8_t *key = (uint8_t *)generator.key;

	for (size_t i = 0; i < len; i++)
		key[i] ^= data[i];
}

/*
 * Without a source, the clock's jitter has to do: said once in the log, and
 * in CAVEATS.
 */
static void seed_locked(void)
{
	uint8_t fresh[KEY_BYTES];

	generator.seeded = true;
	if (eft_plat->entropy(fresh, KEY_BYTES) == 0) {
		mix_locked(fresh, KEY_BYTES);
		memset(fresh, 0, sizeof(fresh));
		return;
	}
	if (!generator.fed)
		eft_log(EFT_LOG_WARN,
			"no source of entropy: random numbers are weak");
	for (unsigned i = 0; i < 256; i++)
		generator.key[i % 8] = rotate(generator.key[i % 8], 5) ^
				       (uint32_t)eft_plat->monotonic_ns();
}

/* Of 32 bytes at a time; the next key hides the one that they went into. */
void eft_random_add(const void *data, size_t len)
{
	static const uint32_t nonce[3] = {1};
	const uint8_t *at = data;
	uint32_t block[16];

	eft_lock(&generator.lock);
	generator.fed |= len >= KEY_BYTES;
	while (len > 0) {
		size_t n = eft_min(len, KEY_BYTES);

		mix_locked(at, n);
		eft_chacha20_block(generator.key, 0, nonce, block);
		memcpy(generator.key, block, KEY_BYTES);
		at += n;
		len -= n;
	}
	eft_unlock(&generator.lock);
	memset(block, 0, sizeof(block));
}

/* Up to 32 bytes; erases the key that made them. */
static void generate(uint8_t *buf, size_t len)
{
	static const uint32_t nonce[3];
	uint32_t block[16];

	eft_lock(&generator.lock);
	if (!generator.seeded)
		seed_locked();
	eft_chacha20_block(generator.key, 0, nonce, block);
	memcpy(generator.key, block, KEY_BYTES);
	eft_unlock(&generator.lock);
	memcpy(buf, &block[8], len);
	memset(block, 0, sizeof(block));
}

void eft_random(void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len > 0) {
		size_t n = eft_min(len, BLOCK_BYTES - KEY_BYTES);

		generate(at, n);
		at += n;
		len -= n;
	}
}

size_t eft_random_out(char eft_user *buf, size_t len)
{
	uint64_t chunk[32];
	size_t done = 0, n, copied;

	do {
		n = eft_min(len - done, sizeof(chunk));
		eft_random(chunk, n);
		copied = eft_copy_out_some(buf + done, chunk, n);
		done += copied;
	} while (done < len && copied == n);
	return done;
}
