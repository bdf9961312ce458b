// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space: what changes and takes away mappings.
 */
#include "core/abi.h"
#include "core/mem.h"
#include "core/thread.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

static long do_munmap(uintptr_t addr, size_t len)
{
	if (addr > ADDRESS_MAX || len > ADDRESS_MAX - addr)
		return -EINVAL;
	return eft_range_unmap(addr, eft_whole_pages(len));
}

static long do_mprotect(uintptr_t addr, size_t len, int prot)
{
	int all = EFT_PROT_READ | EFT_PROT_WRITE | EFT_PROT_EXEC;

	if (addr % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (len == 0)
		return 0;
	if (eft_whole_pages(len) == 0)
		return -ENOMEM;
	if (prot & ~(all | PROT_SEM))
		return -EINVAL;
	return eft_range_protect(addr, eft_whole_pages(len), prot & all);
}

static long do_mremap(uintptr_t addr, size_t old_len, size_t new_len, int flags,
		      uintptr_t new_addr)
{
	return eft_range_remap(addr, eft_whole_pages(old_len),
			       eft_whole_pages(new_len), flags, new_addr);
}

static long do_brk(uintptr_t end)
{
	return eft_range_break(end);
}

long eft_sys_munmap(uintptr_t addr, size_t len)
{
	long result;

	eft_space_changes_begin();
	result = do_munmap(addr, len);
	eft_space_changes_end();
	return result;
}

long eft_sys_mprotect(uintptr_t addr, size_t len, int prot)
{
	long result;

	eft_space_changes_begin();
	result = do_mprotect(addr, len, prot);
	eft_space_changes_end();
	return result;
}

long eft_sys_mremap(uintptr_t addr, size_t old_len, size_t new_len, int flags,
		    uintptr_t new_addr)
{
	long result;

	eft_space_changes_begin();
	result = do_mremap(addr, old_len, new_len, flags, new_addr);
	eft_space_changes_end();
	return result;
}

long eft_sys_brk(uintptr_t end)
{
	long result;

	eft_space_changes_begin();
	result = do_brk(end);
	eft_space_changes_end();
	return result;
}
