// SPDX-License-Identifier: BSD-3-Clause
#include "dynlink.h"
#include "eft_valgrind.h"
#include <stdlib.h>

char __eft_watched;

/* Four rotations that change nothing, and an exchange that valgrind sees. */
uintptr_t __eft_valgrind(uintptr_t request, const void *at, size_t n)
{
	volatile uintptr_t args[6] = {request, (uintptr_t)at, n};
	uintptr_t result = 0;

	__asm__ volatile("rolq $3, %%rdi; rolq $13, %%rdi\n\t"
			 "rolq $61, %%rdi; rolq $51, %%rdi\n\t"
			 "xchgq %%rbx, %%rbx"
			 : "+d"(result)
			 : "a"(args)
			 : "cc", "memory");
	return result;
}

/*
 * Before any code of the program's. What the release knows of its own blocks
 * is then asked of none, as where a program brings its own allocator.
 */
__attribute__((constructor(101))) static void look(void)
{
	__eft_watched = __eft_valgrind(EFT_VG_RUNNING_ON_VALGRIND, 0, 0);
	__malloc_replaced = __aligned_alloc_replaced = __eft_watched;
}

struct eft_watched *__eft_watched_header(void *p)
{
	struct eft_watched *header = (struct eft_watched *)p - 1;

	__eft_valgrind(EFT_VG_MAKE_MEM_DEFINED, header, sizeof(*header));
	return header;
}

void *__eft_watch(char *base, size_t lead, size_t n)
{
	char *p = base + lead;

	if (!base)
		return 0;
	*__eft_watched_header(p) = (struct eft_watched){
		.size = n, .base = base, .state = EFT_WATCHED_LIVE};
	__eft_valgrind(EFT_VG_MALLOCLIKE_BLOCK, p, n);
	__eft_valgrind(EFT_VG_MAKE_MEM_NOACCESS, base, lead);
	__eft_valgrind(EFT_VG_MAKE_MEM_NOACCESS, p + n, EFT_WATCHED_ZONE);
	return p;
}

void *__eft_watched_malloc(size_t n)
{
	size_t room = eft_watched_room(EFT_WATCHED_ZONE, n);

	return __eft_watch(__libc_malloc_impl(room), EFT_WATCHED_ZONE, n);
}

void *__eft_watched_calloc(size_t n)
{
	void *p = __eft_watched_malloc(n);

	__eft_valgrind(EFT_VG_MAKE_MEM_DEFINED, p, p ? n : 0);
	return p;
}
