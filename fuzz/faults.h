// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What goes wrong for a program that is fuzzed (include/eft/fuzz.h).
 */
#include "core/base.h"

/*
 * Take faults from the end of the input, where some are more often none than
 * not. Returns what is left of (len).
 */
size_t fuzz_take_faults(const uint8_t *input, size_t len);

/* No more faults: what is done now is not the program's. */
void fuzz_drop_faults(void);
