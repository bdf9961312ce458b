// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks by the host's vDSO, which needs no system call; by a system call
 * where there is none (valgrind hides it).
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"

/* ELF-64 (gABI, chapters 4 and "Sections"), as far as it is needed here. */
struct elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct elf_section {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t align, entry_size;
};

struct elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t section;
	uint64_t value, size;
};

enum { SHT_DYNSYM = 11 };

typedef long clock_gettime_fn(int clock, struct eft_timespec *ret_time);

static long by_system_call(int clock, struct eft_timespec *ret_time)
{
	return eft_linux3(SYS_clock_gettime, clock, (long)ret_time, 0);
}

static bool same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

/* The address of (name) among the symbols of (table), or 0. */
static uintptr_t find_in(const char *elf, const struct elf_section *sections,
			 const struct elf_section *table, const char *name)
{
	const struct elf_symbol *symbol = (const void *)(elf + table->offset);
	const char *strings = elf + sections[table->link].offset;

	for (size_t n = table->size / sizeof(*symbol); n > 0; n--, symbol++) {
		if (symbol->section != 0 && same(strings + symbol->name, name))
			return (uintptr_t)elf + symbol->value;
	}
	return 0;
}

static uintptr_t find_symbol(const void *elf, const char *name)
{
	const struct elf_header *header = elf;
	const struct elf_section *sections =
		(const void *)((const char *)elf + header->shoff);

	for (unsigned i = 0; header->shoff != 0 && i < header->shnum; i++) {
		if (sections[i].type == SHT_DYNSYM)
			return find_in(elf, sections, &sections[i], name);
	}
	return 0;
}

static clock_gettime_fn *find_clock(void)
{
	uintptr_t found = 0;

	if (eft_linuxu_facts.vdso != NULL)
		found = find_symbol(eft_linuxu_facts.vdso,
				    "__vdso_clock_gettime");
	return found ? (clock_gettime_fn *)found : by_system_call;
}

static uint64_t read_clock(int clock)
{
	static clock_gettime_fn *clock_gettime;
	struct eft_timespec now = {0};

	if (eft_unlikely(clock_gettime == NULL))
		clock_gettime = find_clock();
	clock_gettime(clock, &now);
	return now.sec * 1000000000ul + now.nsec;
}

uint64_t eft_linuxu_monotonic_ns(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

uint64_t eft_linuxu_realtime_ns(void)
{
	return read_clock(CLOCK_REALTIME);
}

uint64_t eft_linuxu_cpu_time_ns(void)
{
	return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}
