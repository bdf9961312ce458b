// SPDX-License-Identifier: BSD-3-Clause
/*
 * More CPUs than the first: threads of the host's.
 *
 * BELL  says how to reach a CPU, and is exchanged by who does: one that runs
 *       gets a signal, one that waits is woken, and one that was reached
 *       already takes notice before it waits (EFT_LINUXU_RUNG).
 * SPIN  A CPU that has run out of work is often wanted again at once, and the
 *       host takes longer to put it to sleep and to wake it than it spins. How
 *       long it spins is learnt: a spin in vain halves the next one; a kick
 *       during it, or so soon after that it would have met it, doubles it. The
 *       processor may be wanted by others, perhaps by the very CPU that is to
 *       kick: where the host took it away meanwhile, nobody spins for a while.
 */
#include "core/dev/cpus.h"
#include "core/arch/x86_64/cpu.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

enum { SPIN_MIN_NS = 2500, SPIN_MAX_NS = 20000 };

/* A clock that jumps so far in a spin: other threads ran on the processor. */
enum { TAKEN_AWAY_NS = 100000 };
enum { PAUSE_MIN_NS = 10000000, PAUSE_MAX_NS = 160000000 };

/* When who spins for a lock gives way to others on its processor. */
enum { TURNS_NAP = 16 * EFT_SPIN_YIELD, NAP_NS = 50000 };

enum { FUTEX_WAKE_PRIVATE = 1 | 128 };

struct more {
	struct eft_linuxu_cpu cpu;
	uint64_t signals; /* the mask that it begins with */
	char fault_stack[EFT_LINUXU_STACK_BYTES] __attribute__((aligned(16)));
};

/* Only some images open files. */
#pragma weak eft_linuxu_note_given

static bool may_spin; /* the host has a processor for each of two CPUs */

static unsigned count(void)
{
	uint64_t mask[16] = {0}; /* as many as Linux has, 1024, are enough */
	long bytes =
		eft_linux3(SYS_sched_getaffinity, 0, sizeof(mask), (long)mask);
	unsigned found = 0;

	for (long i = 0; i < bytes / 8; i++) {
		for (uint64_t left = mask[i]; left != 0; left &= left - 1)
			found++;
	}
	return found ? found : 1;
}

static eft_noreturn void begin(void *arg)
{
	struct eft_cpu *cpu = arg;
	struct more *more = cpu->platform;

	eft_linuxu_plat.set_cpu(cpu);
	eft_linuxu_use_fault_stack(more->fault_stack);
	eft_linuxu_set_signals(more->signals);
	eft_cpu_main();
}

/*
 * Its signals are held back until it can take them: it has no GS yet. Those
 * that other processes send are the first CPU's, in their order.
 */
static int start(struct eft_cpu *cpu, uintptr_t stack_top)
{
	long at = eft_linux6(SYS_mmap, 0, sizeof(struct more),
			     EFT_PROT_READ | EFT_PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct more *more = (void *)at;
	uint64_t before;
	long error;

	if (at < 0)
		return -EAGAIN;
	if (eft_linuxu_note_given != NULL)
		eft_linuxu_note_given();
	more->cpu = (struct eft_linuxu_cpu){
		.timer = -1,
		.tick_ns = EFT_FOREVER,
		.look_ns = EFT_FOREVER,
		.spinning.span_ns = SPIN_MAX_NS,
		.next = eft_linuxu_first.next,
	};
	cpu->platform = more;
	eft_linuxu_first.thread = eft_linux3(SYS_getpid, 0, 0, 0);
	eft_linuxu_first.spinning.span_ns = SPIN_MAX_NS;
	eft_linuxu_handle_interrupts();
	may_spin = count() > 1 && !eft_linuxu_under_valgrind();
	before = eft_linuxu_set_signals(UINT64_MAX);
	more->signals = before | EFT_LINUXU_HELD_BACK;
	eft_linuxu_share_stack();
	error = eft_linuxu_clone(begin, cpu, stack_top, &more->cpu.thread);
	eft_linuxu_set_signals(before);
	if (error < 0)
		return -EAGAIN;
	eft_linuxu_first.next = &more->cpu;
	return 0;
}

static void wake(struct eft_linuxu_cpu *cpu)
{
	eft_linux3(SYS_futex, (long)&cpu->bell, FUTEX_WAKE_PRIVATE, 1);
}

static void note_kick(struct eft_linuxu_cpu *cpu)
{
	__atomic_store_n(&cpu->spinning.kicked_ns, eft_linuxu_monotonic_ns(),
			 __ATOMIC_RELAXED);
}

static void kick(struct eft_cpu *cpu)
{
	struct eft_linuxu_cpu *to = cpu->platform;

	switch (__atomic_exchange_n(&to->bell, EFT_LINUXU_RUNG,
				    __ATOMIC_SEQ_CST)) {
	case EFT_LINUXU_RUNS: /* the host may be out of room for signals */
		while (eft_linuxu_need(eft_linux3(SYS_tkill, to->thread,
						  EFT_LINUXU_TIMER_SIGNAL, 0),
				       "tkill") == -EAGAIN)
			eft_cpu_relax();
		break;
	case EFT_LINUXU_SLEEPS:
		note_kick(to);
		wake(to);
		break;
	case EFT_LINUXU_WATCHES:
		note_kick(to);
		eft_linuxu_ring_doorbell();
		break;
	}
}

void eft_linuxu_kicked(void)
{
	struct eft_linuxu_cpu *cpu = eft_cpu()->platform;

	__atomic_store_n(&cpu->bell, EFT_LINUXU_RUNS, __ATOMIC_SEQ_CST);
	if (eft_linuxu_tell_ended != NULL)
		eft_linuxu_tell_ended();
	eft_kicked();
}

/* The last rest is over: was there a kick while this CPU would have spun? */
static void learn(struct eft_linuxu_spinning *s)
{
	uint64_t kicked_ns =
		__atomic_exchange_n(&s->kicked_ns, 0, __ATOMIC_RELAXED);

	if (kicked_ns != 0 && kicked_ns - s->began_ns < SPIN_MAX_NS)
		s->span_ns = eft_min(eft_max(s->span_ns * 2, SPIN_MIN_NS),
				     SPIN_MAX_NS);
}

static void refrain(struct eft_linuxu_spinning *s, uint64_t now)
{
	bool again = now - s->resume_ns < PAUSE_MAX_NS;

	s->pause_ns =
		again ? eft_min(2 * s->pause_ns, PAUSE_MAX_NS) : PAUSE_MIN_NS;
	s->resume_ns = now + s->pause_ns;
}

/* Until (end_ns), or a kick; false: the host took the processor away. */
static bool spin_until(const struct eft_linuxu_cpu *cpu, uint64_t end_ns)
{
	uint64_t before, now = cpu->spinning.began_ns;

	do {
		if (__atomic_load_n(&cpu->bell, __ATOMIC_RELAXED) !=
			    EFT_LINUXU_SPINS ||
		    eft_cpu()->irq_pending != 0)
			break;
		eft_cpu_relax();
		before = now;
		now = eft_linuxu_monotonic_ns();
		if (now - before > TAKEN_AWAY_NS)
			return false;
	} while (now < end_ns);
	return true;
}

void eft_linuxu_spin(struct eft_linuxu_cpu *cpu, uint64_t deadline_ns)
{
	struct eft_linuxu_spinning *s = &cpu->spinning;
	uint32_t before = EFT_LINUXU_SPINS;

	if (!may_spin)
		return;
	learn(s);
	s->began_ns = eft_linuxu_monotonic_ns();
	if (s->span_ns == 0 || s->began_ns < s->resume_ns ||
	    !eft_linuxu_rest(cpu, EFT_LINUXU_SPINS))
		return;
	if (!spin_until(cpu, eft_min(deadline_ns, s->began_ns + s->span_ns)))
		refrain(s, eft_linuxu_monotonic_ns());
	if (__atomic_compare_exchange_n(&cpu->bell, &before, EFT_LINUXU_RUNS,
					false, __ATOMIC_SEQ_CST,
					__ATOMIC_RELAXED))
		s->span_ns = s->span_ns > SPIN_MIN_NS ? s->span_ns / 2 : 0;
	else
		s->span_ns = eft_min(s->span_ns * 2, SPIN_MAX_NS);
}

/*
 * Whoever holds a lock has been taken off its processor when it holds it for so
 * long: perhaps by us.
 */
static void spin(unsigned turn)
{
	struct eft_timespec nap = {.nsec = NAP_NS};

	if (!eft_is_spin_yield(turn))
		return;
	if (turn < TURNS_NAP)
		eft_linux3(SYS_sched_yield, 0, 0, 0);
	else
		eft_linux3(SYS_nanosleep, (long)&nap, 0, 0);
}

bool eft_linuxu_wake_another(void)
{
	struct eft_linuxu_cpu *cpu;

	for (cpu = &eft_linuxu_first; cpu != NULL; cpu = cpu->next) {
		uint32_t before = EFT_LINUXU_SLEEPS;

		if (__atomic_compare_exchange_n(
			    &cpu->bell, &before, EFT_LINUXU_RUNG, false,
			    __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) {
			wake(cpu);
			return true;
		}
	}
	return false;
}

static const struct eft_cpus cpus = {
	.count = count,
	.start = start,
	.kick = kick,
	.spin = spin,
};

const struct eft_cpus *eft_plat_process_cpus(void)
{
	return eft_plat == &eft_linuxu_plat ? &cpus : NULL;
}
