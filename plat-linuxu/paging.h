// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Pages of RAM that the program's mappings show, in images with disks:
 * sharedram.c makes RAM what can be mapped twice, pagetable.c keeps what is
 * mapped where, paging.c maps it.
 */
#include "core/plat.h"

/* The host's file that RAM is, or -1. Set once, before there are threads. */
extern int eft_linuxu_ram_file;
/* How many mappings the host lets a process have (vm.max_map_count). */
extern uint64_t eft_linuxu_mappings_max;
/* Pages that are about to be written: the host is to have memory for them. */
void eft_linuxu_prepare(void *page, size_t len);

/*
 * The table: by address, which page is shown. An entry is the page's address,
 * and below it the protection that its range has, and how it is held.
 */
enum {
	EFT_LINUXU_PROT = 7,	/* as EFT_PROT_ has it */
	EFT_LINUXU_OWNED = 8,	/* the mapping's own */
	EFT_LINUXU_COPIED = 16, /* never writable */
};

/* The entry at (addr); 0: none is shown. */
uint64_t eft_linuxu_shown(uintptr_t addr);
/* The first address >= (addr) with an entry, below (end); or (end). */
uintptr_t eft_linuxu_shown_next(uintptr_t addr, uintptr_t end);
/* See that set() will have a place at (addr). False: no memory. */
bool eft_linuxu_shown_make(uintptr_t addr);
/* There is a place, or (entry) is 0. */
void eft_linuxu_shown_set(uintptr_t addr, uint64_t entry);
/* The same of (count) pages that are neighbours in RAM, where none is shown. */
void eft_linuxu_shown_fill(uintptr_t addr, uint64_t entry, unsigned count);
/* Free tables that are empty and have a part of [addr, end). */
void eft_linuxu_shown_prune(uintptr_t addr, uintptr_t end);
/* Where neighbours are two mappings of the host's: about how many it has. */
uint64_t eft_linuxu_shown_borders(void);

/* valgrind.c */
bool eft_linuxu_is_repeated(const uint8_t *instruction);
