// SPDX-License-Identifier: BSD-3-Clause
/*
 * A target that is a program: see program.h. Its main thread starts the C
 * library once; the world is kept as that left it, and each input is a call of
 * LLVMFuzzerTestOneInput() by that thread, in that world.
 *
 * What the program must not do: crash, end itself by a signal, sleep for ever.
 * It may exit(), wherever it is.
 */
#include "fuzz/program.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/vfs/root.h"
#include "fuzz/faults.h"
#include "fuzz/fuzz.h"
#include "fuzz/fuzz_heap.h"
#include "tests/fake/host.h"

enum { RAM_BYTES = 16 << 20, WINDOW_BYTES = 64 << 20 };
enum { STACK_BYTES = 8 << 20, GUARD_BYTES = 1 << 20 };

static struct eft_thread *program, *waiting;
static uintptr_t stack_start;
static bool busy;
static const uint8_t *data;
static size_t data_len;

/* As the environment says. */
static bool with_faults, with_leaks;
static size_t (*keep_output)(const void *buf, size_t len);

/* The program has done what it was told to. */
static void report_done(void)
{
	busy = false;
	eft_thread_wake(waiting);
	while (!busy)
		eft_sleep_through();
}

static void live(void *arg)
{
	program_start();
	for (;;) {
		report_done();
		program_one(data, data_len);
		fuzz_drop_faults();
		if (with_leaks)
			fuzz_heap_check_leaks();
	}
}

/* Let it run, until it reports. */
static void wait_for_program(void)
{
	waiting = eft_current();
	busy = true;
	eft_thread_wake(program);
	while (busy)
		eft_sleep_through();
}

static void begin(void *arg)
{
	uintptr_t top = stack_start + STACK_BYTES;

	program = eft_thread_create_on("main", live, NULL, top, 0, 0);
	fuzz_check(program != NULL);
	eft_thread_start(program);
	wait_for_program();
}

static void make_stack(void)
{
	stack_start = host_reserve(GUARD_BYTES + STACK_BYTES) + GUARD_BYTES;
	host_map_zero(stack_start, STACK_BYTES, EFT_PROT_READ | EFT_PROT_WRITE);
	fake_note_stack(stack_start, stack_start + STACK_BYTES);
}

/* The libOS's report is on the console. */
static eft_noreturn void crashed(int signal)
{
	static char text[64];
	int len = eft_snprintf(text, sizeof(text),
			       "the program ended by signal %d\n", signal);

	host_print(text, len);
	host_print_stack();
	host_abort("", fake_console);
}

static size_t show_output(const void *buf, size_t len)
{
	host_print(buf, len);
	return keep_output(buf, len);
}

static void read_settings(void)
{
	with_faults = host_asks("EFT_FUZZ_FAULTS");
	with_leaks = host_asks("EFT_FUZZ_LEAKS");
	if (!host_asks("EFT_FUZZ_SHOW"))
		return;
	keep_output = fake_plat.console_write;
	fake_plat.console_write = show_output;
}

/* The frames that it has left are not to be warned of any more. */
static bool may_end(enum fake_end end)
{
	host_unpoison((void *)stack_start, program->sp - stack_start);
	return end == FAKE_EXITED;
}

void fuzz_boot(void)
{
	struct fake_config config = {
		.zone_bytes = {RAM_BYTES},
		.window_bytes = WINDOW_BYTES,
		.program_bytes = WINDOW_BYTES / 2,
	};
	const char *files = host_variable("EFT_FUZZ_FILES");
	const void *archive = NULL;
	size_t len = 0;

	fuzz_may_end = may_end;
	if (files != NULL)
		archive = host_read_file(files, &len);
	fake_boot(&config);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_root_init(archive, len);
	fake_plat.crash = crashed;
	read_settings();
	make_stack();
	if (fake_run(begin, NULL) != FAKE_RETURNED)
		host_abort("the program ended before the first input",
			   fake_console);
	fuzz_keep(program->sp, stack_start + STACK_BYTES);
}

void fuzz_one(void)
{
	size_t len;
	const uint8_t *input = fuzz_rest(&len);
	uint8_t *copy;

	if (with_faults)
		len = fuzz_take_faults(input, len);
	copy = fuzz_alloc(len);
	memcpy(copy, input, len);
	data = copy;
	data_len = len;
	wait_for_program();
}
