// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Pipes: a ring of bytes, with readers and writers. Private to core.
 *
 *	pipe.c        the ring, and who waits at it
 *	pipe_file.c   its two ends as descriptions: pipe(2)
 *	fifo.c        one that has a name in the tree
 *	pipe_move.c   splice(2) and its kin (core/move.h)
 */
#include "core/file.h"

enum {
	EFT_PIPE_ATOMIC = 4096,	     /* PIPE_BUF: written whole or not at all */
	EFT_PIPE_PAGES = 16,	     /* at first, as on Linux (pipe(7)) */
	EFT_PIPE_SIZE_MAX = 1 << 20, /* Linux's pipe-max-size */
};

struct eft_pipe {
	struct eft_mutex lock;
	/* Owned by lock. */
	char **pages; /* (few), or of the heap; each NULL until it is needed */
	uint32_t start; /* of what is in the ring */
	char *few[EFT_PIPE_PAGES];
	/* Owned by lock, and read without: atomic. */
	uint32_t size; /* bytes, a power of two of pages */
	uint32_t used;
	uint32_t held; /* room for bytes that may be put back: pipe_move.c */

	/* Atomic. */
	uint32_t readers, writers; /* descriptions */

	struct eft_waitq can_read, can_write;
};

void eft_pipe_init(struct eft_pipe *pipe);
/* Empty it, and free its pages. */
void eft_pipe_fini(struct eft_pipe *pipe);

/*
 * As the operations of a file (core/file.h), which has the flags (flags).
 *
 * read()    also -EAGAIN -EINTR
 * write()   also -EPIPE nobody reads; -EAGAIN -EINTR -ENOMEM
 */
ssize_t eft_pipe_read(struct eft_pipe *pipe, int flags,
		      const struct eft_iovec *iov, int count);
ssize_t eft_pipe_write(struct eft_pipe *pipe, int flags,
		       const struct eft_iovec *iov, int count);
/* (hang_up): a reader is told that there are no writers. */
unsigned eft_pipe_poll(struct eft_pipe *pipe, int flags, bool hang_up,
		       struct eft_poll *poll);
int eft_pipe_ioctl(struct eft_pipe *pipe, unsigned long request,
		   void eft_user *arg);
/* -EINVAL; -EPERM too large; -EBUSY more is in it; -ENOMEM */
long eft_pipe_resize(struct eft_pipe *pipe, size_t bytes);

/* Is nothing in it, and nothing taken out that may be put back? */
bool eft_pipe_is_empty(struct eft_pipe *pipe);

/*
 * Sleep until there is something to read, or nobody writes; until there is
 * room for (len) bytes, or nobody reads. -EINTR
 */
int eft_pipe_wait_readable(struct eft_pipe *pipe);
int eft_pipe_wait_writable(struct eft_pipe *pipe, size_t len);

/* The pipe that (file) is an end of; NULL: it is none of pipe(2)'s; no FIFO. */
struct eft_pipe *eft_pipe_of_end(struct eft_file *file);
struct eft_pipe *eft_pipe_of_fifo(struct eft_file *file);

/* A description with (flags) comes; goes. */
void eft_pipe_join(struct eft_pipe *pipe, int flags);
void eft_pipe_leave(struct eft_pipe *pipe, int flags);

static inline bool eft_pipe_reads(int flags)
{
	return (flags & O_ACCMODE) != O_WRONLY;
}

static inline bool eft_pipe_writes(int flags)
{
	return (flags & O_ACCMODE) != O_RDONLY;
}
