// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "core/user.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);

/* The numbers are the program's before there is anything at them. */
static long put_numbers(int eft_user *ret_fds, int first, int second)
{
	int fds[2] = {first, second};

	return eft_copy_out(ret_fds, fds, sizeof(fds));
}

long eft_sys_pipe2(int eft_user *ret_fds, int flags)
{
	struct eft_file *ends[2] = {NULL, NULL};
	bool cloexec = flags & O_CLOEXEC;
	int first, second;
	long result;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	first = eft_fd_reserve(cloexec);
	if (first < 0)
		return first;
	second = eft_fd_reserve(cloexec);
	result = second;
	if (second >= 0)
		result = put_numbers(ret_fds, first, second);
	if (result == 0)
		result = eft_pipe_create(flags, ends);
	if (second >= 0)
		eft_fd_fill(second, ends[1]);
	eft_fd_fill(first, ends[0]);
	return result;
}

long eft_sys_pipe(int eft_user *ret_fds)
{
	return eft_sys_pipe2(ret_fds, 0);
}
