// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform contract, served by an ordinary Linux process.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/arch/x86_64/switch.h"
#include "core/dev/corefile.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

/* Only some images have it. */
extern __typeof__(eft_corefile_tell) eft_corefile_tell eft_weak;

/* arch_prctl(2); AT_HWCAP2's bit for the instructions (asm/hwcap2.h). */
enum { ARCH_SET_GS = 0x1001, ARCH_SET_FS = 0x1002, HWCAP2_FSGSBASE = 2 };

/* futex(2): FUTEX_WAIT_BITSET, whose time is a deadline of CLOCK_MONOTONIC. */
enum { FUTEX_WAIT_PRIVATE = 9 | 128, FUTEX_ANY = ~0 };

int eft_linuxu_console = 2;

static eft_noreturn void exit_process(int status)
{
	for (;;)
		eft_linux3(SYS_exit_group, status, 0, 0);
}

/* What the host does not take at all is dropped. */
static size_t console_write(const void *buf, size_t len)
{
	long n;

	do
		n = eft_linux3(SYS_write, eft_linuxu_console, (long)buf, len);
	while (n == -EINTR);
	if (n >= 0)
		return (size_t)n;
	return n == -EAGAIN ? 0 : len;
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

struct eft_linuxu_cpu eft_linuxu_first = {
	.timer = -1,
	.tick_ns = EFT_FOREVER,
	.look_ns = EFT_FOREVER,
};

static void set_cpu(struct eft_cpu *cpu)
{
	if (cpu->platform == NULL)
		cpu->platform = &eft_linuxu_first;
	if (eft_linuxu_facts.hwcap2 & HWCAP2_FSGSBASE)
		__asm__ volatile("wrgsbase %0" ::"r"(cpu));
	else
		eft_linuxu_need(
			eft_linux3(SYS_arch_prctl, ARCH_SET_GS, (long)cpu, 0),
			"arch_prctl");
}

static void set_thread_pointer(uintptr_t tp)
{
	if (eft_linuxu_facts.hwcap2 & HWCAP2_FSGSBASE)
		__asm__ volatile("wrfsbase %0" ::"r"(tp));
	else
		eft_linuxu_need(eft_linux3(SYS_arch_prctl, ARCH_SET_FS, tp, 0),
				"arch_prctl");
}

bool eft_linuxu_rest(struct eft_linuxu_cpu *cpu, enum eft_linuxu_bell how)
{
	uint32_t before = EFT_LINUXU_RUNS;

	return __atomic_compare_exchange_n(&cpu->bell, &before, how, false,
					   __ATOMIC_SEQ_CST,
					   __ATOMIC_SEQ_CST) &&
	       eft_cpu()->irq_pending == 0;
}

void eft_linuxu_pend(uint32_t bits)
{
	struct eft_cpu *cpu = eft_cpu();
	struct eft_linuxu_cpu *own = cpu->platform;

	cpu->irq_pending |= bits;
	if (own->bell == EFT_LINUXU_SLEEPS)
		own->bell = EFT_LINUXU_RUNG;
	else if (own->bell == EFT_LINUXU_WATCHES)
		eft_linuxu_ring_doorbell();
}

static void sleep_until(struct eft_linuxu_cpu *cpu, uint64_t deadline_ns)
{
	struct eft_timespec time = {deadline_ns / 1000000000,
				    deadline_ns % 1000000000};

	if (eft_linuxu_rest(cpu, EFT_LINUXU_SLEEPS))
		eft_linuxu_need(
			eft_linux6(SYS_futex, (long)&cpu->bell,
				   FUTEX_WAIT_PRIVATE, EFT_LINUXU_SLEEPS,
				   deadline_ns == EFT_FOREVER ? 0 : (long)&time,
				   0, FUTEX_ANY),
			"futex");
}

/* The idle loop looks at the run queue and the timers afterwards. */
static void wait(uint64_t deadline_ns)
{
	struct eft_linuxu_cpu *cpu = eft_cpu()->platform;

	cpu->tick_ns = cpu->look_ns = EFT_FOREVER;
	if (eft_linuxu_spin != NULL)
		eft_linuxu_spin(cpu, deadline_ns);
	if (eft_linuxu_watch == NULL || !eft_linuxu_watch(cpu, deadline_ns))
		sleep_until(cpu, deadline_ns);
	__atomic_store_n(&cpu->bell, EFT_LINUXU_RUNS, __ATOMIC_SEQ_CST);
	while (eft_linuxu_take_pending() & EFT_LINUXU_IRQ_SIGNAL)
		eft_linuxu_signals_came();
}

/* No stack is 0 here: that is the host's, which valgrind found itself. */
static unsigned note_stack(uintptr_t start, uintptr_t end)
{
	if (eft_far_stack != 0)
		return 0;
	return eft_linuxu_valgrind(EFT_VG_STACK_REGISTER, start, end);
}

static void forget_stack(unsigned number)
{
	if (number != 0)
		eft_linuxu_valgrind(EFT_VG_STACK_DEREGISTER, number, 0);
}

static void identity(struct eft_identity *ret_id)
{
	*ret_id = eft_linuxu_facts.identity;
	ret_id->suid = ret_id->euid;
	ret_id->sgid = ret_id->egid;
	ret_id->pid = eft_linux3(SYS_getpid, 0, 0, 0);
	ret_id->ppid = eft_linux3(SYS_getppid, 0, 0, 0);
}

const struct eft_plat eft_linuxu_plat = {
	.name = "process",
	.exit = exit_process,
	.crash = eft_linuxu_crash,
	.tell = eft_corefile_tell,
	.symbol = eft_linuxu_symbol,
	.read_tracer = eft_linuxu_read_tracer,
	.console_write = console_write,
	.monotonic_ns = eft_linuxu_monotonic_ns,
	.realtime_ns = eft_linuxu_realtime_ns,
	.find_clock = eft_linuxu_find_clock,
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
