// SPDX-License-Identifier: BSD-3-Clause
/*
 * mmap(2), and all of it that is not about files: most programs map nothing
 * else, and have not the rest (mmap_file.c).
 */
#include "core/file.h"
#include "core/user.h"
#include "posix/mem/memory.h"

/* What only anonymous memory refuses. */
static int check_anonymous(int flags)
{
	int type = flags & MAP_TYPE;

	if (flags & MAP_HUGETLB)
		return -ENOMEM;
	if (type == MAP_SHARED_VALIDATE)
		return -EINVAL;
	return type == MAP_SHARED && flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

static unsigned range_flags(int flags)
{
	unsigned result = 0;

	if ((flags & MAP_TYPE) != MAP_PRIVATE)
		result |= EFT_RANGE_SHARED;
	if (flags & MAP_NORESERVE)
		result |= EFT_RANGE_NORESERVE;
	if (flags & MAP_LOCKED)
		result |= EFT_RANGE_LOCKED;
	return result;
}

/* The address to ask for: 0 where the hint cannot be had; or an error. */
static intptr_t place(uintptr_t addr, size_t len, int flags)
{
	bool is_free = addr != 0 && eft_range_is_free(addr, len);

	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && addr > ADDRESS_MAX)
		return -ENOMEM;
	if (flags & MAP_FIXED_NOREPLACE)
		return is_free ? (intptr_t)addr : -EEXIST;
	if (flags & MAP_FIXED)
		return addr ? (intptr_t)addr : -EPERM;
	return is_free ? addr : 0;
}

/* No program's memory is below 2 GiB: there is none to be had. */
static bool wants_low(int flags)
{
	return flags & MAP_32BIT &&
	       !(flags & (MAP_FIXED | MAP_FIXED_NOREPLACE));
}

/* The order of the checks is Linux's (mm/mmap.c). */
static int check_mmap(uintptr_t addr, size_t len, int flags, off_t offset,
		      const struct eft_file *file)
{
	int type = flags & MAP_TYPE;

	if (len == 0)
		return -EINVAL;
	if (eft_whole_pages(len) == 0)
		return -ENOMEM;
	if (file != NULL && (uint64_t)offset > INT64_MAX - eft_whole_pages(len))
		return -EOVERFLOW;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) &&
	    addr % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (type != MAP_PRIVATE && type != MAP_SHARED &&
	    type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	return wants_low(flags) ? -ENOMEM : 0;
}

void eft_populate(uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;
	char byte;

	while (addr < end &&
	       eft_copy_in(&byte, (const char eft_user *)addr, 1) == 0)
		addr += EFT_PAGE_SIZE;
}

long eft_map(uintptr_t addr, size_t len, int prot, int flags,
	     struct eft_file *file, off_t offset)
{
	intptr_t at = check_mmap(addr, len, flags, offset, file);

	if (at == 0)
		at = file != NULL ? eft_map_check_file(file, prot, flags)
				  : check_anonymous(flags);
	if (at < 0)
		return at;
	prot &= EFT_PROT_READ | EFT_PROT_WRITE | EFT_PROT_EXEC;
	len = eft_whole_pages(len);
	at = place(eft_align_down(addr, EFT_PAGE_SIZE), len, flags);
	if (at >= 0)
		at = eft_range_map(at, len, prot, range_flags(flags), file,
				   offset);
	if (at >= 0 && flags & (MAP_POPULATE | MAP_LOCKED) &&
	    prot & EFT_PROT_READ && file == NULL)
		eft_populate(at, len);
	return at;
}

struct eft_mutex eft_first_space_changes =
	EFT_MUTEX_INIT(eft_first_space_changes, EFT_RANK_CHANGES);

long eft_mmap_anonymous(uintptr_t addr, size_t len, int prot, int flags)
{
	long result;

	eft_space_changes_begin();
	result = eft_map(addr, len, prot, flags, NULL, 0);
	eft_space_changes_end();
	return result;
}
