// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open file descriptions over a host's handles.
 *
 * Nearly every operation is the host's own. What is added is waiting: a
 * handle that may have nothing to read for a long time (pipe, terminal,
 * socket: a stream) must put only the calling thread to sleep, not the CPU.
 * So a stream is first asked whether it is ready, and the host told to notify
 * our wait queue. Whether a handle is a stream is found out at the first read.
 * Locks are in hostlock.c.
 */
#include "core/file/hostfile.h"
#include "core/log.h"
#include "core/mem.h"

enum kind { KIND_UNKNOWN, KIND_DIRECT, KIND_STREAM };

struct host_file {
	struct eft_file file;
	int handle;
	uint32_t kind;		/* atomic; enum kind */
	struct eft_waitq queue; /* woken by the host's notifications */
};

#pragma weak eft_hostfs_path

static const struct eft_host_files *host(void)
{
	return eft_plat_host_files();
}

static struct host_file *host_file(const struct eft_file *file)
{
	return eft_container_of(file, struct host_file, file);
}

int eft_hostfile_handle(const struct eft_file *file)
{
	return host_file(file)->handle;
}

static bool is_stream(struct host_file *hf)
{
	uint32_t kind = __atomic_load_n(&hf->kind, __ATOMIC_RELAXED);
	struct eft_stat st;

	if (eft_unlikely(kind == KIND_UNKNOWN)) {
		kind = KIND_DIRECT;
		if (host()->stat(hf->handle, &st) == 0) {
			uint32_t type = st.mode & S_IFMT;

			if (type != S_IFREG && type != S_IFDIR &&
			    type != S_IFBLK)
				kind = KIND_STREAM;
		}
		__atomic_store_n(&hf->kind, kind, __ATOMIC_RELAXED);
	}
	return kind == KIND_STREAM;
}

static void wake(void *arg)
{
	struct host_file *hf = arg;

	eft_waitq_wake(&hf->queue, EFT_WAKE_ALL);
}

/* Sleep until (hf) has something to read. */
static int wait_readable(struct host_file *hf)
{
	struct eft_waiter waiter;
	int error = 0;

	if (host()->ready(hf->handle, POLLIN) != 0)
		return 0;
	if (hf->file.flags & O_NONBLOCK)
		return -EAGAIN;
	eft_wait_begin(&waiter, &hf->queue);
	do {
		int ticket = host()->notify(hf->handle, POLLIN, wake, hf);

		error = ticket < 0 ? ticket : eft_sleep(EFT_FOREVER);
		if (ticket >= 0)
			host()->cancel(ticket);
	} while (error == 0 && host()->ready(hf->handle, POLLIN) == 0);
	eft_wait_end(&waiter);
	return error;
}

static ssize_t host_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	struct host_file *hf = host_file(file);

	if (at == EFT_AT_POSITION && is_stream(hf)) {
		int error = wait_readable(hf);

		if (error != 0)
			return error;
	}
	return host()->read(hf->handle, iov, count, at);
}

static ssize_t host_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return host()->write(host_file(file)->handle, iov, count, at);
}

static off_t host_seek(struct eft_file *file, off_t offset, int whence)
{
	return host()->seek(host_file(file)->handle, offset, whence);
}

static int host_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	return host()->stat(host_file(file)->handle, ret_stat);
}

static int host_statfs(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	return host()->statfs(host_file(file)->handle, ret_statfs);
}

static int host_set_size(struct eft_file *file, off_t size)
{
	return host()->set_size(host_file(file)->handle, size);
}

static int host_allocate(struct eft_file *file, int mode, off_t offset,
			 off_t len)
{
	return host()->allocate(host_file(file)->handle, mode, offset, len);
}

static int host_sync(struct eft_file *file, bool data_only)
{
	return host()->sync(host_file(file)->handle, data_only);
}

static int host_chmod(struct eft_file *file, unsigned mode)
{
	return host()->chmod(host_file(file)->handle, mode);
}

static int host_chown(struct eft_file *file, unsigned uid, unsigned gid)
{
	return host()->chown(host_file(file)->handle, uid, gid);
}

static int host_set_times(struct eft_file *file,
			  const struct eft_timespec times[2])
{
	return host()->set_times(host_file(file)->handle, times);
}

static ssize_t host_getdents(struct eft_file *file, void *buf, size_t size)
{
	return host()->getdents(host_file(file)->handle, buf, size);
}

static int host_ioctl(struct eft_file *file, unsigned long request, void *arg)
{
	return host()->ioctl(host_file(file)->handle, request, arg);
}

static int host_set_flags(struct eft_file *file, int flags)
{
	return host()->set_flags(host_file(file)->handle, flags);
}

static ssize_t host_path(struct eft_file *file, char *buf, size_t size)
{
	if (eft_hostfs_path == NULL)
		return -ENOENT;
	return eft_hostfs_path(host_file(file)->handle, buf, size);
}

static void cancel_poll(struct eft_poll_entry *entry)
{
	host()->cancel(entry->ticket);
}

static unsigned host_poll(struct eft_file *file, unsigned events,
			  struct eft_poll *poll)
{
	struct host_file *hf = host_file(file);
	unsigned ready;

	if (!is_stream(hf))
		return events & (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM);
	ready = host()->ready(hf->handle, events);
	if (ready == 0 && poll->entries != NULL) {
		int ticket = host()->notify(hf->handle, events, wake, hf);
		struct eft_poll_entry *entry;

		if (ticket < 0) {
			poll->error = ticket;
			return 0;
		}
		entry = eft_poll_add(poll, &hf->queue);
		entry->cancel = cancel_poll;
		entry->ticket = ticket;
		/* It may have come before we were on the queue. */
		ready = host()->ready(hf->handle, events);
	}
	return ready;
}

static int host_map(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	return host()->map(host_file(file)->handle, addr, len, prot, shared,
			   offset);
}

static int host_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			 int flags)
{
	return host()->sync_map(addr, len, flags);
}

static void host_release(struct eft_file *file)
{
	struct host_file *hf = host_file(file);

	host()->close(hf->handle);
	eft_free(hf);
}

static const struct eft_file_ops host_ops = {
	.read = host_read,
	.write = host_write,
	.seek = host_seek,
	.stat = host_stat,
	.statfs = host_statfs,
	.set_size = host_set_size,
	.allocate = host_allocate,
	.sync = host_sync,
	.chmod = host_chmod,
	.chown = host_chown,
	.set_times = host_set_times,
	.getdents = host_getdents,
	.ioctl = host_ioctl,
	.set_flags = host_set_flags,
	.lock = eft_hostfile_lock,
	.flock = eft_hostfile_flock,
	.closed = eft_hostfile_closed,
	.path = host_path,
	.poll = host_poll,
	.map = host_map,
	.sync_map = host_sync_map,
	.release = host_release,
};

int eft_hostfile_create(int handle, int flags, const struct eft_fs_ops *fs,
			struct eft_file **ret_file)
{
	struct host_file *hf = eft_alloc(sizeof(*hf));

	eft_assert(host() != NULL);
	if (hf == NULL) {
		host()->close(handle);
		return -ENOMEM;
	}
	eft_file_init(&hf->file, &host_ops, flags);
	hf->file.fs = fs;
	hf->handle = handle;
	eft_waitq_init(&hf->queue);
	*ret_file = &hf->file;
	return 0;
}
