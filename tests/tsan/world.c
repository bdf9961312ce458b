// SPDX-License-Identifier: BSD-3-Clause
/*
 * The platform of the race tests: see world.h.
 *
 * GS is ours to set (arch_prctl); FS is the sanitizer's and never touched. A
 * fiber is kept in its thread's (owner), and goes when the thread is buried.
 * What must not look like synchronisation to the sanitizer (a kick, a look at
 * the clock) is relaxed.
 */
#include "tests/tsan/world.h"

#include "core/abi.h"
#include "core/boot.h"
#include "core/dev/cpus.h"
#include "core/dev/uart.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread/scheduler.h"
#include "core/time.h"
#include "core/trace.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sanitizer/tsan_interface.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { ARCH_SET_GS = 0x1001 }; /* asm/prctl.h */
enum { RAM_BYTES = 64 << 20, WINDOW_BYTES = 64 << 20, STACK_ORDER = 4 };
enum { TICK_NS = 1000000 };

#define UNSEEN __attribute__((no_sanitize("thread"), noinline))

void __real_eft_switch(struct eft_thread *from, struct eft_thread *to);
void __wrap_eft_switch(struct eft_thread *from, struct eft_thread *to);

/* The image's marks: nothing here is the image. */
__asm__(".section .rodata.image\n\t"
	".globl eft_image_start, eft_image_text, eft_image_text_end\n\t"
	".globl eft_image_libos_text, eft_image_libos_text_end\n\t"
	".globl eft_image_libc_text_end\n\t"
	".globl eft_image_rodata, eft_image_rodata_end\n\t"
	".globl eft_image_data, eft_image_end\n"
	"eft_image_start:\neft_image_text:\neft_image_text_end:\n"
	"eft_image_libos_text:\neft_image_libos_text_end:\n"
	"eft_image_libc_text_end:\n"
	"eft_image_rodata:\neft_image_rodata_end:\neft_image_data:\n"
	"eft_image_end:\n\t.skip 1\n\t.text");

/*
 * Threads are fibers.
 */

static void forget_fiber(struct eft_thread *thread)
{
	__tsan_destroy_fiber(thread->owner);
}

UNSEEN void __wrap_eft_switch(struct eft_thread *from, struct eft_thread *to)
{
	if (from->owner == NULL) /* a CPU's idle thread: the host's own */
		from->owner = __tsan_get_current_fiber();
	if (to->owner == NULL) {
		to->owner = __tsan_create_fiber(0);
		to->buried = forget_fiber;
	}
	__tsan_switch_to_fiber(to->owner, 0);
	__real_eft_switch(from, to);
}

/*
 * Clock, console, end.
 */

static uint64_t monotonic_ns(void)
{
	struct timespec now;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static size_t console_write(const void *buf, size_t len)
{
	syscall(SYS_write, STDERR_FILENO, buf, len);
	return len;
}

static eft_noreturn void plat_exit(int status)
{
	exit(status); /* with the sanitizer's verdict */
}

static eft_noreturn void crash(int signal)
{
	_exit(128 + signal);
}

const uint64_t eft_tracer_key; /* of no tracer that there is */

/* core/boot/boot.c's. */
void eft_exit(int status)
{
	plat_exit(status);
}

void eft_die_by(int signal)
{
	crash(signal);
}

static int entropy(void *buf, size_t len)
{
	return getentropy(buf, len) == 0 ? 0 : -ENODEV;
}

/*
 * Interrupts. A CPU's own data of this platform is its timer's deadline.
 */
static uint64_t deadlines[WORLD_CPUS];

static void set_cpu(struct eft_cpu *cpu)
{
	syscall(SYS_arch_prctl, ARCH_SET_GS, cpu);
}

static void set_thread_pointer(uintptr_t tp)
{
}

static void set_timer(uint64_t deadline_ns)
{
	deadlines[eft_cpu()->number] = deadline_ns;
}

static void interrupt(struct eft_cpu *cpu)
{
	__atomic_store_n(&cpu->irq_pending, 1, __ATOMIC_RELAXED);
	syscall(SYS_futex, &cpu->irq_pending, FUTEX_WAKE_PRIVATE, 1, NULL, NULL,
		0);
}

static void take_interrupts(struct eft_cpu *cpu)
{
	__atomic_store_n(&cpu->irq_pending, 0, __ATOMIC_RELAXED);
	eft_kicked();
	if (deadlines[cpu->number] > monotonic_ns())
		return;
	deadlines[cpu->number] = EFT_FOREVER;
	eft_tick();
}

static void deliver_interrupts(void)
{
	eft_irq_off();
	while (__atomic_load_n(&eft_cpu()->irq_pending, __ATOMIC_RELAXED))
		take_interrupts(eft_cpu());
	eft_cpu()->irq_off--; /* eft_irq_on() would come here again */
}

static void wait(uint64_t deadline_ns)
{
	struct eft_cpu *cpu = eft_cpu();
	uint64_t now = monotonic_ns();
	uint64_t left = deadline_ns > now ? deadline_ns - now : 0;
	struct timespec timeout = {
		.tv_sec = (time_t)(eft_min(left, 1000000000000) / 1000000000),
		.tv_nsec = (long)(left % 1000000000),
	};

	if (!__atomic_load_n(&cpu->irq_pending, __ATOMIC_RELAXED))
		syscall(SYS_futex, &cpu->irq_pending, FUTEX_WAIT_PRIVATE, 0,
			&timeout, NULL, 0);
	__atomic_store_n(&cpu->irq_pending, 0, __ATOMIC_RELAXED);
}

/* The hardware's timers: every CPU looks at its own now and then. */
static void *tick(void *arg)
{
	for (;;) {
		struct timespec step = {.tv_nsec = TICK_NS};

		syscall(SYS_nanosleep, &step, NULL);
		for (unsigned i = 0; i < eft_cpus_running(); i++)
			__atomic_store_n(&eft_cpus[i]->irq_pending, 1,
					 __ATOMIC_RELAXED);
	}
	return NULL;
}

/*
 * More CPUs.
 */

static unsigned count(void)
{
	return WORLD_CPUS;
}

static void *begin(void *cpu)
{
	set_cpu(cpu);
	eft_cpu_main();
}

static int start(struct eft_cpu *cpu, uintptr_t stack_top)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, begin, cpu) == 0 ? 0 : -EAGAIN;
}

static void spin(unsigned turn)
{
	syscall(SYS_sched_yield); /* its holder may want our CPU */
}

const struct eft_cpus *eft_plat_process_cpus(void)
{
	static const struct eft_cpus cpus = {
		.count = count,
		.start = start,
		.kick = interrupt,
		.spin = spin,
	};

	return &cpus;
}

const struct eft_cpus *eft_plat_guest_cpus(void)
{
	return NULL;
}

/*
 * Memory.
 */

static int map_zero(struct eft_plat_space *space, uintptr_t addr, size_t len,
		    int prot)
{
	void *at = mmap((void *)addr, len, prot,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

	return at == MAP_FAILED ? -ENOMEM : 0;
}

static int map_page(struct eft_plat_space *space, uintptr_t addr, void *page,
		    int prot, enum eft_hold hold)
{
	return -ENODEV;
}

static void unmap(struct eft_plat_space *space, uintptr_t addr, size_t len)
{
	map_zero(space, addr, len, PROT_NONE);
}

static int protect(struct eft_plat_space *space, uintptr_t addr, size_t len,
		   int prot)
{
	return mprotect((void *)addr, len, prot) == 0 ? 0 : -ENOMEM;
}

static int move(struct eft_plat_space *space, uintptr_t from, uintptr_t to,
		size_t len)
{
	return -ENOMEM;
}

static void identity(struct eft_identity *ret_id)
{
	*ret_id = (struct eft_identity){.pid = 1};
}

uint64_t eft_plat_guest_realtime_ns(void)
{
	return monotonic_ns();
}

const struct eft_plat *eft_plat;

static const struct eft_plat world = {
	.name = "world",
	.exit = plat_exit,
	.crash = crash,
	.console_write = console_write,
	.monotonic_ns = monotonic_ns,
	.realtime_ns = monotonic_ns,
	.entropy = entropy,
	.set_cpu = set_cpu,
	.set_thread_pointer = set_thread_pointer,
	.wait = wait,
	.set_timer = set_timer,
	.deliver_interrupts = deliver_interrupts,
	.map_zero = map_zero,
	.map_page = map_page,
	.unmap = unmap,
	.protect = protect,
	.move = move,
	.identity = identity,
};

static uintptr_t reserve(size_t bytes, int prot)
{
	void *at = mmap(NULL, bytes, prot,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED)
		abort();
	return (uintptr_t)at;
}

void world_run(void (*main)(void *), void *arg)
{
	static struct eft_boot_info info;
	uintptr_t ram = reserve(RAM_BYTES, PROT_READ | PROT_WRITE);
	uintptr_t window = reserve(WINDOW_BYTES, PROT_NONE);
	char message[128];
	pthread_t ticker;

	info.ram[0] = (struct eft_ram){ram, ram + RAM_BYTES};
	info.ram_count = 1;
	info.window_start = window;
	info.window_end = window + WINDOW_BYTES;
	info.program_bytes = WINDOW_BYTES;
	for (unsigned i = 0; i < WORLD_CPUS; i++)
		deadlines[i] = EFT_FOREVER;
	eft_plat = &world;
	eft_thread_init("idle");
	eft_page_init(&info);
	eft_range_init(&info, 0);
	if (eft_cpus_start(WORLD_CPUS, message, sizeof(message)) < 0 ||
	    pthread_create(&ticker, NULL, tick, NULL) != 0 ||
	    eft_thread_create("main", main, arg, STACK_ORDER) == NULL)
		abort();
	eft_idle();
}

/*
 * Work that several threads do at once.
 */
static struct {
	void (*function)(unsigned number);
	unsigned next, left; /* atomic */
	struct eft_thread *waits;
} work;

static void take_part(void *arg)
{
	work.function(__atomic_fetch_add(&work.next, 1, __ATOMIC_RELAXED));
	if (__atomic_sub_fetch(&work.left, 1, __ATOMIC_ACQ_REL) == 0)
		eft_thread_wake(work.waits);
}

void world_together(unsigned parts, void (*function)(unsigned number))
{
	work.function = function;
	work.next = 0;
	work.waits = eft_current();
	__atomic_store_n(&work.left, parts, __ATOMIC_RELAXED);
	for (unsigned i = 0; i < parts; i++) {
		if (eft_thread_create("part", take_part, NULL, STACK_ORDER) ==
		    NULL)
			abort();
	}
	while (__atomic_load_n(&work.left, __ATOMIC_ACQUIRE) > 0)
		eft_sleep(EFT_FOREVER);
}

/* No streams: descriptors are all that is wanted of files. */
void eft_stdio_init(void)
{
}

bool eft_stdio_inherit(int fd)
{
	eft_fd_adopt(fd, NULL);
	return false;
}

uint64_t eft_stdio_limit(void)
{
	return 1024;
}
