// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of a process. The program's is the host's anonymous memory, paged by
 * the host. The core's RAM is a memfd, so that a page of it can be mapped a
 * second time, where the program shares a file of ramfs.
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

enum { RLIMIT_FSIZE = 1, RLIMIT_AS = 9 };
enum { MADV_DONTDUMP = 16 }; /* include/uapi/asm-generic/mman-common.h */
enum { MREMAP_MOVE_TO = MREMAP_MAYMOVE | MREMAP_FIXED };

/* Under valgrind, which takes note of every byte; natively, a part of all. */
#define RAM_UNDER_VALGRIND (128ul << 20)
#define RAM_MAX		   (1ul << 40)

/* The host's sysinfo(2). */
struct sysinfo {
	int64_t uptime;
	uint64_t loads[3], total_ram, free_ram, shared_ram, buffer_ram;
	uint64_t total_swap, free_swap;
	uint16_t processes, pad;
	uint64_t total_high, free_high;
	uint32_t unit;
};

static int ram_fd = -1;

static long map(uintptr_t addr, size_t len, int prot, int flags, int fd,
		off_t offset)
{
	return eft_linux6(SYS_mmap, addr, len, prot, flags, fd, offset);
}

uint64_t eft_linuxu_host_bytes(void)
{
	struct sysinfo info = {0};

	eft_linux3(SYS_sysinfo, (long)&info, 0, 0);
	return info.total_ram * (info.unit ? info.unit : 1);
}

/* The caller's limit of (resource); UINT64_MAX: none. */
static uint64_t limit_of(int resource)
{
	uint64_t limit[2] = {UINT64_MAX, UINT64_MAX}; /* soft, hard */

	eft_linux4(SYS_prlimit64, 0, resource, 0, (long)limit);
	return limit[0];
}

/*
 * A memfd of (size) bytes, or -1 where the host forbids it. One above the limit
 * on files would end the process (SIGXFSZ).
 */
static int create_memfd(size_t size)
{
	int fd = -1;

	if (size <= limit_of(RLIMIT_FSIZE))
		fd = eft_linux3(SYS_memfd_create, (long)"eft-ram",
				1 /* CLOEXEC */, 0);
	if (fd >= 0 && eft_linux3(SYS_ftruncate, fd, size, 0) < 0) {
		eft_linux3(SYS_close, fd, 0, 0);
		fd = -1;
	}
	return fd < 0 ? -1 : fd;
}

/* Where addresses are limited, most are left to the program. */
ssize_t eft_linuxu_ram_create(uint64_t host_bytes)
{
	size_t size = eft_min(host_bytes, RAM_MAX);
	int flags = MAP_FIXED | MAP_NORESERVE;
	long at;

	if (eft_linuxu_under_valgrind())
		size = eft_min(size, RAM_UNDER_VALGRIND);
	size = eft_min(size, limit_of(RLIMIT_AS) / 4);
	size = eft_align_down(size, EFT_PAGE_SIZE);
	ram_fd = create_memfd(size);
	flags |= ram_fd >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
	at = map(EFT_LINUXU_RAM, size, EFT_PROT_READ | EFT_PROT_WRITE, flags,
		 ram_fd, 0);
	/* Dumped by the host, each page of it would come to be. */
	eft_linux3(SYS_madvise, EFT_LINUXU_RAM, size, MADV_DONTDUMP);
	return at < 0 ? at : (ssize_t)size;
}

int eft_linuxu_map_zero(uintptr_t addr, size_t len, int prot)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;
	long at = map(addr, len, prot, flags, -1, 0);

	return at < 0 ? at : 0;
}

int eft_linuxu_map_page(uintptr_t addr, void *page, int prot, bool owned)
{
	long at;

	if (ram_fd < 0 || owned)
		return -ENODEV;
	at = map(addr, EFT_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, ram_fd,
		 (uintptr_t)page - EFT_LINUXU_RAM);
	return at < 0 ? at : 0;
}

void eft_linuxu_unmap(uintptr_t addr, size_t len)
{
	eft_linux3(SYS_munmap, addr, len, 0);
}

int eft_linuxu_protect(uintptr_t addr, size_t len, int prot)
{
	return eft_linux3(SYS_mprotect, addr, len, prot);
}

int eft_linuxu_move(uintptr_t from, uintptr_t to, size_t len)
{
	long at = eft_linux6(SYS_mremap, from, len, len, MREMAP_MOVE_TO, to, 0);

	return at < 0 ? at : 0;
}
