// SPDX-License-Identifier: BSD-3-Clause
/*
 * The heap's rules, watched at run time: see heap.h.
 *
 * An object's zone ends with a note of whose the object is. What is between
 * the object and the note has a pattern, and so has an object that waits to be
 * given out again.
 */
#include "core/check/heap.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/trap.h"

enum { ZONE_BYTE = 0xfd, FREED_BYTE = 0x6b, WAITING = 256 };

enum state { LIVE = 0x11fe, FREED = 0xdead };

struct note {
	const void *given, *taken; /* by the code there */
	uint32_t size;
	uint32_t state;
};

_Static_assert(sizeof(struct note) < EFT_HEAP_ZONE, "room for a pattern");

static struct note *note_of(void *ptr, size_t room)
{
	return (struct note *)((char *)ptr + room) - 1;
}

static eft_noreturn void report(const char *words, const void *ptr,
				const struct note *note)
{
	eft_console_printf("eft: an object of %u bytes was allocated at\n",
			   note->size);
	eft_print_frame(1, (uintptr_t)note->given);
	if (note->state == FREED) {
		eft_console_printf("eft: and freed at\n");
		eft_print_frame(1, (uintptr_t)note->taken);
	}
	eft_panic("heap object %p %s", ptr, words);
}

static bool is_filled(const void *start, const void *end, uint8_t byte)
{
	for (const uint8_t *at = start; at < (const uint8_t *)end; at++) {
		if (*at != byte)
			return false;
	}
	return true;
}

static void fill(void *start, const void *end, uint8_t byte)
{
	memset(start, byte, (const char *)end - (char *)start);
}

static void resized(void *ptr, size_t size, size_t room)
{
	struct note *note = note_of(ptr, room);

	note->size = size;
	fill((char *)ptr + size, note, ZONE_BYTE);
}

static void given(void *ptr, size_t size, size_t room, const void *where)
{
	*note_of(ptr, room) = (struct note){.given = where, .state = LIVE};
	resized(ptr, size, room);
}

static void check_live(void *ptr, size_t room, const struct note *note)
{
	if (note->state == FREED)
		report("is freed twice", ptr, note);
	if (note->state != LIVE || note->size > room - EFT_HEAP_ZONE)
		eft_panic("heap object %p: no object, or written far past its "
			  "end",
			  ptr);
	if (!is_filled((char *)ptr + note->size, note, ZONE_BYTE))
		report("was written past its end", ptr, note);
}

/* The place of the oldest that waits; an object takes it. */
static void *wait_in_its_place(void *ptr)
{
	static void *waiting[WAITING];
	static unsigned next;
	unsigned at = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);

	return __atomic_exchange_n(&waiting[at % WAITING], ptr,
				   __ATOMIC_ACQ_REL);
}

static void *taken(void *ptr, size_t room, const void *where)
{
	struct note *note = note_of(ptr, room);
	void *old;

	check_live(ptr, room, note);
	note->taken = where;
	note->state = FREED;
	fill(ptr, note, FREED_BYTE);
	old = wait_in_its_place(ptr);
	if (old == NULL)
		return NULL;
	note = note_of(old, eft_heap_room(old));
	if (!is_filled(old, note, FREED_BYTE))
		report("was written after it was freed", old, note);
	return old;
}

const struct eft_heap_watch eft_heapcheck = {
	.given = given,
	.resized = resized,
	.taken = taken,
};
