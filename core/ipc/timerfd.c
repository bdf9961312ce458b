// SPDX-License-Identifier: BSD-3-Clause
/*
 * timerfd(2). Whether it has expired, and how often, follows from the clock;
 * the timer is there to wake who waits. So it is set only up to the first
 * expiration that nobody has read: a short interval costs no more.
 */
#define EFT_LOCK_CALLS
#include "core/fd/anon.h"
#include "core/fd/iov.h"
#include "core/mem.h"
#include "core/time.h"

struct timerfd {
	struct eft_file file;
	bool realtime;
	struct eft_waitq readers;
	struct eft_timer timer;
	struct eft_waiter clock_set; /* if (realtime) */

	struct eft_lock lock;
	/* Owned by lock. Times are the clock's own. */
	uint64_t expires_ns; /* the first time not read; EFT_FOREVER: not set */
	uint64_t interval_ns; /* 0: once */
	bool absolute, cancel_on_set, canceled;
};

static struct timerfd *timerfd(struct eft_file *file)
{
	return eft_container_of(file, struct timerfd, file);
}

static uint64_t now_of(const struct timerfd *t)
{
	return t->realtime ? eft_realtime_ns() : eft_now_ns();
}

static void set_timer_locked(struct timerfd *t)
{
	uint64_t now = now_of(t), left, deadline;

	left = t->expires_ns > now ? t->expires_ns - now : 0;
	if (t->expires_ns == EFT_FOREVER ||
	    __builtin_add_overflow(eft_now_ns(), left, &deadline))
		eft_timer_cancel(&t->timer);
	else
		eft_timer_set(&t->timer, deadline);
}

static void expire(struct eft_timer *timer)
{
	struct timerfd *t = eft_container_of(timer, struct timerfd, timer);

	eft_waitq_wake(&t->readers, EFT_WAKE_ALL);
}

/* The wall clock was set: what is absolute of it comes at another time. */
static bool clock_set(struct eft_waiter *waiter)
{
	struct timerfd *t = waiter->arg;
	bool canceled;

	eft_lock(&t->lock);
	if (t->absolute)
		set_timer_locked(t);
	canceled = t->cancel_on_set;
	t->canceled |= canceled;
	eft_unlock(&t->lock);
	return canceled && eft_waitq_wake(&t->readers, EFT_WAKE_ALL);
}

/* How often it has expired. */
static uint64_t count_locked(const struct timerfd *t, uint64_t now_ns)
{
	if (now_ns < t->expires_ns || t->expires_ns == EFT_FOREVER)
		return 0;
	if (t->interval_ns == 0)
		return 1;
	return 1 + (now_ns - t->expires_ns) / t->interval_ns;
}

/*
 * The same; and where the wall clock was slower than the timer, which woke us
 * too early, the timer is set again.
 */
static uint64_t look_locked(struct timerfd *t)
{
	uint64_t count = count_locked(t, now_of(t));

	if (count == 0 && t->expires_ns != EFT_FOREVER && !t->timer.set)
		set_timer_locked(t);
	return count;
}

/* Begin anew after (count) expirations. */
static void advance_locked(struct timerfd *t, uint64_t count)
{
	if (t->interval_ns == 0)
		t->expires_ns = EFT_FOREVER;
	else
		t->expires_ns += count * t->interval_ns;
	set_timer_locked(t);
}

static int take(struct timerfd *t, uint64_t *ret_count)
{
	uint64_t count;
	bool canceled;

	eft_lock(&t->lock);
	canceled = t->canceled;
	count = look_locked(t);
	t->canceled = false;
	if (!canceled && count > 0)
		advance_locked(t, count);
	eft_unlock(&t->lock);
	if (canceled)
		return -ECANCELED;
	*ret_count = count;
	return count > 0 ? 0 : -EAGAIN;
}

static int wait_take(struct timerfd *t, uint64_t *ret_count)
{
	struct eft_waiter waiter;
	int error, slept = 0;

	eft_wait_begin(&waiter, &t->readers);
	while ((error = take(t, ret_count)) == -EAGAIN && slept == 0)
		slept = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return error == -EAGAIN ? slept : error;
}

static ssize_t timer_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	struct eft_cursor cursor = {.iov = iov};
	uint64_t expirations;
	int error;

	if (eft_iov_total(iov, count) < sizeof(expirations))
		return -EINVAL;
	error = take(timerfd(file), &expirations);
	if (error == -EAGAIN && !(file->flags & O_NONBLOCK))
		error = wait_take(timerfd(file), &expirations);
	if (error != 0)
		return error;
	if (eft_cursor_put(&cursor, (const char *)&expirations,
			   sizeof(expirations)) != 0)
		return -EFAULT;
	return sizeof(expirations);
}

static unsigned timer_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll)
{
	struct timerfd *t = timerfd(file);
	bool ready;

	if (poll->entries != NULL)
		eft_poll_add(poll, &t->readers);
	eft_lock(&t->lock);
	ready = look_locked(t) > 0 || t->canceled;
	eft_unlock(&t->lock);
	return ready ? POLLIN : 0;
}

static ssize_t timer_path(struct eft_file *file, char *buf, size_t size)
{
	return eft_anon_path("anon_inode:[timerfd]", buf, size);
}

static void timer_release(struct eft_file *file)
{
	struct timerfd *t = timerfd(file);

	if (t->realtime)
		eft_wait_end(&t->clock_set);
	eft_timer_cancel(&t->timer);
	eft_free(t);
}

/* The times in seconds and nanoseconds, as all of these files have them. */
static void timer_info(struct eft_file *file, struct eft_text *text)
{
	const uint64_t second = 1000000000;
	struct eft_timerfd_setting left;

	eft_timerfd_get(file, &left);
	eft_text_printf(text,
			"clockid: %d\nticks: %d\nsettime flags: 0%o\n"
			"it_value: (%lu, %lu)\nit_interval: (%lu, %lu)\n",
			timerfd(file)->realtime ? CLOCK_REALTIME
						: CLOCK_MONOTONIC,
			0, timerfd(file)->absolute, left.value_ns / second,
			left.value_ns % second, left.interval_ns / second,
			left.interval_ns % second);
}

static const struct eft_file_ops timer_ops = {
	.read = timer_read,
	.stat = eft_anon_file_stat,
	.path = timer_path,
	.info = timer_info,
	.poll = timer_poll,
	.release = timer_release,
};

int eft_timerfd_create(bool realtime, int flags, struct eft_file **ret_file)
{
	struct timerfd *t = eft_alloc(sizeof(*t));

	if (t == NULL)
		return -ENOMEM;
	eft_file_init(&t->file, &timer_ops, O_RDWR | (flags & O_NONBLOCK));
	eft_waitq_init(&t->readers);
	eft_lock_init(&t->lock, EFT_RANK_TIMERFD);
	t->timer.expire = expire;
	t->expires_ns = EFT_FOREVER;
	t->realtime = realtime;
	if (realtime)
		eft_wait_begin_call(&t->clock_set, &eft_realtime_changes,
				    clock_set, t, true);
	*ret_file = &t->file;
	return 0;
}

static struct eft_timerfd_setting setting_locked(const struct timerfd *t)
{
	uint64_t now = now_of(t), next = t->expires_ns;

	if (next == EFT_FOREVER || (next <= now && t->interval_ns == 0))
		return (struct eft_timerfd_setting){.interval_ns =
							    t->interval_ns};
	next += count_locked(t, now) * t->interval_ns;
	return (struct eft_timerfd_setting){
		.value_ns = next - now,
		.interval_ns = t->interval_ns,
	};
}

int eft_timerfd_get(struct eft_file *file,
		    struct eft_timerfd_setting *ret_setting)
{
	struct timerfd *t = timerfd(file);

	if (file->ops != &timer_ops)
		return -EINVAL;
	eft_lock(&t->lock);
	*ret_setting = setting_locked(t);
	eft_unlock(&t->lock);
	return 0;
}

int eft_timerfd_set(struct eft_file *file,
		    const struct eft_timerfd_setting *setting, bool absolute,
		    bool cancel_on_set, struct eft_timerfd_setting *ret_old)
{
	struct timerfd *t = timerfd(file);
	uint64_t start;

	if (file->ops != &timer_ops)
		return -EINVAL;
	eft_lock(&t->lock);
	*ret_old = setting_locked(t);
	start = absolute ? 0 : now_of(t);
	if (setting->value_ns == 0 ||
	    __builtin_add_overflow(start, setting->value_ns, &t->expires_ns))
		t->expires_ns = EFT_FOREVER;
	t->interval_ns = setting->interval_ns;
	t->absolute = absolute;
	t->cancel_on_set = absolute && cancel_on_set && t->realtime;
	t->canceled = false;
	set_timer_locked(t);
	eft_unlock(&t->lock);
	return 0;
}
