// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a process makes of its host's answers: parts of plat-linuxu are compiled
 * into the test, whose system calls are made, failed, or answered here.
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"
#include "tests/unit/unit.h"

#include <setjmp.h>

static long host(long nr, long a, long b, long c, long d, long e, long f);

#define eft_linux3(nr, a, b, c)	   host(nr, a, b, c, 0, 0, 0)
#define eft_linux4(nr, a, b, c, d) host(nr, a, b, c, d, 0, 0)
#define eft_linux6		   host
#include "plat-linuxu/plat.c"
#include "plat-linuxu/ramfile.c"
#include "plat-linuxu/symbols.c"

#include "plat-linuxu/handles.c"

/* What core gets of a fault. */
static void note_trap(struct eft_trap *trap);

#define handle	       handle_fault
#define eft_trap(trap) note_trap(trap)
#include "plat-linuxu/signal.c"
#undef eft_trap
#undef handle

#define FUTEX_WAIT_PRIVATE HELPER_WAIT
#define FUTEX_WAKE_PRIVATE HELPER_WAKE
#include "plat-linuxu/helpers.c"
#undef FUTEX_WAIT_PRIVATE
#undef FUTEX_WAKE_PRIVATE
#undef eft_linux3
#undef eft_linux4
#undef eft_linux6

/* The (fail_at)th call from now on fails; 0: none. */
static unsigned calls, fail_at;
static long failure;

/* What write(2) and getrandom(2) answer, in turn. */
static const long *answers;

static long answer(char *to, bool fill)
{
	long n = *answers++;

	if (fill && n > 0)
		memset(to, 'r', (size_t)n);
	return n;
}

/* How the idle CPU slept. */
static long slept_by, slept_until_ns;

static long note_sleep(long by, const struct eft_timespec *until)
{
	slept_by = by;
	slept_until_ns =
		until != NULL ? until->sec * 1000000000 + until->nsec : -1;
	return 0;
}

/* How it ended: the signal that it sent to itself. */
static uint64_t held_back = UINT64_MAX;
static int handled_by_us, ended_by;
static jmp_buf ended;

static long note_end(long nr, long a, long b, long c)
{
	if (nr == SYS_exit_group)
		longjmp(ended, 1);
	if (nr == SYS_rt_sigprocmask)
		held_back = *(const uint64_t *)b;
	else if (nr == SYS_rt_sigaction)
		handled_by_us = ((const struct sigaction *)b)->handler ? a : 0;
	else if (!(held_back & EFT_LINUXU_BIT(c)) && handled_by_us != c)
		ended_by = (int)c;
	return 0;
}

/* Timers of the host's: how many there are, and whether one was set. */
static int timers;
static bool has_no_timer, timer_was_set;

int eft_linuxu_create_timer(int signal, int *ret_timer)
{
	check_eq(signal, EFT_LINUXU_STOP_SIGNAL);
	if (has_no_timer)
		return -EAGAIN;
	*ret_timer = ++timers;
	timer_was_set = false;
	return 0;
}

static long note_timer(long nr, long timer)
{
	check_eq(timer, timers);
	if (nr == SYS_timer_delete)
		timers--;
	else
		timer_was_set = true;
	return 0;
}

/* One that is closed is closed, whatever it answers. */
static long host(long nr, long a, long b, long c, long d, long e, long f)
{
	if (nr == SYS_write || nr == SYS_getrandom)
		return answer((char *)a, nr == SYS_getrandom);
	if (nr == SYS_futex)
		return note_sleep(b, (const struct eft_timespec *)d);
	if (nr == SYS_rt_sigprocmask || nr == SYS_rt_sigaction ||
	    nr == SYS_tgkill || nr == SYS_exit_group)
		return note_end(nr, a, b, c);
	if (nr == SYS_timer_settime || nr == SYS_timer_delete)
		return note_timer(nr, a);
	if (nr != SYS_close && ++calls == fail_at)
		return failure;
	return eft_linux6(nr, a, b, c, d, e, f);
}

/* The rest of the platform. */
char eft_linuxu_helper_window[1], eft_linuxu_helper_window_end[1],
	eft_linuxu_helper_stopped[1];

void eft_linuxu_sigreturn(void)
{
}

void eft_linuxu_ring_doorbell(void)
{
}

bool eft_linuxu_is_watched(void)
{
	return true;
}

int eft_linuxu_expect(int more)
{
	return 0;
}

void eft_linuxu_handle_interrupts(void)
{
}

uint64_t eft_linuxu_set_signals(uint64_t wanted)
{
	return 0;
}

long eft_linuxu_clone(void (*function)(void *arg), void *arg,
		      uintptr_t stack_top, int *ret_thread)
{
	return -EAGAIN;
}

struct eft_linuxu_facts eft_linuxu_facts;

eft_noreturn void eft_linuxu_give_up(const char *call)
{
	cr_assert_fail("the host refuses %s", call);
	__builtin_unreachable();
}

void eft_linuxu_limit(int resource, uint64_t ret_limit[2])
{
	ret_limit[0] = ret_limit[1] = UINT64_MAX;
}

uint64_t eft_linuxu_monotonic_ns(void)
{
	return 0;
}

uint64_t eft_linuxu_realtime_ns(void)
{
	return 0;
}

uint64_t eft_linuxu_cpu_time_ns(void)
{
	return 0;
}

eft_clock_fn *eft_linuxu_find_clock(int clock)
{
	return NULL;
}

void eft_linuxu_set_timer(uint64_t deadline_ns)
{
}

void eft_linuxu_deliver_interrupts(void)
{
}

uint32_t eft_linuxu_take_pending(void)
{
	return 0;
}

int eft_linuxu_map_zero(struct eft_plat_space *space, uintptr_t addr,
			size_t len, int prot)
{
	return 0;
}

void eft_linuxu_unmap(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
}

int eft_linuxu_protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		       int prot)
{
	return 0;
}

int eft_linuxu_move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		    size_t len)
{
	return 0;
}

static size_t reports(const long *host_says)
{
	answers = host_says;
	return eft_linuxu_plat.console_write("0123456789", 10);
}

/* Who writes more is told how much was taken; what cannot go is dropped. */
Test(hostcalls, console)
{
	check_eq(reports((const long[]){10}), 10);
	check_eq(reports((const long[]){3}), 3);
	check_eq(reports((const long[]){-EINTR, -EINTR, 7}), 7);
	check_eq(reports((const long[]){-EAGAIN}), 0);
	check_eq(reports((const long[]){-EPIPE}), 10);
	check_eq(reports((const long[]){-EBADF}), 10);
}

static int entropy_of(const long *host_says, char buf[33])
{
	memset(buf, 0, 33);
	answers = host_says;
	return eft_linuxu_plat.entropy(buf, 32);
}

Test(hostcalls, entropy)
{
	char buf[33];

	check_eq(entropy_of((const long[]){32}, buf), 0);
	check_eq(entropy_of((const long[]){-EINTR, 5, -EINTR, 20, 7}, buf), 0);
	check_str(buf, "rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr");
	check_eq(entropy_of((const long[]){5, -ENOSYS}, buf), -ENODEV);
}

static struct eft_linuxu_cpu own_cpu = {.timer = -1};

static void check_sleep(uint64_t deadline_ns, long until_ns)
{
	enum { WAIT_BITSET = 9, PRIVATE = 128 }; /* futex(2): a deadline */

	eft_linuxu_plat.wait(deadline_ns);
	check_eq(slept_by, WAIT_BITSET | PRIVATE);
	check_eq(slept_until_ns, until_ns);
	check_eq(own_cpu.bell, EFT_LINUXU_RUNS);
}

/* Until the deadline, which is one of the monotonic clock. */
Test(hostcalls, idle_cpu)
{
	fake_boot(NULL);
	eft_cpu()->platform = &own_cpu;
	check_sleep(5000000007, 5000000007);
	check_sleep(1, 1);
	check_sleep(EFT_FOREVER, -1);
}

/*
 * Faults.
 */
static struct eft_trap got;

static void note_trap(struct eft_trap *trap)
{
	got = *trap;
}

static void check_fault(uint64_t vector, uint64_t error, int access)
{
	struct eft_context context = {.vector = vector,
				      .error = error,
				      .cr2 = 0x123456,
				      .rip = 0x777};

	handle_fault(SIGSEGV, NULL, &context);
	check_eq(got.signal, SIGSEGV);
	check_eq(got.access, access);
	check_eq(got.addr, access != 0 ? 0x123456 : 0);
}

/* A page fault's error code (Intel SDM vol. 3 §4.7): of a user's access. */
Test(hostcalls, kinds_of_faults)
{
	enum { PRESENT = 1, WRITE = 2, USER = 4, FETCH = 16, GENERAL = 13 };

	check_fault(PAGE_FAULT, USER, EFT_PROT_READ);
	check_fault(PAGE_FAULT, USER | PRESENT, EFT_PROT_READ);
	check_fault(PAGE_FAULT, USER | WRITE, EFT_PROT_WRITE);
	check_fault(PAGE_FAULT, USER | PRESENT | WRITE, EFT_PROT_WRITE);
	check_fault(PAGE_FAULT, USER | PRESENT | FETCH, EFT_PROT_EXEC);
	check_fault(GENERAL, 0, 0);
}

/* In a handler the signal is held back, which the process is to end by. */
Test(hostcalls, ends_by_the_signal)
{
	static const int signals[] = {SIGABRT, SIGSEGV, SIGTERM};

	for (unsigned i = 0; i < eft_array_size(signals); i++) {
		held_back = UINT64_MAX;
		handled_by_us = signals[i];
		if (setjmp(ended) == 0)
			eft_linuxu_crash(signals[i]);
		check_eq(ended_by, signals[i]);
	}
}

/*
 * Helpers.
 */
static unsigned calls_of_helper;
static bool stop_it, it_begins = true;

long eft_linuxu_helper_call(const uint32_t *stop, long number,
			    const long args[6])
{
	calls_of_helper++;
	if (stop_it)
		*(uint32_t *)stop = 1;
	if (!it_begins)
		return NOT_BEGUN;
	return calls_of_helper < 3 ? -EINTR : 12;
}

/* A signal that was meant for another job ends no call, but its own does. */
Test(hostcalls, helpers_calls)
{
	struct eft_host_job job = {.call = EFT_HOST_READ};

	check_eq(do_job(&job), 12);
	check_eq(calls_of_helper, 3);
	calls_of_helper = 0;
	stop_it = true;
	check_eq(do_job(&job), -EINTR);
	check_eq(calls_of_helper, 1);
}

/* What it waits for may have come before it was stopped: the host is asked. */
Test(hostcalls, helpers_calls_that_have_not_begun)
{
	struct eft_host_job job = {.call = EFT_HOST_FLOCK,
				   .args = {-1, LOCK_UN}};

	stop_it = true;
	it_begins = false;
	check_eq(do_job(&job), -EBADF);
	check(timer_was_set);
	check_eq(timers, 0);
	has_no_timer = true;
	check_eq(do_job(&job), -EINTR);
}

/*
 * Descriptors.
 */
enum { NUMBERS_MAX = 64 };

static unsigned open_now(void)
{
	struct eft_stat st;
	unsigned count = 0;

	for (int fd = 0; fd < NUMBERS_MAX; fd++)
		count += eft_linux3(SYS_fstat, fd, (long)&st, 0) == 0;
	return count;
}

static void close_it(long fd)
{
	if (fd >= 0)
		eft_linux3(SYS_close, fd, 0, 0);
}

static void do_note(void)
{
	noted = false;
	eft_linuxu_note_given();
}

static void do_ram(void)
{
	close_it(eft_plat_host_memory());
}

static void do_map(void)
{
	struct file file = map_file("/proc/self/exe");

	if (file.size > 0)
		eft_linux3(SYS_munmap, (long)file.data, (long)file.size, 0);
}

static void do_open(void)
{
	close_it(eft_linuxu_open(AT_FDCWD, "/dev/null", O_RDONLY, 0));
}

/* Whatever fails, none stays open. */
Test(hostcalls, descriptors)
{
	static void (*const jobs[])(void) = {do_note, do_ram, do_map, do_open};
	static const long errors[] = {-EMFILE, -EPERM, -ENOMEM, -EINTR};
	unsigned before, made;

	fake_boot(NULL);
	before = open_now();
	for (unsigned i = 0; i < eft_array_size(jobs); i++) {
		calls = fail_at = 0;
		jobs[i]();
		made = calls;
		check(made > 0);
		check_eq(open_now(), before);
		for (unsigned nth = 1; nth <= made; nth++) {
			for (unsigned j = 0; j < eft_array_size(errors); j++) {
				calls = 0;
				fail_at = nth;
				failure = errors[j];
				jobs[i]();
				check_eq(open_now(), before);
			}
		}
	}
}

/* Those that exec gave are known, with no other's among them. */
Test(hostcalls, given)
{
	fake_boot(NULL);
	do_note();
	for (int fd = 0; fd < NUMBERS_MAX; fd++) {
		struct eft_stat st;

		check_eq(eft_linuxu_was_given(fd),
			 eft_linux3(SYS_fstat, fd, (long)&st, 0) == 0);
	}
}
