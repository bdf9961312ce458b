// SPDX-License-Identifier: BSD-3-Clause
/*
 * Valgrind is told of the libOS's heap and pages. Of what is free the core may
 * use the links that its lists are made of.
 */
#include "core/dev/heapwatch.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

enum { LINKS = 16 };

static void request(uintptr_t what, void *start, size_t len)
{
	eft_linuxu_valgrind(what, (uintptr_t)start, len);
}

static void given(void *ptr, size_t size, size_t room, const void *where)
{
	request(EFT_VG_MALLOCLIKE_BLOCK, ptr, size);
	request(EFT_VG_MAKE_MEM_NOACCESS, (char *)ptr + size, room - size);
}

static void resized(void *ptr, size_t size, size_t room)
{
	request(EFT_VG_MAKE_MEM_DEFINED, ptr, size);
}

static void *taken(void *ptr, size_t room, const void *where)
{
	request(EFT_VG_FREELIKE_BLOCK, ptr, 0);
	request(EFT_VG_MAKE_MEM_DEFINED, ptr, LINKS / 2);
	return ptr;
}

static void pages(void *start, size_t len, bool used)
{
	if (used) {
		request(EFT_VG_MAKE_MEM_UNDEFINED, start, len);
		return;
	}
	for (size_t i = 0; i < len; i += EFT_PAGE_SIZE)
		request(EFT_VG_MAKE_MEM_NOACCESS, (char *)start + i + LINKS,
			EFT_PAGE_SIZE - LINKS);
}

const struct eft_heap_watch eft_linuxu_heap_watch = {
	.given = given,
	.resized = resized,
	.taken = taken,
	.pages = pages,
};
