// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for several descriptions at once.
 *
 * A round looks at every description and, until the first that has something
 * to say, registers on its wait queues. A sleep ends the registrations (some
 * of them are good for one event only), and the next round makes new ones.
 *
 * What is needed for each description lies in parts of a page, so that any
 * number finds room; a few are on the stack.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/time.h"
#include "core/tty/tty.h"

eft_needs(eft_hostfile_poll);
eft_needs(eft_tty_poll);

enum {
	SMALL_COUNT = 4, /* descriptions that need no allocation */
	PART_BYTES = 4096,
	ALWAYS = POLLERR | POLLHUP, /* reported without being asked for */
};

/* Some of the descriptions. */
struct part {
	struct part *next;
	struct eft_pollfd *fds;
	struct eft_file **files;
	struct eft_poll_entry *entries;
	unsigned count;
	unsigned used; /* of (entries) */
};

/* One that was allocated. */
enum {
	PART_COUNT = (PART_BYTES - sizeof(struct part)) /
		     (sizeof(struct eft_file *) +
		      EFT_POLL_ENTRIES * sizeof(struct eft_poll_entry)),
};

struct large_part {
	struct part part;
	struct eft_file *files[PART_COUNT];
	struct eft_poll_entry entries[PART_COUNT * EFT_POLL_ENTRIES];
};

_Static_assert(sizeof(struct large_part) <= PART_BYTES, "a page for each");

struct eft_poll_entry *eft_poll_add(struct eft_poll *poll,
				    struct eft_waitq *queue)
{
	struct eft_poll_entry *entry;

	eft_assert(poll->entries != NULL && poll->used < poll->room);
	entry = &poll->entries[poll->used++];
	entry->cancel = NULL;
	eft_wait_begin_call(&entry->waiter, queue, poll->wake, poll->arg,
			    !poll->one);
	return entry;
}

void eft_poll_end(struct eft_poll_entry *entries, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		if (entries[i].cancel != NULL)
			entries[i].cancel(&entries[i]);
		eft_wait_end(&entries[i].waiter);
	}
}

/* A poller takes nothing from those who are woken one by one. */
static bool wake_poller(struct eft_waiter *waiter)
{
	eft_thread_wake(waiter->arg);
	return true;
}

static unsigned poll_file(struct eft_file *file, unsigned events,
			  struct eft_poll *poll)
{
	if (file->flags & O_PATH)
		return POLLNVAL;
	if (file->ops->poll == NULL)
		return events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	return file->ops->poll(file, events | ALWAYS, poll);
}

/*
 * Look at each description of (part), registering with (poll) while it has
 * entries, that is until one is ready. Returns how many have something to say.
 */
static int look(struct part *part, struct eft_poll *poll)
{
	int ready = 0;

	for (unsigned i = 0; i < part->count; i++) {
		struct eft_pollfd *fd = &part->fds[i];
		unsigned events = (uint16_t)fd->events, found = 0;

		if (part->files[i] != NULL)
			found = poll_file(part->files[i], events, poll);
		else if (fd->fd >= 0)
			found = POLLNVAL;
		fd->revents = (int16_t)(found & (events | ALWAYS | POLLNVAL));
		if (fd->revents != 0) {
			ready++;
			poll->entries = NULL;
		}
	}
	return ready;
}

/* Look at all; (wait): register, where none is ready. */
static int look_at_all(struct part *parts, bool wait, int *ret_error)
{
	int ready = 0, error = 0;

	for (struct part *part = parts; part != NULL; part = part->next) {
		struct eft_poll poll = {
			.entries = wait ? part->entries : NULL,
			.room = part->count * EFT_POLL_ENTRIES,
			.wake = wake_poller,
			.arg = eft_current(),
		};

		ready += look(part, &poll);
		part->used = poll.used;
		wait = poll.entries != NULL;
		if (error == 0)
			error = poll.error;
	}
	*ret_error = error;
	return ready;
}

static int wait_files(struct part *parts, uint64_t deadline_ns)
{
	int end = deadline_ns == 0 ? -ETIMEDOUT : 0; /* why it waits no more */

	for (;;) {
		int error, ready = look_at_all(parts, end == 0, &error);

		if (ready == 0 && error == 0 && end == 0)
			error = eft_sleep(deadline_ns);
		for (struct part *at = parts; at != NULL; at = at->next)
			eft_poll_end(at->entries, at->used);
		if (ready != 0)
			return ready;
		if (end != 0)
			return end == -ETIMEDOUT ? 0 : end;
		/* What came before the deadline, or a signal, is the answer. */
		end = error;
	}
}

static void free_parts(struct part *parts)
{
	while (parts != NULL) {
		struct part *next = parts->next;

		eft_free(eft_container_of(parts, struct large_part, part));
		parts = next;
	}
}

/* Parts for (fds), in their order; NULL: out of memory. */
static struct part *make_parts(struct eft_pollfd *fds, unsigned count)
{
	struct part *parts = NULL, **end = &parts;

	while (count > 0) {
		struct large_part *large = eft_alloc(sizeof(*large));
		unsigned some = eft_min(count, PART_COUNT);

		if (large == NULL) {
			free_parts(parts);
			return NULL;
		}
		large->part = (struct part){.fds = fds,
					    .files = large->files,
					    .entries = large->entries,
					    .count = some};
		*end = &large->part;
		end = &large->part.next;
		fds += some;
		count -= some;
	}
	return parts;
}

static int poll_parts(struct part *parts, uint64_t deadline_ns)
{
	int ready;

	for (struct part *part = parts; part != NULL; part = part->next) {
		for (unsigned i = 0; i < part->count; i++)
			part->files[i] = eft_fd_get(part->fds[i].fd);
	}
	ready = wait_files(parts, deadline_ns);
	for (struct part *part = parts; part != NULL; part = part->next) {
		for (unsigned i = 0; i < part->count; i++)
			eft_file_put(part->files[i]);
	}
	return ready;
}

int eft_poll(struct eft_pollfd *fds, unsigned count, uint64_t deadline_ns)
{
	struct eft_poll_entry entries[SMALL_COUNT * EFT_POLL_ENTRIES];
	struct eft_file *files[SMALL_COUNT];
	struct part few = {
		.fds = fds, .files = files, .entries = entries, .count = count};
	struct part *parts;
	int ready;

	if (count <= SMALL_COUNT)
		return poll_parts(&few, deadline_ns);
	parts = make_parts(fds, count);
	if (parts == NULL)
		return -ENOMEM;
	ready = poll_parts(parts, deadline_ns);
	free_parts(parts);
	return ready;
}
