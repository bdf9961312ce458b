// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space.
 */
#include "posix/memory.h"
#include "core/file.h"
#include "core/mem.h"
#include "posix/syscalls.h"

/* No program's memory is above (Linux asm/page_64.h, TASK_SIZE). */
#define ADDRESS_MAX 0x7ffffffff000ul

/* What MAP_SHARED_VALIDATE knows (include/linux/mman.h, LEGACY_MAP_MASK). */
enum {
	KNOWN_FLAGS = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT |
		      MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |
		      MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |
		      MAP_STACK | MAP_HUGETLB,
};

/* May (file) be mapped so? */
static int check_file(struct eft_file *file, int prot, int flags)
{
	int type = flags & MAP_TYPE, mode = file->flags & O_ACCMODE;

	if (type == MAP_SHARED_VALIDATE && flags & ~KNOWN_FLAGS)
		return -EOPNOTSUPP;
	if (mode == O_WRONLY)
		return -EACCES;
	if (type != MAP_PRIVATE && prot & EFT_PROT_WRITE && mode != O_RDWR)
		return -EACCES;
	if (flags & MAP_SYNC) /* no file is persistent memory */
		return -EOPNOTSUPP;
	return flags & (MAP_GROWSDOWN | MAP_HUGETLB) ? -EINVAL : 0;
}

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

/* A reference to the file at (fd); NULL for anonymous memory. */
static int get_file(int fd, int flags, struct eft_file **ret_file)
{
	*ret_file = NULL;
	if (flags & MAP_ANONYMOUS)
		return 0;
	*ret_file = eft_fd_get(fd);
	if (*ret_file == NULL || (*ret_file)->flags & O_PATH)
		return -EBADF;
	return 0;
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
	for (size_t at = 0; at < len; at += EFT_PAGE_SIZE)
		(void)*(volatile char *)(addr + at);
}

static long map(uintptr_t addr, size_t len, int prot, int flags,
		struct eft_file *file, off_t offset)
{
	intptr_t at = check_mmap(addr, len, flags, offset, file);

	if (at == 0)
		at = file != NULL ? check_file(file, prot, flags)
				  : check_anonymous(flags);
	if (at < 0)
		return at;
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

static long do_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	struct eft_file *file;
	long result;

	if (offset % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	prot &= EFT_PROT_READ | EFT_PROT_WRITE | EFT_PROT_EXEC;
	result = get_file(fd, flags, &file);
	if (result == 0)
		result = map(addr, len, prot, flags, file, offset);
	eft_file_put(file);
	return result;
}

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

struct eft_mutex eft_space_changes =
	EFT_MUTEX_INIT(eft_space_changes, EFT_RANK_CHANGES);

long eft_sys_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	long result;

	eft_mutex_lock(&eft_space_changes);
	result = do_mmap(addr, len, prot, flags, fd, offset);
	eft_mutex_unlock(&eft_space_changes);
	return result;
}

long eft_sys_munmap(uintptr_t addr, size_t len)
{
	long result;

	eft_mutex_lock(&eft_space_changes);
	result = do_munmap(addr, len);
	eft_mutex_unlock(&eft_space_changes);
	return result;
}

long eft_sys_mprotect(uintptr_t addr, size_t len, int prot)
{
	long result;

	eft_mutex_lock(&eft_space_changes);
	result = do_mprotect(addr, len, prot);
	eft_mutex_unlock(&eft_space_changes);
	return result;
}

long eft_sys_mremap(uintptr_t addr, size_t old_len, size_t new_len, int flags,
		    uintptr_t new_addr)
{
	long result;

	eft_mutex_lock(&eft_space_changes);
	result = do_mremap(addr, old_len, new_len, flags, new_addr);
	eft_mutex_unlock(&eft_space_changes);
	return result;
}

long eft_sys_brk(uintptr_t end)
{
	long result;

	eft_mutex_lock(&eft_space_changes);
	result = do_brk(end);
	eft_mutex_unlock(&eft_space_changes);
	return result;
}
