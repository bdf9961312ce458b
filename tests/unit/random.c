// SPDX-License-Identifier: BSD-3-Clause
#include "core/random.h"
#include "tests/unit/unit.h"

/* RFC 8439 §2.3.2. */
Test(random, chacha20_block)
{
	static const uint32_t expected[16] = {
		0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3,
		0xc7f4d1c7, 0x0368c033, 0x9aaa2204, 0x4e6cd4c3,
		0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
		0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2,
	};
	static const uint32_t nonce[3] = {0x09000000, 0x4a000000, 0};
	uint32_t key[8], block[16];

	for (unsigned i = 0; i < 32; i++)
		((uint8_t *)key)[i] = (uint8_t)i;
	eft_chacha20_block(key, 1, nonce, block);
	check_eq(memcmp(block, expected, sizeof(block)), 0);
}

/* RFC 8439 appendix A.1, vector 1: all zeroes. */
Test(random, chacha20_zeroes)
{
	static const uint32_t zero[8];
	uint32_t block[16];

	eft_chacha20_block(zero, 0, zero, block);
	check_eq(block[0], 0xade0b876);
	check_eq(block[15], 0x8665eeb2);
}

Test(random, never_the_same)
{
	uint64_t seen[1000];

	fake_boot(NULL);
	for (unsigned i = 0; i < eft_array_size(seen); i++) {
		eft_random(&seen[i], sizeof(seen[i]));
		for (unsigned j = 0; j < i; j++)
			check(seen[i] != seen[j]);
	}
	check_str(fake_console, "");
}

Test(random, exact_length)
{
	uint8_t buf[102];

	fake_boot(NULL);
	for (unsigned len = 0; len <= 100; len++) {
		unsigned zeroes = 0;

		memset(buf, 0, sizeof(buf));
		buf[len] = 0x5a;
		eft_random(buf, len);
		check_eq(buf[len], 0x5a);
		for (unsigned i = 0; i < len; i++)
			zeroes += buf[i] == 0;
		check(zeroes < 6);
	}
}

/* A byte's bits are set half of the time. */
Test(random, balance)
{
	static uint8_t buf[1 << 16];
	unsigned ones = 0;

	fake_boot(NULL);
	eft_random(buf, sizeof(buf));
	for (unsigned i = 0; i < sizeof(buf); i++)
		ones += (unsigned)__builtin_popcount(buf[i]);
	check(ones > 260000 && ones < 264300);
}

static int zeroes(void *buf, size_t len)
{
	memset(buf, 0, len);
	return 0;
}

/* The first half of each block is the next key, and given to nobody. */
Test(random, keys_are_not_given_out)
{
	static const uint32_t zero[8];
	uint32_t block[16], given[8];

	fake_boot(NULL);
	fake_plat.entropy = zeroes;
	eft_chacha20_block(zero, 0, zero, block);
	eft_random(given, sizeof(given));
	check_eq(memcmp(given, &block[8], sizeof(given)), 0);
	eft_chacha20_block(block, 0, zero, block);
	eft_random(given, sizeof(given));
	check_eq(memcmp(given, &block[8], sizeof(given)), 0);
}

Test(random, without_entropy)
{
	uint64_t a, b;

	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_WARN);
	fake_fail_always(FAKE_ENTROPY, -ENODEV);
	eft_random(&a, sizeof(a));
	eft_random(&b, sizeof(b));
	check(a != b && a != 0);
	check_str(fake_console, "eft: no source of entropy: random numbers "
				"are weak\n"); /* once */
}

/* What is added changes what is given; nothing is undone by adding it again. */
Test(random, added)
{
	static const uint8_t data[40] = {1, 2, 3};
	uint64_t given[4];

	fake_boot(NULL);
	fake_plat.entropy = zeroes;
	eft_random_add(data, sizeof(data));
	eft_random(&given[0], sizeof(given[0]));
	eft_random_add(data, 1);
	eft_random(&given[1], sizeof(given[1]));
	eft_random_add(data, 0);
	eft_random_add(data, sizeof(data));
	eft_random_add(data, sizeof(data));
	eft_random(&given[2], sizeof(given[2]));
	eft_random(&given[3], sizeof(given[3]));
	for (unsigned i = 0; i < 4; i++)
		for (unsigned j = 0; j < i; j++)
			check(given[i] != given[j]);
}

/* Another source than the platform's does, if it gave a key's bytes. */
Test(random, fed)
{
	static const uint8_t data[32] = {1};
	uint64_t a;

	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_WARN);
	fake_fail_always(FAKE_ENTROPY, -ENODEV);
	eft_random_add(data, sizeof(data));
	eft_random(&a, sizeof(a));
	check_str(fake_console, "");
}

Test(random, fed_with_too_little)
{
	static const uint8_t data[31] = {1};
	uint64_t a;

	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_WARN);
	fake_fail_always(FAKE_ENTROPY, -ENODEV);
	eft_random_add(data, sizeof(data));
	eft_random(&a, sizeof(a));
	check(strstr(fake_console, "random numbers are weak") != NULL);
}

static void mix(uint32_t key[8], const uint8_t *data, size_t len,
		uint32_t block[16])
{
	static const uint32_t nonce[3] = {1};

	for (size_t i = 0; i < len; i++)
		((uint8_t *)key)[i] ^= data[i];
	eft_chacha20_block(key, 0, nonce, block);
	memcpy(key, block, 32);
}

/* Every byte counts: the last of a whole key's, and the first of the next. */
Test(random, added_by_the_key)
{
	static const uint32_t zero[3];
	uint32_t key[8] = {0}, block[16], given[8];
	uint8_t data[33] = {[31] = 1, [32] = 2};

	fake_boot(NULL);
	fake_plat.entropy = zeroes;
	eft_random_add(data, sizeof(data));
	eft_random(given, sizeof(given));
	mix(key, data, 32, block);
	mix(key, data + 32, 1, block);
	eft_chacha20_block(key, 0, zero, block);
	check_eq(memcmp(given, &block[8], sizeof(given)), 0);
}
