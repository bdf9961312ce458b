// SPDX-License-Identifier: BSD-3-Clause
/*
 * inotify(7) of what the VFS has: descriptions whose reads give the events that
 * watches.c puts into their queues.
 */
#include "core/ipc/inotify.h"
#include "core/fd/anon.h"
#include "core/fd/iov.h"
#include "core/mem.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

static const struct eft_file_ops inotify_ops;

static struct eft_inotify *inotify_of(struct eft_file *file)
{
	return eft_container_of(file, struct eft_inotify, file);
}

int eft_inotify_add(struct eft_file *file, const struct eft_at *at,
		    uint32_t mask)
{
	int flags = O_PATH | (mask & IN_DONT_FOLLOW ? O_NOFOLLOW : 0) |
		    (mask & IN_ONLYDIR ? O_DIRECTORY : 0);
	struct eft_file *target;
	struct eft_node *node;
	int error;

	if (file->ops != &inotify_ops)
		return eft_hostfile_watch(file, at, mask);
	error = at->file->fs->open(at->file, at->path, flags, 0, &target);
	if (error != 0)
		return error;
	node = eft_node_of(target);
	error = node != NULL ? eft_watch_add(inotify_of(file), node, mask)
			     : -EXDEV;
	eft_file_put(target);
	return error;
}

int eft_inotify_remove(struct eft_file *file, int wd)
{
	if (file->ops != &inotify_ops)
		return eft_hostfile_unwatch(file, wd);
	return eft_watch_remove(inotify_of(file), wd);
}

bool eft_is_inotify(struct eft_file *file)
{
	return file->ops == &inotify_ops || eft_hostfile_is_inotify(file);
}

/*
 * Reading.
 */

static size_t size_of(const struct eft_event *event)
{
	return sizeof(event->head) + event->head.len;
}

/* The first event, if it fits into (room): -EINVAL; -EAGAIN there is none. */
static int take(struct eft_inotify *inotify, size_t room,
		struct eft_event **ret_event)
{
	struct eft_event *event;
	int error = 0;

	eft_lock(&eft_watches_lock);
	event = inotify->first;
	if (event == NULL) {
		error = -EAGAIN;
	} else if (size_of(event) > room) {
		error = -EINVAL;
	} else {
		inotify->first = event->next;
		if (inotify->first == NULL)
			inotify->last = NULL;
		inotify->count--;
	}
	eft_unlock(&eft_watches_lock);
	if (error == 0)
		*ret_event = event;
	return error;
}

static int wait_take(struct eft_inotify *inotify, size_t room,
		     struct eft_event **ret_event)
{
	struct eft_waiter waiter;
	int error, slept = 0;

	eft_wait_begin(&waiter, &inotify->readers);
	while ((error = take(inotify, room, ret_event)) == -EAGAIN &&
	       slept == 0)
		slept = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return error == -EAGAIN ? slept : error;
}

static ssize_t put_events(struct eft_inotify *inotify, struct eft_event *event,
			  struct eft_cursor *cursor, size_t room)
{
	size_t done = 0;
	int error = 0;

	while (error == 0) {
		size_t size = size_of(event);

		eft_cursor_put(cursor, (const char *)&event->head,
			       sizeof(event->head));
		eft_cursor_put(cursor, event->name, event->head.len);
		eft_free(event);
		if (cursor->error != 0)
			return -EFAULT;
		done += size;
		error = take(inotify, room - done, &event);
	}
	return (ssize_t)done;
}

static ssize_t inotify_read(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	struct eft_inotify *inotify = inotify_of(file);
	struct eft_cursor cursor = {.iov = iov};
	size_t room = eft_iov_total(iov, count);
	struct eft_event *event;
	int error = take(inotify, room, &event);

	if (error == -EAGAIN && !(file->flags & O_NONBLOCK))
		error = wait_take(inotify, room, &event);
	return error != 0 ? error : put_events(inotify, event, &cursor, room);
}

static unsigned inotify_poll(struct eft_file *file, unsigned events,
			     struct eft_poll *poll)
{
	struct eft_inotify *inotify = inotify_of(file);
	bool ready;

	if (poll->entries != NULL)
		eft_poll_add(poll, &inotify->readers);
	eft_lock(&eft_watches_lock);
	ready = inotify->first != NULL;
	eft_unlock(&eft_watches_lock);
	return ready ? POLLIN | POLLRDNORM : 0;
}

static int inotify_ioctl(struct eft_file *file, unsigned long request,
			 void eft_user *arg)
{
	const struct eft_event *event;
	int bytes = 0;

	if (request != FIONREAD)
		return -ENOTTY;
	eft_lock(&eft_watches_lock);
	for (event = inotify_of(file)->first; event != NULL;
	     event = event->next)
		bytes += (int)size_of(event);
	eft_unlock(&eft_watches_lock);
	return eft_copy_out(arg, &bytes, sizeof(bytes));
}

static ssize_t inotify_path(struct eft_file *file, char *buf, size_t size)
{
	return eft_anon_path("anon_inode:inotify", buf, size);
}

static void inotify_release(struct eft_file *file)
{
	struct eft_inotify *inotify = inotify_of(file);
	struct eft_event *event;

	eft_watch_remove_all(inotify);
	while ((event = inotify->first) != NULL) {
		inotify->first = event->next;
		eft_free(event);
	}
	eft_free(inotify);
}

static const struct eft_file_ops inotify_ops = {
	.read = inotify_read,
	.stat = eft_anon_file_stat,
	.ioctl = inotify_ioctl,
	.path = inotify_path,
	.poll = inotify_poll,
	.release = inotify_release,
};

int eft_inotify_create(int flags, struct eft_file **ret_file)
{
	struct eft_inotify *inotify;

	if (eft_root_is_host)
		return eft_hostfile_create_inotify(flags, ret_file);
	inotify = eft_alloc(sizeof(*inotify));
	if (inotify == NULL)
		return -ENOMEM;
	eft_file_init(&inotify->file, &inotify_ops,
		      O_RDONLY | (flags & O_NONBLOCK));
	eft_waitq_init(&inotify->readers);
	*ret_file = &inotify->file;
	return 0;
}
