// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space.
 */
#include "core/file.h"
#include "core/mem.h"
#include "posix/syscalls.h"

/* No program's memory is above (Linux asm/page_64.h, TASK_SIZE). */
#define ADDRESS_MAX 0x7ffffffff000ul

/* (len) in whole pages; 0 when that overflows. */
static size_t whole_pages(size_t len)
{
	return eft_align_up(len, EFT_PAGE_SIZE);
}

/* What mmap(2) checks of a file, and its reference; NULL for anonymous. */
static int get_file(int fd, int prot, int flags, struct eft_file **ret_file)
{
	bool shared = (flags & MAP_TYPE) != MAP_PRIVATE;
	struct eft_file *file;

	if (flags & MAP_ANONYMOUS)
		return 0;
	file = eft_fd_get(fd);
	if (file == NULL)
		return -EBADF;
	*ret_file = file;
	if (file->flags & O_PATH)
		return -EBADF;
	if ((file->flags & O_ACCMODE) == O_WRONLY)
		return -EACCES;
	if (shared && prot & EFT_PROT_WRITE &&
	    (file->flags & O_ACCMODE) != O_RDWR)
		return -EACCES;
	return 0;
}

static unsigned range_flags(int flags)
{
	unsigned result = 0;

	if ((flags & MAP_TYPE) != MAP_PRIVATE)
		result |= EFT_RANGE_SHARED;
	if (flags & MAP_NORESERVE)
		result |= EFT_RANGE_NORESERVE;
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

static int check_mmap(uintptr_t addr, size_t len, int flags, off_t offset)
{
	int type = flags & MAP_TYPE;

	if (len == 0 || offset % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (type != MAP_PRIVATE && type != MAP_SHARED &&
	    type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) &&
	    addr % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	if (whole_pages(len) == 0)
		return -ENOMEM;
	return offset < 0 ? -EOVERFLOW : 0;
}

/* Touch every page (MAP_POPULATE). */
static void populate(uintptr_t addr, size_t len)
{
	for (size_t at = 0; at < len; at += EFT_PAGE_SIZE)
		(void)*(volatile char *)(addr + at);
}

static long do_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	struct eft_file *file = NULL;
	intptr_t at = check_mmap(addr, len, flags, offset);

	if (at < 0)
		return at;
	prot &= EFT_PROT_READ | EFT_PROT_WRITE | EFT_PROT_EXEC;
	len = whole_pages(len);
	at = get_file(fd, prot, flags, &file);
	if (at == 0)
		at = place(eft_align_down(addr, EFT_PAGE_SIZE), len, flags);
	if (at >= 0)
		at = eft_range_map(at, len, prot, range_flags(flags), file,
				   offset);
	if (at >= 0 && flags & MAP_POPULATE && prot & EFT_PROT_READ &&
	    file == NULL)
		populate(at, len);
	eft_file_put(file);
	return at;
}

static long do_munmap(uintptr_t addr, size_t len)
{
	return eft_range_unmap(addr, whole_pages(len));
}

static long do_mprotect(uintptr_t addr, size_t len, int prot)
{
	if (prot & ~(EFT_PROT_READ | EFT_PROT_WRITE | EFT_PROT_EXEC))
		return -EINVAL;
	if (len != 0 && whole_pages(len) == 0)
		return -ENOMEM;
	return eft_range_protect(addr, whole_pages(len), prot);
}

static long do_mremap(uintptr_t addr, size_t old_len, size_t new_len, int flags,
		      uintptr_t new_addr)
{
	return eft_range_remap(addr, whole_pages(old_len), whole_pages(new_len),
			       flags, new_addr);
}

static long do_brk(uintptr_t end)
{
	return eft_range_break(end);
}

/* The advice that Linux knows, but for MADV_REMOVE (9); 5 to 7 are not. */
static bool is_advice(int advice)
{
	return (advice >= 0 && advice <= 4) || advice == 8 ||
	       (advice >= 10 && advice <= 25);
}

/*
 * MADV_DONTNEED empties memory; all other advice changes nothing that a
 * program could see.
 */
static long do_madvise(uintptr_t addr, size_t len, int advice)
{
	if (addr % EFT_PAGE_SIZE != 0 || !is_advice(advice) ||
	    (len != 0 && whole_pages(len) == 0))
		return -EINVAL;
	len = whole_pages(len);
	if (len != 0 && !eft_range_mapped(addr, len))
		return -ENOMEM;
	if (advice == MADV_DONTNEED)
		return eft_range_discard(addr, len);
	return 0;
}

/* Memory is never paged out. */
long eft_sys_mlock(uintptr_t addr, size_t len)
{
	uintptr_t start = eft_align_down(addr, EFT_PAGE_SIZE);

	len = whole_pages(len + (addr - start));
	return eft_range_mapped(start, len) ? 0 : -ENOMEM;
}

long eft_sys_munlock(uintptr_t addr, size_t len)
{
	return eft_sys_mlock(addr, len);
}

long eft_sys_mlockall(int flags)
{
	return flags == 0 || flags & ~7 ? -EINVAL : 0;
}

long eft_sys_munlockall(void)
{
	return 0;
}

/*
 * One change of the address space at a time: what a call finds free, or finds
 * at all, is still so when it acts on it.
 */
static struct eft_mutex changes = EFT_MUTEX_INIT(changes, EFT_RANK_CHANGES);

long eft_sys_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_mmap(addr, len, prot, flags, fd, offset);
	eft_mutex_unlock(&changes);
	return result;
}

long eft_sys_munmap(uintptr_t addr, size_t len)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_munmap(addr, len);
	eft_mutex_unlock(&changes);
	return result;
}

long eft_sys_mprotect(uintptr_t addr, size_t len, int prot)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_mprotect(addr, len, prot);
	eft_mutex_unlock(&changes);
	return result;
}

long eft_sys_mremap(uintptr_t addr, size_t old_len, size_t new_len, int flags,
		    uintptr_t new_addr)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_mremap(addr, old_len, new_len, flags, new_addr);
	eft_mutex_unlock(&changes);
	return result;
}

long eft_sys_brk(uintptr_t end)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_brk(end);
	eft_mutex_unlock(&changes);
	return result;
}

long eft_sys_madvise(uintptr_t addr, size_t len, int advice)
{
	long result;

	eft_mutex_lock(&changes);
	result = do_madvise(addr, len, advice);
	eft_mutex_unlock(&changes);
	return result;
}
