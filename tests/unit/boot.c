// SPDX-License-Identifier: BSD-3-Clause
/*
 * The whole boot, to the program and its end.
 */
#include "core/boot.h"
#include "core/file.h"
#include "core/options.h"
#include "core/thread.h"
#include "core/trace.h"
#include "tests/unit/unit.h"

/* Rooms that the linker takes in for who needs them: this program does. */
__attribute__((used)) static void (*const needed[])(const void *, size_t) = {
	eft_root_init,
};

static struct eft_boot_info info;

static void boot(void *arg)
{
	eft_boot(&fake_plat, &info);
}

static enum fake_end run(bool paging, const char *options)
{
	struct fake_config config = {.paging = paging};

	fake_init(&config, &info);
	info.options = options;
	return fake_run_boot(boot, NULL);
}

/* The stack as the System V ABI has it; the values end up in these. */
static unsigned argc;
static char argv[4][32], first_variable[32];
static uintptr_t auxv[64];
static char random_bytes[16];

static void look(const uintptr_t *stack)
{
	check_eq((uintptr_t)stack % 16, 0);
	argc = (unsigned)*stack++;
	for (unsigned i = 0; i < argc; i++)
		eft_strlcpy(argv[i], (char *)stack[i], sizeof(argv[i]));
	stack += argc;
	check_eq(*stack++, 0);
	eft_strlcpy(first_variable, (char *)*stack, sizeof(first_variable));
	while (*stack++ != 0)
		;
	for (; stack[0] != 0; stack += 2)
		auxv[stack[0]] = stack[1];
	memcpy(random_bytes, (char *)auxv[25], 16);
}

static void check_stack(bool paging)
{
	fake_program = look;
	check_eq(run(paging, "env.A=1 arg0=prog -- one 'two three'"),
		 FAKE_RETURNED);
	check_eq(argc, 3);
	check_str(argv[0], "prog");
	check_str(argv[1], "one");
	check_str(argv[2], "two three");
	check_str(first_variable, "A=1");
	check_eq(auxv[6], 4096);
	check_eq(auxv[11], 1000);
	check_eq(auxv[17], 100);
	check(memcmp(random_bytes, (char[16]){0}, 16) != 0);
	check_str(fake_console, "");
}

Test(boot, stack_of_a_process)
{
	check_stack(false);
}

Test(boot, stack_of_a_guest)
{
	check_stack(true);
}

static void leave(const uintptr_t *stack)
{
	eft_plat->exit(7);
}

Test(boot, exit_status)
{
	fake_program = leave;
	check_eq(run(true, ""), FAKE_EXITED);
	check_eq(fake_status, 7);
}

static void overflow(const uintptr_t *stack)
{
	/* Down to the guard, a page at a time. */
	__asm__ volatile("1: sub $4096, %%rsp\n\t"
			 "movb $1, (%%rsp)\n\t"
			 "jmp 1b" ::
				 : "memory");
}

Test(boot, stack_overflow)
{
	fake_program = overflow;
	check_eq(run(false, ""), FAKE_CRASHED);
	check_eq(fake_status, SIGSEGV);
	check(strstr(fake_console, "stack overflow") != NULL);
	check(strstr(fake_console, "(main) of app, a fake") != NULL);
}

static void run_wild(const uintptr_t *stack)
{
	*(volatile char *)(fake_info.window_start + 4096) = 1;
}

Test(boot, wild_write)
{
	fake_program = run_wild;
	fake_init(NULL, &fake_info);
	info = fake_info;
	check_eq(fake_run_boot(boot, NULL), FAKE_CRASHED);
	check(strstr(fake_console, "write to unmapped memory at 0x") != NULL);
}

Test(boot, bad_option)
{
	check_eq(run(false, "frobnicate=1"), FAKE_EXITED);
	check_eq(fake_status, 2);
	check_str(fake_console, "eft: unknown option 'frobnicate'\n");
}

/*
 * A tracer that the platform has: one pointer of it is to be relocated, and
 * leads to its own words.
 */
static struct {
	struct eft_tracer tracer;
	uintptr_t words;
	uint32_t places[1];
	char text[32];
} given = {.text = "moved"};

static char traced_words[32];
static unsigned traced_exits;

static int trace_start(const struct eft_trace_services *services,
		       const char *words, char *message, size_t size)
{
	check(services->plat == &fake_plat);
	if (strcmp(words, "bad") == 0) {
		eft_snprintf(message, size, "trace: no such word");
		return -EINVAL;
	}
	eft_strlcpy(traced_words, words, sizeof(traced_words));
	return 0;
}

static void trace_event(enum eft_trace_event event, uintptr_t a, uintptr_t b)
{
	traced_exits += event == EFT_TRACE_EXIT && a == 7;
}

static ssize_t read_tracer(void *buf, size_t size)
{
	check(size >= sizeof(given));
	memcpy(buf, &given, sizeof(given));
	return sizeof(given);
}

/* What was to be moved points into the copy by now. */
static void leave_traced(const uintptr_t *stack)
{
	const __typeof__(given) *copy = (const void *)eft_tracer;

	check(eft_tracing);
	check_str((const char *)copy->words, "moved");
	eft_exit(7);
}

static enum fake_end run_traced(uint64_t key, const char *option)
{
	given.tracer = (struct eft_tracer){
		.key = key,
		.text_bytes = 4096,
		.relocations = (char *)given.places - (char *)&given,
		.relocation_count = 1,
		.start = trace_start,
		.event = trace_event,
	};
	given.words = given.text - (char *)&given;
	given.places[0] = (char *)&given.words - (char *)&given;
	fake_plat.read_tracer = read_tracer;
	fake_program = leave_traced;
	return run(false, option);
}

Test(boot, tracer)
{
	check_eq(run_traced(eft_tracer_key, "trace=one,two"), FAKE_EXITED);
	check_eq(fake_status, 7);
	check_str(traced_words, "one,two");
	check_eq(traced_exits, 1);
}

Test(boot, tracer_of_another_build)
{
	check_eq(run_traced(eft_tracer_key + 1, "trace=x"), FAKE_EXITED);
	check_eq(fake_status, 2);
	check_str(fake_console,
		  "eft: trace=x: no tracer in this image's debug file\n");
}

Test(boot, tracer_that_refuses)
{
	check_eq(run_traced(eft_tracer_key, "trace=bad"), FAKE_EXITED);
	check_eq(fake_status, 2);
	check_str(fake_console, "eft: trace: no such word\n");
}

Test(boot, trace_off)
{
	fake_program = leave;
	check_eq(run(false, "trace=off"), FAKE_EXITED);
	check_eq(fake_status, 7);
}

Test(boot, bad_root)
{
	check_eq(run(false, "root=/nowhere"), FAKE_EXITED);
	check_eq(fake_status, 1);
	check(strstr(fake_console, "root=/nowhere") != NULL);
}

/* However little memory there is: a program, or a message. */
static void with_memory(const char *option)
{
	fake_program = leave;
	check_eq(run(true, option), FAKE_EXITED);
	check(fake_status == 7 || fake_console[0] != '\0');
	check(fake_status == 7 || fake_status == 1 || fake_status == 2 ||
	      fake_status == 137);
}

Test(boot, with_4K)
{
	with_memory("mem=4K");
}

Test(boot, with_32K)
{
	with_memory("mem=32K");
}

Test(boot, with_80K)
{
	with_memory("mem=80K");
}

Test(boot, with_400K)
{
	with_memory("mem=400K");
	check_eq(fake_status, 7);
}

static void is_failing(const uintptr_t *stack)
{
	check(eft_page_alloc(0) != NULL);
	check(eft_page_alloc(0) == NULL);
}

Test(boot, option_alloc_fail)
{
	fake_program = is_failing;
	check_eq(run(false, "alloc.fail=2"), FAKE_RETURNED);
}

static void limited(const uintptr_t *stack)
{
	struct eft_page_stats stats;

	eft_page_stats(&stats);
	check_eq(stats.total, 1 << 8);
	check(eft_range_map(0, 2 << 20, EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL,
			    0) == -ENOMEM);
}

Test(boot, option_mem)
{
	fake_program = limited;
	check_eq(run(true, "mem=1M log=debug"), FAKE_RETURNED);
}
