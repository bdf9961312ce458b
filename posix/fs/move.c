// SPDX-License-Identifier: BSD-3-Clause
#include "posix/fs/move.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/fs/file_limit.h"

enum { MOVE_ORDER = 4 }; /* 64 KiB at once, if there is memory */

long eft_move_begin(int in_fd, int out_fd, struct eft_move_files *ret_files)
{
	struct eft_move_files files = {.in = eft_fd_get_opened(in_fd)};

	if (files.in == NULL)
		return -EBADF;
	files.out = eft_fd_get_opened(out_fd);
	if (files.out == NULL) {
		eft_file_put(files.in);
		return -EBADF;
	}
	*ret_files = files;
	return 0;
}

long eft_move_check_modes(const struct eft_move_files *files)
{
	int in = files->in->flags & O_ACCMODE,
	    out = files->out->flags & O_ACCMODE;

	if ((in != O_RDONLY && in != O_RDWR) ||
	    (out != O_WRONLY && out != O_RDWR))
		return -EBADF;
	return 0;
}

void eft_move_end(struct eft_move_files *files)
{
	eft_file_put(files->in);
	eft_file_put(files->out);
}

long eft_move_offset_get(off_t *ret_at, const off_t eft_user *offset)
{
	return offset != NULL ? eft_get_user(ret_at, offset) : 0;
}

long eft_move_offset_put(off_t eft_user *offset, off_t at)
{
	return eft_put_optional(offset, &at);
}

off_t eft_move_position(struct eft_file *file)
{
	off_t at = -ESPIPE;

	if (file->ops->seek != NULL)
		at = file->ops->seek(file, 0, SEEK_CUR);
	return at < 0 ? EFT_AT_POSITION : at;
}

void eft_move_set_position(struct eft_file *file, off_t at)
{
	if (at >= 0)
		file->ops->seek(file, at, SEEK_SET);
}

unsigned eft_move_type(struct eft_file *file)
{
	struct eft_stat st;

	return file->ops->stat(file, &st) == 0 ? st.mode & S_IFMT : 0;
}

ssize_t eft_move_read(struct eft_file *file, void *page, size_t len, off_t at)
{
	struct eft_iovec iov = {eft_as_user((char *)page), len};

	return eft_file_read(file, &iov, 1, at);
}

ssize_t eft_move_write(struct eft_file *file, const void *page, size_t len,
		       off_t at)
{
	struct eft_iovec iov = {eft_as_user((char *)page), len};

	if (eft_file_write_limited != NULL)
		return eft_file_write_limited(file, &iov, 1, at);
	return eft_file_write(file, &iov, 1, at);
}

static void advance(off_t *at, ssize_t bytes)
{
	if (*at != EFT_AT_POSITION)
		*at += bytes;
}

static ssize_t copy_by(char *buf, size_t room, struct eft_file *in,
		       off_t *in_at, struct eft_file *out, off_t *out_at,
		       size_t len)
{
	size_t done = 0;
	ssize_t n = 0, written = 0;

	while (done < len && n == written) {
		n = eft_move_read(in, buf, eft_min(room, len - done), *in_at);
		if (n <= 0)
			break;
		written = eft_move_write(out, buf, (size_t)n, *out_at);
		if (written <= 0)
			break;
		advance(in_at, written);
		advance(out_at, written);
		done += (size_t)written;
	}
	if (done > 0)
		return (ssize_t)done;
	return n < 0 ? n : written;
}

ssize_t eft_move_copy(struct eft_file *in, off_t *in_at, struct eft_file *out,
		      off_t *out_at, size_t len)
{
	size_t room = EFT_PAGE_SIZE << MOVE_ORDER;
	char *buf = NULL;
	ssize_t n;

	if (len > EFT_PAGE_SIZE)
		buf = eft_page_alloc(MOVE_ORDER);
	if (buf == NULL) {
		room = EFT_PAGE_SIZE;
		buf = eft_page_alloc(0);
	}
	if (buf == NULL)
		return -ENOMEM;
	n = copy_by(buf, room, in, in_at, out, out_at, len);
	eft_page_free(buf);
	return n;
}

/* One page's bytes, for which there is room in (pipe): what could be read. */
static ssize_t read_to_pipe(struct eft_file *in, off_t *in_at,
			    struct eft_pipe *pipe, char **page, size_t room)
{
	ssize_t n = eft_move_read(in, *page, room, *in_at);

	eft_pipe_put(pipe, room, page, n > 0 ? (size_t)n : 0);
	if (n > 0)
		advance(in_at, n);
	return n;
}

/* Some of (len) bytes; 0: the end, or there is no room any more. */
static ssize_t fill_some(struct eft_file *in, off_t *in_at,
			 struct eft_pipe *pipe, char **page, size_t len,
			 bool wait)
{
	size_t room = 0;
	ssize_t n = 1;

	while (n > 0 && room == 0) {
		n = eft_pipe_await_room(pipe, wait);
		if (n > 0)
			room = eft_pipe_hold(pipe, eft_min(len, EFT_PAGE_SIZE));
	}
	return n < 0 ? n : read_to_pipe(in, in_at, pipe, page, room);
}

ssize_t eft_move_to_pipe(struct eft_file *in, off_t *in_at,
			 struct eft_pipe *pipe, size_t len, bool wait)
{
	char *page = NULL;
	size_t done = 0;
	ssize_t n = 1;

	while (done < len && n > 0) {
		if (page == NULL)
			page = eft_page_alloc(0);
		n = page != NULL ? fill_some(in, in_at, pipe, &page, len - done,
					     wait && done == 0)
				 : -ENOMEM;
		if (n > 0)
			done += (size_t)n;
		if (*in_at == EFT_AT_POSITION)
			break; /* a stream may have no more yet */
	}
	eft_page_free(page);
	return done > 0 ? (ssize_t)done : n;
}
