// SPDX-License-Identifier: BSD-3-Clause
/*
 * The search, and the platform that core runs on in it: see explore.h.
 *
 * All CPUs are coroutines of one thread of the host's. What must outlive a run
 * lies in memory of its own (struct world); everything else that the program
 * has written to is put back before the next.
 */
#define _GNU_SOURCE
#include "tests/explore/explore.h"

#include "core/abi.h"
#include "core/arch/x86_64/switch.h"
#include "core/dev/cpus.h"
#include "core/dev/heapwatch.h"
#include "core/dev/uring.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "core/time.h"
#include "core/trace.h"
#include "core/trap.h"

#include <asm/prctl.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { STACK = 64 << 10, ARENA = 1 << 20, CHOICES = 1 << 16, STEPS = 50000 };
enum { STORES = 256, TRACE = 4096 };
enum { IMPATIENCE_NS = 2000000, PATIENCE_SECONDS = 60 };
enum { IRQ = 1 };      /* in irq_pending */
enum { FSGSBASE = 2 }; /* of AT_HWCAP2: Linux asm/hwcap2.h */

/* What a CPU has written and others do not see yet. */
struct store {
	void *at;
	unsigned size;
	uint64_t value, under; /* under: what they see */
};

struct vcpu {
	struct eft_cpu cpu;
	struct eft_run_queue queue;
	struct eft_timers timers;
	struct eft_thread idle;
	struct eft_thread context; /* where it goes on; only its (sp) */

	bool rests, kicked, spins;
	uint64_t deadline_ns, timer_ns;
	unsigned long wrote;   /* world.wrote as it began to spin */
	void (*handler)(void); /* a device's interrupt */

	struct store stores[STORES];
	unsigned store_count;
	struct store fresh; /* a plain one that is being made; size 0: none */
};

/* A choice that was made: (taken) of (count). */
struct choice {
	uint8_t taken, count;
};

struct world {
	/* Of one run. */
	struct vcpu vcpus[EXPLORE_THREADS];
	unsigned count; /* of CPUs */
	struct eft_thread *threads[EXPLORE_THREADS];
	unsigned wakes[EXPLORE_THREADS]; /* of it, while it slept */
	unsigned thread_count, done;
	struct vcpu *current;
	bool on, buffers;
	unsigned stops_left, steps, choice;
	unsigned long wrote;
	uint64_t now_ns;
	size_t arena_used;
	struct {
		uint8_t from, to;
		void *pc;
	} trace[TRACE];
	unsigned traced;

	/* Of all runs. */
	const struct explore_scenario *scenario;
	struct eft_thread main;
	struct choice choices[CHOICES];
	unsigned choice_count;
	bool fails;

	char arena[ARENA] __attribute__((aligned(4096)));
	char stacks[2 * EXPLORE_THREADS][STACK] __attribute__((aligned(4096)));
};

static struct world *world;
static bool has_wrgsbase;

bool explore_is_on(void)
{
	return world != NULL && world->on;
}

static void set_gs(struct eft_cpu *cpu)
{
	if (has_wrgsbase)
		__asm__ volatile("wrgsbase %0" ::"r"(cpu));
	else
		syscall(SYS_arch_prctl, ARCH_SET_GS, cpu);
}

/*
 * Store buffers. While a CPU runs, memory is as it sees it; its stores are
 * taken out of it when another goes on.
 */
static uint64_t get(const void *at, unsigned size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static void settle(struct vcpu *vcpu)
{
	struct store store = vcpu->fresh;

	vcpu->fresh.size = 0;
	if (store.size == 0)
		return;
	store.value = get(store.at, store.size);
	if (store.value == store.under)
		return;
	if (vcpu->store_count == STORES)
		explore_fail("few enough stores", __FILE__, __LINE__);
	vcpu->stores[vcpu->store_count++] = store;
}

void explore_drain(void)
{
	struct vcpu *vcpu = world->current;

	settle(vcpu);
	if (vcpu->store_count > 0)
		explore_wrote();
	vcpu->store_count = 0;
}

static void hide_stores(struct vcpu *vcpu)
{
	settle(vcpu);
	for (unsigned i = vcpu->store_count; i-- > 0;)
		memcpy(vcpu->stores[i].at, &vcpu->stores[i].under,
		       vcpu->stores[i].size);
}

static void show_stores(struct vcpu *vcpu)
{
	for (unsigned i = 0; i < vcpu->store_count; i++) {
		struct store *store = &vcpu->stores[i];

		store->under = get(store->at, store->size);
		memcpy(store->at, &store->value, store->size);
	}
}

static bool is_stack(const void *at)
{
	return (uintptr_t)at - (uintptr_t)world->stacks < sizeof(world->stacks);
}

void explore_store(void *at, unsigned size)
{
	struct vcpu *vcpu = world->current;

	settle(vcpu);
	explore_wrote();
	if (!world->buffers || is_stack(at))
		return;
	if (size > sizeof(uint64_t)) { /* a whole object: never late */
		explore_drain();
		return;
	}
	vcpu->fresh = (struct store){at, size, 0, get(at, size)};
}

/*
 * The search.
 */
static void print_way(void)
{
	for (unsigned i = 0; i < world->traced; i++) {
		Dl_info where = {0};

		dladdr(world->trace[i].pc, &where);
		fprintf(stderr, "    CPU %u stops in %s+%#lx, CPU %u goes on\n",
			world->trace[i].from,
			where.dli_sname ? where.dli_sname : "?",
			(uintptr_t)world->trace[i].pc -
				(uintptr_t)where.dli_saddr,
			world->trace[i].to);
	}
}

/* A run ends here; a check after it goes on. */
void explore_fail(const char *what, const char *file, int line)
{
	bool inside = world->on;

	world->on = false;
	world->fails = true;
	fprintf(stderr, "not so: %s (%s:%d)\n", what, file, line);
	print_way();
	if (inside)
		eft_switch(&world->current->context, &world->main);
}

static bool is_due(const struct vcpu *vcpu)
{
	return vcpu->kicked || vcpu->deadline_ns <= world->now_ns ||
	       vcpu->handler != NULL;
}

static bool has_interrupt(const struct vcpu *vcpu)
{
	return vcpu->kicked || vcpu->handler != NULL ||
	       vcpu->timer_ns <= world->now_ns;
}

static bool is_able(const struct vcpu *vcpu)
{
	if (vcpu->rests)
		return is_due(vcpu);
	return !vcpu->spins || vcpu->wrote != world->wrote ||
	       (vcpu->cpu.irq_off == 0 && has_interrupt(vcpu));
}

/* The first deadline that is still to come; EFT_FOREVER: none. */
static uint64_t next_deadline(void)
{
	uint64_t next = EFT_FOREVER;

	for (unsigned i = 0; i < world->count; i++) {
		const struct vcpu *vcpu = &world->vcpus[i];
		uint64_t at = vcpu->rests ? vcpu->deadline_ns : vcpu->timer_ns;

		if (at > world->now_ns)
			next = eft_min(next, at);
	}
	return next;
}

/* One of (count) ways, which all runs together try all. */
static unsigned choose(unsigned count)
{
	unsigned at = world->choice++;

	if (at == CHOICES)
		explore_fail("few enough choices", __FILE__, __LINE__);
	if (at == world->choice_count)
		world->choices[world->choice_count++] =
			(struct choice){0, (uint8_t)count};
	if (world->choices[at].count != count)
		explore_fail("a run goes as it went", __FILE__, __LINE__);
	return world->choices[at].taken;
}

static void go_on(struct vcpu *next, void *pc)
{
	struct vcpu *self = world->current;

	if (next == self)
		return;
	if (world->traced < TRACE) {
		world->trace[world->traced].from = (uint8_t)self->cpu.number;
		world->trace[world->traced].to = (uint8_t)next->cpu.number;
		world->trace[world->traced++].pc = pc;
	}
	hide_stores(self);
	world->current = next;
	show_stores(next);
	set_gs(&next->cpu);
	eft_switch(&self->context, &next->context);
}

static void advance_clock(void)
{
	world->now_ns = next_deadline();
}

/* Whoever may go on: the caller first, if it may, or another. */
static struct vcpu *pick(bool clock)
{
	struct vcpu *self = world->current, *able[EXPLORE_THREADS + 1];
	unsigned count = 0, taken = 0;

	if (is_able(self))
		able[count++] = self;
	if (count == 0 || world->stops_left > 0) {
		for (unsigned i = 0; i < world->count; i++) {
			if (&world->vcpus[i] != self &&
			    is_able(&world->vcpus[i]))
				able[count++] = &world->vcpus[i];
		}
		if (clock && count > 0 && next_deadline() != EFT_FOREVER)
			able[count++] = NULL;
	}
	if (count == 0)
		return NULL;
	if (count > 1)
		taken = choose(count);
	if (taken > 0 && able[0] == self)
		world->stops_left--;
	if (able[taken] == NULL)
		advance_clock();
	return able[taken] != NULL ? able[taken] : able[0];
}

/* Interrupts of the caller's CPU, which has them on, or rests. */
static void interrupt(struct vcpu *vcpu)
{
	void (*handler)(void) = vcpu->handler;

	vcpu->cpu.irq_off++;
	vcpu->cpu.irq_pending &= ~IRQ;
	vcpu->handler = NULL;
	if (handler != NULL)
		handler();
	if (vcpu->kicked) {
		vcpu->kicked = false;
		eft_kicked();
	}
	if (vcpu->timer_ns <= world->now_ns) {
		vcpu->timer_ns = EFT_FOREVER;
		eft_tick();
	}
	if (vcpu->cpu.irq_off == 1)
		eft_cpu_send_kicks();
	vcpu->cpu.irq_off--;
}

static void come(struct vcpu *vcpu)
{
	if (!has_interrupt(vcpu))
		return;
	if (vcpu->cpu.irq_off != 0) {
		vcpu->cpu.irq_pending |= IRQ;
		return;
	}
	interrupt(vcpu);
	if (eft_yield_wanted())
		eft_yield();
}

void explore_point(void *pc)
{
	struct vcpu *self = world->current;

	if (++world->steps > STEPS)
		explore_fail("it ends", __FILE__, __LINE__);
	self->spins = false;
	go_on(pick(world->scenario->flags & EXPLORE_TIMED), pc);
	come(world->current);
}

/* Nothing for the caller to do until others have. */
static void give_way(void *pc)
{
	struct vcpu *self = world->current, *next;

	explore_drain();
	while ((next = pick(false)) == NULL) {
		if (world->done == world->thread_count) {
			eft_switch(&self->context, &world->main);
			__builtin_unreachable();
		}
		if (next_deadline() == EFT_FOREVER)
			explore_fail("somebody wakes whoever sleeps", __FILE__,
				     __LINE__);
		advance_clock();
	}
	go_on(next, pc);
}

void explore_wrote(void)
{
	world->wrote++;
}

/* The caller waits until somebody else has written. */
static void spin(unsigned turn)
{
	struct vcpu *self = world->current;

	self->spins = true;
	self->wrote = world->wrote;
	give_way(__builtin_return_address(0));
	self->spins = false;
	come(self);
}

/*
 * The platform.
 */
static uint64_t monotonic_ns(void)
{
	if (world->scenario->flags & EXPLORE_IMPATIENT)
		world->now_ns += IMPATIENCE_NS;
	return world->now_ns;
}

static size_t console_write(const void *buf, size_t len)
{
	return fwrite(buf, 1, len, stderr);
}

/* Core gives up: it says why. */
static eft_noreturn void end(int status)
{
	explore_fail("core goes on", __FILE__, __LINE__);
	abort();
}

const struct eft_heap_watch *eft_heap_watch;

void eft_panic(const char *fmt, ...)
{
	explore_fail(fmt, "core", 0);
	abort();
}

void eft_assert_failed(const char *cond, const char *file, int line)
{
	explore_fail(cond, file, line);
	abort();
}

/* Of a platform that has none. */
int eft_plat_process_uring(void)
{
	return -ENOSYS;
}

static void set_cpu(struct eft_cpu *cpu)
{
	set_gs(cpu);
}

static void set_thread_pointer(uintptr_t tp)
{
}

static void wait_until(uint64_t deadline_ns)
{
	struct vcpu *self = world->current;

	self->rests = true;
	self->deadline_ns = deadline_ns;
	if (!is_due(self))
		give_way(__builtin_return_address(0));
	self->rests = false;
	interrupt(self);
}

static void set_timer(uint64_t deadline_ns)
{
	world->current->timer_ns = deadline_ns;
}

static void deliver_interrupts(void)
{
	if (world->current->cpu.irq_pending & IRQ)
		interrupt(world->current);
}

static struct eft_plat platform = {
	.name = "explore",
	.exit = end,
	.crash = end,
	.console_write = console_write,
	.monotonic_ns = monotonic_ns,
	.realtime_ns = monotonic_ns,
	.set_cpu = set_cpu,
	.set_thread_pointer = set_thread_pointer,
	.wait = wait_until,
	.set_timer = set_timer,
	.deliver_interrupts = deliver_interrupts,
};

static void kick(struct eft_cpu *cpu)
{
	eft_container_of(cpu, struct vcpu, cpu)->kicked = true;
}

static unsigned cpu_count(void)
{
	return world->count;
}

static const struct eft_cpus cpus = {
	.count = cpu_count,
	.kick = kick,
	.spin = spin,
};

const struct eft_cpus *eft_plat_process_cpus(void)
{
	return &cpus;
}

const struct eft_cpus *eft_plat_guest_cpus(void)
{
	return NULL;
}

/*
 * What core's files that are explored ask of those that are not.
 */
const struct eft_plat *eft_plat;
char eft_image_text[1], eft_image_text_end[1];
char eft_image_libos_text[1], eft_image_libos_text_end[1];

uint8_t eft_tracing = 1;
const struct eft_tracer *eft_tracer;

void eft_trace_event(enum eft_trace_event event, uintptr_t a, uintptr_t b)
{
	for (unsigned i = 0; i < world->thread_count; i++) {
		if (event == EFT_TRACE_WAKE &&
		    (uintptr_t)world->threads[i] == a)
			world->wakes[i]++;
	}
}

void eft_console_printf(const char *fmt, ...)
{
}

bool eft_trap_is_handled(struct eft_trap *trap, enum eft_fault fault)
{
	return true;
}

uint64_t eft_plat_guest_realtime_ns(void)
{
	return 0;
}

void eft_plat_guest_divert(struct eft_regs *regs, const struct eft_trap *trap)
{
}

void eft_plat_process_divert(struct eft_context *frame,
			     const struct eft_trap *trap)
{
}

bool eft_report_is_here(void)
{
	return false;
}

bool eft_range_next(uintptr_t addr, struct eft_range *ret_range)
{
	return false;
}

/*
 * Memory: nothing is used again.
 */
void *eft_alloc(size_t size)
{
	char *at = world->arena + world->arena_used;

	world->arena_used = eft_align_up(world->arena_used + size, 64);
	if (world->arena_used > ARENA)
		explore_fail("memory is enough", __FILE__, __LINE__);
	return at;
}

void eft_free(void *ptr)
{
}

void *eft_page_alloc(unsigned order)
{
	world->arena_used = eft_align_up(world->arena_used, EFT_PAGE_SIZE);
	return eft_alloc(EFT_PAGE_SIZE << order);
}

void *eft_page_alloc_zeroed(unsigned order)
{
	return eft_page_alloc(order);
}

void eft_page_free(void *page)
{
}

/*
 * Runs.
 */
struct eft_thread *explore_thread(unsigned i)
{
	return world->threads[i];
}

unsigned explore_wakes(unsigned i)
{
	return world->wakes[i];
}

void explore_interrupt(void (*handler)(void))
{
	world->current->handler = handler;
	come(world->current);
}

/* The search begins when all threads are here. */
static void meet(unsigned number)
{
	if (number + 1 < world->count) {
		go_on(&world->vcpus[number + 1], NULL);
	} else {
		world->on = true;
		world->traced = 0;
		go_on(&world->vcpus[choose(world->count)], NULL);
	}
}

static void thread_begin(void *arg)
{
	unsigned number = (unsigned)(uintptr_t)arg;
	bool roams = world->scenario->flags & EXPLORE_ROAM;

	if (!roams)
		meet(number);
	world->scenario->threads[number]();
	world->done++;
	eft_current()->woken = false;
	while (roams) {
		eft_sleep_through();
		explore_fail("nobody wakes who has ended", __FILE__, __LINE__);
	}
	for (;;) { /* its CPU has interrupts */
		eft_irq_off();
		wait_until(world->current->timer_ns);
		eft_irq_on();
	}
}

static void cpu_begin(void)
{
	eft_idle();
}

static uintptr_t stack_top(unsigned i)
{
	return (uintptr_t)world->stacks[i] + STACK;
}

static void make_cpu(unsigned i)
{
	struct vcpu *vcpu = &world->vcpus[i];
	struct eft_switch_frame *frame =
		(struct eft_switch_frame *)(stack_top(2 * i) - 8) - 1;

	memset(vcpu, 0, sizeof(*vcpu));
	eft_lock_init(&vcpu->queue.lock, EFT_RANK_RUN_QUEUE);
	eft_lock_init(&vcpu->timers.lock, EFT_RANK_TIMERS);
	vcpu->idle.name = "idle";
	vcpu->cpu.number = i;
	vcpu->timer_ns = EFT_FOREVER;
	eft_cpu_init(&vcpu->cpu, &vcpu->queue, &vcpu->timers, &vcpu->idle);
	vcpu->cpu.demand_paged = 0;
	eft_cpus[i] = &vcpu->cpu;
	*frame = (struct eft_switch_frame){
		.mxcsr = EFT_MXCSR_RESET,
		.x87_control = EFT_X87_RESET,
		.rip = (uintptr_t)cpu_begin,
	};
	vcpu->context.sp = (uintptr_t)frame;
}

static void make_thread(unsigned i)
{
	bool roams = world->scenario->flags & EXPLORE_ROAM;
	struct vcpu *vcpu = &world->vcpus[i % world->count];
	struct eft_thread *thread = eft_thread_create_on(
		"explored", thread_begin, (void *)(uintptr_t)i,
		stack_top(2 * i + 1), 0, 0);

	world->threads[i] = thread;
	world->wakes[i] = 0;
	thread->affinity = roams ? UINT64_MAX : 1ul << i;
	thread->cpu = &vcpu->cpu;
	thread->state = EFT_THREAD_READY;
	eft_list_insert(&vcpu->queue.ready, &thread->run_link);
}

extern char __data_start[], _end[];
static char *variables; /* as they were */

static void run(void)
{
	const struct explore_scenario *scenario = world->scenario;
	bool roams = scenario->flags & EXPLORE_ROAM;

	memcpy(__data_start, variables, (size_t)(_end - __data_start));
	memset(world->arena, 0, world->arena_used);
	world->arena_used = 0;
	world->on = false;
	world->steps = world->choice = world->traced = 0;
	world->wrote = 0;
	world->now_ns = 1000;
	world->thread_count = world->done = 0;
	while (world->thread_count < EXPLORE_THREADS &&
	       scenario->threads[world->thread_count] != NULL)
		world->thread_count++;
	world->count = world->thread_count - roams;
	for (unsigned i = 0; i < world->count; i++)
		make_cpu(i);
	eft_cpus_count = world->count;
	world->current = &world->vcpus[0];
	set_gs(&world->current->cpu);
	for (unsigned i = 0; i < world->thread_count; i++)
		make_thread(i);
	scenario->setup();
	world->on = roams;
	eft_switch(&world->main, &world->current->context);
	world->on = false;
	for (unsigned i = 0; i < world->thread_count && !world->fails; i++) {
		if (world->threads[i]->woken)
			explore_fail("nobody wakes who has ended", __FILE__,
				     __LINE__);
	}
	if (!world->fails && scenario->check != NULL)
		scenario->check();
}

/* The next way to try; false: there is none. */
static bool turn_back(void)
{
	while (world->choice_count > 0) {
		struct choice *last = &world->choices[world->choice_count - 1];

		if (++last->taken < last->count)
			return true;
		world->choice_count--;
	}
	return false;
}

/* All ways of one scenario, with or without store (buffers). */
static bool explore(const struct explore_scenario *scenario, bool buffers,
		    unsigned stops)
{
	unsigned long runs = 0;

	world->scenario = scenario;
	world->buffers = buffers;
	world->choice_count = 0;
	do {
		world->stops_left = stops;
		alarm(PATIENCE_SECONDS);
		run();
		runs++;
	} while (!world->fails && turn_back());
	printf("%s %s%s: %lu runs with at most %u stops\n",
	       world->fails ? "not ok" : "ok", scenario->name,
	       buffers ? ", store buffers" : "", runs, stops);
	return !world->fails;
}

/* Core is in a loop that has no point in it. */
static void end_in_loop(int signal)
{
	static const char words[] = "not so: a run ends\n";

	if (write(STDERR_FILENO, words, sizeof(words) - 1) > 0)
		print_way();
	_exit(EXIT_FAILURE);
}

static void init(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGALRM, end_in_loop);
	has_wrgsbase = getauxval(AT_HWCAP2) & FSGSBASE;
	eft_plat = &platform;
	world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	variables = malloc((size_t)(_end - __data_start));
	memcpy(variables, __data_start, (size_t)(_end - __data_start));
}

/* usage: explore-NAME [--long] [PART-OF-A-SCENARIO'S-NAME] */
int main(int argc, char **argv)
{
	const struct explore_scenario *scenario;
	unsigned more = argc > 1 && strcmp(argv[1], "--long") == 0;
	const char *part = argc > 1 + (int)more ? argv[1 + more] : "";
	unsigned passed = 0, failed = 0;

	init();
	for (scenario = explore_scenarios; scenario->name != NULL; scenario++) {
		unsigned stops = scenario->stops + more;

		if (strstr(scenario->name, part) == NULL)
			continue;
		world->fails = false;
		if (explore(scenario, false, stops) &&
		    explore(scenario, true, stops))
			passed++;
		else
			failed++;
	}
	printf("%u passed, %u failed\n", passed, failed);
	return failed != 0;
}
