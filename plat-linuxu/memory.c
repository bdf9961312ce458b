// SPDX-License-Identifier: BSD-3-Clause
/*
 * Memory of a process: the program's and the core's RAM are the host's anonymous
 * memory, paged by the host.
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

enum { RLIMIT_AS = 9 };
enum { MADV_DONTDUMP = 16 }; /* include/uapi/asm-generic/mman-common.h */
enum { MREMAP_MOVE_TO = MREMAP_MAYMOVE | MREMAP_FIXED };

/*
 * Under valgrind, which takes note of every byte; of a host that promises no
 * more memory than it has; and at most.
 */
#define RAM_UNDER_VALGRIND (128ul << 20)
#define RAM_PROMISED	   (256ul << 20)
#define RAM_MAX		   (1ul << 40)
#define IF_UNKNOWN	   (1ul << 30) /* how much the host has */

/* The host's sysinfo(2). */
struct sysinfo {
	int64_t uptime;
	uint64_t loads[3], total_ram, free_ram, shared_ram, buffer_ram;
	uint64_t total_swap, free_swap;
	uint16_t processes, pad;
	uint64_t total_high, free_high;
	uint32_t unit;
};

static long map(uintptr_t addr, size_t len, int prot)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE;

	return eft_linux6(SYS_mmap, addr, len, prot, flags, -1, 0);
}

uint64_t eft_linuxu_host_bytes(void)
{
	struct sysinfo info = {.total_ram = IF_UNKNOWN};

	eft_linux3(SYS_sysinfo, (long)&info, 0, 0);
	return info.total_ram * (info.unit ? info.unit : 1);
}

static long map_ram(size_t size)
{
	return map(EFT_LINUXU_RAM, size, EFT_PROT_READ | EFT_PROT_WRITE);
}

/* Where addresses are limited, most are left to the program. */
ssize_t eft_linuxu_ram_create(uint64_t host_bytes)
{
	size_t size = eft_min(host_bytes, RAM_MAX);
	uint64_t limit[2];
	long at;

	eft_linuxu_limit(RLIMIT_AS, limit);
	if (eft_linuxu_under_valgrind())
		size = eft_min(size, RAM_UNDER_VALGRIND);
	size = eft_min(size, limit[0] / 4);
	size = eft_align_down(size, EFT_PAGE_SIZE);
	at = map_ram(size);
	if (at < 0) {
		size = eft_min(size, RAM_PROMISED);
		at = map_ram(size);
	}
	/* corefile.c shows what is in use. */
	if (at >= 0)
		eft_linux3(SYS_madvise, EFT_LINUXU_RAM, size, MADV_DONTDUMP);
	return at < 0 ? at : (ssize_t)size;
}

/* These are paging.c's in images that have it. */
eft_weak int eft_linuxu_map_zero(struct eft_plat_space *space, uintptr_t addr,
				 size_t len, int prot)
{
	long at = map(addr, len, prot);

	return at < 0 ? at : 0;
}

eft_weak void eft_linuxu_unmap(struct eft_plat_space *space, uintptr_t addr,
			       size_t len)
{
	eft_linux3(SYS_munmap, addr, len, 0);
}

eft_weak int eft_linuxu_protect(struct eft_plat_space *space, uintptr_t addr,
				size_t len, int prot)
{
	return eft_linux3(SYS_mprotect, addr, len, prot);
}

eft_weak int eft_linuxu_move(struct eft_plat_space *space, uintptr_t from,
			     uintptr_t to, size_t len)
{
	long at;

	eft_assert(from + len <= to || to + len <= from);
	at = eft_linux6(SYS_mremap, from, len, len, MREMAP_MOVE_TO, to, 0);

	return at < 0 ? at : 0;
}
