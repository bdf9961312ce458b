// SPDX-License-Identifier: BSD-3-Clause
/*
 * Found before arch/x86_64/atomic_arch.h: the same, but that a_crash() is an
 * illegal instruction. The release's hlt would stop a guest's CPU for ever.
 */
#include "../../arch/x86_64/atomic_arch.h"

#undef a_crash
#ifdef EFT_HEAP /* the allocator finds that its heap was overwritten */
__attribute__((__noreturn__)) void eft_heap_corrupt(void);
#define a_crash() eft_heap_corrupt()
#else
#define a_crash() __builtin_trap()
#endif

#define a_clz_32 a_clz_32
static inline int a_clz_32(uint32_t x)
{
	return __builtin_clz(x);
}
