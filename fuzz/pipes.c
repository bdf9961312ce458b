// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pipes, eventfd and timerfd, polled and watched by epolls that may watch each
 * other, against a model: bytes in order, how many, which errors, and after
 * each step all that poll(2) says. The input is a sequence of system calls,
 * none of which waits.
 */
#include "fuzz/pipes.h"
#include "core/abi.h"
#include "core/boot.h"
#include "core/file.h"
#include "core/process.h"
#include "core/time.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "posix/time/time.h"

/* A program that ignores SIGPIPE has it through its C library. */
eft_needs(eft_signal_send);

enum { PAGE = 4096, PIPES = 16, LARGE = 70000, STEPS = 300 };
enum { EFD_SEMAPHORE = 1, SET_PIPE_SIZE = 1031, GET_PIPE_SIZE = 1032 };
enum { ABSOLUTE = 1 /* TFD_TIMER_ABSTIME */ };

struct slot slots[SLOTS];
struct thing things[THINGS];

static struct pipe_model pipes[PIPES];
static unsigned thing_count, pipe_count;
static uint8_t buf[LARGE];

void fuzz_boot(void)
{
	struct fake_config config = {
		.zone_bytes = {8 << 20},
		.window_bytes = 1 << 20,
	};
	struct eft_sigaction ignore = {.handler = SIG_IGN};

	fake_boot(&config);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_sys_rt_sigaction(SIGPIPE, &ignore, NULL, sizeof(uint64_t));
}

struct thing *new_thing(enum kind kind)
{
	struct thing *thing = &things[thing_count++];

	thing->kind = kind;
	thing->expires_ns = EFT_FOREVER;
	return thing;
}

static unsigned free_slots(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < SLOTS; i++)
		count += slots[i].thing == NULL;
	return count;
}

void add_slot(int fd, struct thing *thing)
{
	struct slot *slot = slots;

	while (slot->thing != NULL)
		slot++;
	*slot = (struct slot){fd, thing};
	thing->fds++;
}

struct slot *any_slot(void)
{
	return &slots[fuzz_below(SLOTS)];
}

/*
 * What poll says.
 */
static uint64_t used(const struct pipe_model *pipe)
{
	return pipe->written - pipe->read;
}

static unsigned reader_levels(const struct pipe_model *pipe)
{
	return (used(pipe) > 0 ? POLLIN | POLLRDNORM : 0) |
	       (pipe->writer == NULL ? POLLHUP : 0);
}

static unsigned writer_levels(const struct pipe_model *pipe)
{
	bool room = pipe->size - used(pipe) >= PAGE;

	return (room ? POLLOUT | POLLWRNORM : 0) |
	       (pipe->reader == NULL ? POLLERR : 0);
}

static uint64_t expirations(const struct thing *timer)
{
	uint64_t now = eft_now_ns();

	if (now < timer->expires_ns)
		return 0;
	if (timer->interval_ns == 0)
		return 1;
	return 1 + (now - timer->expires_ns) / timer->interval_ns;
}

struct levels levels_of(const struct thing *thing)
{
	unsigned events = 0;

	switch (thing->kind) {
	case READER:
		events = reader_levels(thing->pipe);
		break;
	case WRITER:
		events = writer_levels(thing->pipe);
		break;
	case EVENT:
		events = (thing->value > 0 ? POLLIN : 0) |
			 (thing->value < UINT64_MAX - 1 ? POLLOUT : 0);
		break;
	case TIMER:
		events = expirations(thing) > 0 ? POLLIN : 0;
		break;
	case EPOLL:
		return epoll_levels(thing);
	case NOTHING:
		break;
	}
	return (struct levels){events, events};
}

/* All of them at once, and a descriptor that is none. */
static void check_poll(void)
{
	struct eft_pollfd fds[SLOTS + 1];
	long ready = 0, found;

	for (unsigned i = 0; i < SLOTS; i++)
		fds[i] = (struct eft_pollfd){slots[i].thing ? slots[i].fd : -1,
					     -1, 0};
	fds[SLOTS] = (struct eft_pollfd){1000, POLLIN, 0};
	found = eft_sys_poll(fds, SLOTS + 1, 0);
	for (unsigned i = 0; i < SLOTS; i++) {
		struct levels levels = {0, 0};
		unsigned events = (uint16_t)fds[i].revents;

		if (slots[i].thing != NULL)
			levels = levels_of(slots[i].thing);
		fuzz_check((events & levels.sure) == levels.sure);
		fuzz_check((events & ~levels.perhaps) == 0);
		ready += events != 0;
	}
	fuzz_check(fds[SLOTS].revents == POLLNVAL);
	fuzz_check(found == ready + 1);
}

/*
 * Steps.
 */
static void make_pipe(void)
{
	int fds[2], flags = fuzz_below(2) ? O_CLOEXEC : 0;
	struct pipe_model *pipe;

	if (free_slots() < 2 || pipe_count == PIPES || thing_count + 2 > THINGS)
		return;
	if (eft_sys_pipe2(fds, flags | O_NONBLOCK) < 0)
		return;
	pipe = &pipes[pipe_count++];
	pipe->size = 16 * PAGE;
	pipe->reader = new_thing(READER);
	pipe->writer = new_thing(WRITER);
	pipe->reader->pipe = pipe->writer->pipe = pipe;
	add_slot(fds[0], pipe->reader);
	add_slot(fds[1], pipe->writer);
}

static void make_event(void)
{
	unsigned value = fuzz_below(3);
	bool semaphore = fuzz_below(2);
	struct thing *event;
	int fd;

	fd = eft_sys_eventfd2(value,
			      O_NONBLOCK | (semaphore ? EFD_SEMAPHORE : 0));
	if (fd < 0)
		return;
	event = new_thing(EVENT);
	event->value = value;
	event->semaphore = semaphore;
	add_slot(fd, event);
}

static void make_timer(void)
{
	int clock = fuzz_below(2) ? CLOCK_MONOTONIC : CLOCK_REALTIME;
	int fd = eft_sys_timerfd_create(clock, O_NONBLOCK);

	if (fd >= 0)
		add_slot(fd, new_thing(TIMER));
}

static void make(void)
{
	static void (*const makers[])(void) = {make_pipe, make_event,
					       make_timer, epoll_make};
	unsigned which = fuzz_below(eft_array_size(makers));

	if (free_slots() > 0 && thing_count < THINGS)
		makers[which]();
}

static void duplicate(void)
{
	struct slot *slot = any_slot();
	long fd;

	if (slot->thing == NULL || free_slots() == 0)
		return;
	fd = eft_sys_dup(slot->fd);
	fuzz_check(fd >= 0);
	add_slot((int)fd, slot->thing);
}

static void touch_pipe(const struct pipe_model *pipe)
{
	if (pipe->reader != NULL)
		epoll_touch(pipe->reader);
	if (pipe->writer != NULL)
		epoll_touch(pipe->writer);
}

static void release(struct thing *thing)
{
	if (thing->kind == READER)
		thing->pipe->reader = NULL;
	if (thing->kind == WRITER)
		thing->pipe->writer = NULL;
	if (thing->pipe != NULL)
		touch_pipe(thing->pipe);
	epoll_forget(thing);
}

static void close_slot(struct slot *slot)
{
	struct thing *thing = slot->thing;

	if (thing == NULL)
		return;
	fuzz_check(eft_sys_close(slot->fd) == 0);
	fuzz_check(eft_sys_close(slot->fd) == -EBADF);
	slot->thing = NULL;
	if (--thing->fds == 0)
		release(thing);
}

static void do_close(void)
{
	close_slot(any_slot());
}

static uint8_t byte_at(uint64_t position)
{
	return (uint8_t)(position * 31 + (position >> 8));
}

static size_t any_size(void)
{
	unsigned kind = fuzz_below(8);

	return kind == 0   ? fuzz_below(LARGE)
	       : kind == 1 ? PAGE - 1 + fuzz_below(3)
			   : fuzz_below(256) * (kind == 2 ? 32 : 1);
}

static long expected_write(const struct pipe_model *pipe, size_t len)
{
	size_t room = pipe->size - used(pipe);

	if (len == 0)
		return 0;
	if (pipe->reader == NULL)
		return -EPIPE;
	if (room == 0 || (len <= PAGE && room < len))
		return -EAGAIN;
	return (long)eft_min(len, room);
}

static void write_pipe(int fd, struct pipe_model *pipe)
{
	size_t len = any_size();
	long n, expected = expected_write(pipe, len);

	for (size_t i = 0; i < len; i++)
		buf[i] = byte_at(pipe->written + i);
	n = eft_sys_write(fd, buf, len);
	fuzz_check(n == expected);
	if (n > 0)
		pipe->written += (uint64_t)n;
	touch_pipe(pipe);
}

static void read_pipe(int fd, struct pipe_model *pipe)
{
	size_t len = any_size();
	struct eft_iovec iov[2] = {{buf, len / 3},
				   {buf + len / 3, len - len / 3}};
	long n = eft_sys_readv(fd, iov, 2);
	long expected = (long)eft_min(len, used(pipe));

	if (expected == 0 && len > 0 && pipe->writer != NULL)
		expected = -EAGAIN;
	fuzz_check(n == expected);
	for (long i = 0; i < n; i++)
		fuzz_check(buf[i] == byte_at(pipe->read + (uint64_t)i));
	if (n > 0)
		pipe->read += (uint64_t)n;
	touch_pipe(pipe);
}

static uint64_t any_value(void)
{
	unsigned kind = fuzz_below(4);

	return kind == 0   ? UINT64_MAX - fuzz_below(4)
	       : kind == 1 ? fuzz_u64()
			   : fuzz_below(4);
}

static void write_event(int fd, struct thing *event)
{
	uint64_t value = any_value();
	long n = eft_sys_write(fd, &value, sizeof(value));

	epoll_touch(event);
	if (value == UINT64_MAX) {
		fuzz_check(n == -EINVAL);
	} else if (value > UINT64_MAX - 1 - event->value) {
		fuzz_check(n == -EAGAIN);
	} else {
		fuzz_check(n == sizeof(value));
		event->value += value;
	}
}

static void read_event(int fd, struct thing *event)
{
	uint64_t value, expected = event->semaphore ? 1 : event->value;
	long n = eft_sys_read(fd, &value, sizeof(value));

	epoll_touch(event);
	fuzz_check(eft_sys_read(fd, &value, sizeof(value) - 1) == -EINVAL);
	if (event->value == 0) {
		fuzz_check(n == -EAGAIN);
		return;
	}
	fuzz_check(n == sizeof(value) && value == expected);
	event->value -= expected;
}

static void read_timer(int fd, struct thing *timer)
{
	uint64_t count, expected = expirations(timer);
	long n = eft_sys_read(fd, &count, sizeof(count));

	epoll_touch(timer);
	if (expected == 0) {
		fuzz_check(n == -EAGAIN);
		return;
	}
	fuzz_check(n == sizeof(count) && count == expected);
	if (timer->interval_ns == 0)
		timer->expires_ns = EFT_FOREVER;
	else
		timer->expires_ns += expected * timer->interval_ns;
}

static void do_read(void)
{
	struct slot *slot = any_slot();

	if (slot->thing == NULL)
		return;
	switch (slot->thing->kind) {
	case READER:
		read_pipe(slot->fd, slot->thing->pipe);
		break;
	case EVENT:
		read_event(slot->fd, slot->thing);
		break;
	case TIMER:
		read_timer(slot->fd, slot->thing);
		break;
	case WRITER:
		fuzz_check(eft_sys_read(slot->fd, buf, 1) == -EBADF);
		break;
	default:
		fuzz_check(eft_sys_read(slot->fd, buf, 8) == -EINVAL);
	}
}

static void do_write(void)
{
	struct slot *slot = any_slot();

	if (slot->thing == NULL)
		return;
	switch (slot->thing->kind) {
	case WRITER:
		write_pipe(slot->fd, slot->thing->pipe);
		break;
	case EVENT:
		write_event(slot->fd, slot->thing);
		break;
	case READER:
		fuzz_check(eft_sys_write(slot->fd, buf, 1) == -EBADF);
		break;
	default:
		fuzz_check(eft_sys_write(slot->fd, buf, 8) == -EINVAL);
	}
}

static void set_size(void)
{
	struct slot *slot = any_slot();
	uint32_t size = PAGE << fuzz_below(6);
	struct pipe_model *pipe;
	long result;

	if (slot->thing == NULL || slot->thing->pipe == NULL)
		return;
	pipe = slot->thing->pipe;
	result = eft_sys_fcntl(slot->fd, SET_PIPE_SIZE, size);
	if (result == -ENOMEM)
		return;
	fuzz_check(result == (used(pipe) > size ? -EBUSY : (long)size));
	if (result > 0)
		pipe->size = size;
	touch_pipe(pipe);
	fuzz_check(eft_sys_fcntl(slot->fd, GET_PIPE_SIZE, 0) == pipe->size);
}

static void set_timer(void)
{
	struct slot *slot = any_slot();
	uint64_t value = fuzz_below(1000), interval = fuzz_below(50);
	struct eft_itimerspec spec = {eft_time_to(interval),
				      eft_time_to(value)};
	long result;

	if (slot->thing == NULL)
		return;
	result = eft_sys_timerfd_settime(slot->fd, 0, &spec, NULL);
	fuzz_check(result == (slot->thing->kind == TIMER ? 0 : -EINVAL));
	if (result < 0)
		return;
	slot->thing->expires_ns = value ? eft_now_ns() + value : EFT_FOREVER;
	slot->thing->interval_ns = interval;
	epoll_touch(slot->thing);
}

static void get_timer(void)
{
	struct slot *slot = any_slot();
	struct eft_itimerspec spec;
	const struct thing *timer = slot->thing;
	uint64_t next;

	if (timer == NULL || timer->kind != TIMER)
		return;
	fuzz_check(eft_sys_timerfd_gettime(slot->fd, &spec) == 0);
	fuzz_check((uint64_t)spec.interval.nsec == timer->interval_ns);
	next = timer->expires_ns + expirations(timer) * timer->interval_ns;
	if (timer->expires_ns == EFT_FOREVER || next <= eft_now_ns())
		next = eft_now_ns();
	fuzz_check((uint64_t)spec.value.nsec == next - eft_now_ns());
}

void touch_timers(void)
{
	for (unsigned i = 0; i < thing_count; i++)
		if (things[i].kind == TIMER)
			epoll_touch(&things[i]);
}

static void pass(void)
{
	fake_advance(fuzz_below(2000));
	touch_timers();
}

void fuzz_one(void)
{
	/* The first three may run out of memory. */
	static void (*const steps[])(void) = {
		make,	   epoll_control, set_size, epoll_control,
		do_read,   do_write,	  do_read,  do_write,
		set_timer, get_timer,	  pass,	    epoll_wait_step,
		duplicate, do_close,	  pass,	    epoll_wait_step,
	};

	for (unsigned i = 0; i < STEPS && fuzz_more(); i++) {
		unsigned step = fuzz_u8(), which = step % 16;

		epoll_before_step();
		if (step & 0x80 && which < 3)
			eft_alloc_fail_after(fuzz_below(4));
		steps[which]();
		eft_alloc_fail_after(UINT64_MAX);
		epoll_after_step();
		check_poll();
	}
	for (unsigned i = 0; i < SLOTS; i++)
		close_slot(&slots[i]);
	fuzz_check_left();
}
