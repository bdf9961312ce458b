// SPDX-License-Identifier: BSD-3-Clause
/*
 * Objects that block: pipes against an array of bytes, and what the other
 * objects do without memory or when the wall clock is set.
 */
#include "core/file.h"
#include "core/move.h"
#include "core/time.h"
#include "tests/unit/unit.h"

enum { MAX = 1 << 18, LARGEST = 20000, STEPS = 20000 };

static struct eft_file *ends[2];
static char model[MAX], buf[LARGEST];
static size_t used, size = 65536;
/* What was taken out, and may come back; the room that it needs. */
static struct {
	char *page;
	size_t len;
} taken[3];
static size_t held;
static bool injected;

static ssize_t transfer(struct eft_file *file, size_t len,
			ssize_t (*function)(struct eft_file *file,
					    const struct eft_iovec *iov,
					    int count, off_t at))
{
	size_t cut = len > 0 ? unit_random(len) : 0;
	struct eft_iovec iov[3] = {
		{buf, cut}, {NULL, 0}, {buf + cut, len - cut}};

	return function(file, iov, 3, EFT_AT_POSITION);
}

static size_t random_len(void)
{
	return unit_random(unit_random(3) ? 300 : LARGEST);
}

/* Linux's rule: up to PIPE_BUF bytes all or none, more as many as fit. */
static void do_write(void)
{
	size_t len = random_len(), want = eft_min(len, size - used - held);
	ssize_t n;

	if (len <= 4096 && want < len)
		want = 0;
	for (size_t i = 0; i < len; i++)
		buf[i] = (char)unit_random(256);
	n = transfer(ends[1], len, eft_file_write);
	if (n == -ENOMEM) {
		check(injected);
		return;
	}
	if (want == 0 && len > 0) {
		check_eq(n, -EAGAIN);
		return;
	}
	check(n >= 0 && n <= (ssize_t)want);
	check(injected || n == (ssize_t)want);
	memcpy(model + used, buf, (size_t)n);
	used += (size_t)n;
}

static void do_read(void)
{
	size_t len = random_len(), want = eft_min(len, used);
	ssize_t n = transfer(ends[0], len, eft_file_read);

	if (want == 0 && len > 0) {
		check_eq(n, -EAGAIN);
		return;
	}
	check_eq(n, want);
	check(memcmp(buf, model, want) == 0);
	used -= want;
	memmove(model, model + want, used);
}

static void do_resize(void)
{
	size_t to = 4096u << unit_random(6);
	long n = ends[0]->ops->pipe_size(ends[unit_random(2)], to - 100);

	if (n == -EBUSY) {
		check(used + held > to);
	} else if (n == -ENOMEM) {
		check(injected);
	} else {
		check_eq(n, to);
		size = to;
	}
}

static void do_poll(void)
{
	struct eft_poll nowhere = {.entries = NULL};
	unsigned in = ends[0]->ops->poll(ends[0], POLLIN, &nowhere);
	unsigned out = ends[1]->ops->poll(ends[1], POLLOUT, &nowhere);

	check_eq((in & POLLIN) != 0, used > 0);
	check_eq((out & POLLOUT) != 0, size - used - held >= 4096);
	check_eq((in | out) & (POLLHUP | POLLERR), 0);
}

/* splice(2): some bytes go, or come back in front of what is there. */
static void do_take(unsigned i)
{
	size_t len = 1 + unit_random(4096);

	taken[i].page = eft_page_alloc(0);
	if (taken[i].page == NULL) {
		check(injected);
		return;
	}
	len = eft_pipe_take(eft_pipe_of(ends[0]), taken[i].page, len);
	check_eq(len > 0, used > 0);
	check(len <= used && memcmp(taken[i].page, model, len) == 0);
	used -= len;
	held += len;
	memmove(model, model + len, used);
	taken[i].len = len;
}

static void do_settle(unsigned i)
{
	size_t moved = unit_random(2) ? unit_random(taken[i].len + 1) : 0;
	size_t back = taken[i].len - moved;

	memmove(model + back, model, used);
	memcpy(model, taken[i].page + moved, back);
	used += back;
	held -= taken[i].len;
	eft_pipe_settle(eft_pipe_of(ends[0]), &taken[i].page, taken[i].len,
			moved);
	eft_page_free(taken[i].page);
	taken[i].page = NULL;
}

static void do_put(void)
{
	size_t len = unit_random(4097), n;
	char *page = eft_page_alloc(0);

	if (page == NULL) {
		check(injected);
		return;
	}
	n = eft_pipe_hold(eft_pipe_of(ends[1]), len);
	check_eq(n, eft_min(len, size - used - held));
	len = unit_random(n + 1);
	for (size_t i = 0; i < len; i++)
		page[i] = (char)unit_random(256);
	memcpy(model + used, page, len);
	used += len;
	eft_pipe_put(eft_pipe_of(ends[1]), n, &page, len);
	eft_page_free(page);
}

static void do_move(void)
{
	unsigned i = (unsigned)unit_random(eft_array_size(taken));

	if (unit_random(3) == 0)
		do_put();
	else if (taken[i].page != NULL)
		do_settle(i);
	else
		do_take(i);
}

static void step(void)
{
	switch (unit_random(16)) {
	case 0:
		do_resize();
		break;
	case 1:
		do_poll();
		break;
	case 2:
		injected = unit_random(3) == 0;
		eft_alloc_fail_after(injected ? unit_random(8) : UINT64_MAX);
		break;
	case 3:
	case 4:
	case 5:
		do_move();
		break;
	default:
		unit_random(2) ? do_write() : do_read();
	}
}

static void run_model(void *arg)
{
	struct eft_page_stats before, after;
	size_t blocks = fake_heap_blocks();

	eft_page_stats(&before);
	check_eq(eft_pipe_create(O_NONBLOCK, ends), 0);
	for (int i = 0; i < STEPS; i++)
		step();
	eft_alloc_fail_after(UINT64_MAX);
	for (unsigned i = 0; i < eft_array_size(taken); i++) {
		if (taken[i].page != NULL)
			do_settle(i);
	}
	eft_file_put(ends[0]);
	check_eq(eft_file_write(ends[1], &(struct eft_iovec){buf, 1}, 1,
				EFT_AT_POSITION),
		 -EPIPE);
	eft_file_put(ends[1]);
	eft_page_stats(&after);
	check_eq(before.free, after.free);
	check_eq(fake_heap_blocks(), blocks);
}

Test(blocking, pipe_model)
{
	fake_boot(NULL);
	check_eq(fake_run(run_model, NULL), FAKE_RETURNED);
}

/*
 * The last writer is gone, and a splice has what is in the pipe: that is no end
 * yet.
 */
static char *of_splice;
static size_t spliced;

static void put_back_late(void *arg)
{
	check_eq(eft_sleep(eft_now_ns() + 1000000), -ETIMEDOUT);
	eft_pipe_settle(eft_pipe_of(ends[0]), &of_splice, spliced,
			(size_t)(uintptr_t)arg);
}

static unsigned events_of(struct eft_file *file)
{
	struct eft_poll poll = {.entries = NULL};

	return file->ops->poll(file, POLLIN, &poll);
}

/* What a reader finds that has to wait for whether (moved) of 3 bytes stay. */
static void read_behind(size_t moved)
{
	struct eft_iovec iov = {buf, 8};
	struct eft_pipe *pipe;

	check_eq(eft_pipe_create(0, ends), 0);
	pipe = eft_pipe_of(ends[0]);
	memcpy(buf, "abc", 3);
	iov.len = 3;
	check_eq(eft_file_write(ends[1], &iov, 1, EFT_AT_POSITION), 3);
	iov.len = 8;
	of_splice = eft_page_alloc(0);
	spliced = eft_pipe_take(pipe, of_splice, 3);
	check_eq(spliced, 3);
	eft_file_put(ends[1]);
	check_eq(events_of(ends[0]), 0);
	check_eq(eft_pipe_await(pipe, false), -EAGAIN);
	ends[0]->flags |= O_NONBLOCK;
	check_eq(eft_file_read(ends[0], &iov, 1, EFT_AT_POSITION), -EAGAIN);
	ends[0]->flags &= ~O_NONBLOCK;
	check(eft_thread_create("late", put_back_late, (void *)(uintptr_t)moved,
				1) != NULL);
	check_eq(eft_file_read(ends[0], &iov, 1, EFT_AT_POSITION), 3 - moved);
	check_eq(memcmp(buf, "abc" + moved, 3 - moved), 0);
	check_eq(eft_file_read(ends[0], &iov, 1, EFT_AT_POSITION), 0);
	check_eq(eft_pipe_await(pipe, true), 0);
	check_eq(events_of(ends[0]), POLLHUP);
	eft_page_free(of_splice);
	eft_file_put(ends[0]);
}

static void read_behind_splice(void *arg)
{
	read_behind(0);
	read_behind(2);
	read_behind(3);
}

Test(blocking, no_end_behind_a_splice)
{
	fake_boot(NULL);
	check_eq(fake_run(read_behind_splice, NULL), FAKE_RETURNED);
}

/* What was read for a pipe is in it, though there is no memory any more. */
static void put_without_memory(void *arg)
{
	for (uint32_t before = 0; before < 5000; before += 1000) {
		struct eft_iovec iov = {buf, before};
		char *page = eft_page_alloc(0);

		check_eq(eft_pipe_create(O_NONBLOCK, ends), 0);
		memset(buf, 'b', before);
		check_eq(eft_file_write(ends[1], &iov, 1, EFT_AT_POSITION),
			 before);
		memset(page, 'p', 4096);
		check_eq(eft_pipe_hold(eft_pipe_of(ends[1]), 4096), 4096);
		eft_alloc_fail_after(0);
		eft_pipe_put(eft_pipe_of(ends[1]), 4096, &page, 4096);
		eft_alloc_fail_after(UINT64_MAX);
		iov.len = 16384;
		check_eq(eft_file_read(ends[0], &iov, 1, EFT_AT_POSITION),
			 before + 4096);
		for (unsigned i = 0; i < before + 4096; i++)
			check_eq(buf[i], i < before ? 'b' : 'p');
		eft_page_free(page);
		eft_file_put(ends[0]);
		eft_file_put(ends[1]);
	}
}

Test(blocking, put_without_memory)
{
	fake_boot(NULL);
	check_eq(fake_run(put_without_memory, NULL), FAKE_RETURNED);
}

static void one_event(void *arg)
{
	struct eft_epoll_event event = {.events = POLLIN, .data = 7}, got;
	struct eft_file *epoll, *counter, *copy;

	check_eq(eft_epoll_create(&epoll), 0);
	check_eq(eft_eventfd_create(1, false, 0, &counter), 0);
	eft_alloc_fail_after(0);
	check_eq(eft_epoll_control(epoll, EPOLL_CTL_ADD, 3, counter, &event),
		 -ENOMEM);
	check_eq(eft_pipe_create(0, ends), -ENOMEM);
	check_eq(eft_epoll_create(&copy), -ENOMEM);
	check_eq(eft_eventfd_create(0, false, 0, &copy), -ENOMEM);
	check_eq(eft_timerfd_create(true, 0, &copy), -ENOMEM);
	check(eft_fifo_create(0600) == NULL);
	eft_alloc_fail_after(UINT64_MAX);
	check_eq(eft_epoll_wait(epoll, &got, 1, 0), 0);
	check_eq(eft_epoll_control(epoll, EPOLL_CTL_ADD, 3, counter, &event),
		 0);
	check_eq(eft_epoll_wait(epoll, &got, 1, 0), 1);
	check_eq(got.data, 7);
	eft_file_put(counter);
	check_eq(eft_epoll_wait(epoll, &got, 1, 0), 0);
	check_eq(eft_epoll_wait(epoll, &got, 1, fake_now + 1000), 0);
	eft_file_put(epoll);
}

Test(blocking, no_memory)
{
	fake_boot(NULL);
	check_eq(fake_run(one_event, NULL), FAKE_RETURNED);
}

static ssize_t expirations(struct eft_file *file)
{
	uint64_t count = 0;
	struct eft_iovec iov = {&count, sizeof(count)};
	ssize_t n = eft_file_read(file, &iov, 1, EFT_AT_POSITION);

	return n == sizeof(count) ? (ssize_t)count : n;
}

static void set_clock(void *arg)
{
	const uint64_t hour = 3600000000000u;
	struct eft_timerfd_setting setting, old;
	struct eft_file *file;

	check_eq(eft_timerfd_create(true, O_NONBLOCK, &file), 0);
	setting = (struct eft_timerfd_setting){.value_ns = eft_realtime_ns() +
							   hour};
	check_eq(eft_timerfd_set(file, &setting, true, true, &old), 0);
	check_eq(expirations(file), -EAGAIN);
	eft_realtime_set(eft_realtime_ns() + hour / 2);
	check_eq(expirations(file), -ECANCELED);
	check_eq(expirations(file), -EAGAIN);
	check_eq(eft_timerfd_set(file, &setting, true, false, &old), 0);
	check_eq(old.value_ns, hour / 2);
	eft_realtime_set(setting.value_ns + 1);
	check_eq(expirations(file), 1);
	eft_file_put(file);
	eft_realtime_set(hour); /* nobody is told */
}

Test(blocking, clock_set)
{
	fake_boot(NULL);
	check_eq(fake_run(set_clock, NULL), FAKE_RETURNED);
}
