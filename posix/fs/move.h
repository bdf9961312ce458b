// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the calls that move bytes from one description to another have in
 * common: sendfile.c, copy_range.c, splice.c, vmsplice.c.
 */
#include "core/move.h"

/* Linux cuts a transfer here (fs.h, MAX_RW_COUNT). */
#define EFT_MOVE_MAX ((size_t)INT32_MAX & ~EFT_PAGE_MASK)

/* Two descriptions, opened for more than their path. */
struct eft_move_files {
	struct eft_file *in, *out;
};

/*
 * -EBADF: one is not open, or not for reading, or writing: that is for check()
 * to say.
 *
 * Owns      gives two references, which end() gives back
 */
long eft_move_begin(int in_fd, int out_fd, struct eft_move_files *ret_files);
long eft_move_check_modes(const struct eft_move_files *files);
void eft_move_end(struct eft_move_files *files);

/*
 * Copy the program's offset; NULL: there is none. Give it back, moved.
 *
 * Returns   0; -EFAULT
 */
long eft_move_offset_get(off_t *ret_at, const off_t eft_user *offset);
long eft_move_offset_put(off_t eft_user *offset, off_t at);

/*
 * Where (file) is read or written next, its position; EFT_AT_POSITION: it has
 * none. Move it there.
 */
off_t eft_move_position(struct eft_file *file);
void eft_move_set_position(struct eft_file *file, off_t at);

/* Does a call with the SPLICE_F_ (flags) wait for the pipe (file)? */
static inline bool eft_move_waits(const struct eft_file *file, unsigned flags)
{
	return !(flags & SPLICE_F_NONBLOCK) && !(file->flags & O_NONBLOCK);
}

/* S_IF… of (file); 0: it has no such type. */
unsigned eft_move_type(struct eft_file *file);

/* Read and write a page's bytes, of the libOS, as read(2) and write(2) do. */
ssize_t eft_move_read(struct eft_file *file, void *page, size_t len, off_t at);
ssize_t eft_move_write(struct eft_file *file, const void *page, size_t len,
		       off_t at);

/*
 * Copy up to (len) bytes from (*in_at) on to (*out_at), which move, by way of
 * the libOS's memory. Either may be EFT_AT_POSITION, and stays that.
 *
 * Returns   a count, less at the end or if some could not be written; an error
 */
ssize_t eft_move_copy(struct eft_file *in, off_t *in_at, struct eft_file *out,
		      off_t *out_at, size_t len);

/*
 * Fill (pipe) from (*in_at) on, up to (len) bytes, as there is room; (wait):
 * for the first one.
 */
ssize_t eft_move_to_pipe(struct eft_file *in, off_t *in_at,
			 struct eft_pipe *pipe, size_t len, bool wait);
