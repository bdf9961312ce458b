// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/fs/transfer.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe);

long eft_sys_pipe2(int *ret_fds, int flags)
{
	struct eft_file *ends[2];
	bool cloexec = flags & O_CLOEXEC;
	int fds[2], error;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK))
		return -EINVAL;
	error = eft_pipe_create(flags, ends);
	if (error != 0)
		return error;
	fds[0] = eft_fd_install(ends[0], 0, cloexec);
	if (fds[0] < 0) {
		eft_file_put(ends[1]);
		return fds[0];
	}
	fds[1] = eft_fd_install(ends[1], 0, cloexec);
	if (fds[1] < 0) {
		eft_fd_close(fds[0]);
		return fds[1];
	}
	ret_fds[0] = fds[0];
	ret_fds[1] = fds[1];
	return 0;
}

long eft_sys_pipe(int *ret_fds)
{
	return eft_sys_pipe2(ret_fds, 0);
}
