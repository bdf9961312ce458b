// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the fake needs of the real host, kept from core's names: host.c alone
 * includes libc's headers.
 */
#include "core/arch/x86_64/trap.h"
#include "core/base.h"

/* Address space of (len) bytes with nothing in it yet, page aligned to 2 MiB.
 */
uintptr_t host_reserve(size_t len);

/* The RAM: (len) bytes of a memfd, mapped at (addr), which is reserved. */
void host_map_ram(uintptr_t addr, size_t len);

/* Empty (len) bytes of the RAM at (offset). */
void host_empty_ram(size_t offset, size_t len);
/* AddressSanitizer is to let [addr, addr+len) be used. */
void host_unpoison(void *addr, size_t len);

/* Map the RAM's page at (ram_offset) a second time; zeroes; nothing. */
void host_map_page(uintptr_t addr, size_t ram_offset, int prot);
void host_map_zero(uintptr_t addr, size_t len, int prot);
void host_unmap(uintptr_t addr, size_t len);
void host_protect(uintptr_t addr, size_t len, int prot);
void host_move(uintptr_t from, uintptr_t to, size_t len);

void host_set_gs(void *base);

/* Have (handler) called at a fault, on a stack of its own. */
void host_on_fault(void (*handler)(uintptr_t addr, int access,
				   struct eft_regs *regs));
/* No handler of ours any more: the next fault is the sanitizer's to report. */
void host_give_up_faults(void);

/* The stack that the caller runs on: [*ret_start, *ret_end). */
void host_stack(uintptr_t *ret_start, uintptr_t *ret_end);

/* Print to standard error; with the stack of the caller's fiber. */
void host_print(const void *text, size_t len);
void host_print_stack(void);

/* Is the environment's variable (name) set? To what: NULL, to nothing. */
bool host_asks(const char *name);
const char *host_variable(const char *name);

/* All of a file of the host's. */
const void *host_read_file(const char *path, size_t *ret_len);

/* The test cannot be made here: say what it wants, and end (77 to meson). */
eft_noreturn void host_skip(const char *why);

/* Print to standard error and abort: the test fails. */
eft_noreturn void host_abort(const char *why, const char *text);

/* libc's heap. */
void *host_calloc(size_t size);
void *host_memalign(size_t align, size_t size);
void *host_realloc(void *ptr, size_t size);
void host_free(void *ptr);
size_t host_usable_size(void *ptr);
