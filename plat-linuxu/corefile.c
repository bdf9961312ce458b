// SPDX-License-Identifier: BSD-3-Clause
/*
 * A core file on the host. The other CPUs, threads of the host's, are stopped
 * by the signal of timers and kicks: its handler keeps where they were.
 */
#include "core/dev/corefile.h"
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-linuxu/linuxu.h"

enum { SIG_SETMASK = 2, PATIENCE_NS = 200000000 };
enum { MADV_DODUMP = 17 }; /* include/uapi/asm-generic/mman-common.h */

static int file = -1;
static unsigned stopped; /* other CPUs; atomic */

static int create(const char *path, uint64_t size)
{
	file = eft_linux4(SYS_openat, AT_FDCWD, (long)path,
			  O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file < 0)
		return file;
	return eft_linux3(SYS_ftruncate, file, size, 0);
}

static bool is_zero(const uint64_t *page)
{
	for (size_t i = 0; i < EFT_PAGE_SIZE / sizeof(*page); i++) {
		if (page[i] != 0)
			return false;
	}
	return true;
}

/* A host that does not let us read by a call may still write from there. */
static void write_page(uint64_t at, uintptr_t from)
{
	static uint64_t page[EFT_PAGE_SIZE / 8];
	const struct eft_iovec to = {page, EFT_PAGE_SIZE};
	const struct eft_iovec in = {(void *)from, EFT_PAGE_SIZE};
	long self = eft_linux3(SYS_getpid, 0, 0, 0);
	long n = eft_linux6(SYS_process_vm_readv, self, (long)&to, 1, (long)&in,
			    1, 0);

	if (n != (long)EFT_PAGE_SIZE || !is_zero(page))
		eft_linux4(SYS_pwrite64, file, from, EFT_PAGE_SIZE, at);
}

static void write(uint64_t at, const void *buf, size_t len)
{
	uintptr_t from = (uintptr_t)buf;

	if (len % EFT_PAGE_SIZE != 0) {
		eft_linux4(SYS_pwrite64, file, from, len, at);
		return;
	}
	for (size_t done = 0; done < len; done += EFT_PAGE_SIZE)
		write_page(at + done, from + done);
}

static void park(int signal, void *info, void *context)
{
	eft_cpu()->stopped_at = context;
	__atomic_fetch_add(&stopped, 1, __ATOMIC_RELEASE);
	for (;;)
		eft_linux3(SYS_pause, 0, 0, 0);
}

/* What came for this CPU meanwhile is forgotten. */
static void stop_others(void)
{
	struct eft_linuxu_cpu *own = eft_cpu()->platform, *cpu;
	uint64_t deadline = eft_linuxu_monotonic_ns() + PATIENCE_NS, all = ~0;
	unsigned others = 0;

	eft_linux4(SYS_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof(all));
	eft_linuxu_set_handler(EFT_LINUXU_TIMER_SIGNAL, park, false);
	for (cpu = &eft_linuxu_first; cpu != NULL; cpu = cpu->next) {
		if (cpu == own)
			continue;
		eft_linux3(SYS_tkill, cpu->thread, EFT_LINUXU_TIMER_SIGNAL, 0);
		others++;
	}
	while (__atomic_load_n(&stopped, __ATOMIC_ACQUIRE) != others &&
	       eft_linuxu_monotonic_ns() < deadline)
		eft_cpu_relax();
	eft_linuxu_set_disposition(EFT_LINUXU_TIMER_SIGNAL, true);
}

/* All RAM is left out of it: see memory.c. */
static void show(uintptr_t start, uintptr_t end)
{
	eft_linux3(SYS_madvise, start, end - start, MADV_DODUMP);
}

static void tell(int to, const char *text)
{
	size_t len = 0;
	char byte;

	while (text != NULL && text[len] != '\0')
		len++;
	if (text != NULL) {
		eft_linux3(SYS_write, to, (long)text, len);
		return;
	}
	eft_linux3(SYS_close, to, 0, 0);
	while (eft_linux3(SYS_read, to + 1, (long)&byte, 1) > 0)
		;
}

const struct eft_corefile *eft_plat_corefile(void)
{
	static const struct eft_corefile corefile = {
		.create = create,
		.write = write,
		.stop_others = stop_others,
		.show = show,
		.tell = tell,
	};

	return eft_plat == &eft_linuxu_plat ? &corefile : NULL;
}
