// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's stack as its start file expects it (System V ABI, x86-64,
 * §3.4.1 and figure 3.9): strings and random bytes at the top, below them the
 * auxiliary vector, the environment, the arguments, and argc at the pointer.
 */
#include "core/abi.h"
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/lib.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/thread.h"

enum { STACK_BYTES = 8 << 20, GUARD_BYTES = 1 << 20, RANDOM_BYTES = 16 };

/* Auxiliary vector types (Linux include/uapi/linux/auxvec.h). */
enum {
	AT_NULL = 0,
	AT_PHDR = 3,
	AT_PHENT = 4,
	AT_PHNUM = 5,
	AT_PAGESZ = 6,
	AT_ENTRY = 9,
	AT_UID = 11,
	AT_EUID = 12,
	AT_GID = 13,
	AT_EGID = 14,
	AT_HWCAP = 16,
	AT_CLKTCK = 17,
	AT_SECURE = 23,
	AT_RANDOM = 25,
	AT_HWCAP2 = 26,
	AT_EXECFN = 31,
	AT_MINSIGSTKSZ = 51,
};

/*
 * What a signal's handler needs of a stack: its frame, and what its system
 * calls take.
 */
enum { HANDLER_BYTES = 20480 };

static unsigned count(char **strings)
{
	unsigned n = 0;

	while (strings[n] != NULL)
		n++;
	return n;
}

/* The bytes that (strings) take, with their NULs. */
static size_t string_bytes(char **strings)
{
	size_t bytes = 0;

	for (; *strings != NULL; strings++)
		bytes += eft_strlen(*strings) + 1;
	return bytes;
}

/* Copy (strings) to (*text), their addresses to (words), which NULL ends. */
static uintptr_t *put_strings(uintptr_t *words, char **strings, char **text)
{
	for (; *strings != NULL; strings++) {
		size_t size = eft_strlen(*strings) + 1;

		memcpy(*text, *strings, size);
		*words++ = (uintptr_t)*text;
		*text += size;
	}
	*words++ = 0;
	return words;
}

static void put_auxv(uintptr_t *words, const struct eft_boot_info *info,
		     const void *random, uintptr_t name)
{
	const struct eft_elf_header *elf = (const void *)eft_image_start;
	const struct eft_identity *id = &eft_process()->identity;
	const uintptr_t auxv[] = {
		AT_PHDR,	(uintptr_t)eft_image_start + elf->phoff,
		AT_PHENT,	elf->phentsize,
		AT_PHNUM,	elf->phnum,
		AT_PAGESZ,	EFT_PAGE_SIZE,
		AT_ENTRY,	(uintptr_t)_start,
		AT_UID,		id->uid,
		AT_EUID,	id->euid,
		AT_GID,		id->gid,
		AT_EGID,	id->egid,
		AT_HWCAP,	info->hwcap,
		AT_CLKTCK,	100,
		AT_SECURE,	0,
		AT_RANDOM,	(uintptr_t)random,
		AT_HWCAP2,	info->hwcap2,
		AT_EXECFN,	name,
		AT_MINSIGSTKSZ, HANDLER_BYTES,
		AT_NULL,	0,
	};

	memcpy(words, auxv, sizeof(auxv));
	eft_process()->auxv = words;
}

enum { AUXV_WORDS = 34 };

/* Is there for what is laid out, where it takes pages of ours, and tables? */
static bool is_memory_for(size_t bytes)
{
	enum { SPARE = 12 };
	struct eft_page_stats pages;

	eft_page_stats(&pages);
	return eft_plat->map_zero != NULL ||
	       pages.free >= bytes / EFT_PAGE_SIZE + SPARE;
}

/* Lay the stack out below (top); returns the stack pointer, or 0: no room. */
static uintptr_t lay_out(const struct eft_boot_info *info, uintptr_t top)
{
	char **argv = eft_options.argv, **envp = eft_options.envp;
	size_t text = string_bytes(argv) + string_bytes(envp) + RANDOM_BYTES;
	size_t vectors = 1 + count(argv) + 1 + count(envp) + 1 + AUXV_WORDS;
	char *strings = (char *)eft_align_down(top - text, 16);
	uintptr_t *words = (uintptr_t *)eft_align_down(
		(uintptr_t)strings - vectors * sizeof(*words), 16);
	uintptr_t sp = (uintptr_t)words;

	if (text + vectors * sizeof(*words) > STACK_BYTES / 4 ||
	    !is_memory_for(top - sp))
		return 0;
	eft_plat->entropy(strings, RANDOM_BYTES);
	*words++ = count(argv);
	strings += RANDOM_BYTES;
	words = put_strings(words, argv, &strings);
	words = put_strings(words, envp, &strings);
	put_auxv(words, info, (void *)eft_align_down(top - text, 16),
		 ((uintptr_t *)sp)[1]);
	return sp;
}

/* The top of a new stack with a guard below it, or a negative errno. */
static intptr_t create_stack(void)
{
	intptr_t guard = eft_range_map(0, GUARD_BYTES + STACK_BYTES,
				       EFT_PROT_NONE, EFT_RANGE_STACK, NULL, 0);
	intptr_t stack;

	if (guard < 0)
		return guard;
	stack = eft_range_map(guard + GUARD_BYTES, STACK_BYTES,
			      EFT_PROT_READ | EFT_PROT_WRITE,
			      EFT_RANGE_STACK | EFT_RANGE_NORESERVE, NULL, 0);
	if (stack < 0)
		return stack;
	if (eft_plat->note_stack != NULL)
		eft_plat->note_stack(stack, stack + STACK_BYTES);
	return stack + STACK_BYTES;
}

int eft_program_create(const struct eft_boot_info *info)
{
	intptr_t top = create_stack();
	uintptr_t sp;

	if (top < 0)
		return top;
	sp = lay_out(info, top);
	if (sp == 0)
		return -E2BIG;
	eft_process()->first_thread =
		eft_thread_create_program((uintptr_t)_start, sp);
	return eft_process()->first_thread ? 0 : -ENOMEM;
}

const char *eft_program_name(void)
{
	const char *name = eft_options.argv ? eft_options.argv[0] : NULL;

	return name ? name : "a program";
}
