// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process's tickets for the host's files (plat-linuxu/notify.c) on pipes of
 * the host's, and when its CPU's timer has it look at them (timer.c).
 */
#include "core/thread.h"
#include "tests/unit/unit.h"

#include "plat-linuxu/linux.h"

/* The timer's calls are noted, not made. */
static struct eft_timespec armed; /* the last setting */
static unsigned settings;

static long note_timer(long nr, long a, long b, long c, long d);

#define eft_linux4 note_timer
#include "plat-linuxu/timer.c"
#undef eft_linux4

/* The host may run another CPU of ours in our place: with no lock of ours. */
static unsigned bell_rings, rings_locked;

static long note_ring(long nr, long a, long b, long c)
{
	if (nr == SYS_write) {
		bell_rings++;
		rings_locked += eft_irq_depth() > 0;
	}
	return eft_linux3(nr, a, b, c);
}

/* How long who watches was ready to wait; UINT64_MAX: for ever. */
static uint64_t watched_ns;

static long note_watch(long nr, long a, long b, long c, long d, long e, long f)
{
	static const struct eft_timespec now;
	const struct eft_timespec *time = (const void *)c;

	if (nr != SYS_ppoll)
		return eft_linux6(nr, a, b, c, d, e, f);
	watched_ns = time != NULL
			     ? (uint64_t)(time->sec * 1000000000 + time->nsec)
			     : UINT64_MAX;
	return eft_linux6(nr, a, b, (long)&now, d, e, f);
}

#define handle	   notify_handle
#define eft_linux3 note_ring
#define eft_linux6 note_watch
#include "plat-linuxu/notify.c"
#undef eft_linux3
#undef eft_linux6
#undef handle

int pipe(int fds[2]);
ssize_t write(int fd, const void *buf, size_t len);
int close(int fd);

static long note_timer(long nr, long a, long b, long c, long d)
{
	if (nr == SYS_timer_settime) {
		armed = ((const struct eft_itimerspec *)c)->value;
		settings++;
	}
	return 0;
}

/* What the rest of the platform would do. */
void eft_linuxu_note_given(void)
{
}

eft_noreturn void eft_linuxu_give_up(const char *call)
{
	cr_assert_fail("the host refuses %s", call);
	__builtin_unreachable();
}

uint64_t eft_linuxu_monotonic_ns(void)
{
	return fake_now;
}

bool eft_linuxu_rest(struct eft_linuxu_cpu *cpu, enum eft_linuxu_bell how)
{
	return true;
}

void eft_linuxu_pend(uint32_t bits)
{
}

void eft_linuxu_divert_to_yield(struct eft_context *c)
{
}

void eft_linuxu_set_handler(int signal, void (*handler)(int, void *, void *),
			    bool interrupts)
{
}

int eft_plat_process_uring(void)
{
	return -ENOSYS;
}

int eft_linuxu_uring_add(unsigned slot)
{
	return -ENOSYS;
}

unsigned eft_linuxu_uring_remove(unsigned slot)
{
	return 0;
}

int eft_linuxu_uring_submit(unsigned requests)
{
	return -ENOSYS;
}

unsigned eft_linuxu_uring_flush(void)
{
	return 0;
}

void eft_linuxu_uring_enter(unsigned requests, uint64_t deadline_ns)
{
}

void eft_linuxu_uring_collect(void)
{
}

static struct eft_linuxu_cpu cpu = {
	.timer = 1, .tick_ns = EFT_FOREVER, .look_ns = EFT_FOREVER};
static int pipes[3][2];
static unsigned told[3];

static void done(void *arg)
{
	++*(unsigned *)arg;
}

static int wait_for(unsigned i)
{
	return eft_linuxu_notify(pipes[i][0], POLLIN, done, &told[i]);
}

static void feed(unsigned i)
{
	check_eq(write(pipes[i][1], "x", 1), 1);
}

static void boot(void)
{
	fake_boot(NULL);
	eft_cpu()->platform = &cpu;
	for (unsigned i = 0; i < 3; i++)
		check_eq(pipe(pipes[i]), 0);
}

/* A ticket that was good for something once cancels nobody else's. */
Test(tickets, old_ones)
{
	int first, second;

	boot();
	first = wait_for(0);
	check(first >= 0);
	feed(0);
	eft_linuxu_look(&cpu);
	check_eq(told[0], 1);
	check(!eft_linuxu_waits());
	second = wait_for(1);
	check(second != first);
	eft_linuxu_cancel(first);
	check(eft_linuxu_waits());
	feed(1);
	eft_linuxu_look(&cpu);
	check_eq(told[1], 1);
	check_eq(told[0], 1);
	eft_linuxu_cancel(second);
	check(!eft_linuxu_waits());
}

/* Each is told once; the doorbell is no ticket. */
Test(tickets, are_counted)
{
	int tickets_of[3];

	boot();
	for (int round = 1; round <= 3; round++) {
		for (unsigned i = 0; i < 3; i++)
			tickets_of[i] = wait_for(i);
		for (int i = 0; i < 5; i++) {
			eft_linuxu_ring_doorbell();
			eft_linuxu_look(&cpu);
			check(eft_linuxu_waits());
		}
		feed(2);
		eft_linuxu_look(&cpu);
		check_eq(told[2], round);
		eft_linuxu_cancel(tickets_of[0]);
		check(eft_linuxu_waits());
		eft_linuxu_look(&cpu);
		eft_linuxu_cancel(tickets_of[1]);
		check(!eft_linuxu_waits());
		eft_linuxu_cancel(tickets_of[1]);
		eft_linuxu_cancel(tickets_of[2]);
		check(!eft_linuxu_waits());
		check_eq(told[0] + told[1], 0);
	}
	check_eq(eft_linuxu_expect(1), 0);
	check(eft_linuxu_waits());
	eft_linuxu_ring_doorbell();
	eft_linuxu_look(&cpu);
	check(eft_linuxu_waits());
	check_eq(eft_linuxu_expect(-1), 0);
	check(!eft_linuxu_waits());
}

/* More than the first table has; each is told, and only once. */
Test(tickets, many)
{
	enum { MANY = 300 };
	int all[MANY];

	boot();
	for (unsigned i = 0; i < MANY; i++)
		check((all[i] = wait_for(i % 2)) >= 0);
	for (unsigned i = 0; i < MANY; i += 3)
		eft_linuxu_cancel(all[i]);
	feed(0);
	eft_linuxu_look(&cpu);
	eft_linuxu_look(&cpu);
	check_eq(told[0], MANY / 3);
	check_eq(told[1], 0);
	for (unsigned i = 0; i < MANY; i++)
		eft_linuxu_cancel(all[i]);
	check(!eft_linuxu_waits());
	feed(1);
	eft_linuxu_look(&cpu);
	check_eq(told[1], 0);
}

/* The slot of one that was cancelled is another's, wherever it lies. */
Test(tickets, slots_are_used_again)
{
	enum { ROUNDS = 2 * SLOTS_AT_FIRST };
	int last[2];

	boot();
	last[0] = wait_for(0);
	for (unsigned i = 1; i < ROUNDS; i++) {
		last[i % 2] = wait_for(0);
		eft_linuxu_cancel(last[(i + 1) % 2]);
	}
	check_eq(eft_linuxu_slots, SLOTS_AT_FIRST);
}

static void check_armed(uint64_t deadline_ns)
{
	check_eq(armed.sec * 1000000000 + armed.nsec, deadline_ns);
}

/* While all CPUs run, the timer has one of them look, and soon. */
Test(tickets, are_looked_at_by_the_timer)
{
	boot();
	wait_for(0);
	check_eq(settings, 1);
	check_eq(cpu.look_ns, fake_now + LOOK_NS);
	check_armed(fake_now + LOOK_NS);
	eft_linuxu_set_timer(fake_now + 1000);
	check_armed(fake_now + 1000);
	eft_linuxu_set_timer(fake_now + 5ul * LOOK_NS);
	check_armed(cpu.look_ns);
	settings = 0;
	wait_for(1); /* it is set already */
	check_eq(settings, 0);
}

/* Who watches has to look anew, and needs the table's lock for that. */
Test(tickets, are_told_of_without_the_lock)
{
	struct eft_linuxu_cpu other = cpu;

	boot();
	wait_for(0);
	check_eq(bell_rings, 0);
	tickets.watcher = &other;
	wait_for(1);
	check_eq(bell_rings, 1);
	check_eq(rings_locked, 0);
}

/* Who watches waits until the deadline, and no longer. */
Test(tickets, are_watched_until_the_deadline)
{
	boot();
	wait_for(0);
	check(eft_linuxu_watch(&cpu, fake_now + 3000000007));
	check_eq(watched_ns, 3000000007);
	check(eft_linuxu_watch(&cpu, fake_now - 1));
	check_eq(watched_ns, 0);
	check(eft_linuxu_watch(&cpu, EFT_FOREVER));
	check_eq(watched_ns, UINT64_MAX);
	eft_linuxu_look(&cpu);
	check_eq(watched_ns, 0);
}
