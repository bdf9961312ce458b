// SPDX-License-Identifier: BSD-3-Clause
/*
 * Events, for a file that Perfetto and Chrome show.
 *
 * RINGS   Each CPU writes its own, with interrupts off for as long as that
 *         takes, and nobody waits. What finds the ring full is counted.
 * FILE    Threads write the rings to the file at the end of their system calls,
 *         a part at a time and one thread at a time, with interrupts off, when
 *         much has gathered or some time has passed; at the instance's end,
 *         all that is left.
 * TRACKS  Process 1 has a track for each thread of the program: its calls,
 *         faults and wake-ups. Process 2 has one for each CPU: which thread
 *         runs, and interrupts.
 *
 * Source: "Trace Event Format", the JSON array format, of the Chromium project.
 */
#include "core/abi.h"
#include "core/arch/x86_64/cpu.h"
#include "core/lib.h"
#include "core/plat.h"
#include "core/thread.h"
#include "trace/tracer.h"

/* A ring is 1 MiB; all of them take no more than 4 MiB. */
enum { ORDER_MOST = 8, ORDER_LEAST = 4, PAGES_MOST = 4 << ORDER_MOST };
enum { CPUS_MAX = 64, PART = 256, GATHERED = 1024 };
enum { NAMES = 256 };
enum { LATE_NS = 100000000 };
enum { TEXT_BYTES = 16 << 10, OBJECT_BYTES = 512 };
enum { THREADS = 1, CPUS = 2 }; /* processes of the file */

struct record {
	uint64_t ns;
	int32_t thread;
	uint32_t event;
	uintptr_t a, b;
};

static unsigned order = ORDER_MOST;
static uint64_t records; /* that a ring has room for */

static struct ring {
	struct record *records;
	uint64_t head; /* written by its CPU; atomic */
	uint64_t tail; /* by who holds (writing) */
	uint64_t lost;

	/* While it is written out: what its CPU runs, since when. */
	int32_t runs;
	uint64_t since_ns;
} rings[CPUS_MAX];

static bool is_guest(void)
{
	return eft_strcmp(services.plat->name, "guest") == 0;
}

static struct lock writing;
static struct eft_cpu *writer; /* who holds it */
static uint64_t written_ns;    /* when a part was written last; atomic */
static const struct eft_trace_output *output;

/* What is a pointer now, and may be none when it is written. */
static void settle(const struct eft_cpu *cpu, unsigned event, uintptr_t *a,
		   uintptr_t *b)
{
	const struct eft_thread *thread = (const void *)*a;

	switch (event) {
	case EFT_TRACE_SWITCH:
		*a = thread == cpu->idle ? 0 : ordinal_of(thread);
		break;
	case EFT_TRACE_WAKE:
		*a = ordinal_of(thread);
		*b = ((const struct eft_cpu *)*b)->number;
		break;
	case EFT_TRACE_SIGNAL:
		*a = *(const int *)*a;
	}
}

void events_record(unsigned event, uintptr_t a, uintptr_t b)
{
	struct eft_cpu *cpu;
	struct ring *ring;

	eft_irq_off();
	cpu = eft_cpu();
	settle(cpu, event, &a, &b);
	ring = &rings[cpu->number];
	if (ring->head - __atomic_load_n(&ring->tail, __ATOMIC_ACQUIRE) <
	    records) {
		ring->records[ring->head % records] = (struct record){
			.ns = now_ns(),
			.thread = ordinal_of(cpu->thread),
			.event = event,
			.a = a,
			.b = b,
		};
		__atomic_store_n(&ring->head, ring->head + 1, __ATOMIC_RELEASE);
	} else {
		ring->lost++;
	}
	eft_irq_on();
}

/*
 * Names that the file has, by the threads' numbers. Two threads may meet in an
 * entry: then a name is written once more.
 */
static struct given_name {
	int thread;
	uintptr_t start; /* the function that it is called by, or 0 */
	uintptr_t name[2];
} given_names[NAMES];

/* A guest does not know its functions' names: `eft run` puts them there. */
static void name_start(uintptr_t start, char *name, size_t size)
{
	const char *known = NULL;
	uintptr_t at;

	if (services.plat->symbol != NULL)
		known = services.plat->symbol(start, &at);
	if (known != NULL)
		eft_strlcpy(name, known, size);
	else
		eft_snprintf(name, size, "%p", (void *)start);
}

/* Before its call: what the thread is called, if that is new. */
static void record_name(const struct eft_thread *thread)
{
	int number = ordinal_of(thread);
	struct given_name *known = &given_names[(unsigned)number % NAMES];
	uintptr_t name[2] = {0, 0};
	uintptr_t start = thread->name != thread->comm ? thread->start : 0;

	/* What it began in stays, and takes long to find. */
	if (start != 0 && known->thread == number && known->start == start)
		return;
	if (start != 0)
		name_start(start, (char *)name, sizeof(name));
	else
		eft_strlcpy((char *)name, thread->name, sizeof(name));
	if (known->thread == number && known->name[0] == name[0] &&
	    known->name[1] == name[1])
		return;
	known->thread = number;
	known->start = start;
	memcpy(known->name, name, sizeof(name));
	events_record(EVENT_NAME, name[0], name[1]);
}

void events_call(unsigned number, uintptr_t first)
{
	record_name(eft_current());
	events_record(EVENT_CALL, number, first);
}

/* Text on its way to the file. (writing) guards it. */
static struct {
	size_t len;
	char text[TEXT_BYTES];
} text;

static void flush(void)
{
	output->write(text.text, text.len);
	text.len = 0;
}

/* One object of the file's list, and the comma and newline before it. */
static void write(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text.len += eft_min(
		eft_vsnprintf(text.text + text.len, OBJECT_BYTES, fmt, ap),
		OBJECT_BYTES - 1);
	va_end(ap);
	if (text.len > TEXT_BYTES - OBJECT_BYTES)
		flush();
}

/* What all have: the phase, the name, the track and the time. */
static void write_event(const char *phase, const char *name, int process,
			int track, uint64_t ns, const char *more)
{
	write(",\n{\"ph\":\"%s\",\"name\":\"%s\",\"pid\":%d,\"tid\":%d,"
	      "\"ts\":%lu.%03lu%s}",
	      phase, name, process, track, ns / 1000, ns % 1000, more);
}

static void write_name(const char *what, int process, int track,
		       const char *name)
{
	write(",\n{\"ph\":\"M\",\"name\":\"%s\",\"pid\":%d,\"tid\":%d,"
	      "\"args\":{\"name\":\"%s\"}}",
	      what, process, track, name);
}

/* The time that a CPU's thread has had, when another takes its place. */
static void write_slice(struct ring *ring, int cpu, uint64_t ns)
{
	char name[32], more[48];
	uint64_t took = ns - ring->since_ns;

	if (ring->runs != 0) {
		eft_snprintf(name, sizeof(name), "thread %d", ring->runs);
		eft_snprintf(more, sizeof(more), ",\"dur\":%lu.%03lu",
			     took / 1000, took % 1000);
		write_event("X", name, CPUS, cpu, ring->since_ns, more);
	}
	ring->since_ns = ns;
}

static void write_call(const struct record *r)
{
	char more[64];

	eft_snprintf(more, sizeof(more),
		     ",\"cat\":\"call\",\"args\":{\"first\":\"0x%lx\"}", r->b);
	write_event("B", call_name(r->a), THREADS, r->thread, r->ns, more);
}

/* (name) NULL: it only ends what began last. */
static void write_result(const struct record *r, const char *name)
{
	long result = r->a;
	const char *error = NULL;
	char more[96];

	if (result < 0)
		error = error_name((int)-result);
	if (error != NULL)
		eft_snprintf(more, sizeof(more),
			     ",\"args\":{\"result\":%ld,\"error\":\"%s\"}",
			     result, error);
	else
		eft_snprintf(more, sizeof(more), ",\"args\":{\"result\":%ld}",
			     result);
	write_event("E", name, THREADS, r->thread, r->ns, more);
}

static void write_fault(const struct record *r)
{
	static const char *const access[] = {"", "read", "write", "", "fetch"};
	char more[96];

	eft_snprintf(more, sizeof(more),
		     ",\"cat\":\"fault\",\"args\":{\"address\":\"0x%lx\","
		     "\"access\":\"%s\"}",
		     r->a, access[r->b & 7]);
	write_event("B", "page fault", THREADS, r->thread, r->ns, more);
}

static void write_wake(const struct record *r)
{
	char more[96];

	eft_snprintf(more, sizeof(more),
		     ",\"s\":\"t\",\"args\":{\"by\":%d,\"cpu\":%lu}", r->thread,
		     r->b);
	write_event("i", "wake-up", THREADS, (int)r->a, r->ns, more);
}

static void write_end(const struct record *r)
{
	char more[64];

	eft_snprintf(more, sizeof(more),
		     ",\"s\":\"g\",\"args\":{\"status\":%lu}",
		     r->event == EFT_TRACE_EXIT ? r->a : 128 + r->a);
	write_event("i", r->event == EFT_TRACE_EXIT ? "exit" : "crash", THREADS,
		    r->thread, r->ns, more);
}

static const char *const io_names[] = {
	[EFT_TRACE_IO_READ] = "host read",
	[EFT_TRACE_IO_WRITE] = "host write",
	[EFT_TRACE_IO_CONSOLE] = "console",
};

static const char *const boot_names[] = {
	[EFT_TRACE_BOOT_CPUS] = "CPUs",
	[EFT_TRACE_BOOT_FILES] = "files",
	[EFT_TRACE_BOOT_PROGRAM] = "program",
	[EFT_TRACE_BOOT_TRACER] = "tracer",
};

/* By the lowest of the platform's bits (plat-kvm/kvm.h, plat-linuxu/…). */
static const char *interrupt_name(uint32_t bits)
{
	static const char *const names[][3] = {
		{"timer", "kick", "host signal"},
		{"timer", "device", "kick"},
	};

	return bits & 1	  ? names[is_guest()][0]
	       : bits & 2 ? names[is_guest()][1]
			  : names[is_guest()][2];
}

/* A program may call its threads anything. */
static void write_thread_name(const struct record *r)
{
	const uintptr_t words[2] = {r->a, r->b};
	const char *name = (const char *)words;
	char quoted[2 * sizeof(words)];
	size_t len = 0;

	for (; *name != '\0'; name++) {
		if (*name == '"' || *name == '\\')
			quoted[len++] = '\\';
		quoted[len++] = *name >= ' ' && *name < 0x7f ? *name : '?';
	}
	quoted[len] = '\0';
	write_name("thread_name", THREADS, r->thread, quoted);
}

static void write_record(struct ring *ring, int cpu, const struct record *r)
{
	switch (r->event) {
	case EVENT_CALL:
		write_call(r);
		break;
	case EVENT_NAME:
		write_thread_name(r);
		break;
	case EVENT_RETURN:
		write_result(r, "call");
		break;
	case EFT_TRACE_SWITCH:
		write_slice(ring, cpu, r->ns);
		ring->runs = (int)r->a;
		break;
	case EFT_TRACE_WAKE:
		write_wake(r);
		break;
	case EFT_TRACE_INTERRUPT:
		write_event("B", interrupt_name(r->a), CPUS, cpu, r->ns,
			    ",\"cat\":\"interrupt\"");
		break;
	case EFT_TRACE_INTERRUPT_END:
		write_event("E", "interrupt", CPUS, cpu, r->ns, "");
		break;
	case EFT_TRACE_FAULT:
		write_fault(r);
		break;
	case EFT_TRACE_FAULT_END:
		write_event("E", "page fault", THREADS, r->thread, r->ns, "");
		break;
	case EFT_TRACE_IO:
		write_event("B", io_names[r->a], THREADS, r->thread, r->ns,
			    ",\"cat\":\"io\"");
		break;
	case EFT_TRACE_IO_END:
		write_result(r, "io");
		break;
	case EFT_TRACE_SIGNAL:
		write_event("i", signal_name((int)r->a) ?: "SIGRT", THREADS,
			    r->thread, r->ns, ",\"s\":\"t\"");
		break;
	case EFT_TRACE_BOOT:
		write_event("i", boot_names[r->a], THREADS, 0, r->ns,
			    ",\"s\":\"g\",\"cat\":\"boot\"");
		break;
	default:
		write_end(r);
	}
}

/* At most (count) records of (ring), none after (end_ns). Holds (writing). */
static void write_part(struct ring *ring, uint64_t count, uint64_t end_ns)
{
	uint64_t head = __atomic_load_n(&ring->head, __ATOMIC_ACQUIRE);

	for (; ring->tail != head && count > 0; count--) {
		const struct record *r = &ring->records[ring->tail % records];

		if (r->ns > end_ns)
			return;
		write_record(ring, (int)(ring - rings), r);
		__atomic_store_n(&ring->tail, ring->tail + 1, __ATOMIC_RELEASE);
	}
}

static bool try_writing(void)
{
	eft_irq_off();
	if (__atomic_exchange_n(&writing.held, 1, __ATOMIC_ACQUIRE)) {
		eft_irq_on();
		return false;
	}
	writer = eft_cpu();
	return true;
}

static void done_writing(void)
{
	flush();
	writer = NULL;
	unlock(&writing);
}

static uint64_t gathered(const struct ring *ring)
{
	return __atomic_load_n(&ring->head, __ATOMIC_RELAXED) -
	       __atomic_load_n(&ring->tail, __ATOMIC_RELAXED);
}

void events_write_some(void)
{
	uint64_t now = now_ns();
	bool late =
		now - __atomic_load_n(&written_ns, __ATOMIC_RELAXED) > LATE_NS;

	for (unsigned cpu = 0; cpu < services.cpus; cpu++) {
		if (gathered(&rings[cpu]) < (late ? 1 : GATHERED) ||
		    !try_writing())
			continue;
		write_part(&rings[cpu], PART, UINT64_MAX);
		done_writing();
		__atomic_store_n(&written_ns, now, __ATOMIC_RELAXED);
	}
}

/*
 * The instance ends, perhaps by a fault of the writer's own. Other CPUs go on:
 * of what they do from now on, a part on one ring and a part on another, the
 * file has nothing.
 */
void events_end(void)
{
	uint64_t now = now_ns(), lost = 0;

	if (writer == eft_cpu())
		return;
	for (unsigned turn = 0; !try_writing(); turn++)
		services.spin(turn);
	for (unsigned cpu = 0; cpu < services.cpus; cpu++) {
		struct ring *ring = &rings[cpu];

		write_part(ring, records, now);
		write_slice(ring, (int)cpu, now);
		lost += ring->lost;
	}
	if (lost > 0)
		write(",\n{\"ph\":\"M\",\"name\":\"lost\",\"pid\":%d,"
		      "\"args\":{\"events\":%lu}}",
		      THREADS, lost);
	done_writing();
}

static void write_head(void)
{
	char name[16];

	write("{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":%d,"
	      "\"args\":{\"name\":\"threads\"}}",
	      THREADS);
	write_name("process_name", CPUS, 0, "CPUs");
	for (unsigned cpu = 0; cpu < services.cpus; cpu++) {
		eft_snprintf(name, sizeof(name), "CPU %u", cpu);
		write_name("thread_name", CPUS, (int)cpu, name);
	}
}

int events_start(void)
{
	int error;

	output = is_guest() ? &eft_kvm_trace_output : &eft_linuxu_trace_output;
	while (order > ORDER_LEAST && services.cpus << order > PAGES_MOST)
		order--;
	records = (EFT_PAGE_SIZE << order) / sizeof(struct record);
	for (unsigned cpu = 0; cpu < services.cpus; cpu++) {
		rings[cpu].records = services.page_alloc(order);
		if (rings[cpu].records == NULL)
			return -ENOMEM;
	}
	events_record(EFT_TRACE_BOOT, EFT_TRACE_BOOT_TRACER, 0);
	error = output->open(wanted.file, wanted.file_len);
	if (error < 0)
		return error;
	write_head();
	flush();
	return 0;
}
