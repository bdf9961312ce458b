// SPDX-License-Identifier: BSD-3-Clause
/*
 * eventfd(2): a counter that readers take and writers add to. It is one atomic
 * word; only who has to wait takes a lock, the queue's.
 */
#include "core/fd/anon.h"
#include "core/fd/iov.h"
#include "core/mem.h"

#define VALUE_MAX (UINT64_MAX - 1)

struct eventfd {
	struct eft_file file;
	uint64_t value; /* atomic */
	bool semaphore; /* a read takes 1 */
	struct eft_waitq can_read, can_write;
};

static struct eventfd *eventfd(struct eft_file *file)
{
	return eft_container_of(file, struct eventfd, file);
}

static uint64_t value_of(const struct eventfd *event)
{
	return __atomic_load_n(&event->value, __ATOMIC_ACQUIRE);
}

/* Take what a read gives; false: there is nothing. */
static bool take(struct eventfd *event, uint64_t *ret_taken)
{
	uint64_t value = value_of(event), taken;

	do {
		if (value == 0)
			return false;
		taken = event->semaphore ? 1 : value;
	} while (!__atomic_compare_exchange_n(
		&event->value, &value, value - taken, false, __ATOMIC_SEQ_CST,
		__ATOMIC_ACQUIRE));
	*ret_taken = taken;
	return true;
}

/* Add (value); false: it would not fit. */
static bool add(struct eventfd *event, uint64_t value)
{
	uint64_t before = value_of(event);

	do {
		if (value > VALUE_MAX - before)
			return false;
	} while (!__atomic_compare_exchange_n(
		&event->value, &before, before + value, false, __ATOMIC_SEQ_CST,
		__ATOMIC_ACQUIRE));
	return true;
}

static int wait_take(struct eventfd *event, uint64_t *ret_taken)
{
	struct eft_waiter waiter;
	bool done;
	int error = 0;

	eft_wait_begin(&waiter, &event->can_read);
	while (!(done = take(event, ret_taken)) && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	if (value_of(event) > 0) /* left for another */
		eft_waitq_wake_one(&event->can_read);
	return done ? 0 : error;
}

static int wait_add(struct eventfd *event, uint64_t value)
{
	struct eft_waiter waiter;
	bool done;
	int error = 0;

	eft_wait_begin(&waiter, &event->can_write);
	while (!(done = add(event, value)) && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	if (value_of(event) < VALUE_MAX)
		eft_waitq_wake_one(&event->can_write);
	return done ? 0 : error;
}

static ssize_t event_read(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	struct eventfd *event = eventfd(file);
	struct eft_cursor cursor = {.iov = iov};
	uint64_t taken;
	int error = 0;

	if (eft_iov_total(iov, count) < sizeof(taken))
		return -EINVAL;
	if (!take(event, &taken))
		error = file->flags & O_NONBLOCK ? -EAGAIN
						 : wait_take(event, &taken);
	if (error != 0)
		return error;
	eft_waitq_wake_one(&event->can_write);
	if (eft_cursor_put(&cursor, (const char *)&taken, sizeof(taken)) != 0)
		return -EFAULT;
	return sizeof(taken);
}

/* A value from one buffer. */
static ssize_t write_one(struct eft_file *file, const struct eft_iovec *iov)
{
	struct eventfd *event = eventfd(file);
	uint64_t value;
	int error = 0;

	if (iov->len < sizeof(value))
		return -EINVAL;
	if (eft_copy_in(&value, iov->base, sizeof(value)) != 0)
		return -EFAULT;
	if (value > VALUE_MAX)
		return -EINVAL;
	if (!add(event, value))
		error = file->flags & O_NONBLOCK ? -EAGAIN
						 : wait_add(event, value);
	if (error != 0)
		return error;
	if (value > 0)
		eft_waitq_wake_one(&event->can_read);
	return sizeof(value);
}

/* A vector is so many writes, until one takes less than its buffer. */
static ssize_t event_write(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	ssize_t done = 0;

	if (eft_iov_total(iov, count) == 0)
		return count > 1 ? 0 : -EINVAL;
	for (int i = 0; i < count; i++) {
		ssize_t n;

		if (iov[i].len == 0)
			continue;
		n = write_one(file, &iov[i]);
		if (n < 0)
			return done > 0 ? done : n;
		done += n;
		if ((size_t)n < iov[i].len)
			break;
	}
	return done;
}

static unsigned event_poll(struct eft_file *file, unsigned events,
			   struct eft_poll *poll)
{
	struct eventfd *event = eventfd(file);
	unsigned ready = 0;
	uint64_t value;

	if (poll->entries != NULL) {
		if (events & (POLLIN | POLLRDNORM))
			eft_poll_add(poll, &event->can_read);
		if (events & (POLLOUT | POLLWRNORM))
			eft_poll_add(poll, &event->can_write);
	}
	value = value_of(event);
	if (value > 0)
		ready |= POLLIN;
	if (value < VALUE_MAX)
		ready |= POLLOUT;
	return ready;
}

static ssize_t event_path(struct eft_file *file, char *buf, size_t size)
{
	return eft_anon_path("anon_inode:[eventfd]", buf, size);
}

static void event_info(struct eft_file *file, struct eft_text *text)
{
	eft_text_printf(text, "eventfd-count: %16lx\neventfd-semaphore: %d\n",
			value_of(eventfd(file)), eventfd(file)->semaphore);
}

static void event_release(struct eft_file *file)
{
	eft_free(eventfd(file));
}

static const struct eft_file_ops event_ops = {
	.read = event_read,
	.write = event_write,
	.stat = eft_anon_file_stat,
	.path = event_path,
	.info = event_info,
	.poll = event_poll,
	.release = event_release,
};

int eft_eventfd_create(uint64_t value, bool semaphore, int flags,
		       struct eft_file **ret_file)
{
	struct eventfd *event = eft_alloc(sizeof(*event));

	if (event == NULL)
		return -ENOMEM;
	eft_file_init(&event->file, &event_ops, O_RDWR | (flags & O_NONBLOCK));
	event->value = value;
	event->semaphore = semaphore;
	eft_waitq_init(&event->can_read);
	eft_waitq_init(&event->can_write);
	*ret_file = &event->file;
	return 0;
}
