// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files that threads wait for: eventfd, pipes, epoll, poll, timerfd.
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/thread.h"
#include "core/time.h"
#include "tests/explore/explore.h"

#define FULL (UINT64_MAX - 1) /* of an eventfd */

static struct eft_file *event, *epoll, *timer, *ends[2];
static unsigned got;

/* One descriptor is open. */
struct eft_file *eft_fd_get(int fd)
{
	return eft_file_get(event);
}

static ssize_t read_some(struct eft_file *file, void *buf, size_t len)
{
	const struct eft_iovec iov = {buf, len};

	return file->ops->read(file, &iov, 1, -1);
}

static ssize_t write_some(struct eft_file *file, const void *buf, size_t len)
{
	const struct eft_iovec iov = {(void *)buf, len};

	return file->ops->write(file, &iov, 1, -1);
}

static void count_got(unsigned n)
{
	__atomic_fetch_add(&got, n, __ATOMIC_RELAXED);
}

/*
 * eventfd.
 */
static void make_semaphore(void)
{
	explore_check(eft_eventfd_create(0, true, O_RDWR, &event) == 0);
}

static void make_full(void)
{
	explore_check(eft_eventfd_create(FULL, false, O_RDWR, &event) == 0);
}

static void add(uint64_t value)
{
	explore_check(write_some(event, &value, 8) == 8);
}

static void add_one(void)
{
	add(1);
}

static void add_two(void)
{
	add(2);
}

static void add_twice(void)
{
	add(1);
	add(1);
}

static void make_counter(void)
{
	explore_check(eft_eventfd_create(0, false, O_RDWR, &event) == 0);
}

static void two_added(void)
{
	uint64_t value;

	explore_check(read_some(event, &value, 8) == 8 && value == 2);
}

static void take(void)
{
	uint64_t value;

	explore_check(read_some(event, &value, 8) == 8);
	count_got(1);
}

static void took_two(void)
{
	explore_check(got == 2);
}

/* A reader that a signal ends leaves what it was woken for to another. */
static bool interrupted;

static void take_or_end(void)
{
	uint64_t value;
	ssize_t n = read_some(event, &value, 8);

	explore_check(n == 8 || n == -EINTR);
	eft_thread_attended();
	if (n == 8)
		add(1);
	while (!__atomic_load_n(&interrupted, __ATOMIC_ACQUIRE))
		eft_spin(0);
}

static void add_and_interrupt(void)
{
	add(1);
	eft_thread_interrupt(explore_thread(0));
	__atomic_store_n(&interrupted, true, __ATOMIC_SEQ_CST);
}

/*
 * Pipes.
 */
static char page[EFT_PAGE_SIZE];

static void make_pipe(void)
{
	explore_check(eft_pipe_create(0, ends) == 0);
}

/* Of one page. */
static void make_full_pipe(void)
{
	make_pipe();
	explore_check(ends[1]->ops->pipe_size(ends[1], sizeof(page)) ==
		      sizeof(page));
	explore_check(write_some(ends[1], page, sizeof(page)) == sizeof(page));
}

static void put_byte(void)
{
	explore_check(write_some(ends[1], "x", 1) == 1);
}

static void put_bytes(void)
{
	put_byte();
	put_byte();
}

static void get_byte(void)
{
	char byte;

	explore_check(read_some(ends[0], &byte, 1) == 1 && byte == 'x');
	count_got(1);
}

static void get_page(void)
{
	explore_check(read_some(ends[0], page, sizeof(page)) == sizeof(page));
}

static void get_until_end(void)
{
	char byte;

	while (read_some(ends[0], &byte, 1) == 1)
		count_got(1);
}

static void put_and_close(void)
{
	put_byte();
	eft_file_put(ends[1]);
}

static void got_one(void)
{
	explore_check(got == 1);
}

/*
 * epoll and poll.
 */
enum { FD = 0 };

static void watch(uint32_t events)
{
	const struct eft_epoll_event wanted = {.events = events, .data = 7};

	explore_check(eft_epoll_control(epoll, EPOLL_CTL_ADD, FD, event,
					&wanted) == 0);
}

static void make_epoll(uint32_t events)
{
	make_semaphore();
	explore_check(eft_epoll_create(&epoll) == 0);
	if (events != 0)
		watch(events);
}

static void make_level(void)
{
	make_epoll(POLLIN);
}

static void make_edge(void)
{
	make_epoll(POLLIN | EPOLLET);
}

static void make_one_shot(void)
{
	make_epoll(POLLIN | EPOLLONESHOT);
}

static void make_unwatched(void)
{
	make_epoll(0);
}

static int await(uint64_t deadline_ns)
{
	struct eft_epoll_event found;
	int n = eft_epoll_wait(epoll, &found, 1, deadline_ns);

	explore_check(n == 0 || (n == 1 && found.data == 7));
	count_got((unsigned)n);
	return n;
}

static void await_event(void)
{
	explore_check(await(EFT_FOREVER) == 1);
}

static void await_and_take(void)
{
	await_event();
	take();
}

/* Another takes what there was news of, and there is more. */
static void add_take_add(void)
{
	add(1);
	take();
	add(1);
}

/* Told of each that comes after the one before was told of. */
static void await_edges(void)
{
	await_event();
	take();
	await_event();
}

static void add_again(void)
{
	add(1);
	while (__atomic_load_n(&got, __ATOMIC_RELAXED) < 2)
		eft_sleep(eft_now_ns() + 1000);
	add(1);
}

static void watch_now(void)
{
	watch(POLLIN);
}

static void arm_again(void)
{
	const struct eft_epoll_event wanted = {.events = POLLIN | EPOLLONESHOT,
					       .data = 7};

	explore_check(eft_epoll_control(epoll, EPOLL_CTL_MOD, FD, event,
					&wanted) == 0);
}

static void await_and_arm(void)
{
	await_event();
	arm_again();
}

static void await_none(void)
{
	explore_check(await(eft_now_ns() + 10000) == 0);
}

static void unwatch(void)
{
	const struct eft_epoll_event none = {0};

	explore_check(
		eft_epoll_control(epoll, EPOLL_CTL_DEL, FD, event, &none) == 0);
}

static void poll_it(void)
{
	struct eft_pollfd fds = {.fd = FD, .events = POLLIN};

	explore_check(eft_poll(&fds, 1, EFT_FOREVER) == 1);
	explore_check(fds.revents == POLLIN);
}

/*
 * timerfd.
 */
static void set_timer(uint64_t value_ns)
{
	const struct eft_timerfd_setting setting = {.value_ns = value_ns};
	struct eft_timerfd_setting old;

	explore_check(eft_timerfd_set(timer, &setting, false, false, &old) ==
		      0);
}

static void make_timer(void)
{
	explore_check(eft_timerfd_create(false, O_RDWR, &timer) == 0);
	set_timer(3000);
}

static void take_expiration(void)
{
	uint64_t count;

	explore_check(read_some(timer, &count, 8) == 8 && count == 1);
	explore_check(eft_now_ns() >= 4000);
}

static void make_late_timer(void)
{
	explore_check(eft_timerfd_create(false, O_RDWR, &timer) == 0);
	set_timer(9000);
}

static void set_earlier(void)
{
	set_timer(3000);
}

static void took_in_time(void)
{
	explore_check(eft_now_ns() == 4000);
}

/* From another CPU. */
static void set_later(void)
{
	set_timer(9000);
}

const struct explore_scenario explore_scenarios[] = {
	{"eventfd", make_semaphore, {take, add_one}, NULL, 4, 0},
	{"eventfd of two",
	 make_semaphore,
	 {take, take, add_two},
	 took_two,
	 2,
	 0},
	{"eventfd twice",
	 make_semaphore,
	 {take, take, add_twice},
	 took_two,
	 2,
	 0},
	{"eventfd added to by two",
	 make_counter,
	 {add_one, add_one},
	 two_added,
	 4,
	 0},
	{"eventfd full", make_full, {add_one, take}, NULL, 4, 0},
	{"eventfd and a signal",
	 make_semaphore,
	 {take_or_end, take, add_and_interrupt},
	 NULL,
	 2,
	 0},
	{"pipe", make_pipe, {get_byte, put_byte}, got_one, 3, 0},
	{"pipe of two",
	 make_pipe,
	 {get_byte, get_byte, put_bytes},
	 took_two,
	 2,
	 0},
	{"pipe full", make_full_pipe, {put_byte, get_page}, NULL, 3, 0},
	{"pipe closed",
	 make_pipe,
	 {get_until_end, put_and_close},
	 got_one,
	 3,
	 0},
	{"epoll by level", make_level, {await_and_take, add_one}, NULL, 3, 0},
	{"epoll of two",
	 make_level,
	 {await_event, await_event, add_one},
	 NULL,
	 2,
	 0},
	{"epoll late", make_level, {await_event, add_take_add}, NULL, 3, 0},
	{"epoll by edge", make_edge, {await_edges, add_again}, NULL, 2, 0},
	{"epoll and a new file",
	 make_unwatched,
	 {await_event, watch_now, add_one},
	 NULL,
	 2,
	 0},
	{"epoll armed again",
	 make_one_shot,
	 {await_and_arm, await_and_arm, add_one},
	 NULL,
	 2,
	 0},
	{"epoll and none",
	 make_level,
	 {await_none, unwatch},
	 NULL,
	 2,
	 EXPLORE_TIMED},
	{"poll", make_unwatched, {poll_it, add_one}, NULL, 3, 0},
	{"timerfd set earlier",
	 make_late_timer,
	 {take_expiration, set_earlier},
	 took_in_time,
	 3,
	 0},
	{"timerfd set again",
	 make_timer,
	 {take_expiration, set_later},
	 NULL,
	 2,
	 EXPLORE_TIMED},
	{},
};
