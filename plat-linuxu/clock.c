// SPDX-License-Identifier: BSD-3-Clause
/*
 * Clocks by the host's vDSO, which needs no system call; by a system call
 * where there is none (valgrind hides it).
 */
#include "core/abi.h"
#include "plat-linuxu/elf.h"
#include "plat-linuxu/linuxu.h"

static int by_system_call(int clock, struct eft_timespec *ret_time)
{
	return (int)eft_linux3(SYS_clock_gettime, clock, (long)ret_time, 0);
}

static bool same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b)
		a++, b++;
	return *a == *b;
}

/* The address of (name) among the symbols of (table), or 0. */
static uintptr_t find_in(const char *elf, const struct eft_elf_section *table,
			 const char *strings, const char *name)
{
	const struct eft_elf_symbol *symbol =
		(const void *)(elf + table->offset);

	for (size_t n = table->size / sizeof(*symbol); n > 0; n--, symbol++) {
		if (symbol->section != 0 && same(strings + symbol->name, name))
			return (uintptr_t)elf + symbol->value;
	}
	return 0;
}

/* The vDSO is the kernel's: its numbers are not doubted. */
static uintptr_t find_symbol(const void *elf, const char *name)
{
	unsigned count;
	const struct eft_elf_section *s = eft_elf_sections(elf, &count);

	for (unsigned i = 0; i < count; i++) {
		if (s[i].type == EFT_ELF_DYNSYM)
			return find_in(elf, &s[i],
				       (const char *)elf + s[s[i].link].offset,
				       name);
	}
	return 0;
}

static eft_clock_fn find_and_read;
static eft_clock_fn *clock_gettime = find_and_read;

/* One function, which reads both. */
static eft_clock_fn *find(void)
{
	uintptr_t found = 0;

	if (clock_gettime != find_and_read)
		return clock_gettime;
	if (eft_linuxu_facts.vdso != NULL)
		found = find_symbol(eft_linuxu_facts.vdso,
				    "__vdso_clock_gettime");
	clock_gettime = found ? (eft_clock_fn *)found : by_system_call;
	return clock_gettime;
}

eft_clock_fn *eft_linuxu_find_clock(int clock)
{
	return find();
}

static int find_and_read(int clock, struct eft_timespec *ret_time)
{
	return find()(clock, ret_time);
}

static uint64_t read_clock(int clock)
{
	struct eft_timespec now = {0};

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
