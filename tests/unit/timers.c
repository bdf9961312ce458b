// SPDX-License-Identifier: BSD-3-Clause
/*
 * Times as the system calls give them, to the nanosecond: on the fake platform
 * time passes only where a test says so.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/vfs/root.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "tests/unit/files.h"

enum { BLOCK = 0, US = 1000, MS = 1000000, S = 1000000000 };

struct itimerval {
	struct eft_timeval interval, value;
};

struct itimerspec {
	struct eft_timespec interval, value;
};

static const struct eft_timespec now = {0};

static void run(void (*function)(void *))
{
	uint64_t all = UINT64_MAX;

	fake_boot(NULL);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_root_init(NULL, 0);
	fake_now = 5000;
	eft_sys_gettid();
	eft_sys_rt_sigprocmask(BLOCK, &all, NULL, 8);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

/* The signal that waits, or -EAGAIN; its details. */
static long take(struct eft_siginfo *ret_info)
{
	uint64_t all = UINT64_MAX;

	return eft_sys_rt_sigtimedwait(&all, ret_info, &now, 8);
}

static void check_itimer(int which, int64_t sec, int64_t usec)
{
	struct itimerval value;

	check_eq(eft_sys_getitimer(which, (void *)&value), 0);
	check_eq(value.value.sec, sec);
	check_eq(value.value.usec, usec);
}

/* What is left is rounded up: of a timer that is set it is never nothing. */
static void interval_timers(void *arg)
{
	struct itimerval timer = {.interval = {0, 10}, .value = {1, 5}};
	struct itimerval old;
	struct eft_siginfo info;

	check_eq(eft_sys_setitimer(0, (void *)&timer, NULL), 0);
	check_itimer(0, 1, 5);
	fake_advance(S + 4 * US + 1);
	check_itimer(0, 0, 1);
	fake_advance(US - 2);
	check_itimer(0, 0, 1);
	check_eq(take(&info), -EAGAIN);
	fake_advance(1);
	check_eq(take(&info), SIGALRM);
	check_itimer(0, 0, 10);
	/* Missed ones are left out, and the next is when it was to be. */
	fake_advance(35 * US);
	check_eq(take(&info), SIGALRM);
	check_eq(take(&info), -EAGAIN);
	check_itimer(0, 0, 5);
	timer = (struct itimerval){.value = {0, 0}};
	check_eq(eft_sys_setitimer(0, (void *)&timer, (void *)&old), 0);
	check_eq(old.value.usec, 5);
	check_itimer(0, 0, 0);
	timer.value.usec = 1000000;
	check_eq(eft_sys_setitimer(0, (void *)&timer, NULL), -EINVAL);
	check_eq(eft_sys_alarm(2), 0);
	fake_advance(600 * MS);
	check_eq(eft_sys_alarm(0), 1);
	check_eq(eft_sys_alarm(3), 0);
	fake_advance(1400 * MS);
	check_eq(eft_sys_alarm(3), 2);
	fake_advance(1500 * MS);
	check_eq(eft_sys_alarm(1), 2);
	fake_advance(900 * MS);
	check_eq(eft_sys_alarm(0), 1);
}

Test(timers, interval_timers)
{
	run(interval_timers);
}

/* Those of CPU time stand still while the program rests. */
static void cpu_timers(void *arg)
{
	struct itimerval timer = {.value = {0, 10000}};
	struct eft_siginfo info;
	struct eft_timespec time;

	check_eq(eft_sys_setitimer(2, (void *)&timer, NULL), 0);
	check_eq(eft_sleep(fake_now + S), -ETIMEDOUT);
	check_eq(take(&info), -EAGAIN);
	check_itimer(2, 0, 10000);
	fake_advance(4 * MS);
	check_itimer(2, 0, 6000);
	check_eq(eft_sleep(fake_now + S), -ETIMEDOUT);
	check_eq(take(&info), -EAGAIN);
	check_eq(eft_sys_clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time), 0);
	check_eq(time.sec * S + time.nsec, 5000 + 4 * MS);
	fake_advance(8 * MS);
	eft_sleep(fake_now + 2 * MS); /* it is looked at now and then */
	check_eq(take(&info), SIGPROF);
	check_itimer(2, 0, 0);
}

Test(timers, cpu_time)
{
	run(cpu_timers);
}

static struct itimerspec left_of(int id)
{
	struct itimerspec spec;

	check_eq(eft_sys_timer_gettime(id, (void *)&spec), 0);
	return spec;
}

static void overruns(void *arg)
{
	struct itimerspec spec = {{0, 100 * MS}, {0, 250 * MS}}, old;
	struct eft_siginfo info;
	int id;

	check_eq(eft_sys_timer_create(CLOCK_MONOTONIC, NULL, &id), 0);
	check_eq(eft_sys_timer_settime(id, 0, (void *)&spec, NULL), 0);
	fake_advance(249 * MS);
	check_eq(take(&info), -EAGAIN);
	check_eq(left_of(id).value.nsec, MS);
	fake_advance(MS);
	check_eq(take(&info), SIGALRM);
	check_eq(info.overrun, 0);
	check_eq(left_of(id).value.nsec, 100 * MS);
	fake_advance(370 * MS);
	check_eq(take(&info), SIGALRM);
	check_eq(info.overrun, 2);
	check_eq(eft_sys_timer_getoverrun(id), 2);
	check_eq(left_of(id).value.nsec, 30 * MS);
	fake_advance(29 * MS);
	check_eq(take(&info), -EAGAIN);
	fake_advance(MS);
	check_eq(take(&info), SIGALRM);
	check_eq(info.overrun, 0);
	spec = (struct itimerspec){.value = {0, 0}};
	check_eq(eft_sys_timer_settime(id, 0, (void *)&spec, (void *)&old), 0);
	check_eq(old.interval.nsec, 100 * MS);
	check_eq(old.value.nsec, 100 * MS);
	fake_advance(S);
	check_eq(take(&info), -EAGAIN);
	check_eq(eft_sys_timer_delete(id), 0);
	check_eq(eft_sys_timer_delete(id), -EINVAL);
}

Test(timers, overruns)
{
	run(overruns);
}

/*
 * However short an interval is, its signal comes again after a pause: a longer
 * one where it is ignored.
 */
static void pauses(void *arg)
{
	struct itimerspec spec = {{0, 10}, {0, 10}};
	struct eft_sigaction ignore = {.handler = SIG_IGN};
	uint64_t set = eft_signal_bit(SIGALRM);
	struct eft_siginfo info;
	int id;

	check_eq(eft_sys_timer_create(CLOCK_MONOTONIC, NULL, &id), 0);
	check_eq(eft_sys_timer_settime(id, 0, (void *)&spec, NULL), 0);
	check_eq(eft_timers_next(), fake_now + 10);
	fake_advance(10);
	check_eq(eft_timers_next(), EFT_FOREVER); /* until it is taken */
	check_eq(take(&info), SIGALRM);
	check_eq(eft_timers_next(), fake_now + 10 * US);
	fake_advance(10 * US);
	check_eq(take(&info), SIGALRM);
	check_eq(info.overrun, 999);
	spec = (struct itimerspec){{0, 20 * MS}, {0, 20 * MS}};
	check_eq(eft_sys_timer_settime(id, 0, (void *)&spec, NULL), 0);
	fake_advance(20 * MS);
	check_eq(take(&info), SIGALRM);
	check_eq(eft_timers_next(), fake_now + 20 * MS);
	/* Ignored, and not blocked: nobody takes it. */
	check_eq(eft_sys_rt_sigaction(SIGALRM, &ignore, NULL, 8), 0);
	check_eq(eft_sys_rt_sigprocmask(1, &set, NULL, 8), 0);
	spec = (struct itimerspec){{0, 10}, {0, 10}};
	check_eq(eft_sys_timer_settime(id, 0, (void *)&spec, NULL), 0);
	fake_advance(10);
	check_eq(eft_timers_next(), fake_now + MS);
	fake_advance(MS);
	check_eq(eft_timers_next(), fake_now + MS);
	check_eq(eft_sys_timer_delete(id), 0);
}

Test(timers, pauses)
{
	run(pauses);
}

/* For a time of the wall clock; and whose signal it is. */
static void timers_by_the_wall(void *arg)
{
	struct itimerspec spec = {.value = {1010, 5}}, left;
	struct eft_timespec time = {1000, 0};
	struct eft_siginfo info;
	int ids[2];

	check_eq(eft_sys_timer_create(CLOCK_MONOTONIC, NULL, &ids[0]), 0);
	check_eq(eft_sys_timer_create(CLOCK_REALTIME, NULL, &ids[1]), 0);
	check(ids[1] != 0 && ids[1] != ids[0]);
	check_eq(eft_sys_clock_settime(CLOCK_REALTIME, &time), 0);
	check_eq(eft_sys_timer_settime(ids[1], 1, (void *)&spec, NULL), 0);
	left = left_of(ids[1]);
	check(left.value.sec == 10 && left.value.nsec == 5);
	fake_advance(10ul * S + 4);
	check_eq(take(&info), -EAGAIN);
	fake_advance(1);
	check_eq(take(&info), SIGALRM);
	check_eq(info.timer, ids[1]);
	check_eq((int)info.value, ids[1]);
	spec.value = (struct eft_timespec){20, 0};
	check_eq(eft_sys_timer_settime(ids[0], 1, (void *)&spec, NULL), 0);
	left = left_of(ids[0]);
	check_eq(left.value.sec * S + left.value.nsec, 20ul * S - fake_now);
}

Test(timers, timers_by_the_wall_clock)
{
	run(timers_by_the_wall);
}

/* A timerfd keeps its beat, however late it is read. */
static void timerfd_beat(void *arg)
{
	struct itimerspec spec = {{0, 100 * MS}, {0, 250 * MS}}, got;
	int fd = (int)eft_sys_timerfd_create(CLOCK_MONOTONIC, O_NONBLOCK);
	uint64_t count;

	check_eq(eft_sys_timerfd_settime(fd, 0, (void *)&spec, NULL), 0);
	fake_advance(580 * MS); /* 250, 350, 450, 550 */
	check_eq(eft_sys_timerfd_gettime(fd, (void *)&got), 0);
	check_eq(got.value.nsec, 70 * MS);
	check_eq(got.interval.nsec, 100 * MS);
	check_eq(eft_sys_read(fd, &count, 8), 8);
	check_eq(count, 4);
	check_eq(eft_sys_timerfd_gettime(fd, (void *)&got), 0);
	check_eq(got.value.nsec, 70 * MS);
	check_eq(eft_timers_next(), fake_now + 70 * MS);
	fake_advance(70 * MS - 1);
	check_eq(eft_sys_read(fd, &count, 8), -EAGAIN);
	fake_advance(1);
	check_eq(eft_sys_read(fd, &count, 8), 8);
	check_eq(count, 1);
	/* Once: it has expired, and nothing is left. */
	spec = (struct itimerspec){.value = {0, 10 * MS}};
	check_eq(eft_sys_timerfd_settime(fd, 0, (void *)&spec, NULL), 0);
	fake_advance(20 * MS);
	check_eq(eft_sys_timerfd_gettime(fd, (void *)&got), 0);
	check(got.value.sec == 0 && got.value.nsec == 0);
	check_eq(eft_sys_read(fd, &count, 8), 8);
	check_eq(count, 1);
	check_eq(eft_sys_read(fd, &count, 8), -EAGAIN);
}

Test(timers, timerfd_beat)
{
	run(timerfd_beat);
}

/* How long sockets wait: each way has a time of its own. */
static void socket_times(void *arg)
{
	struct eft_timeval ways[2] = {{0, 3000}, {0, 7000}};
	uint64_t start = fake_now;
	static char bytes[4096];
	int fds[2];

	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	check_eq(eft_sys_setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &ways[0],
				    sizeof(ways[0])),
		 0);
	check_eq(eft_sys_setsockopt(fds[0], SOL_SOCKET, SO_SNDTIMEO, &ways[1],
				    sizeof(ways[1])),
		 0);
	check_eq(eft_sys_read(fds[0], bytes, 1), -EAGAIN);
	check_eq(fake_now, start + 3 * MS);
	while (eft_sys_sendto(fds[0], bytes, sizeof(bytes), MSG_DONTWAIT, NULL,
			      0) > 0)
		;
	check_eq(fake_now, start + 3 * MS);
	check_eq(eft_sys_write(fds[0], bytes, 1), -EAGAIN);
	check_eq(fake_now, start + 10 * MS);
	check_eq(eft_sys_recvfrom(fds[0], bytes, 1, MSG_DONTWAIT, NULL, NULL),
		 -EAGAIN);
	check_eq(fake_now, start + 10 * MS);
}

Test(timers, socket_times)
{
	run(socket_times);
}

/* Of the wall clock, which is set meanwhile. */
static void wall_clock(void *arg)
{
	struct itimerspec spec = {{0, 0}, {100, 0}}, got;
	struct eft_timespec time = {1000, 0};
	int fd = (int)eft_sys_timerfd_create(CLOCK_REALTIME, O_NONBLOCK);
	uint64_t count;

	check_eq(eft_sys_clock_settime(CLOCK_REALTIME, &time), 0);
	check_eq(eft_sys_timerfd_settime(fd, 0, (void *)&spec, NULL), 0);
	fake_advance(40ul * S);
	check_eq(eft_sys_timerfd_gettime(fd, (void *)&got), 0);
	check(got.value.sec == 60 && got.value.nsec == 0);
	/* Absolute: it comes when the clock says so. */
	spec.value.sec = 2000;
	check_eq(eft_sys_timerfd_settime(fd, 1, (void *)&spec, NULL), 0);
	time.sec = 1990;
	check_eq(eft_sys_clock_settime(CLOCK_REALTIME, &time), 0);
	check_eq(eft_sys_timerfd_gettime(fd, (void *)&got), 0);
	check(got.value.sec == 10 && got.value.nsec == 0);
	check_eq(eft_timers_next(), fake_now + 10ul * S);
	fake_advance(10ul * S - 1);
	check_eq(eft_sys_read(fd, &count, 8), -EAGAIN);
	fake_advance(1);
	check_eq(eft_sys_read(fd, &count, 8), 8);
	check_eq(count, 1);
	/* One that is closed is not told of the clock any more. */
	check_eq(eft_sys_close(fd), 0);
	check_eq(eft_sys_clock_settime(CLOCK_REALTIME, &time), 0);
}

Test(timers, wall_clock)
{
	run(wall_clock);
}

static void interrupt(void *arg)
{
	eft_sys_kill(eft_process()->identity.pid, SIGURG);
}

static void handler(int signal)
{
}

/* What a sleep leaves, when a handler ends it. */
static void sleeps(void *arg)
{
	struct eft_sigaction action = {.handler = (void *)handler};
	struct eft_timespec wanted = {3, 5}, left = {-1, -1};
	uint64_t none = 0;

	check_eq(eft_sys_rt_sigaction(SIGURG, &action, NULL, 8), 0);
	check_eq(eft_sys_rt_sigprocmask(2, &none, NULL, 8), 0);
	fake_interrupt_at(fake_now + S, interrupt, NULL);
	check_eq(eft_sys_nanosleep(&wanted, &left), -EINTR);
	check(left.sec == 2 && left.nsec == 5);
	left = (struct eft_timespec){-1, -1};
	fake_interrupt_at(fake_now + S, interrupt, NULL);
	wanted.sec = 100;
	check_eq(eft_sys_clock_nanosleep(CLOCK_MONOTONIC, 1, &wanted, &left),
		 -EINTR);
	check(left.sec == -1 && left.nsec == -1);
	wanted = (struct eft_timespec){0, 1};
	check_eq(eft_sys_clock_nanosleep(CLOCK_MONOTONIC, 1, &wanted, &left),
		 0);
	wanted.nsec = S;
	check_eq(eft_sys_nanosleep(&wanted, &left), -EINVAL);
}

Test(timers, sleeps)
{
	run(sleeps);
}

/* Until a time of the wall clock. */
static void sleep_by_the_wall(void *arg)
{
	struct eft_timespec time = {1000, 0}, until = {1002, 500};
	uint64_t start;

	check_eq(eft_sys_clock_settime(CLOCK_REALTIME, &time), 0);
	start = fake_now;
	check_eq(eft_sys_clock_nanosleep(CLOCK_REALTIME, 1, &until, NULL), 0);
	check_eq(fake_now, start + 2ul * S + 500);
	check_eq(eft_sys_clock_nanosleep(CLOCK_REALTIME, 1, &until, NULL), 0);
	check_eq(fake_now, start + 2ul * S + 500);
}

Test(timers, sleep_by_the_wall_clock)
{
	run(sleep_by_the_wall);
}
