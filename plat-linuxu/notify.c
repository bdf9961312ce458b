// SPDX-License-Identifier: BSD-3-Clause
/*
 * Tickets for the host's files that somebody waits for, and the waiting: by
 * io_uring, or by ppoll where that is forbidden (many containers) or no use:
 * a program without threads and epoll waits for few files at a time.
 *
 * TICKET  its slot in the table and the slot's generation, so that one which
 *         was completed long ago cancels nobody else's. The table doubles.
 * WATCH   One CPU at a time, an idle one, waits for all that is in the table.
 *         When it goes to run a thread another idle one takes over; where all
 *         run, their timers have them look now and then.
 * BELL    Slot 0 is an eventfd: who rings it has the CPU that watches return.
 * SOCKETS are watched by an epoll (socketwatch.c), and count as who waits.
 *         Then who watches waits for that; io_uring is readable there, as
 *         is the bell. Without io_uring slot 1 is the epoll, for when others
 *         wait too. An image without sockets has nothing of this.
 * LOCK    tickets.lock guards the table; done() is called under it, so that
 *         after cancel() it neither runs nor will. Who watches is told when it
 *         is released: the host may run it in the teller's place at once, where
 *         it would spin for the lock.
 */
#include "plat-linuxu/notify.h"
#include "core/abi.h"
#include "core/dev/host.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/socketwatch.h"

enum { BELL, SOCKETS, FIRST_FREE, LOOK_NS = 10000000 };

/* A ticket is a generation and a slot of so many bits. */
enum { SLOT_BITS = 15, SLOTS_MAX = 1 << SLOT_BITS, SLOTS_AT_FIRST = 64 };

/* eventfd(2) */
enum { EFD_CLOEXEC = O_CLOEXEC, EFD_NONBLOCK = O_NONBLOCK };

static struct eft_linuxu_pending first_table[SLOTS_AT_FIRST];
struct eft_linuxu_pending *eft_linuxu_pending = first_table;
unsigned eft_linuxu_slots = SLOTS_AT_FIRST;
static int bell;

static struct {
	struct eft_lock lock;
	enum { UNKNOWN, URING, PPOLL } by;
	unsigned used; /* slots at or above this are free */
	unsigned free; /* none is free below */
	unsigned open; /* tickets that somebody has, and what will ring */
	struct eft_linuxu_cpu *watcher;
} tickets = {.lock = EFT_LOCK_INIT(EFT_RANK_TICKETS),
	     .used = FIRST_FREE,
	     .free = FIRST_FREE};

#define pending eft_linuxu_pending

/* What waits on several CPUs, or for many handles, names it (see eft_needs). */
#pragma weak eft_plat_process_uring
#pragma weak eft_linuxu_uring_add
#pragma weak eft_linuxu_uring_remove
#pragma weak eft_linuxu_uring_submit
#pragma weak eft_linuxu_uring_flush
#pragma weak eft_linuxu_uring_enter
#pragma weak eft_linuxu_uring_collect

/* Where eft_linuxu_wait_for_all() is called, there they are. */
#pragma weak eft_linuxu_sockets_count
#pragma weak eft_linuxu_sockets_handle
#pragma weak eft_linuxu_sockets_wait

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

/* The watcher's, for all slots that there were when it looked. */
static struct eft_pollfd first_fds[SLOTS_AT_FIRST], *fds = first_fds;
static unsigned fds_room = SLOTS_AT_FIRST;

/* Memory from the host, or NULL: the locks of core's are not to be taken. */
static void *get(size_t bytes)
{
	long at = eft_linux6(SYS_mmap, 0, bytes, EFT_PROT_READ | EFT_PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return at < 0 ? NULL : (void *)at;
}

static void put_back(void *memory, size_t bytes)
{
	eft_linux3(SYS_munmap, (long)memory, bytes, 0);
}

eft_inline void make_room_in_fds(void)
{
	struct eft_pollfd *more = get(eft_linuxu_slots * sizeof(*more));

	if (more == NULL)
		return;
	if (fds != first_fds)
		put_back(fds, fds_room * sizeof(*fds));
	fds = more;
	fds_room = eft_linuxu_slots;
}

eft_inline unsigned prepare_ppoll(void)
{
	unsigned used;

	if (tickets.used > fds_room)
		make_room_in_fds();
	used = eft_min(tickets.used, fds_room);
	for (unsigned i = 0; i < used; i++) {
		fds[i].fd = pending[i].done ? pending[i].handle : -1;
		fds[i].events = pending[i].events;
		fds[i].revents = 0;
	}
	return used;
}

eft_inline void enter_ppoll(unsigned used, uint64_t deadline_ns)
{
	struct eft_timespec buf;

	eft_linuxu_need(eft_linux6(SYS_ppoll, (long)fds, used,
				   (long)eft_linuxu_timeout(deadline_ns, &buf),
				   0, 0, 0),
			"ppoll");
}

/* A slot may have got another ticket meanwhile. */
eft_inline void collect_ppoll(unsigned used)
{
	for (unsigned i = 0; i < used; i++) {
		if (fds[i].revents != 0 && fds[i].fd == pending[i].handle &&
		    fds[i].events == (int16_t)pending[i].events)
			eft_linuxu_complete(i);
	}
}

void eft_linuxu_complete(unsigned slot)
{
	struct eft_linuxu_pending *p = &pending[slot];

	eft_assert(slot < eft_linuxu_slots);
	if (p->done == NULL)
		return;
	p->done(p->arg);
	p->done = NULL;
	if (slot < FIRST_FREE)
		return;
	eft_assert(tickets.open > 0);
	tickets.open--;
	tickets.free = eft_min(tickets.free, slot);
}

static int put(unsigned slot, int handle, unsigned events,
	       void (*done)(void *arg), void *arg)
{
	struct eft_linuxu_pending *p = &pending[slot];
	int error;

	eft_assert(p->done == NULL);
	eft_assert(tickets.by != UNKNOWN);
	p->handle = handle;
	p->events = events;
	p->generation++;
	error = tickets.by == URING ? eft_linuxu_uring_add(slot) : 0;
	if (error < 0)
		return error;
	p->done = done;
	p->arg = arg;
	return 0;
}

static void drain(void *arg)
{
	uint64_t rung;

	eft_linux3(SYS_read, bell, (long)&rung, sizeof(rung));
}

void eft_linuxu_ring_doorbell(void)
{
	uint64_t once = 1;

	eft_linux3(SYS_write, bell, (long)&once, sizeof(once));
}

static int choose(void)
{
	bool uring = eft_plat_process_uring != NULL && !eft_host_uring_off;
	int handle;

	eft_linuxu_note_given();
	handle = eft_linuxu_need(
		eft_linux3(SYS_eventfd2, 0, EFD_CLOEXEC | EFD_NONBLOCK, 0),
		"eventfd2");
	if (handle < 0)
		return handle;
	uring = uring && eft_plat_process_uring() == 0;
	tickets.by = uring ? URING : PPOLL;
	bell = handle;
	eft_log(EFT_LOG_INFO, "waiting for the host by %s",
		uring ? "io_uring" : "ppoll");
	return 0;
}

/* The watcher waits until something in the table has come. */
void eft_linuxu_wait_for_table(uint64_t deadline_ns)
{
	bool uring = tickets.by == URING;
	unsigned count;

	eft_lock(&tickets.lock);
	if (pending[BELL].done == NULL &&
	    put(BELL, bell, POLLIN, drain, NULL) < 0)
		deadline_ns = 0;
	count = uring ? eft_linuxu_uring_flush() : prepare_ppoll();
	eft_unlock(&tickets.lock);
	if (uring)
		eft_linuxu_uring_enter(count, deadline_ns);
	else
		enter_ppoll(count, deadline_ns);
	eft_lock(&tickets.lock);
	if (uring)
		eft_linuxu_uring_collect();
	else
		collect_ppoll(count);
	eft_unlock(&tickets.lock);
	if (eft_linuxu_tell_ended != NULL)
		eft_linuxu_tell_ended();
}

/* socketwatch.c has another. */
void eft_linuxu_wait_for_files(uint64_t deadline_ns)
	__attribute__((weak, alias("eft_linuxu_wait_for_table")));

/* sockets_wait() has told already, or tells next. */
static void pass(void *arg)
{
}

/* Locked. False: not all will be seen, so there is to be no long wait. */
static bool put_own(void)
{
	int error = 0;

	if (tickets.by == URING)
		return true;
	if (pending[BELL].done == NULL)
		error = put(BELL, bell, POLLIN, drain, NULL);
	if (error == 0 && pending[SOCKETS].done == NULL)
		error = put(SOCKETS, eft_linuxu_sockets_handle(), POLLIN, pass,
			    NULL);
	return error == 0;
}

/*
 * What waits in the table is asked by one call, and sockets by another; the
 * first to be made waits, if the other's events end it.
 */
static void wait_with_sockets(unsigned count, bool others, uint64_t deadline_ns)
{
	if (tickets.by == URING) {
		if (count > 0 && eft_linuxu_uring_submit(count) < 0)
			deadline_ns = 0;
	} else if (others) {
		enter_ppoll(count, deadline_ns);
		deadline_ns = 0;
	}
	eft_linuxu_sockets_wait(deadline_ns);
}

void eft_linuxu_wait_for_all(uint64_t deadline_ns)
{
	bool uring = tickets.by == URING, others;
	unsigned count;

	eft_lock(&tickets.lock);
	if (!put_own())
		deadline_ns = 0;
	others = tickets.open > eft_linuxu_sockets_count();
	count = uring ? eft_linuxu_uring_flush() : prepare_ppoll();
	eft_unlock(&tickets.lock);
	wait_with_sockets(count, others, deadline_ns);
	eft_lock(&tickets.lock);
	if (uring)
		eft_linuxu_uring_collect();
	else if (others)
		collect_ppoll(count);
	eft_unlock(&tickets.lock);
	if (eft_linuxu_tell_ended != NULL)
		eft_linuxu_tell_ended();
}

bool eft_linuxu_waits(void)
{
	bool open;

	eft_lock(&tickets.lock);
	open = tickets.open > 0;
	eft_unlock(&tickets.lock);
	return open;
}

bool eft_linuxu_is_watched(void)
{
	return __atomic_load_n(&tickets.watcher, __ATOMIC_RELAXED) != NULL;
}

static bool begin_watch(struct eft_linuxu_cpu *cpu)
{
	bool mine;

	eft_lock(&tickets.lock);
	mine = tickets.open > 0 && tickets.watcher == NULL;
	if (mine)
		__atomic_store_n(&tickets.watcher, cpu, __ATOMIC_RELAXED);
	eft_unlock(&tickets.lock);
	return mine;
}

static void end_watch(struct eft_linuxu_cpu *cpu)
{
	bool open;

	eft_lock(&tickets.lock);
	eft_assert(tickets.watcher == cpu);
	__atomic_store_n(&tickets.watcher, NULL, __ATOMIC_RELAXED);
	open = tickets.open > 0;
	eft_unlock(&tickets.lock);
	if (!open ||
	    (eft_linuxu_wake_another != NULL && eft_linuxu_wake_another()))
		return;
	eft_linuxu_look_in(cpu, LOOK_NS);
}

bool eft_linuxu_watch(struct eft_linuxu_cpu *cpu, uint64_t deadline_ns)
{
	if (!begin_watch(cpu))
		return false;
	if (eft_linuxu_rest(cpu, EFT_LINUXU_WATCHES))
		eft_linuxu_wait_for_files(deadline_ns);
	end_watch(cpu);
	return true;
}

void eft_linuxu_look(struct eft_linuxu_cpu *cpu)
{
	if (!begin_watch(cpu))
		return;
	eft_linuxu_wait_for_files(0);
	end_watch(cpu);
}

static int ticket_of(unsigned slot)
{
	return (int)((pending[slot].generation << SLOT_BITS | slot) &
		     INT32_MAX);
}

static int grow(void)
{
	unsigned slots = 2 * eft_linuxu_slots;
	struct eft_linuxu_pending *more = NULL;

	if (slots <= SLOTS_MAX)
		more = get(slots * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	memcpy(more, pending, eft_linuxu_slots * sizeof(*more));
	if (pending != first_table)
		put_back(pending, eft_linuxu_slots * sizeof(*more));
	pending = more;
	eft_linuxu_slots = slots;
	return 0;
}

/* A free slot, or -ENOMEM. */
static int find_free(void)
{
	unsigned slot = tickets.free;

	while (slot < eft_linuxu_slots && pending[slot].done != NULL)
		slot++;
	tickets.free = slot;
	return slot < eft_linuxu_slots || grow() == 0 ? (int)slot : -ENOMEM;
}

/*
 * The table has changed, and somebody is to look at it. True: somebody watches,
 * and is to be told of it, by as many requests or the bell.
 */
static bool must_tell_watcher(unsigned *ret_requests)
{
	if (tickets.watcher == NULL) {
		eft_linuxu_look_in(eft_cpu()->platform, LOOK_NS);
		return false;
	}
	*ret_requests = tickets.by == URING ? eft_linuxu_uring_flush() : 0;
	return true;
}

/* Without the lock. */
static void tell_watcher(unsigned requests)
{
	if (requests == 0 || eft_linuxu_uring_submit(requests) < 0)
		eft_linuxu_ring_doorbell();
}

int eft_linuxu_expect(int more)
{
	int error;

	eft_lock(&tickets.lock);
	error = tickets.by == UNKNOWN ? choose() : 0;
	if (error == 0) {
		eft_assert(more >= 0 || tickets.open >= (unsigned)-more);
		tickets.open += more;
		if (more > 0 && tickets.watcher == NULL)
			eft_linuxu_look_in(eft_cpu()->platform, LOOK_NS);
	}
	eft_unlock(&tickets.lock);
	return error == 0 ? 0 : -ENOMEM;
}

bool eft_linuxu_waits_by_uring(void)
{
	return tickets.by == URING;
}

int eft_linuxu_doorbell(void)
{
	return bell;
}

static int notify_locked(int handle, unsigned events, void (*done)(void *arg),
			 void *arg)
{
	int error = tickets.by == UNKNOWN ? choose() : 0;
	int slot = find_free();

	if (error == 0 && slot >= 0)
		error = put(slot, handle, events, done, arg);
	if (error < 0 || slot < 0)
		return -ENOMEM;
	tickets.used = eft_max(tickets.used, (unsigned)slot + 1);
	tickets.open++;
	return ticket_of(slot);
}

int eft_linuxu_notify(int handle, unsigned events, void (*done)(void *arg),
		      void *arg)
{
	unsigned requests;
	bool tell;
	int ticket;

	eft_lock(&tickets.lock);
	ticket = notify_locked(handle, events, done, arg);
	tell = ticket >= 0 && must_tell_watcher(&requests);
	eft_unlock(&tickets.lock);
	if (tell)
		tell_watcher(requests);
	return ticket;
}

void eft_linuxu_cancel(int ticket)
{
	unsigned slot = (unsigned)ticket % SLOTS_MAX, requests = 0;

	eft_lock(&tickets.lock);
	if (pending[slot].done != NULL && ticket_of(slot) == ticket) {
		if (tickets.by == URING)
			requests = eft_linuxu_uring_remove(slot);
		pending[slot].done = NULL;
		eft_assert(tickets.open > 0);
		tickets.open--;
		tickets.free = eft_min(tickets.free, slot);
	}
	eft_unlock(&tickets.lock);
	if (requests > 0) /* at once: until then the host keeps the file open */
		eft_linuxu_uring_submit(requests);
}
