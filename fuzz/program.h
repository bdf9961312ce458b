// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A program that is fuzzed on the libOS: between its side and the host's.
 *
 * The program, musl and fuzz/program/ are linked into one object of which only
 * the names below are left, so that its open() is musl's and makes a system
 * call of Eft's, while libFuzzer and the sanitizers have the host's C library.
 * Its heap is the host's, for AddressSanitizer, and its thread pointer is not
 * FS, which is the host's too (program/musl).
 */
#include <stddef.h>
#include <stdint.h>

/*
 * The program's side.
 */

/* Once, as a thread of the libOS: the C library, constructors,
   LLVMFuzzerInitialize(). */
void program_start(void);
/* LLVMFuzzerTestOneInput(), and what it has not written yet. */
int program_one(const uint8_t *data, size_t size);

/*
 * The host's side.
 */

/* Is this allocation of the program's to fail (eft_fuzz_fail_alloc())? */
int fuzz_program_alloc_fails(void);
/* NULL: no memory. (align) is a power of 2, 16 or more. */
void *fuzz_program_alloc(size_t align, size_t size);
void fuzz_program_free(void *ptr);
size_t fuzz_program_size(void *ptr);
/* Memory, cleared, until the input ends: fuzz_heap.h. */
void *fuzz_alloc(size_t size);
