// SPDX-License-Identifier: BSD-3-Clause
/*
 * Hashes of names: the halves of MD4 (RFC 1320, in 24 steps) and of TEA (D.
 * Wheeler, R. Needham; 16 rounds), and an old one. Linux,
 * Documentation/filesystems/ext4/directory.rst, and what its directories have.
 *
 * The characters of a name are signed or not, as they were on the machine that
 * made the file system.
 */
#include "core/fs/ext4/meta.h"

enum {
	LEGACY,
	HALF_MD4,
	TEA,
	UNSIGNED, /* is added to each */
	VERSIONS = 2 * UNSIGNED,
};

enum { MD4_WORDS = 8, TEA_WORDS = 4 };

/* The hash that means the end of a directory. */
#define END_HASH 0xfffffffeu

static uint32_t character(char c, bool is_unsigned)
{
	return is_unsigned ? (uint8_t)c : (uint32_t)(int8_t)c;
}

/* The next (count) words of the name, padded with its length. */
static void fill_words(struct eft_ext4_name name, bool is_unsigned,
		       uint32_t *words, size_t count)
{
	uint32_t pad = (uint32_t)(name.len | name.len << 8), value;
	size_t len = eft_min(name.len, count * 4);

	pad |= pad << 16;
	for (size_t i = 0; i < count; i++) {
		value = pad;
		for (size_t at = i * 4; at < len && at < i * 4 + 4; at++)
			value = character(name.text[at], is_unsigned) +
				(value << 8);
		words[i] = value;
	}
}

static uint32_t rotate(uint32_t x, unsigned by)
{
	return x << by | x >> (32 - by);
}

/*
 * A round of MD4: each step's function is the round's, and so are the order of
 * words and the shifts, a byte each.
 */
eft_inline void md4_round(uint32_t state[4], const uint32_t *in, unsigned round,
			  uint64_t words, uint32_t shifts, uint32_t constant)
{
	uint32_t a = state[0], b = state[1], c = state[2], d = state[3];

	for (unsigned i = 0; i < MD4_WORDS; i++) {
		uint32_t f = b ^ c ^ d, next;

		if (round == 0)
			f = d ^ (b & (c ^ d));
		else if (round == 1)
			f = (b & c) + ((b ^ c) & d);
		next = rotate(a + f + in[words & 7] + constant, shifts & 31);
		words >>= 8;
		shifts = rotate(shifts, 24);
		a = d;
		d = c;
		c = b;
		b = next;
	}
	state[0] = a;
	state[1] = b;
	state[2] = c;
	state[3] = d;
}

static void half_md4(uint32_t state[4], const uint32_t *in)
{
	uint32_t work[4];

	memcpy(work, state, sizeof(work));
	md4_round(work, in, 0, 0x0706050403020100, 0x130b0703, 0);
	md4_round(work, in, 1, 0x0604020007050301, 0x0d090503, 0x5a827999);
	md4_round(work, in, 2, 0x0400050106020703, 0x0f0b0903, 0x6ed9eba1);
	for (unsigned i = 0; i < 4; i++)
		state[i] += work[i];
}

static void half_tea(uint32_t state[4], const uint32_t *key)
{
	uint32_t x = state[0], y = state[1], sum = 0;

	for (unsigned i = 0; i < 16; i++) {
		sum += 0x9e3779b9;
		x += ((y << 4) + key[0]) ^ (y + sum) ^ ((y >> 5) + key[1]);
		y += ((x << 4) + key[2]) ^ (x + sum) ^ ((x >> 5) + key[3]);
	}
	state[0] += x;
	state[1] += y;
}

static uint32_t legacy(struct eft_ext4_name name, bool is_unsigned)
{
	uint32_t last = 0x12a3fe2d, before = 0x37abe8f9;

	for (size_t i = 0; i < name.len; i++) {
		uint32_t c = character(name.text[i], is_unsigned);
		uint32_t next = before + (last ^ (c * 7152373));

		if (next & 0x80000000)
			next -= 0x7fffffff;
		before = last;
		last = next;
	}
	return last << 1;
}

static void init_state(const struct eft_ext4 *fs, uint32_t state[4])
{
	static const uint32_t usual[4] = {0x67452301, 0xefcdab89, 0x98badcfe,
					  0x10325476}; /* RFC 1320, 3.3 */
	const struct eft_ext4_super *super = eft_ext4_super(fs);
	uint32_t any = 0;

	for (unsigned i = 0; i < EFT_EXT4_HASH_SEED_WORDS; i++) {
		state[i] = eft_get32(super->hash_seed[i]);
		any |= state[i];
	}
	if (any == 0)
		memcpy(state, usual, sizeof(usual));
}

bool eft_ext4_hash_is_known(unsigned version)
{
	return version < VERSIONS;
}

struct eft_ext4_hash eft_ext4_hash(const struct eft_ext4 *fs, unsigned version,
				   struct eft_ext4_name name)
{
	bool is_unsigned =
		version >= UNSIGNED ||
		(eft_get32(eft_ext4_super(fs)->flags) & EFT_EXT4_UNSIGNED_HASH);
	bool md4 = version % UNSIGNED == HALF_MD4;
	size_t count = md4 ? MD4_WORDS : TEA_WORDS;
	struct eft_ext4_hash hash = {0, 0};
	uint32_t state[4], words[MD4_WORDS];

	if (version % UNSIGNED == LEGACY) {
		hash.major = legacy(name, is_unsigned);
	} else {
		init_state(fs, state);
		while (name.len > 0) {
			size_t done = eft_min(name.len, count * 4);

			fill_words(name, is_unsigned, words, count);
			if (md4)
				half_md4(state, words);
			else
				half_tea(state, words);
			name.text += done;
			name.len -= done;
		}
		hash.major = state[md4 ? 1 : 0];
		hash.minor = state[md4 ? 2 : 1];
	}
	hash.major &= ~1u;
	if (hash.major == END_HASH)
		hash.major -= 2;
	return hash;
}
