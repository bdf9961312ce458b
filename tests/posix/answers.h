// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tables of calls and what they answer: answers(call, 0, …) where it succeeds,
 * answers(call, EINVAL, …) where it fails so.
 */
#pragma once

#include "tap.h"

#define answers(call, want, what) \
	(errno = 0, answers_check((long)(call), want, what, __FILE__, __LINE__))

static inline int answers_check(long result, int want, const char *what,
				const char *file, int line)
{
	int is_error = result == -1;

	if (want == 0)
		return tap_ok(!is_error, what, file, line);
	return tap_ok(is_error && errno == want, what, file, line);
}
