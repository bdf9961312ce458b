// SPDX-License-Identifier: BSD-3-Clause
/*
 * FIFOs (fifo(7)): pipes with a name in a file system. To open one waits for the
 * other side. What is in the pipe goes with the last who has it open.
 */
#include "core/ipc/pipe.h"
#include "core/vfs/vfs.h"

struct fifo {
	struct eft_node node;
	struct eft_pipe pipe;
	struct eft_waitq openers;
	/* Atomic: how often it was opened so. */
	uint32_t reader_count, writer_count;
};

struct fifo_file {
	struct eft_node_file nf;
	uint32_t writers_before; /* opened: see fifo_poll() */
};

static struct fifo *fifo_of(struct eft_node *node)
{
	return eft_container_of(node, struct fifo, node);
}

static struct eft_pipe *pipe_of(struct eft_file *file)
{
	return &fifo_of(eft_node_file(file)->place.node)->pipe;
}

static struct fifo_file *fifo_file(struct eft_file *file)
{
	return eft_container_of(file, struct fifo_file, nf.file);
}

static ssize_t fifo_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	return eft_pipe_read(pipe_of(file), file->flags, iov, count);
}

static ssize_t fifo_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	return eft_pipe_write(pipe_of(file), file->flags, iov, count);
}

/* A reader that came first sees no end before a writer has come and gone. */
static unsigned fifo_poll(struct eft_file *file, unsigned events,
			  struct eft_poll *poll)
{
	struct fifo *fifo = fifo_of(eft_node_file(file)->place.node);
	uint32_t now = __atomic_load_n(&fifo->writer_count, __ATOMIC_ACQUIRE);

	return eft_pipe_poll(&fifo->pipe, file->flags,
			     now != fifo_file(file)->writers_before, poll);
}

static int fifo_ioctl(struct eft_file *file, unsigned long request,
		      void eft_user *arg)
{
	return eft_pipe_ioctl(pipe_of(file), request, arg);
}

static long fifo_size(struct eft_file *file, size_t bytes)
{
	return eft_pipe_resize(pipe_of(file), bytes);
}

static void leave_locked(struct fifo *fifo, int flags)
{
	struct eft_pipe *pipe = &fifo->pipe;

	eft_pipe_leave(pipe, flags);
	if (__atomic_load_n(&pipe->readers, __ATOMIC_SEQ_CST) == 0 &&
	    __atomic_load_n(&pipe->writers, __ATOMIC_SEQ_CST) == 0)
		eft_pipe_fini(pipe);
}

static void leave(struct fifo *fifo, int flags)
{
	eft_mutex_lock(&fifo->pipe.lock);
	leave_locked(fifo, flags);
	eft_mutex_unlock(&fifo->pipe.lock);
}

static void fifo_file_release(struct eft_file *file)
{
	struct fifo_file *ff = fifo_file(file);

	leave(fifo_of(ff->nf.place.node), file->flags);
	eft_node_file_fini(&ff->nf);
	eft_free(ff);
}

static const struct eft_file_ops fifo_ops = {
	.read = fifo_read,
	.write = fifo_write,
	.stat = eft_node_file_stat,
	.statfs = eft_node_file_statfs,
	.chmod = eft_node_file_chmod,
	.chown = eft_node_file_chown,
	.set_times = eft_node_file_set_times,
	.ioctl = fifo_ioctl,
	.pipe_size = fifo_size,
	.lock = eft_node_file_lock,
	.flock = eft_node_file_flock,
	.closed = eft_node_file_closed,
	.path = eft_node_file_path,
	.poll = fifo_poll,
	.release = fifo_file_release,
};

struct eft_pipe *eft_pipe_of_fifo(struct eft_file *file)
{
	return file->ops == &fifo_ops ? pipe_of(file) : NULL;
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/*
 * Sleep until (count) is no longer (before). Who is interrupted leaves, unless
 * the other side has come after all, and counts on it.
 */
static int wait_for(struct fifo *fifo, int flags, const uint32_t *count,
		    uint32_t before)
{
	struct eft_waiter waiter;
	int error = 0;

	eft_wait_begin(&waiter, &fifo->openers);
	while (load(count) == before && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	if (error == 0)
		return 0;
	eft_mutex_lock(&fifo->pipe.lock);
	if (load(count) != before)
		error = 0;
	else
		leave_locked(fifo, flags);
	eft_mutex_unlock(&fifo->pipe.lock);
	return error;
}

/*
 * Be counted among those who have it open; wait for the other side. One that
 * waits has joined: it may be gone again by the time that we look, so that it
 * is looked for in one step with joining.
 */
static int join(struct fifo *fifo, int flags, uint32_t *ret_writers_before)
{
	bool reads = eft_pipe_reads(flags);
	const uint32_t *count =
		reads ? &fifo->writer_count : &fifo->reader_count;
	uint32_t before;
	bool there;

	eft_mutex_lock(&fifo->pipe.lock);
	before = load(count);
	there = load(reads ? &fifo->pipe.writers : &fifo->pipe.readers) > 0;
	if (flags & O_NONBLOCK && !reads && !there) {
		eft_mutex_unlock(&fifo->pipe.lock);
		return -ENXIO;
	}
	/* Nobody has written yet: no end is to be seen. */
	if (load(&fifo->pipe.writers) == 0)
		*ret_writers_before = load(&fifo->writer_count);
	else
		*ret_writers_before = load(&fifo->writer_count) - 1;
	eft_pipe_join(&fifo->pipe, flags);
	if (reads)
		__atomic_fetch_add(&fifo->reader_count, 1, __ATOMIC_SEQ_CST);
	if (eft_pipe_writes(flags))
		__atomic_fetch_add(&fifo->writer_count, 1, __ATOMIC_SEQ_CST);
	eft_mutex_unlock(&fifo->pipe.lock);
	eft_waitq_wake(&fifo->openers, EFT_WAKE_ALL);
	if (flags & O_NONBLOCK || there || (reads && eft_pipe_writes(flags)))
		return 0;
	return wait_for(fifo, flags, count, before);
}

static int fifo_open(const struct eft_place *place, int flags,
		     struct eft_file **ret_file)
{
	struct fifo *fifo = fifo_of(place->node);
	struct fifo_file *ff;
	int error;

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	ff = eft_alloc(sizeof(*ff));
	if (ff == NULL)
		return -ENOMEM;
	error = join(fifo, flags, &ff->writers_before);
	if (error != 0) {
		eft_free(ff);
		return error;
	}
	eft_node_file_init(&ff->nf, place, &fifo_ops, flags);
	*ret_file = &ff->nf.file;
	return 0;
}

static void fifo_release(struct eft_node *node)
{
	struct fifo *fifo = fifo_of(node);

	eft_pipe_fini(&fifo->pipe);
	eft_free(fifo);
}

static const struct eft_node_type fifo_type = {
	.open = fifo_open,
	.release = fifo_release,
};

struct eft_node *eft_fifo_create(unsigned mode)
{
	struct fifo *fifo = eft_alloc(sizeof(*fifo));

	if (fifo == NULL)
		return NULL;
	eft_node_init(&fifo->node, &fifo_type, S_IFIFO | (mode & 07777));
	eft_pipe_init(&fifo->pipe);
	eft_waitq_init(&fifo->openers);
	return &fifo->node;
}
