// SPDX-License-Identifier: BSD-3-Clause
/*
 * mmap(2) of anything: apart, for files are the larger part of it (map.c).
 */
#include "core/file.h"
#include "core/mem.h"
#include "core/memfd.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

eft_needs(eft_dev_zero_open);
eft_needs(eft_file_path);
eft_needs(eft_range_map_file);
eft_needs(eft_regular_map);

/* Only images that mount have it. */
#pragma weak eft_file_runs_nothing

/* Only images that make such files have it. */
#pragma weak eft_memfd_map_sealed
#pragma weak eft_memfd_seals

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
	if (eft_memfd_seals != NULL && type != MAP_PRIVATE &&
	    prot & EFT_PROT_WRITE &&
	    eft_memfd_seals(file) & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))
		return -EPERM;
	if (eft_file_runs_nothing != NULL && prot & EFT_PROT_EXEC &&
	    eft_file_runs_nothing(file))
		return -EPERM;
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
	*ret_file = eft_fd_get_opened(fd);
	return *ret_file != NULL ? 0 : -EBADF;
}

/* What is sealed is mapped to be read, also later. */
static int respect_seals(struct eft_file **file, int prot, int flags)
{
	if (eft_memfd_map_sealed == NULL || *file == NULL ||
	    prot & EFT_PROT_WRITE || (flags & MAP_TYPE) == MAP_PRIVATE ||
	    ((*file)->flags & O_ACCMODE) != O_RDWR)
		return 0;
	return eft_memfd_map_sealed(file);
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
		result = respect_seals(&file, prot, flags);
	if (result == 0)
		result = eft_map(addr, len, prot, flags, file, offset);
	if (result > 0 && file != NULL)
		eft_file_accessed(file);
	eft_file_put(file);
	return result;
}

long eft_sys_mmap(uintptr_t addr, size_t len, int prot, int flags, int fd,
		  off_t offset)
{
	long result;

	eft_space_changes_begin();
	result = do_mmap(addr, len, prot, flags, fd, offset);
	eft_space_changes_end();
	return result;
}
