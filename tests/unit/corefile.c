// SPDX-License-Identifier: BSD-3-Clause
/*
 * Core files, as gdb reads them, of a world whose host is the test.
 */
#include "core/corefile.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/trap.h"
#include "core/dev/corefile.h"
#include "core/thread.h"
#include "core/trap.h"
#include "tests/unit/unit.h"

void *calloc(size_t count, size_t size);

/* The ELF header's and a program header's words (System V gABI, chapters 4, 5).
 */
struct elf {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum;
};

struct segment {
	uint32_t type, flags;
	uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

/* struct elf_prstatus within its note; registers are those of user_regs. */
struct note {
	uint32_t name_bytes, bytes, type;
	char name[8];
	uint32_t signal;
	char unused1[28];
	int id;
	char unused2[76];
	uint64_t registers[27];
	uint64_t floats;
} __attribute__((packed));

_Static_assert(sizeof(struct note) == 20 + 336, "");

enum { RIP = 16, RSP = 19, FS = 21, GS = 22 };

static char *file, file_path[64], told[256];
static uint64_t file_bytes;
static int refusal;
static unsigned shown; /* zones of RAM, to the host's own core file */
static struct eft_context elsewhere = {.rip = 0x5678, .rsp = 0x9abc};

static int create(const char *path, uint64_t size)
{
	eft_strlcpy(file_path, path, sizeof(file_path));
	if (refusal != 0)
		return refusal;
	file = calloc(1, size);
	file_bytes = size;
	return 0;
}

/* Stacks are among it, with the sanitizer's marks. */
__attribute__((no_sanitize("address"))) static void
write(uint64_t at, const void *buf, size_t len)
{
	const volatile char *from = buf;

	check(at <= file_bytes && len <= file_bytes - at);
	for (size_t i = 0; i < len; i++)
		file[at + i] = from[i];
}

static void stop_others(void)
{
}

static void show(uintptr_t start, uintptr_t end)
{
	check(start < end);
	shown++;
}

static void tell(int to, const char *text)
{
	size_t len = strlen(told);

	snprintf(told + len, sizeof(told) - len, "%d %s", to,
		 text ? text : "end");
}

const struct eft_corefile *eft_plat_corefile(void)
{
	static const struct eft_corefile corefile = {
		.create = create,
		.write = write,
		.stop_others = stop_others,
		.show = show,
		.tell = tell,
	};

	return &corefile;
}

static const struct elf *elf(void)
{
	return (const void *)file;
}

static const struct segment *segments(void)
{
	return (const void *)(file + elf()->phoff);
}

static const struct note *notes(unsigned *ret_count)
{
	*ret_count = segments()[0].filesz / sizeof(struct note);
	return (const void *)(file + segments()[0].offset);
}

/* What the file has of (addr), or NULL. */
static const void *memory_at(const void *addr)
{
	for (unsigned i = 1; i < elf()->phnum; i++) {
		const struct segment *s = &segments()[i];

		if ((uintptr_t)addr - s->vaddr < s->filesz)
			return file + s->offset + (uintptr_t)addr - s->vaddr;
	}
	return NULL;
}

static void sleep_for_ever(void *arg)
{
	eft_sleep(EFT_FOREVER);
}

static struct eft_thread *start_sleeper(void)
{
	intptr_t stack =
		eft_range_map(0, 4 * EFT_PAGE_SIZE,
			      EFT_PROT_READ | EFT_PROT_WRITE, 0, NULL, 0);
	struct eft_thread *thread;

	check(stack > 0);
	thread = eft_thread_create_on("sleeper", sleep_for_ever, NULL,
				      stack + 4 * EFT_PAGE_SIZE, 0x1234, 0);
	thread->id = 7;
	eft_threads_add(thread);
	eft_thread_start(thread);
	eft_yield();
	return thread;
}

static void write_by_fault(void *arg)
{
	static const struct eft_regs regs = {.r15 = 15, .rip = 0x42, .rsp = 99};
	struct eft_thread *sleeper = start_sleeper();
	const uint64_t *word = (const uint64_t *)sleeper->sp;
	const struct note *note;
	unsigned count;

	eft_corefile_path = "the file";
	eft_report_regs = &regs;
	eft_corefile_write(SIGSEGV);
	check_str(file_path, "the file");
	check(memcmp(elf()->ident, "\177ELF\2\1\1", 7) == 0);
	check_eq(elf()->type, 4);
	check_eq(elf()->machine, 62);
	note = notes(&count);
	check_eq(count, 2);
	check_eq(note[0].signal, SIGSEGV);
	check_eq(note[0].registers[0], 15);
	check_eq(note[0].registers[RIP], 0x42);
	check_eq(note[0].registers[RSP], 99);
	check_eq(note[0].registers[GS], (uintptr_t)eft_cpu());
	check_eq(note[1].id, 7);
	check_eq(note[1].registers[RIP], word[7]);
	check_eq(note[1].registers[RSP], (uintptr_t)(word + 8));
	check_eq(note[1].registers[FS], 0x1234);
	check_eq(note[1].registers[GS], 0);
	check(memory_at(word) != NULL);
	check_eq(((const uint64_t *)memory_at(word))[7], word[7]);
	check(memory_at(sleeper) != NULL);
	check(strstr(fake_console, "eft: core file: the file\n") != NULL);
}

Test(corefile, of_a_fault)
{
	fake_boot(NULL);
	check_eq(fake_run(write_by_fault, NULL), FAKE_RETURNED);
}

static void write_by_call(void *arg)
{
	struct eft_thread *sleeper = start_sleeper();
	const struct note *note;
	unsigned count;
	int local = 0;

	/* As if it ran on another CPU, which was stopped. */
	static struct eft_cpu other = {.stopped_at = &elsewhere};

	sleeper->state = EFT_THREAD_RUNNING;
	sleeper->cpu = &other;
	eft_corefile_path = "file";
	eft_corefile_write(SIGABRT);
	note = notes(&count);
	check_eq(count, 2);
	check_eq(note[0].signal, SIGABRT);
	check(note[0].registers[RIP] - (uintptr_t)eft_corefile_write < 4096);
	check((uintptr_t)&local - note[0].registers[RSP] < 65536);
	check_eq(note[1].registers[RIP], 0x5678);
	check_eq(note[1].registers[RSP], 0x9abc);
	check_eq(note[1].registers[GS], (uintptr_t)&other);
}

Test(corefile, of_a_call)
{
	fake_boot(NULL);
	check_eq(fake_run(write_by_call, NULL), FAKE_RETURNED);
}

static void write_nothing(void *arg)
{
	eft_corefile_write(SIGSEGV);
	check_str(file_path, "");
	check_eq(shown, 1);
}

Test(corefile, not_wanted)
{
	fake_boot(NULL);
	check_eq(fake_run(write_nothing, NULL), FAKE_RETURNED);
}

static void end_otherwise(void *arg)
{
	eft_corefile_path = "file";
	eft_corefile_write(SIGTERM);
	check_str(file_path, "");
}

Test(corefile, of_no_crash)
{
	fake_boot(NULL);
	check_eq(fake_run(end_otherwise, NULL), FAKE_RETURNED);
}

static void cannot_write(void *arg)
{
	refusal = -EACCES;
	eft_corefile_path = "file";
	eft_corefile_write(SIGSEGV);
	check(strstr(fake_console, "no core file file: error 13") != NULL);
	check(file == NULL);
}

Test(corefile, refused)
{
	fake_boot(NULL);
	check_eq(fake_run(cannot_write, NULL), FAKE_RETURNED);
}

static void tell_listener(void *arg)
{
	eft_corefile_path = arg;
	check(eft_corefile_tell("frame\n"));
	eft_corefile_write(SIGSEGV);
}

Test(corefile, listener)
{
	fake_boot(NULL);
	check_eq(fake_run(tell_listener, (void *)"|12"), FAKE_RETURNED);
	check_str(told, "12 frame\n12 exit 139\n12 end");
	check_str(file_path, "");
}

Test(corefile, listener_and_file)
{
	fake_boot(NULL);
	check_eq(fake_run(tell_listener, (void *)"|7,a,b"), FAKE_RETURNED);
	check_str(told, "7 frame\n7 exit 139\n7 end");
	check_str(file_path, "a,b");
}
