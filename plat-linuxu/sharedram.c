// SPDX-License-Identifier: BSD-3-Clause
/*
 * RAM becomes a file of the host's memory, whose pages can be mapped a second
 * time. It is anonymous memory until then, as in all other programs: what is in
 * use is copied.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/switch.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/paging.h"
#include "plat-linuxu/valgrind.h"

/* The linker takes these in for their weak parts too. */
eft_needs(eft_plat_process_paging);
eft_needs(eft_linuxu_is_repeated);

enum { MFD_CLOEXEC = 1, RLIMIT_FSIZE = 1 };
enum { MADV_DONTDUMP = 16 }; /* include/uapi/asm-generic/mman-common.h */

/* What the host is asked for at once, and no more than that is of no use. */
enum { PREPARED_BYTES = 1 << 20 };

/* Linux's default (Documentation/admin-guide/sysctl/vm.rst, max_map_count). */
enum { MAPPINGS = 65530 };

int eft_linuxu_ram_file = -1;
uint64_t eft_linuxu_mappings_max;
static uintptr_t ram_end;

/* What is left to the program's own mappings, and to ours: a quarter. */
static uint64_t find_mappings_max(void)
{
	char text[24];
	int file = eft_linuxu_open(AT_FDCWD, "/proc/sys/vm/max_map_count",
				   O_RDONLY, 0);
	uint64_t max = 0;
	long n = 0;

	if (file >= 0) {
		n = eft_linux3(SYS_read, file, (long)text, sizeof(text));
		eft_linux3(SYS_close, file, 0, 0);
	}
	for (long i = 0; i < n && text[i] >= '0' && text[i] <= '9'; i++)
		max = max * 10 + (uint64_t)(text[i] - '0');
	max = max != 0 ? max : MAPPINGS;
	return max - max / 4;
}

/*
 * Files above the limit on their size are refused, with a signal: for this one,
 * which is no file of the program's, it is what the host allows at most.
 */
static void set_file_limit(uint64_t soft, uint64_t hard)
{
	uint64_t limit[2] = {soft, hard};

	eft_linux4(SYS_prlimit64, 0, RLIMIT_FSIZE, (long)limit, 0);
}

/*
 * May pages be in the host's swap? They are not in memory, as mincore(2) has it,
 * and yet in use.
 */
static bool has_swapped(void)
{
	enum { TOTAL_SWAP = 8, FREE_SWAP = 9, WORDS = 14 }; /* sysinfo(2) */
	uint64_t info[WORDS] = {0};

	return eft_linux3(SYS_sysinfo, (long)info, 0, 0) < 0 ||
	       info[TOTAL_SWAP] != info[FREE_SWAP];
}

static bool is_zero(uintptr_t page)
{
	const uint64_t *word = (const uint64_t *)page;

	for (size_t i = 0; i < EFT_PAGE_SIZE / sizeof(*word); i++) {
		if (word[i] != 0)
			return false;
	}
	return true;
}

/* Copy of [at, end), 64 pages at most, those that were used. */
static long copy_some(int file, uintptr_t at, uintptr_t end, bool swapped)
{
	uint8_t there[64];
	long error = eft_linux3(SYS_mincore, at, end - at, (long)there);

	for (size_t i = 0; at + i * EFT_PAGE_SIZE < end; i++) {
		uintptr_t page = at + i * EFT_PAGE_SIZE;
		long n = EFT_PAGE_SIZE;

		/* Of valgrind's, which does not know it to be a copy. */
		eft_linuxu_valgrind(EFT_VG_MAKE_MEM_DEFINED, page,
				    EFT_PAGE_SIZE);
		if (error != 0 || there[i] & 1 || (swapped && !is_zero(page)))
			n = eft_linux4(SYS_pwrite64, file, page, EFT_PAGE_SIZE,
				       page - EFT_LINUXU_RAM);
		if (n != (long)EFT_PAGE_SIZE)
			return n < 0 ? n : -ENOMEM;
	}
	return 0;
}

static long copy(int file, uintptr_t used_end)
{
	enum { PIECE = 64 * EFT_PAGE_SIZE };
	bool swapped = has_swapped();
	uintptr_t at = EFT_LINUXU_RAM;
	long error = 0;

	for (; at < used_end && error == 0; at += PIECE)
		error = copy_some(file, at, eft_min(at + PIECE, used_end),
				  swapped);
	return error;
}

static long fill(int file, uintptr_t used_end, size_t size)
{
	uint64_t limit[2];
	long error;

	eft_linuxu_limit(RLIMIT_FSIZE, limit);
	if (size > limit[1])
		return -EFBIG;
	if (size > limit[0])
		set_file_limit(limit[1], limit[1]);
	error = eft_linux3(SYS_ftruncate, file, (long)size, 0);
	if (error == 0)
		error = copy(file, used_end);
	if (size > limit[0])
		set_file_limit(limit[0], limit[1]);
	return error;
}

/* Nothing else runs, and this stack is not in RAM. */
static long replace(int file, uintptr_t used_end, uintptr_t end)
{
	size_t size = end - EFT_LINUXU_RAM;
	long error = fill(file, used_end, size);

	if (error < 0)
		return error;
	error = eft_linux6(SYS_mmap, EFT_LINUXU_RAM, size,
			   EFT_PROT_READ | EFT_PROT_WRITE,
			   MAP_SHARED | MAP_FIXED | MAP_NORESERVE, file, 0);
	if (error < 0)
		return error;
	eft_linux3(SYS_madvise, EFT_LINUXU_RAM, size, MADV_DONTDUMP);
	return 0;
}

int eft_plat_process_share_ram(uintptr_t used_end, uintptr_t end)
{
	long file, error;

	if (eft_plat != &eft_linuxu_plat)
		return -ENODEV;
	if (eft_linuxu_ram_file >= 0)
		return 0;
	eft_assert(used_end > EFT_LINUXU_RAM && used_end <= end);
	eft_linuxu_note_given();
	do
		file = eft_linux3(SYS_memfd_create, (long)"eft-ram",
				  MFD_CLOEXEC, 0);
	while (file == -EMFILE && eft_linuxu_raise_limit());
	if (file < 0)
		return (int)file;
	error = replace((int)file, used_end, end);
	if (error < 0) {
		eft_linux3(SYS_close, file, 0, 0);
		return (int)error;
	}
	eft_linuxu_mappings_max = find_mappings_max();
	eft_linuxu_ram_file = (int)file;
	ram_end = end;
	return 0;
}

/*
 * RAM is taken into use from its start on. So where that has come to somewhere
 * new the host gives us more at once, which is half of the work of a fault for
 * each page. Linux before 5.14 does not.
 */
void eft_linuxu_prepare(void *page, size_t len)
{
	static uintptr_t prepared_end; /* atomic */
	uintptr_t end = (uintptr_t)page + len;
	uintptr_t from = __atomic_load_n(&prepared_end, __ATOMIC_RELAXED);

	if (end <= from)
		return;
	from = eft_max(from, (uintptr_t)page);
	end = eft_min(eft_align_up(end, PREPARED_BYTES), ram_end);
	__atomic_store_n(&prepared_end, end, __ATOMIC_RELAXED);
	eft_linux3(SYS_madvise, from, end - from, MADV_POPULATE_WRITE);
}

void eft_plat_process_call(const struct eft_trap *trap, void (*function)(void))
{
	struct eft_context *c = trap->frame;

	eft_linuxu_find_xsave(c);
	/* Below the stack pointer is nothing, in valgrind's eyes. */
	eft_linuxu_valgrind(EFT_VG_MAKE_MEM_DEFINED,
			    eft_libos_stack_below(c->rsp) - EFT_LINUXU_LAID_MAX,
			    EFT_LINUXU_LAID_MAX);
	eft_divert(&c->rsp, &c->rip, c->rflags, function);
	trap->regs->rip = c->rip;
}
