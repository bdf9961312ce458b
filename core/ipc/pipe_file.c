// SPDX-License-Identifier: BSD-3-Clause
/*
 * pipe(2): a pipe without a name, and a description for each end.
 */
#include "core/fd/anon.h"
#include "core/ipc/pipe.h"
#include "core/mem.h"

struct ends;

struct end {
	struct eft_file file;
	struct ends *ends;
};

struct ends {
	struct eft_pipe pipe;
	struct end reader, writer; /* more are allocated: see end_reopen() */
	uint64_t ino;
	uint32_t left; /* atomic: ends that are not released */
};

static struct end *end_of(struct eft_file *file)
{
	return eft_container_of(file, struct end, file);
}

static struct ends *ends_of(struct eft_file *file)
{
	return end_of(file)->ends;
}

static struct eft_pipe *pipe_of(struct eft_file *file)
{
	return &ends_of(file)->pipe;
}

static ssize_t end_read(struct eft_file *file, const struct eft_iovec *iov,
			int count, off_t at)
{
	return eft_pipe_read(pipe_of(file), file->flags, iov, count);
}

static ssize_t end_write(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	return eft_pipe_write(pipe_of(file), file->flags, iov, count);
}

static unsigned end_poll(struct eft_file *file, unsigned events,
			 struct eft_poll *poll)
{
	return eft_pipe_poll(pipe_of(file), file->flags, true, poll);
}

static int end_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	eft_anon_stat(S_IFIFO | 0600, ends_of(file)->ino, ret_stat);
	return 0;
}

static int end_ioctl(struct eft_file *file, unsigned long request,
		     void eft_user *arg)
{
	return eft_pipe_ioctl(pipe_of(file), request, arg);
}

static long end_size(struct eft_file *file, size_t bytes)
{
	return eft_pipe_resize(pipe_of(file), bytes);
}

static ssize_t end_path(struct eft_file *file, char *buf, size_t size)
{
	char name[32];

	eft_snprintf(name, sizeof(name), "pipe:[%lu]", ends_of(file)->ino);
	return eft_anon_path(name, buf, size);
}

static void end_release(struct eft_file *file)
{
	struct ends *ends = ends_of(file);

	eft_pipe_leave(&ends->pipe, file->flags);
	if (end_of(file) != &ends->reader && end_of(file) != &ends->writer)
		eft_free(end_of(file));
	if (__atomic_sub_fetch(&ends->left, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	eft_pipe_fini(&ends->pipe);
	eft_free(ends);
}

static int end_reopen(struct eft_file *file, int flags,
		      struct eft_file **ret_file);

static const struct eft_file_ops end_ops = {
	.read = end_read,
	.write = end_write,
	.stat = end_stat,
	.ioctl = end_ioctl,
	.path = end_path,
	.reopen = end_reopen,
	.pipe_size = end_size,
	.poll = end_poll,
	.release = end_release,
};

struct eft_pipe *eft_pipe_of_end(struct eft_file *file)
{
	return file->ops == &end_ops ? pipe_of(file) : NULL;
}

static void end_init(struct end *end, struct ends *ends, int flags)
{
	eft_file_init(&end->file, &end_ops, flags);
	end->ends = ends;
	eft_pipe_join(&ends->pipe, flags);
}

/* A third description, or more, for reading, writing, or both. */
static int end_reopen(struct eft_file *file, int flags,
		      struct eft_file **ret_file)
{
	struct ends *ends = ends_of(file);
	struct end *end;

	if ((flags & O_ACCMODE) == O_ACCMODE)
		return -EINVAL;
	end = eft_alloc(sizeof(*end));
	if (end == NULL)
		return -ENOMEM;
	__atomic_fetch_add(&ends->left, 1, __ATOMIC_RELAXED);
	end_init(end, ends, flags);
	*ret_file = &end->file;
	return 0;
}

int eft_pipe_create(int flags, struct eft_file *ret_ends[2])
{
	struct ends *ends = eft_alloc(sizeof(*ends));

	if (ends == NULL)
		return -ENOMEM;
	flags &= O_NONBLOCK | O_DIRECT;
	eft_pipe_init(&ends->pipe);
	ends->ino = eft_anon_ino();
	ends->left = 2;
	end_init(&ends->reader, ends, O_RDONLY | flags);
	end_init(&ends->writer, ends, O_WRONLY | flags);
	ret_ends[0] = &ends->reader.file;
	ret_ends[1] = &ends->writer.file;
	return 0;
}
