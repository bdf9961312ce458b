// SPDX-License-Identifier: BSD-3-Clause
/*
 * Stands before eft_exit() in the images of a coverage build (--wrap): a
 * process writes what it counted to $EFT_COVERAGE/NUMBER.profraw. LLVM's own
 * run-time library lays the file out in memory.
 *
 * Source: LLVM, "Source-based Code Coverage", "Using the profiling runtime
 * without a filesystem".
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/lib.h"
#include "core/options.h"
#include "core/process.h"
#include "plat-linuxu/linuxu.h"

uint64_t __llvm_profile_get_size_for_buffer(void);
int __llvm_profile_write_buffer(char *buffer);

eft_noreturn void __real_eft_exit(int status);
eft_noreturn void __wrap_eft_exit(int status);

static const char *folder(void)
{
	static const char name[] = "EFT_COVERAGE=";
	size_t len = sizeof(name) - 1;

	for (char **envp = eft_options.envp; *envp != NULL; envp++) {
		if (eft_strlen(*envp) > len && memcmp(*envp, name, len) == 0)
			return *envp + len;
	}
	return NULL;
}

static void write_all(const char *path, const char *at, size_t len)
{
	int flags = O_WRONLY | O_CREAT | O_TRUNC;
	long fd = eft_linux4(SYS_openat, AT_FDCWD, (long)path, flags, 0666);

	if (fd == -EACCES) /* who has given up root counts for nothing */
		return;
	eft_assert(fd >= 0);
	while (len > 0) {
		long n = eft_linux3(SYS_write, fd, (long)at, len);

		eft_assert(n > 0);
		at += n;
		len -= n;
	}
}

static void save(const char *dir)
{
	size_t len = __llvm_profile_get_size_for_buffer();
	long buffer = eft_linux6(SYS_mmap, 0, eft_align_up(len, EFT_PAGE_SIZE),
				 EFT_PROT_READ | EFT_PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char path[256];

	eft_assert(buffer > 0);
	__llvm_profile_write_buffer((char *)buffer);
	eft_snprintf(path, sizeof(path), "%s/%d-%lu.profraw", dir,
		     eft_process()->identity.pid, eft_plat->realtime_ns());
	write_all(path, (const char *)buffer, len);
}

void __wrap_eft_exit(int status)
{
	if (eft_plat == &eft_linuxu_plat && folder() != NULL)
		save(folder());
	__real_eft_exit(status);
}
