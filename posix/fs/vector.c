// SPDX-License-Identifier: BSD-3-Clause
#include "posix/fs/vector.h"
#include "core/log.h"
#include "core/mem.h"
#include "posix/fs/transfer.h"

int eft_vector_get(struct eft_vector *ret_vector,
		   const struct eft_iovec eft_user *from, size_t count)
{
	struct eft_iovec *iov = ret_vector->few;
	size_t sum = 0;

	eft_assert(count <= IOV_MAX);
	if (count > EFT_VECTOR_FEW)
		iov = eft_alloc(count * sizeof(*iov));
	ret_vector->iov = iov;
	if (iov == NULL)
		return -ENOMEM;
	if (eft_copy_in(iov, from, count * sizeof(*iov)) != 0)
		return -EFAULT;
	for (; count > 0; count--, iov++) {
		sum += iov->len;
		if ((int64_t)(sum | iov->len) < 0)
			return -EINVAL;
	}
	return 0;
}

static long transfer_vector(eft_transfer *function, int fd,
			    const struct eft_iovec eft_user *iov, int count,
			    off_t at)
{
	struct eft_file *file = eft_fd_borrow(fd);
	struct eft_vector vector;
	long result = -EINVAL;

	if (file == NULL)
		return -EBADF;
	if (count >= 0 && count <= IOV_MAX) {
		result = eft_vector_get(&vector, iov, (size_t)count);
		if (result == 0)
			result = function(file, vector.iov, count, at);
		eft_vector_put(&vector);
	}
	eft_fd_return(file);
	return result;
}

long eft_transfer_vector(eft_transfer *function, int fd,
			 const struct eft_iovec eft_user *iov, int count,
			 off_t at)
{
	long result = transfer_vector(function, fd, iov, count, at);

	return eft_likely(result >= 0) ? result : eft_transfer_failed(result);
}
