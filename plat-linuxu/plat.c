// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform contract, served by an ordinary Linux process.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

/* arch_prctl(2); AT_HWCAP2's bit for the instructions (asm/hwcap2.h). */
enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002, HWCAP2_FSGSBASE = 2 };

static eft_noreturn void exit_process(int status)
{
	for (;;)
		eft_linux3(SYS_exit_group, status, 0, 0);
}

static void console_write(const void *buf, size_t len)
{
	const char *at = buf;

	while (len > 0) {
		long n = eft_linux3(SYS_write, 2, (long)at, len);

		if (n <= 0 && n != -EINTR)
			return;
		if (n > 0) {
			at += n;
			len -= n;
		}
	}
}

static int entropy(void *buf, size_t len)
{
	char *at = buf;

	while (len > 0) {
		long n = eft_linux3(SYS_getrandom, (long)at, len, 0);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return -ENODEV;
		at += n;
		len -= n;
	}
	return 0;
}

static void set_cpu(struct eft_cpu *cpu)
{
	eft_linux3(SYS_arch_prctl, ARCH_SET_GS, (long)cpu, 0);
}

static void set_thread_pointer(uintptr_t tp)
{
	if (eft_linuxu_facts.hwcap2 & HWCAP2_FSGSBASE)
		__asm__ volatile("wrfsbase %0" ::"r"(tp));
	else
		eft_linux3(SYS_arch_prctl, ARCH_SET_FS, tp, 0);
}

const struct eft_timespec *eft_linuxu_timeout(uint64_t deadline_ns,
					      struct eft_timespec *buf)
{
	uint64_t now = eft_linuxu_monotonic_ns();
	uint64_t left = deadline_ns > now ? deadline_ns - now : 0;

	if (deadline_ns == EFT_FOREVER)
		return NULL;
	buf->sec = left / 1000000000;
	buf->nsec = left % 1000000000;
	return buf;
}

static void sleep_until(uint64_t deadline_ns)
{
	struct eft_timespec buf;

	eft_linux6(SYS_ppoll, 0, 0, (long)eft_linuxu_timeout(deadline_ns, &buf),
		   0, 0, 0);
}

void (*eft_linuxu_wait)(uint64_t deadline_ns) = sleep_until;

static void wait(uint64_t deadline_ns)
{
	eft_linuxu_wait(deadline_ns);
	eft_cpu()->irq_pending = 0; /* the idle loop looks at the timers */
}

static unsigned note_stack(uintptr_t start, uintptr_t end)
{
	return eft_linuxu_valgrind(EFT_VG_STACK_REGISTER, start, end);
}

static void forget_stack(unsigned number)
{
	eft_linuxu_valgrind(EFT_VG_STACK_DEREGISTER, number, 0);
}

static void identity(struct eft_identity *ret_id)
{
	ret_id->pid = eft_linux3(SYS_getpid, 0, 0, 0);
	ret_id->ppid = eft_linux3(SYS_getppid, 0, 0, 0);
	ret_id->uid = eft_linux3(SYS_getuid, 0, 0, 0);
	ret_id->euid = eft_linux3(SYS_geteuid, 0, 0, 0);
	ret_id->gid = eft_linux3(SYS_getgid, 0, 0, 0);
	ret_id->egid = eft_linux3(SYS_getegid, 0, 0, 0);
}

const struct eft_plat eft_linuxu_plat = {
	.name = "process",
	.exit = exit_process,
	.crash = eft_linuxu_crash,
	.symbol = eft_linuxu_symbol,
	.console_write = console_write,
	.monotonic_ns = eft_linuxu_monotonic_ns,
	.realtime_ns = eft_linuxu_realtime_ns,
	.cpu_time_ns = eft_linuxu_cpu_time_ns,
	.entropy = entropy,
	.set_cpu = set_cpu,
	.set_thread_pointer = set_thread_pointer,
	.wait = wait,
	.set_timer = eft_linuxu_set_timer,
	.deliver_interrupts = eft_linuxu_deliver_interrupts,
	.map_zero = eft_linuxu_map_zero,
	.map_page = eft_linuxu_map_page,
	.unmap = eft_linuxu_unmap,
	.protect = eft_linuxu_protect,
	.move = eft_linuxu_move,
	.note_stack = note_stack,
	.forget_stack = forget_stack,
	.identity = identity,
};
