// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests of rtnetlink (core/net/inet/netlink_answer.c), of any bytes or nearly
 * right ones: the answers are whole messages, and go to who asked.
 */
#include "fuzz/fuzz.h"

#include "core/net/inet/netlink.h"
#include "tests/fake/net.h"

enum { PID = 4711, BYTES = 1024 };

static struct fake_net net;
static char data[BYTES] __attribute__((aligned(8)));

static void put_header(size_t at, size_t len)
{
	static const uint16_t types[] = {16, 18, 19, 20, 22,
					 24, 26, 2,  3,	 1000};
	struct eft_nlmsghdr header = {
		.len = fuzz_below(8) == 7 ? (uint32_t)fuzz_u64()
					  : (uint32_t)len,
		.type = types[fuzz_below(eft_array_size(types))],
		.flags = (uint16_t)(fuzz_u8() | fuzz_below(4) << 8),
		.seq = fuzz_u8(),
	};

	memcpy(data + at, &header, sizeof(header));
}

/* One request after the other; the number of bytes. */
static size_t fill(void)
{
	size_t at = 0;

	while (fuzz_more() && at + 64 <= sizeof(data)) {
		size_t len = sizeof(struct eft_nlmsghdr) + fuzz_below(48);

		for (size_t i = at; i < at + 64; i++)
			data[i] = (char)fuzz_u8();
		put_header(at, len);
		at += eft_align_up(len, 4);
	}
	return at;
}

static void check_answers(const struct eft_netlink_answers *answers)
{
	const struct eft_netlink_answer *at;

	for (at = answers->first; at != NULL; at = at->next) {
		uint32_t from = 0;

		fuzz_check(at->len > 0 && at->len <= sizeof(at->data));
		while (from < at->len) {
			struct eft_nlmsghdr header;

			fuzz_check(at->len - from >= sizeof(header));
			memcpy(&header, at->data + from, sizeof(header));
			fuzz_check(header.len >= sizeof(header) &&
				   header.len % 4 == 0 &&
				   header.len <= at->len - from);
			fuzz_check(header.pid == PID);
			from += header.len;
		}
		fuzz_check((at->next == NULL) == (at == answers->last));
	}
}

void fuzz_boot(void)
{
	struct fake_config config = {.zone_bytes = {8 << 20},
				     .window_bytes = 4 << 20};

	fake_boot(&config);
	fake_net_init(&net);
}

void fuzz_one(void)
{
	struct eft_netlink_answers answers = {.pid = PID};
	size_t len;

	if (eft_inet_start() != 0)
		return;
	len = fill();
	eft_alloc_fail_after(fuzz_below(4) == 3 ? fuzz_below(4) : UINT64_MAX);
	eft_inet_lock();
	eft_netlink_answer(&answers, data, len);
	eft_inet_unlock();
	eft_alloc_fail_after(UINT64_MAX);
	check_answers(&answers);
	while (answers.first != NULL) {
		struct eft_netlink_answer *next = answers.first->next;

		eft_free(answers.first);
		answers.first = next;
	}
}
