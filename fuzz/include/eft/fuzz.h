// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The world of a program that is fuzzed (`./eft fuzz --program`), as its
 * LLVMFuzzerTestOneInput() may arrange it. All is as before at the next input.
 *
 * With `--faults` the last bytes of each input do this instead.
 */
#include <stddef.h>
#include <stdint.h>

/* The allocation number (nth) from now on, and all after it, fail; 0: none. */
void eft_fuzz_fail_alloc(uint64_t nth);

/* Reads and writes move at most (most) bytes each; 0: what they are asked. */
void eft_fuzz_short_io(size_t most);

/* The read or write number (nth) from now on fails with (error); 0: none. */
void eft_fuzz_fail_io(uint64_t nth, int error);

/* Files take (bytes) more; what comes then gets ENOSPC. */
void eft_fuzz_disk_room(size_t bytes);

/* Let (ns) pass, with all that falls into them. Time passes by itself only
   where everybody sleeps, and a little whenever the program looks at it. */
void eft_fuzz_pass(uint64_t ns);

/* The wall clock is (seconds) off from now on. */
void eft_fuzz_shift_clock(int64_t seconds);
