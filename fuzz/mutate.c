// SPDX-License-Identifier: BSD-3-Clause
/*
 * libFuzzer's mutations for sequences of calls (calls.h): calls are inserted,
 * removed, copied, exchanged and altered as a whole, and sequences are joined
 * where calls meet.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "fuzz/calls.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed);
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
				 const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t max_size, unsigned seed);

static uint32_t state;

/* xorshift32; below (count), which is not 0. */
static unsigned any(unsigned count)
{
	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state % count;
}

static void start(unsigned seed)
{
	state = seed * 2654435761u | 1;
	any(2);
}

struct sequence {
	struct fuzz_call *calls;
	unsigned count, room;
};

static void insert(struct sequence *s, struct fuzz_call call)
{
	unsigned at = any(s->count + 1);

	if (s->count == s->room)
		return;
	memmove(&s->calls[at + 1], &s->calls[at],
		(s->count - at) * sizeof(call));
	s->calls[at] = call;
	s->count++;
}

/* Small numbers are descriptors, indices and flags. */
static uint16_t any_argument(void)
{
	switch (any(4)) {
	case 0:
		return any(1 << 16);
	case 1:
		return 1u << any(16);
	}
	return any(16);
}

static void insert_new(struct sequence *s)
{
	struct fuzz_call call = {.what = any(256)};

	for (unsigned i = 0; i < FUZZ_ARGUMENTS; i++)
		call.args[i] = any_argument();
	insert(s, call);
}

static void insert_copy(struct sequence *s)
{
	if (s->count > 0)
		insert(s, s->calls[any(s->count)]);
}

static void remove_some(struct sequence *s)
{
	unsigned at, n;

	if (s->count < 2)
		return;
	at = any(s->count);
	n = 1 + any(s->count - at > 4 ? 4 : s->count - at);
	memmove(&s->calls[at], &s->calls[at + n],
		(s->count - at - n) * sizeof(*s->calls));
	s->count -= n;
}

static void exchange(struct sequence *s)
{
	struct fuzz_call *a = &s->calls[any(s->count)], call = *a;
	struct fuzz_call *b = &s->calls[any(s->count)];

	*a = *b;
	*b = call;
}

static void alter(struct sequence *s)
{
	struct fuzz_call *call = &s->calls[any(s->count)];

	switch (any(8)) {
	case 0:
		call->what = any(256);
		return;
	case 1:
		call->how = any(2) ? any(256) : 0;
		return;
	case 2:
		LLVMFuzzerMutate((uint8_t *)call, sizeof(*call), sizeof(*call));
		return;
	case 3: /* as another call has it: the same file, name, ... */
		call->args[any(FUZZ_ARGUMENTS)] =
			s->calls[any(s->count)].args[any(FUZZ_ARGUMENTS)];
		return;
	case 4:
		call->args[any(FUZZ_ARGUMENTS)] += any(2) ? 1 : -1;
		return;
	}
	call->args[any(FUZZ_ARGUMENTS)] = any_argument();
}

static struct sequence sequence_of(uint8_t *data, size_t size, size_t max_size)
{
	struct sequence s = {.calls = (struct fuzz_call *)data,
			     .count = size / sizeof(struct fuzz_call),
			     .room = max_size / sizeof(struct fuzz_call)};

	if (s.room > FUZZ_CALLS)
		s.room = FUZZ_CALLS;
	if (s.count > s.room)
		s.count = s.room;
	return s;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	static void (*const mutations[])(struct sequence *) = {
		insert_new, insert_copy, remove_some, exchange,
		alter,	    alter,	 alter,	      insert_new};
	struct sequence s = sequence_of(data, size, max_size);

	start(seed);
	if (s.room == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	for (unsigned n = 1 + any(4); n > 0; n--) {
		if (s.count == 0)
			insert_new(&s);
		else
			mutations[any(eft_array_size(mutations))](&s);
	}
	return s.count * sizeof(*s.calls);
}

/* The beginning of one, then the end of the other. */
size_t LLVMFuzzerCustomCrossOver(const uint8_t *a, size_t a_size,
				 const uint8_t *b, size_t b_size, uint8_t *out,
				 size_t max_size, unsigned seed)
{
	const size_t one = sizeof(struct fuzz_call);
	struct sequence s = sequence_of(out, 0, max_size);
	size_t first, from, second;

	start(seed);
	first = any(a_size / one + 1);
	from = any(b_size / one + 1);
	if (first > s.room)
		first = s.room;
	second = b_size / one - from;
	if (second > s.room - first)
		second = s.room - first;
	memcpy(out, a, first * one);
	memcpy(out + first * one, b + from * one, second * one);
	return (first + second) * one;
}
