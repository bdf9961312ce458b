// SPDX-License-Identifier: BSD-3-Clause
/*
 * Watching the host's sockets, any number of them: by an epoll of the host's, to
 * which each is added once. It tells when something becomes true (EPOLLET), and
 * then all that is, so that who watches knows without asking.
 *
 * WATCH  The table leads from a handle to who watches it. An event has the
 *        handle and the generation, so that one which comes late, for a handle
 *        that was closed and is another's by now, is dropped.
 * ROUND  Each question to the epoll has a number: what the answer says may be
 *        old when it is passed on, and who did something meanwhile sees that.
 * LOCK   (table.lock); news() is called under it, so that after unwatch() it
 *        neither runs nor will.
 */
#include "plat-linuxu/socketwatch.h"
#include "core/dev/hostsockets.h"
#include "core/lock.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/notify.h"
#include "plat-linuxu/valgrind.h"

/* Events of one answer; more come with the next. */
enum { EVENTS = 128, TABLE_AT_FIRST = 1024, HANDLES_MAX = 1 << 24 };

/* The handle of an event that is nobody's: a bell. */
#define NOBODY UINT32_MAX

static const uint32_t watched_events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM |
				       POLLRDBAND | POLLWRNORM | POLLWRBAND |
				       POLLRDHUP | EPOLLET;

static struct {
	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_host_watch **watches; /* by handle; NULL: nobody watches */
	unsigned room;
	uint32_t generation;
} table = {.lock = EFT_LOCK_INIT(EFT_RANK_TICKETS)};

static int epoll = -1;	       /* atomic; made once */
static unsigned watched_count; /* atomic */
static bool lacks_pwait2;

uint64_t eft_linuxu_sockets_round;

static long control(int set, int operation, int handle, uint32_t events,
		    uint64_t data)
{
	struct eft_epoll_event event = {.events = events, .data = data};

	return eft_linux4(SYS_epoll_ctl, set, operation, handle, (long)&event);
}

int eft_linuxu_sockets_handle(void)
{
	return __atomic_load_n(&epoll, __ATOMIC_ACQUIRE);
}

/* What ends a wait besides: the doorbell, and completions of io_uring. */
static long add_others(int set)
{
	long error = control(set, EPOLL_CTL_ADD, eft_linuxu_doorbell(),
			     POLLIN | EPOLLET, NOBODY);

	if (error == 0 && eft_linuxu_waits_by_uring())
		error = control(set, EPOLL_CTL_ADD, eft_linuxu_uring_handle(),
				POLLIN, NOBODY);
	return error;
}

/* 0, or an error; the lock is held. */
static int make_epoll(void)
{
	long handle, error;

	do
		handle = eft_linux3(SYS_epoll_create1, O_CLOEXEC, 0, 0);
	while (handle == -EMFILE && eft_linuxu_raise_limit());
	if (handle < 0)
		return (int)handle;
	error = add_others((int)handle);
	if (error != 0) {
		eft_linux3(SYS_close, handle, 0, 0);
		return (int)error;
	}
	lacks_pwait2 = eft_linuxu_under_valgrind();
	__atomic_store_n(&epoll, (int)handle, __ATOMIC_RELEASE);
	return 0;
}

static size_t bytes_of(unsigned room)
{
	return room * sizeof(struct eft_host_watch *);
}

static int make_room(unsigned handle)
{
	unsigned room = eft_max(table.room, (unsigned)TABLE_AT_FIRST);
	long at;

	while (room <= handle && room < HANDLES_MAX)
		room *= 2;
	if (handle >= room)
		return -ENOMEM;
	if (room == table.room)
		return 0;
	at = eft_linux6(SYS_mmap, 0, bytes_of(room),
			EFT_PROT_READ | EFT_PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (at < 0)
		return -ENOMEM;
	if (table.room > 0) {
		memcpy((void *)at, table.watches, bytes_of(table.room));
		eft_linux3(SYS_munmap, (long)table.watches,
			   bytes_of(table.room), 0);
	}
	table.watches = (void *)at;
	table.room = room;
	return 0;
}

static int enter(int handle, struct eft_host_watch *watch, bool *ret_first)
{
	int error;

	eft_lock(&table.lock);
	*ret_first = watched_count == 0;
	error = epoll < 0 ? make_epoll() : 0;
	if (error == 0)
		error = make_room((unsigned)handle);
	if (error == 0) {
		eft_assert(table.watches[handle] == NULL);
		watch->generation = ++table.generation;
		table.watches[handle] = watch;
		__atomic_fetch_add(&watched_count, 1, __ATOMIC_RELAXED);
	}
	eft_unlock(&table.lock);
	return error;
}

static void leave(int handle, struct eft_host_watch *watch)
{
	eft_lock(&table.lock);
	eft_assert(table.watches[handle] == watch);
	table.watches[handle] = NULL;
	__atomic_fetch_sub(&watched_count, 1, __ATOMIC_RELAXED);
	eft_unlock(&table.lock);
}

/* Who waits by now waits for the table, and is told that there is more. */
static int watch_expected(int handle, struct eft_host_watch *watch)
{
	bool first = false;
	int error = enter(handle, watch, &first);

	if (error != 0)
		return error == -EMFILE ? -ENOMEM : error;
	if (first)
		eft_linuxu_ring_doorbell();
	error = (int)control(epoll, EPOLL_CTL_ADD, handle, watched_events,
			     (uint64_t)watch->generation << 32 |
				     (unsigned)handle);
	if (error != 0)
		leave(handle, watch);
	return error;
}

int eft_linuxu_socket_watch(int handle, struct eft_host_watch *watch)
{
	int error = eft_linuxu_expect(1);

	if (error != 0)
		return error;
	error = watch_expected(handle, watch);
	if (error != 0)
		eft_linuxu_expect(-1);
	return error;
}

/* Another process may have the same socket open, and the host go on telling. */
void eft_linuxu_socket_unwatch(int handle, struct eft_host_watch *watch)
{
	leave(handle, watch);
	control(epoll, EPOLL_CTL_DEL, handle, 0, 0);
	eft_linuxu_expect(-1);
}

unsigned eft_linuxu_sockets_count(void)
{
	return __atomic_load_n(&watched_count, __ATOMIC_RELAXED);
}

/* Without a deadline the oldest call does; a host before 5.11 has no other. */
static long ask(struct eft_epoll_event events[EVENTS], uint64_t deadline_ns)
{
	struct eft_pollfd fd = {.fd = epoll, .events = POLLIN};
	struct eft_timespec buf;
	long n = -ENOSYS;

	if (deadline_ns != 0 && deadline_ns != EFT_FOREVER) {
		const struct eft_timespec *time =
			eft_linuxu_timeout(deadline_ns, &buf);

		if (!lacks_pwait2)
			n = eft_linux6(SYS_epoll_pwait2, epoll, (long)events,
				       EVENTS, (long)time, 0, 0);
		if (!eft_linuxu_is_refused(n))
			return n;
		lacks_pwait2 = true;
		eft_linux6(SYS_ppoll, (long)&fd, 1, (long)time, 0, 0, 0);
		deadline_ns = 0;
	}
	return eft_linux6(SYS_epoll_pwait, epoll, (long)events, EVENTS,
			  deadline_ns == 0 ? 0 : -1, 0, 0);
}

static void tell(const struct eft_epoll_event *event, uint64_t round)
{
	uint32_t handle = (uint32_t)event->data;
	struct eft_host_watch *watch;

	if (handle >= table.room)
		return;
	watch = table.watches[handle];
	if (watch != NULL && watch->generation == event->data >> 32)
		watch->news(watch, event->events, round);
}

void eft_linuxu_sockets_wait(uint64_t deadline_ns)
{
	struct eft_epoll_event events[EVENTS];
	uint64_t round;
	long n;

	do {
		round = __atomic_add_fetch(&eft_linuxu_sockets_round, 1,
					   __ATOMIC_SEQ_CST);
		n = ask(events, deadline_ns);
		eft_lock(&table.lock);
		for (long i = 0; i < n; i++)
			tell(&events[i], round);
		eft_unlock(&table.lock);
		deadline_ns = 0;
	} while (n == EVENTS);
}

void eft_linuxu_sockets_look(void)
{
	if (eft_linuxu_sockets_count() > 0)
		eft_linuxu_sockets_wait(0);
}

void eft_linuxu_wait_for_files(uint64_t deadline_ns)
{
	if (eft_linuxu_sockets_count() > 0)
		eft_linuxu_wait_for_all(deadline_ns);
	else
		eft_linuxu_wait_for_table(deadline_ns);
}

/*
 * The timer may still come for what it was told of before this CPU rested: that
 * is as good, and spares telling it each time that a thread has woken.
 */
void eft_linuxu_look_in(struct eft_linuxu_cpu *cpu, uint64_t delay_ns)
{
	uint64_t now = eft_linuxu_monotonic_ns();

	if (cpu->look_ns == EFT_FOREVER && cpu->armed_ns > now &&
	    cpu->armed_ns <= now + delay_ns)
		cpu->look_ns = cpu->armed_ns;
	else
		eft_linuxu_look_by_timer(cpu, delay_ns);
}
