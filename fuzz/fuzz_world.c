// SPDX-License-Identifier: BSD-3-Clause
/*
 * The world of a target, as fuzz_boot() left it: put back before each input.
 *
 *  - variables of core, posix and the fake: one section (fuzz_world.ld), copied
 *  - RAM up to the last page in use: copied; the rest: emptied
 *  - the heap: libc's (fuzz_heap.c), which knows its blocks
 *  - the program's window: empty at first, and emptied
 *
 * Copies are made in assembly: AddressSanitizer would not let memcpy
 * read what lies between two variables.
 */
#include "core/thread.h"
#include "fuzz/calls.h"
#include "fuzz/fuzz.h"
#include "fuzz/fuzz_heap.h"
#include "tests/fake/host.h"

/* The linker script's: all variables of the libOS and the fake. */
extern uint64_t fuzz_variables[], fuzz_variables_end[];

static struct copy {
	uint64_t *from, *saved;
	size_t words;
} variables, ram, kept;

/* Of the whole run: what was in use after an input without bytes. */
static __attribute__((section("fuzz_kept"))) struct usage {
	bool known;
	size_t blocks;
	uint64_t pages;
} usage;

static const uint8_t *input, *input_end;
static bool input_is_empty;
static unsigned calls_taken;

static char failure[256];
static bool in_input;

bool (*fuzz_may_end)(enum fake_end end);

static eft_no_asan void copy_words(uint64_t *to, const uint64_t *from,
				   size_t words)
{
	__asm__ volatile("rep movsq"
			 : "+D"(to), "+S"(from), "+c"(words)::"memory");
}

static struct copy save(uint64_t *from, uint64_t *end)
{
	struct copy copy = {.from = from, .words = end - from};

	copy.saved = host_calloc(copy.words * sizeof(*from));
	copy_words(copy.saved, from, copy.words);
	return copy;
}

static void put_back(const struct copy *copy)
{
	copy_words(copy->from, copy->saved, copy->words);
}

/* RAM from the start of the first zone to the last word that is not 0. */
static eft_no_asan void save_ram(void)
{
	uint64_t *start = (uint64_t *)fake_info.ram[0].start;
	uint64_t *end = (uint64_t *)fake_info.ram[0].end;

	while (end > start && end[-1] == 0)
		end--;
	end = (uint64_t *)eft_align_up((uintptr_t)end, EFT_PAGE_SIZE);
	ram = save(start, end);
}

void fuzz_keep(uintptr_t start, uintptr_t end)
{
	kept = save((uint64_t *)start, (uint64_t *)end);
}

static void nothing(void *arg)
{
}

void fuzz_world_create(void)
{
	fuzz_boot();
	fake_run(nothing, NULL); /* makes what every run needs */
	fuzz_heap_save();
	save_ram();
	/* Last: where the copies are must not be forgotten by a copy. */
	variables = save(fuzz_variables, fuzz_variables_end);
}

static void restore(void)
{
	uintptr_t used = fake_ram_used(), window_used = fake_window_used();

	put_back(&variables);
	fuzz_heap_restore();
	put_back(&ram);
	put_back(&kept);
	fake_memory_restore((uintptr_t)(ram.from + ram.words),
			    eft_max(used, fake_ram_used()), window_used);
}

static void run(void *arg)
{
	fuzz_one();
}

void fuzz_world_run(const uint8_t *data, size_t size)
{
	enum fake_end end;

	restore();
	input = data;
	input_end = data + size;
	input_is_empty = size == 0;
	calls_taken = 0;
	in_input = true;
	end = fake_run(run, NULL);
	in_input = false;
	if (failure[0] != '\0')
		host_abort(failure, fake_console);
	if (end != FAKE_RETURNED &&
	    (fuzz_may_end == NULL || !fuzz_may_end(end)))
		host_abort(end == FAKE_STUCK ? "every thread sleeps for ever"
					     : "the libOS ended",
			   fake_console);
}

bool fuzz_more(void)
{
	return input < input_end;
}

const uint8_t *fuzz_rest(size_t *ret_len)
{
	const uint8_t *rest = input;

	*ret_len = input_end - input;
	input = input_end;
	return rest;
}

bool fuzz_next_call(struct fuzz_call *ret_call)
{
	if ((size_t)(input_end - input) < sizeof(*ret_call) ||
	    calls_taken == FUZZ_CALLS)
		return false;
	memcpy(ret_call, input, sizeof(*ret_call));
	input += sizeof(*ret_call);
	calls_taken++;
	return true;
}

uint8_t fuzz_u8(void)
{
	return input < input_end ? *input++ : 0;
}

uint64_t fuzz_u64(void)
{
	uint64_t value = 0;

	for (int i = 0; i < 8; i++)
		value |= (uint64_t)fuzz_u8() << 8 * i;
	return value;
}

unsigned fuzz_below(unsigned count)
{
	unsigned value = fuzz_u8();

	if (count > 256)
		value |= fuzz_u8() << 8;
	return value % count;
}

size_t fuzz_string(char *buf, size_t size)
{
	size_t wanted = fuzz_below(size), len = 0;

	while (len < wanted && fuzz_more()) {
		char c = fuzz_u8();

		if (c == '\0')
			break;
		buf[len++] = c;
	}
	buf[len] = '\0';
	return len;
}

void fuzz_check_left(void)
{
	struct eft_page_stats pages;
	struct usage now = {.known = true, .blocks = fuzz_heap_blocks()};

	eft_page_stats(&pages);
	now.pages = pages.total - pages.free;
	if (!usage.known && !input_is_empty)
		return;
	if (!usage.known)
		usage = now;
	fuzz_check(now.blocks <= usage.blocks);
	fuzz_check(now.pages <= usage.pages);
}

/* On the host's stack: the sanitizer needs more than a thread of ours has. */
void fuzz_failed(const char *file, int line, const char *what)
{
	eft_snprintf(failure, sizeof(failure), "%s:%d: %s", file, line, what);
	if (!in_input)
		host_abort(failure, fake_console);
	fake_return();
}
