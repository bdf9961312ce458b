// SPDX-License-Identifier: BSD-3-Clause
/*
 * pipe(2): a pipe without a name, and a description for each end.
 */
#include "core/file/anon.h"
#include "core/file/pipe.h"
#include "core/mem.h"

struct ends {
	struct eft_pipe pipe;
	struct eft_file reader, writer;
	uint64_t ino;
	uint32_t left; /* atomic: ends that are not released */
};

static struct ends *ends_of(struct eft_file *file)
{
	return eft_pipe_reads(file->flags)
		       ? eft_container_of(file, struct ends, reader)
		       : eft_container_of(file, struct ends, writer);
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

static int end_ioctl(struct eft_file *file, unsigned long request, void *arg)
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
	if (__atomic_sub_fetch(&ends->left, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	eft_pipe_fini(&ends->pipe);
	eft_free(ends);
}

static const struct eft_file_ops end_ops = {
	.read = end_read,
	.write = end_write,
	.stat = end_stat,
	.ioctl = end_ioctl,
	.path = end_path,
	.pipe_size = end_size,
	.poll = end_poll,
	.release = end_release,
};

int eft_pipe_create(int flags, struct eft_file *ret_ends[2])
{
	struct ends *ends = eft_alloc(sizeof(*ends));

	if (ends == NULL)
		return -ENOMEM;
	flags &= O_NONBLOCK | O_DIRECT;
	eft_pipe_init(&ends->pipe);
	ends->ino = eft_anon_ino();
	ends->left = 2;
	eft_file_init(&ends->reader, &end_ops, O_RDONLY | flags);
	eft_file_init(&ends->writer, &end_ops, O_WRONLY | flags);
	eft_pipe_join(&ends->pipe, O_RDONLY);
	eft_pipe_join(&ends->pipe, O_WRONLY);
	ret_ends[0] = &ends->reader;
	ret_ends[1] = &ends->writer;
	return 0;
}
