// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the fuzz targets have in common.
 *
 * A target is one file: fuzz_boot() brings up what it needs of the libOS, once;
 * fuzz_one() takes an input, as a thread of the libOS. Each input finds the
 * libOS as fuzz_boot() left it, memory and all (fuzz_world.c), so that what it
 * does depends on nothing but its bytes.
 *
 * The same file is a libFuzzer target (`./eft fuzz NAME`) and a test that goes
 * through its corpus (replay.c; `./eft test fuzz`).
 */
#include "core/abi.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "tests/fake/fake.h"

/* A small world is put back quickly. */
#define FUZZ_WORLD                                               \
	{                                                        \
		.zone_bytes = {1 << 20}, .window_bytes = 4 << 20 \
	}

/* The target's. */
void fuzz_boot(void);
void fuzz_one(void);

/* fuzz_boot()'s: [start, end) is a part of the world, too. */
void fuzz_keep(uintptr_t start, uintptr_t end);

/*
 * The input, as the target takes it: every call eats some of it, and gives
 * zeroes when there is none left.
 */
bool fuzz_more(void);
/* The rest of it, which lives as long as the input. */
const uint8_t *fuzz_rest(size_t *ret_len);
uint8_t fuzz_u8(void);
uint64_t fuzz_u64(void);
/* From 0 to (count)-1, by one byte for small counts. */
unsigned fuzz_below(unsigned count);
/* Fill (buf), of (size), with up to size-1 bytes without a NUL, and a NUL. */
size_t fuzz_string(char *buf, size_t size);

/*
 * Inputs may end other than by fuzz_one()'s return, where fuzz_boot() sets
 * this: may it be so?
 */
extern bool (*fuzz_may_end)(enum fake_end end);

/* The input showed a bug: say which, and end. */
#define fuzz_check(cond) \
	((cond) ? (void)0 : fuzz_failed(__FILE__, __LINE__, #cond))

eft_noreturn void fuzz_failed(const char *file, int line, const char *what);

/*
 * The input has closed, unmapped and removed all that it made: the libOS has no
 * more blocks and pages in use than after an input without bytes, which the
 * drivers begin with.
 */
void fuzz_check_left(void);

/*
 * fuzz_world.c, for the drivers.
 */

/* Run fuzz_boot(), and keep what it made. */
void fuzz_world_create(void);
/* Put the world back, and run fuzz_one() with the input (data). */
void fuzz_world_run(const uint8_t *data, size_t size);
