// SPDX-License-Identifier: BSD-3-Clause
/*
 * Boot, from the platform's entry to the program's.
 */
#include "core/boot.h"
#include "core/abi.h"
#include "core/corefile.h"
#include "core/dev/random.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/trace.h"
#include "core/trap.h"

const struct eft_plat *eft_plat;

/*
 * Rooms that only some programs have. The linker takes them in when a system
 * call that the program makes needs them; otherwise these are NULL.
 */
extern __typeof__(eft_fd_init) eft_fd_init eft_weak;
extern __typeof__(eft_root_init) eft_root_init eft_weak;
extern __typeof__(eft_root_late) eft_root_late eft_weak;
extern __typeof__(eft_export_files) eft_export_files eft_weak;
extern __typeof__(eft_tty_init) eft_tty_init eft_weak;
extern __typeof__(eft_cpus_start) eft_cpus_start eft_weak;
extern __typeof__(eft_signals_inherit) eft_signals_inherit eft_weak;
extern __typeof__(eft_corefile_write) eft_corefile_write eft_weak;
extern __typeof__(eft_random_begin) eft_random_begin eft_weak;

void eft_exit(int status)
{
	if (eft_export_files != NULL)
		eft_export_files(false);
	eft_trace(EFT_TRACE_EXIT, status, 0);
	eft_plat->exit(status);
}

void eft_die_by(int signal)
{
	eft_trace(EFT_TRACE_CRASH, signal, 0);
	if (eft_export_files != NULL)
		eft_export_files(true);
	if (eft_corefile_write != NULL)
		eft_corefile_write(signal);
	eft_plat->crash(signal);
}

const char *eft_platform_name(void)
{
	return eft_plat->name;
}

enum { EXIT_USAGE = 2, EXIT_FAILURE = 1 };

/* Formatting takes time: only for one who reads it. */
static void report_memory(void)
{
	struct eft_range_stats program;
	struct eft_page_stats pages;

	if (eft_options.log < EFT_LOG_INFO)
		return;
	eft_range_stats(&program);
	eft_page_stats(&pages);
	eft_log(EFT_LOG_INFO, "%s, as a %s", eft_program_name(),
		eft_plat->name);
	eft_log(EFT_LOG_INFO, "memory: %lu KiB for the libOS, %lu KiB for it",
		pages.total * EFT_PAGE_SIZE / 1024, program.limit / 1024);
}

static eft_noreturn void refuse(const char *message)
{
	eft_console_printf("eft: %s\n", message);
	eft_plat->exit(EXIT_USAGE);
}

static void apply_options(void)
{
	eft_log_set_level(eft_options.log);
	if (eft_options.mem != 0 && !eft_page_set_limit(eft_options.mem))
		refuse("option 'mem': not enough memory to start");
}

void eft_boot_program_now(const struct eft_boot_info *info)
{
	eft_trace(EFT_TRACE_BOOT, EFT_TRACE_BOOT_PROGRAM, 0);
	if (eft_program_create(info) < 0) {
		eft_console_printf("eft: not enough memory to start\n");
		eft_plat->exit(EXIT_FAILURE);
	}
	if (eft_signals_inherit != NULL && info->blocked_signals != 0)
		eft_signals_inherit(info->blocked_signals);
	if (eft_tty_init != NULL)
		eft_tty_init();
	if (eft_options.alloc_fail != 0)
		eft_alloc_fail_after(eft_options.alloc_fail - 1);
	eft_thread_ready(eft_process()->first_thread);
}

/* core/mem/balloon.c has another. */
void eft_boot_program(const struct eft_boot_info *info)
	__attribute__((weak, alias("eft_boot_program_now")));

__attribute__((no_stack_protector)) eft_noreturn void
eft_boot(const struct eft_plat *plat, const struct eft_boot_info *info)
{
	char message[128];
	uintptr_t guard = 0;

	eft_plat = plat;
	eft_plat->entropy(&guard, sizeof(guard));
	__stack_chk_guard = guard; /* no protected function is under way */
	eft_thread_init("idle");
	eft_page_init(info);
	if (eft_options_init(info, message, sizeof(message)) < 0)
		refuse(message);
	apply_options();
	eft_plat->identity(&eft_process()->identity);
	eft_range_init(info, eft_options.mem);
	report_memory();
	if (eft_options.trace != NULL &&
	    eft_trace_start(eft_options.trace, info->space, message,
			    sizeof(message)) < 0)
		refuse(message);
	eft_trace(EFT_TRACE_BOOT, EFT_TRACE_BOOT_CPUS, 0);
	if (eft_cpus_start != NULL && eft_options.cpus > 1 &&
	    eft_cpus_start(eft_options.cpus, message, sizeof(message)) < 0)
		refuse(message);
	if (eft_random_begin != NULL)
		eft_random_begin();
	eft_trace(EFT_TRACE_BOOT, EFT_TRACE_BOOT_FILES, 0);
	if (eft_fd_init != NULL)
		eft_fd_init();
	if (eft_root_init != NULL)
		eft_root_init(info->initrd, info->initrd_len);
	if (eft_root_late != NULL)
		eft_root_late(info);
	else
		eft_boot_program(info);
	eft_idle();
}
