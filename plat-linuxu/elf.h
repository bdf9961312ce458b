// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * ELF-64 as far as it is read here: the vDSO's and our own symbols.
 *
 * Source: System V gABI, chapter 4, "Sections", "Symbol Table".
 */
#include "core/abi.h"

struct eft_elf_section {
	uint32_t name, type;
	uint64_t flags, addr, offset, size;
	uint32_t link, info;
	uint64_t align, entry_size;
};

struct eft_elf_symbol {
	uint32_t name;
	uint8_t info, other;
	uint16_t section;
	uint64_t value, size;
};

enum { EFT_ELF_SYMTAB = 2, EFT_ELF_DYNSYM = 11, EFT_ELF_FUNC = 2 };

static inline const struct eft_elf_section *
eft_elf_sections(const void *elf, unsigned *ret_count)
{
	const struct eft_elf_header *header = elf;

	*ret_count = header->shoff != 0 ? header->shnum : 0;
	return (const void *)((const char *)elf + header->shoff);
}
