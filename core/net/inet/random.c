// SPDX-License-Identifier: BSD-3-Clause
/*
 * What lwIP has of chance: numbers, and where connections begin to count.
 */
#include "core/random.h"
#include "core/log.h"
#include "core/net/inet/lwip/hooks.h"
#include "core/time.h"

unsigned eft_inet_random(void)
{
	unsigned number;

	eft_random(&number, sizeof(number));
	return number;
}

/* A key for what comes next, of 16 bytes of (input): ChaCha20 as a keyed hash. */
static void mix(uint32_t key[8], const uint32_t input[4])
{
	uint32_t block[16];

	eft_chacha20_block(key, input[0], input + 1, block);
	memcpy(key, block, 8 * sizeof(*key));
}

static void mix_address(uint32_t key[8], const ip_addr_t *address)
{
	uint32_t input[4] = {ip_2_ip4(address)->addr};

	if (IP_IS_V6(address))
		memcpy(input, ip_2_ip6(address)->addr, sizeof(input));
	mix(key, input);
}

u32_t eft_inet_tcp_isn(const ip_addr_t *local, u16_t local_port,
		       const ip_addr_t *remote, u16_t remote_port)
{
	static uint32_t secret[8];
	static bool chosen;
	const uint32_t ports[4] = {local_port, remote_port, IP_IS_V6(local)};
	uint32_t key[8];

	if (!chosen)
		eft_random(secret, sizeof(secret));
	chosen = true;
	memcpy(key, secret, sizeof(key));
	mix_address(key, local);
	mix_address(key, remote);
	mix(key, ports);
	/* RFC 9293 §3.4.1: it grows by one in 4 microseconds. */
	return key[0] + (uint32_t)(eft_now_ns() / 4000);
}
