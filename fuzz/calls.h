// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Inputs that are sequences of calls: records of one size, so that the mutator
 * (mutate.c) knows where each begins, and what its parts are.
 */
#include "fuzz/fuzz.h"

enum { FUZZ_ARGUMENTS = 7, FUZZ_CALLS = 64 };

struct fuzz_call {
	uint8_t what; /* which call, modulo how many there are */
	uint8_t how;  /* the target's */
	uint16_t args[FUZZ_ARGUMENTS];
};

_Static_assert(sizeof(struct fuzz_call) == 16, "the corpora's records");

/* Of the input, at most FUZZ_CALLS; a part of a record is none. */
bool fuzz_next_call(struct fuzz_call *ret_call);

/* Remove all files but /proc: emptyroot.c. */
void fuzz_empty_root(void);
/* Unmount all, the last ones first: /proc, too, which may lie on something. */
void fuzz_unmount_all(void);
