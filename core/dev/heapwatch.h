// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: what watches over the libOS's heap and pages, to find code
 * that misuses them: valgrind, or core/check/heap.h in a checked build. Without
 * one (NULL) the heap only looks at a pointer.
 *
 * With one, EFT_HEAP_ZONE bytes or more behind each small object are nobody's.
 */
#include "core/base.h"

enum { EFT_HEAP_ZONE = 32 };

struct eft_heap_watch {
	/*
	 * The first (size) of the (room) bytes at (ptr) are given out, by the
	 * code at (where). Context of all: that of eft_alloc(); no lock.
	 */
	void (*given)(void *ptr, size_t size, size_t room, const void *where);

	/* The same object has (size) bytes now; its contents stay. */
	void (*resized)(void *ptr, size_t size, size_t room);

	/*
	 * It is given back.
	 *
	 * Returns   the object that the heap may give out again: this one, or
	 *           another that was given back before; NULL: none yet
	 */
	void *(*taken)(void *ptr, size_t room, const void *where);

	/* (used): pages are given out, else given back. NULL: do not care. */
	void (*pages)(void *start, size_t len, bool used);
};

extern const struct eft_heap_watch *eft_heap_watch;
