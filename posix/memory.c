// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's address space: its calls, and mappings of files.
 */
#include "posix/memory.h"
#include "core/file.h"
#include "core/mem.h"
#include "posix/syscalls.h"

eft_needs(eft_range_map_file);

/* What MAP_SHARED_VALIDATE knows (include/linux/mman.h, LEGACY_MAP_MASK). */
enum {
	KNOWN_FLAGS = MAP_TYPE | MAP_FIXED | MAP_ANONYMOUS | MAP_32BIT |
		      MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE |
		      MAP_LOCKED | MAP_NORESERVE | MAP_POPULATE | MAP_NONBLOCK |
		      MAP_STACK | MAP_HUGETLB,
};

int eft_map_check_file(struct eft_file *file, int prot, int flags)
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

static long do_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		    off_t offset)
{
	struct eft_file *file;
	long result;

	if (offset % EFT_PAGE_SIZE != 0)
		return -EINVAL;
	result = get_file(fd, flags, &file);
	if (result == 0)
		result = eft_map(addr, len, prot, flags, file, offset);
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
