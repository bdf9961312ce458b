// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open file descriptions: references, and the checks that reading and writing
 * have in common whatever the file is.
 */
#include "core/file.h"
#include "core/log.h"
#include "core/user.h"

/* An image without epoll has no watchers. */
extern __typeof__(eft_epoll_forget) eft_epoll_forget eft_weak;

void eft_file_init(struct eft_file *file, const struct eft_file_ops *ops,
		   int flags)
{
	eft_assert(ops != NULL);
	file->ops = ops;
	file->fs = NULL;
	file->references = 1;
	file->flags =
		flags & ~(O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_CLOEXEC);
	file->position = 0;
	file->watchers = NULL;
	eft_mutex_init(&file->lock, EFT_RANK_POSITION);
}

struct eft_file *eft_file_get(struct eft_file *file)
{
	return eft_file_get_inline(file);
}

void eft_file_put(struct eft_file *file)
{
	uint32_t before;

	if (file == NULL)
		return;
	before = __atomic_fetch_sub(&file->references, 1, __ATOMIC_ACQ_REL);
	eft_assert(before > 0);
	if (before > 1)
		return;
	if (eft_epoll_forget != NULL &&
	    __atomic_load_n(&file->watchers, __ATOMIC_ACQUIRE) != NULL)
		eft_epoll_forget(file);
	if (file->ops->release != NULL)
		file->ops->release(file);
}

int eft_file_refuses(const struct eft_file *file, int other, off_t at)
{
	int mode = file->flags & O_ACCMODE;

	if (at < EFT_AT_POSITION)
		return -EINVAL;
	if (file->flags & O_PATH)
		return -EBADF;
	if (at >= 0 && file->ops->seek == NULL)
		return -ESPIPE;
	/* Both bits: for neither, on Linux. */
	if (mode == other || mode == O_ACCMODE)
		return -EBADF;
	return 0;
}

ssize_t eft_file_write(struct eft_file *file, const struct eft_iovec *iov,
		       int count, off_t at)
{
	int error = eft_file_check_transfer(file, O_RDONLY, at);

	if (error != 0)
		return error;
	if (file->ops->write == NULL)
		return -EINVAL;
	return file->ops->write(file, iov, count, at);
}

ssize_t eft_file_pread(struct eft_file *file, void *buf, size_t len, off_t at)
{
	size_t done = 0;

	eft_assert(at >= 0 && file->ops->read != NULL);
	while (done < len) {
		struct eft_iovec iov = {eft_as_user((char *)buf + done),
					len - done};
		ssize_t n = file->ops->read(file, &iov, 1, at + (off_t)done);

		if (n < 0)
			return done > 0 ? (ssize_t)done : n;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

off_t eft_file_seek_position(struct eft_file *file, off_t offset, int whence)
{
	eft_mutex_lock(&file->lock);
	if (whence == SEEK_CUR &&
	    __builtin_add_overflow(offset, file->position, &offset))
		offset = -EINVAL;
	if ((whence != SEEK_SET && whence != SEEK_CUR) || offset < 0)
		offset = -EINVAL;
	else
		file->position = offset;
	eft_mutex_unlock(&file->lock);
	return offset;
}

off_t eft_file_offset(const struct eft_file *file, off_t offset, int whence,
		      off_t size)
{
	off_t base = 0;

	switch (whence) {
	case SEEK_SET:
		break;
	case SEEK_CUR:
		base = file->position;
		break;
	case SEEK_END:
		base = size;
		break;
	default:
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, offset, &offset) || offset < 0)
		return -EINVAL;
	return offset;
}

ssize_t eft_file_transfer(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at, eft_file_transfer_fn *transfer)
{
	ssize_t n;

	if (at != EFT_AT_POSITION)
		return transfer(file, iov, count, &at);
	eft_mutex_lock(&file->lock);
	at = file->position;
	n = transfer(file, iov, count, &at);
	if (n > 0)
		file->position = at;
	eft_mutex_unlock(&file->lock);
	return n;
}
