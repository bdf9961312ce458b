// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Moving bytes between open file descriptions without the program's memory:
 * what sendfile(2), copy_file_range(2), splice(2) and tee(2) are made of. Bytes
 * go through a page of the libOS's, or the host moves them between files of its
 * own.
 *
 * Context: thread; nothing is locked.
 */
#include "core/file.h"

struct eft_pipe;

/* splice(2): include/linux/splice.h */
enum {
	SPLICE_F_MOVE = 1,
	SPLICE_F_NONBLOCK = 2,
	SPLICE_F_MORE = 4,
	SPLICE_F_GIFT = 8,
	SPLICE_F_ALL = 15,
};

/* The pipe that (file) is an end of, with or without a name; or NULL. */
struct eft_pipe *eft_pipe_of(struct eft_file *file);

/*
 * How many bytes there are, or there is room for; (wait): until there is one.
 * It may be fewer by the time that somebody takes or puts them.
 *
 * Returns   a count; 0 nobody writes any more; -EPIPE nobody reads; -EAGAIN; -EINTR
 */
ssize_t eft_pipe_await(struct eft_pipe *pipe, bool wait);
ssize_t eft_pipe_await_room(struct eft_pipe *pipe, bool wait);

/*
 * Copy up to (len) bytes to (page), from the (from)th on. take() takes them out
 * of the pipe, the first ones, and holds their room, until settle() says how many
 * of them went on: the others come back, in front.
 *
 * Returns   how many: as they lie in one page; 0: there are none
 * Owns      settle() takes *page where it needs one more, and sets it to NULL
 */
size_t eft_pipe_peek(struct eft_pipe *pipe, uint32_t from, char *page,
		     size_t len);
size_t eft_pipe_take(struct eft_pipe *pipe, char *page, size_t len);
void eft_pipe_settle(struct eft_pipe *pipe, char **page, size_t taken,
		     size_t moved);

/*
 * Hold room for up to (len) bytes, a page's at most: how many. put() puts (len)
 * bytes of *page into what was (held), which is none any more. It does so
 * without further memory, so that what was read for the pipe is not lost.
 *
 * Owns      put() takes *page where it needs one more, and sets it to NULL
 */
size_t eft_pipe_hold(struct eft_pipe *pipe, size_t len);
void eft_pipe_put(struct eft_pipe *pipe, size_t held, char **page, size_t len);

/*
 * Another description of what (file), a regular file, describes, by (flags).
 *
 * Returns   0; what an open says; -ENXIO there is no such way
 */
int eft_file_open_again(struct eft_file *file, int flags,
			struct eft_file **ret_file);

/* What the host moves between two of its files, neither of them a stream. */
enum eft_move { EFT_MOVE_SEND, EFT_MOVE_COPY };

/*
 * Move up to (len) bytes from *in_at by the host's sendfile(2) or
 * copy_file_range(2); (out_at) may be NULL, for where (out) stands. Signals do
 * not end it.
 *
 * Returns   false: the two are not both the host's, or may wait for somebody;
 *           true: *ret_result is a count or an error
 */
bool eft_hostfile_move(enum eft_move move, struct eft_file *in, off_t *in_at,
		       struct eft_file *out, off_t *out_at, size_t len,
		       long *ret_result);

/*
 * copy_file_range(2) of two files that one server keeps, by that server, which
 * an image with such has. *ret_n: how many bytes, or an error; the positions
 * move. False: none does that. Context: thread; sleeps.
 */
bool eft_remote_copy_range(struct eft_file *in, off_t *in_at,
			   struct eft_file *out, off_t *out_at, size_t len,
			   long *ret_n);

/* syncfs(2) of the host, where (file) is a file of its; else false. */
bool eft_hostfile_syncfs(struct eft_file *file, long *ret_result);
