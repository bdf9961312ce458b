// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for several descriptions at once.
 *
 * A round looks at every description and, until the first that has something
 * to say, registers on its wait queues. A sleep ends the registrations (some
 * of them are good for one event only), and the next round makes new ones.
 */
#include "core/file/hostfile.h"
#include "core/file/tty.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/time.h"

eft_needs(eft_hostfile_poll);
eft_needs(eft_tty_poll);

enum {
	SMALL_COUNT = 4,	    /* descriptions that need no allocation */
	ALWAYS = POLLERR | POLLHUP, /* reported without being asked for */
};

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
 * Look at each description, registering with (poll) until one is ready.
 * Returns how many have something to say.
 */
static int look(struct eft_pollfd *fds, struct eft_file **files, unsigned count,
		struct eft_poll *poll)
{
	int ready = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned events = (uint16_t)fds[i].events, found = 0;

		if (files[i] != NULL)
			found = poll_file(files[i], events, poll);
		else if (fds[i].fd >= 0)
			found = POLLNVAL;
		fds[i].revents =
			(int16_t)(found & (events | ALWAYS | POLLNVAL));
		if (fds[i].revents != 0) {
			ready++;
			poll->entries = NULL;
		}
	}
	return ready;
}

static int wait_files(struct eft_pollfd *fds, struct eft_file **files,
		      struct eft_poll_entry *entries, unsigned count,
		      uint64_t deadline_ns)
{
	bool last = deadline_ns == 0;

	for (;;) {
		struct eft_poll poll = {
			.entries = last ? NULL : entries,
			.room = count * EFT_POLL_ENTRIES,
			.wake = wake_poller,
			.arg = eft_current(),
		};
		int ready = look(fds, files, count, &poll);
		int error = poll.error;

		if (ready == 0 && error == 0 && !last)
			error = eft_sleep(deadline_ns);
		eft_poll_end(entries, poll.used);
		if (ready != 0 || last)
			return ready;
		if (error != 0 && error != -ETIMEDOUT)
			return error;
		/* After the deadline, one more look for the answer. */
		last = error == -ETIMEDOUT;
	}
}

int eft_poll(struct eft_pollfd *fds, unsigned count, uint64_t deadline_ns)
{
	struct eft_poll_entry small_entries[SMALL_COUNT * EFT_POLL_ENTRIES];
	struct eft_file *small_files[SMALL_COUNT];
	struct eft_poll_entry *entries = small_entries;
	struct eft_file **files = small_files;
	void *block = NULL;
	int ready;

	if (count > SMALL_COUNT) {
		size_t entries_bytes =
			sizeof(*entries) * EFT_POLL_ENTRIES * count;

		block = eft_alloc(entries_bytes + sizeof(*files) * count);
		if (block == NULL)
			return -ENOMEM;
		entries = block;
		files = (void *)((char *)block + entries_bytes);
	}
	for (unsigned i = 0; i < count; i++)
		files[i] = eft_fd_get(fds[i].fd);
	ready = wait_files(fds, files, entries, count, deadline_ns);
	for (unsigned i = 0; i < count; i++)
		eft_file_put(files[i]);
	eft_free(block);
	return ready;
}
