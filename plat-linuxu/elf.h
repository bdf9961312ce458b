// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * ELF-64 as far as it is read here: the vDSO's and our own symbols.
 *
 * Source: System V gABI, chapter 4, "ELF Header", "Sections", "Symbol Table".
 */
#include "core/base.h"

struct eft_elf_header {
	uint8_t ident[16];
	uint16_t type, machine;
	uint32_t version;
	uint64_t entry, phoff, shoff;
	uint32_t flags;
	uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

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
