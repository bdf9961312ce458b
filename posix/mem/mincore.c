// SPDX-License-Identifier: BSD-3-Clause
/*
 * mincore(2). Nothing is ever paged out by the libOS, and so all that is mapped
 * counts as resident, as /proc/self has it.
 */
#include "core/abi.h"
#include "core/user.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

long eft_sys_mincore(uintptr_t addr, size_t len, unsigned char eft_user *vec)
{
	static const unsigned char ones[256] = {[0 ... 255] = 1};
	size_t pages = eft_whole_pages(len) / EFT_PAGE_SIZE;

	if (addr % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (len > ADDRESS_MAX || addr > ADDRESS_MAX - len)
		return -ENOMEM;
	if (pages > 0 && !eft_range_mapped(addr, pages * EFT_PAGE_SIZE))
		return -ENOMEM;
	while (pages > 0) {
		size_t n = eft_min(pages, sizeof(ones));

		if (eft_copy_out(vec, ones, n) != 0)
			return -EFAULT;
		vec += n;
		pages -= n;
	}
	return 0;
}
