// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A channel to a server of files that is the test's: it sees each request as
 * bytes, and says what is answered, and when.
 */
#include "core/dev/share.h"

enum { FAKE_SHARE_MESSAGE = 160 << 10, FAKE_SHARE_DEPTH = 64 };

struct fake_share_request;

struct fake_share {
	struct eft_share share;

	/*
	 * Write the answer to (request), of (len) bytes, into (answer), which
	 * has room for FAKE_SHARE_MESSAGE. Returns its length, of which as much
	 * is told as there is room for; 0: there is none, until it fails.
	 */
	uint32_t (*answer)(struct fake_share *share, const uint8_t *request,
			   uint32_t len, uint8_t *answer);

	/* Each answer comes after so long at most, at random; 0: at once. */
	uint64_t delay_ns;
	uint64_t seed;
	unsigned depth; /* requests at a time, FAKE_SHARE_DEPTH at most */

	bool failed;
	unsigned submitted, pending, most; /* that were pending at a time */
	unsigned failures;		   /* calls of fail() */
	struct fake_share_request *first;  /* of those that are pending */
};

/* One of (protocol) called (tag), of (parts_max). Context: after fake_boot(). */
void fake_share_init(struct fake_share *share, enum eft_share_protocol protocol,
		     const char *tag, unsigned parts_max);
