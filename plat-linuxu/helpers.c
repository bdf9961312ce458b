// SPDX-License-Identifier: BSD-3-Clause
/*
 * Helpers: threads of the host's that make those calls of it which may take
 * long, so that no CPU waits for them. See struct eft_host_helpers.
 *
 * HELPER  It is no CPU, and has no block of one: it uses nothing of core's.
 *         There are as many as had work at once, and they stay.
 * JOB     is given to an idle helper under the lock. When it is over it is put
 *         on `ended`, and the doorbell rung: the CPU that watches the host's
 *         files tells who waits for it. Where all compute, the one that began
 *         it is kicked.
 * STOP    A signal that no program can ask for, and no CPU gets, ends the
 *         call. What the call waits for may have come before: only the host
 *         knows, so that one which had not quite begun (helper.S) is made all
 *         the same, and ended where it waits.
 */
#include "core/abi.h"
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/cpu.h"
#include "core/dev/host.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/notify.h"
#include "plat-linuxu/valgrind.h"

enum { HELPERS_MAX = 256 };

/* futex(2) */
enum { FUTEX_WAIT_PRIVATE = 0 | 128, FUTEX_WAKE_PRIVATE = 1 | 128 };

struct helper {
	struct helper *next;
	uint32_t busy;	  /* atomic, a futex of the host's: it has a job */
	int thread;	  /* the host's number of it */
	uint32_t changes; /* atomic; of who we are, that it has followed */
	int cpu;	  /* of the CPU that began the job */
	struct eft_host_job *job;
	char stack[EFT_LINUXU_STACK_BYTES] __attribute__((aligned(16)));
};

static struct {
	struct eft_lock lock;
	/* Owned by lock. */
	struct helper *all;
	unsigned count;
	struct eft_host_job *ended; /* atomic; the last one first */
} helpers = {.lock = EFT_LOCK_INIT(EFT_RANK_TICKETS)};

long eft_linuxu_helper_call(const uint32_t *stop, long number,
			    const long args[6]);
enum { NOT_BEGUN = -513 };
extern char eft_linuxu_helper_window[], eft_linuxu_helper_window_end[],
	eft_linuxu_helper_stopped[];

/* The caller, whose stack is in it: it has no per-CPU block. */
static struct helper *own_helper(void)
{
	uintptr_t here = (uintptr_t)__builtin_frame_address(0);
	struct helper *helper = helpers.all;

	while (here - (uintptr_t)helper->stack >= sizeof(helper->stack))
		helper = helper->next;
	return helper;
}

static void stop_call(int signal, void *info, void *context)
{
	struct eft_context *c = context;

	if (eft_linuxu_follow_change != NULL)
		eft_linuxu_follow_change(&own_helper()->changes);
	if (c->rip >= (uintptr_t)eft_linuxu_helper_window &&
	    c->rip < (uintptr_t)eft_linuxu_helper_window_end)
		c->rip = (uintptr_t)eft_linuxu_helper_stopped;
}

/* Whoever takes it may be through with (job) at once. */
static void put_on_ended(struct eft_host_job *job)
{
	struct eft_host_job *first =
		__atomic_load_n(&helpers.ended, __ATOMIC_RELAXED);

	do
		job->next = first;
	while (!__atomic_compare_exchange_n(&helpers.ended, &first, job, false,
					    __ATOMIC_RELEASE,
					    __ATOMIC_RELAXED));
	eft_linuxu_ring_doorbell();
}

static long call(long number, const long args[6])
{
	return eft_linux6(number, args[0], args[1], args[2], args[3], args[4],
			  args[5]);
}

/* It ends soon. The first signal may come before the host is asked. */
static long call_briefly(long number, const long args[6])
{
	const struct eft_timespec soon = {.nsec = 1000000};
	const struct eft_itimerspec often = {soon, soon};
	long result;
	int timer;

	if (eft_linuxu_create_timer(EFT_LINUXU_STOP_SIGNAL, &timer) < 0)
		return -EINTR;
	eft_linux4(SYS_timer_settime, timer, 0, (long)&often, 0);
	result = call(number, args);
	eft_linux3(SYS_timer_delete, timer, 0, 0);
	return result;
}

/* A signal that was meant for the job before is none for this one. */
static long do_job(struct eft_host_job *job)
{
	static const short numbers[] = {
		[EFT_HOST_READ] = SYS_readv,
		[EFT_HOST_WRITE] = SYS_writev,
		[EFT_HOST_PREAD] = SYS_preadv,
		[EFT_HOST_PWRITE] = SYS_pwritev,
		[EFT_HOST_OPEN] = SYS_openat,
		[EFT_HOST_LOCK] = SYS_fcntl,
		[EFT_HOST_FLOCK] = SYS_flock,
		[EFT_HOST_FSYNC] = SYS_fsync,
		[EFT_HOST_FUTEX] = SYS_futex,
		[EFT_HOST_MSYNC] = SYS_msync,
		[EFT_HOST_FDATASYNC] = SYS_fdatasync,
		[EFT_HOST_SENDFILE] = SYS_sendfile,
		[EFT_HOST_COPY_RANGE] = SYS_copy_file_range,
		[EFT_HOST_SYNCFS] = SYS_syncfs,
	};
	long number = numbers[job->call], result;

	do
		result = eft_linuxu_helper_call(&job->stop, number, job->args);
	while (result == -EINTR &&
	       !__atomic_load_n(&job->stop, __ATOMIC_RELAXED));
	return result == NOT_BEGUN ? call_briefly(number, job->args) : result;
}

static eft_noreturn void help(void *arg)
{
	struct helper *self = arg;

	for (;;) {
		struct eft_host_job *job;
		int cpu;

		while (!__atomic_load_n(&self->busy, __ATOMIC_ACQUIRE))
			eft_linux6(SYS_futex, (long)&self->busy,
				   FUTEX_WAIT_PRIVATE, 0, 0, 0, 0);
		job = self->job;
		cpu = self->cpu;
		job->result = do_job(job);
		__atomic_store_n(&self->busy, 0, __ATOMIC_RELEASE);
		put_on_ended(job);
		if (!eft_linuxu_is_watched())
			eft_linux3(SYS_tkill, cpu, EFT_LINUXU_TIMER_SIGNAL, 0);
	}
}

/* One more, with nothing to do; or NULL. */
static struct helper *create(void)
{
	const uint64_t all_but_stop = ~(1ul << (EFT_LINUXU_STOP_SIGNAL - 1));
	struct helper *helper;
	uint64_t signals;
	long at, error;

	if (helpers.count == HELPERS_MAX)
		return NULL;
	at = eft_linux6(SYS_mmap, 0, sizeof(*helper),
			EFT_PROT_READ | EFT_PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0)
		return NULL;
	helper = (struct helper *)at;
	eft_linuxu_set_handler(EFT_LINUXU_STOP_SIGNAL, stop_call, false);
	eft_linuxu_handle_interrupts();
	signals = eft_linuxu_set_signals(all_but_stop);
	/* It begins as this CPU is, which follows no change meanwhile. */
	helper->changes =
		((struct eft_linuxu_cpu *)eft_cpu()->platform)->changes;
	helper->next = helpers.all;
	error = eft_linuxu_clone(
		help, helper, (uintptr_t)helper->stack + sizeof(helper->stack),
		&helper->thread);
	eft_linuxu_set_signals(signals);
	if (error < 0) {
		eft_linux3(SYS_munmap, at, sizeof(*helper), 0);
		return NULL;
	}
	helpers.all = helper;
	helpers.count++;
	return helper;
}

static struct helper *find_idle(void)
{
	struct helper *helper = helpers.all;

	while (helper != NULL &&
	       __atomic_load_n(&helper->busy, __ATOMIC_ACQUIRE))
		helper = helper->next;
	return helper != NULL ? helper : create();
}

static int begin(struct eft_host_job *job)
{
	struct helper *helper;

	eft_linuxu_note_given(); /* descriptors are to be opened */
	/* Valgrind lets one thread run at a time, through some such calls. */
	if (eft_linuxu_under_valgrind() || eft_linuxu_expect(1) < 0)
		return -EAGAIN;
	eft_lock(&helpers.lock);
	helper = find_idle();
	if (helper != NULL) {
		job->helper = helper;
		helper->job = job;
		helper->cpu = (int)eft_linux3(SYS_gettid, 0, 0, 0);
		__atomic_store_n(&helper->busy, 1, __ATOMIC_RELEASE);
	}
	eft_unlock(&helpers.lock);
	if (helper == NULL) {
		eft_linuxu_expect(-1);
		return -EAGAIN;
	}
	eft_linux3(SYS_futex, (long)&helper->busy, FUTEX_WAKE_PRIVATE, 1);
	return 0;
}

static void stop(struct eft_host_job *job)
{
	struct helper *helper = job->helper;

	__atomic_store_n(&job->stop, 1, __ATOMIC_SEQ_CST);
	eft_linux3(SYS_tkill, helper->thread, EFT_LINUXU_STOP_SIGNAL, 0);
}

/* Its call is made again, as it was not stopped. */
void eft_linuxu_change_helpers(uint32_t number)
{
	struct helper *helper;

	eft_lock(&helpers.lock);
	for (helper = helpers.all; helper != NULL; helper = helper->next) {
		if (helper->changes == number)
			continue;
		eft_linux3(SYS_tkill, helper->thread, EFT_LINUXU_STOP_SIGNAL,
			   0);
		while (__atomic_load_n(&helper->changes, __ATOMIC_ACQUIRE) !=
		       number)
			eft_cpu_relax();
	}
	eft_unlock(&helpers.lock);
}

static bool has_ended(struct eft_host_job *job)
{
	bool told;

	eft_lock(&helpers.lock);
	told = job->told;
	eft_unlock(&helpers.lock);
	return told;
}

static long futex(const long args[6])
{
	return call(SYS_futex, args);
}

/* Each (job) is its owner's again when it is told. */
void eft_linuxu_tell_ended(void)
{
	struct eft_host_job *job, *next;
	int count = 0;

	if (__atomic_load_n(&helpers.ended, __ATOMIC_RELAXED) == NULL)
		return;
	eft_lock(&helpers.lock);
	job = __atomic_exchange_n(&helpers.ended, NULL, __ATOMIC_ACQUIRE);
	for (; job != NULL; job = next, count++) {
		next = job->next;
		job->told = true;
		job->done(job->arg);
	}
	eft_unlock(&helpers.lock);
	eft_linuxu_expect(-count);
}

const struct eft_host_helpers *eft_plat_host_helpers(void)
{
	static const struct eft_host_helpers kind = {
		.begin = begin,
		.stop = stop,
		.has_ended = has_ended,
		.futex = futex,
	};

	return eft_plat == &eft_linuxu_plat ? &kind : NULL;
}
