// SPDX-License-Identifier: BSD-3-Clause
#include "core/file.h"
#include "posix/signal/mask.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

/* Linux's, so that a size in bytes is an int. */
#define ROOM_MAX ((int)(INT32_MAX / sizeof(struct eft_epoll_event)))

long eft_sys_epoll_create1(int flags)
{
	struct eft_file *file;
	int error;

	if (flags & ~O_CLOEXEC)
		return -EINVAL;
	error = eft_epoll_create(&file);
	if (error != 0)
		return error;
	return eft_fd_install(file, 0, flags & O_CLOEXEC);
}

long eft_sys_epoll_create(int size)
{
	return size > 0 ? eft_sys_epoll_create1(0) : -EINVAL;
}

long eft_sys_epoll_ctl(int epfd, int operation, int fd,
		       const struct eft_epoll_event eft_user *event)
{
	struct eft_epoll_event copy = {.events = 0};
	struct eft_file *epoll, *file;
	long result = -EBADF;

	if (operation != EPOLL_CTL_DEL && eft_get_user(&copy, event) != 0)
		return -EFAULT;
	epoll = eft_fd_get(epfd);
	file = eft_fd_get(fd);
	if (epoll != NULL && file != NULL)
		result = eft_epoll_control(epoll, operation, fd, file, &copy);
	eft_file_put(file);
	eft_file_put(epoll);
	return result;
}

static long wait_until(int epfd, struct eft_epoll_event eft_user *events,
		       int room, uint64_t deadline_ns)
{
	struct eft_file *epoll;
	long result;

	if (room <= 0 || room > ROOM_MAX)
		return -EINVAL;
	epoll = eft_fd_get(epfd);
	if (epoll == NULL)
		return -EBADF;
	result = eft_epoll_wait(epoll, events, room, deadline_ns);
	eft_file_put(epoll);
	return result;
}

/* The clock is read only to wait. */
static long wait_for(int epfd, struct eft_epoll_event eft_user *events,
		     int room, uint64_t timeout_ns)
{
	long result = wait_until(epfd, events, room, 0);
	uint64_t deadline;

	if (result != 0 || timeout_ns == 0)
		return result;
	deadline = eft_deadline_after(timeout_ns);
	return eft_interruptible(wait_until(epfd, events, room, deadline),
				 deadline);
}

static long wait_masked(int epfd, struct eft_epoll_event eft_user *events,
			int room, uint64_t timeout_ns,
			const uint64_t eft_user *mask, size_t size)
{
	struct eft_user_mask blocked;
	long result = eft_mask_get(&blocked, mask, size);

	if (result < 0)
		return result;
	eft_mask_begin(blocked.mask);
	result = wait_for(epfd, events, room, timeout_ns);
	eft_mask_end(blocked.mask, result);
	return result;
}

static uint64_t from_ms(int timeout_ms)
{
	return timeout_ms < 0 ? EFT_FOREVER : timeout_ms * 1000000ul;
}

long eft_sys_epoll_wait(int epfd, struct eft_epoll_event eft_user *events,
			int room, int timeout_ms)
{
	return wait_for(epfd, events, room, from_ms(timeout_ms));
}

long eft_sys_epoll_pwait(int epfd, struct eft_epoll_event eft_user *events,
			 int room, int timeout_ms,
			 const uint64_t eft_user *mask, size_t size)
{
	return wait_masked(epfd, events, room, from_ms(timeout_ms), mask, size);
}

long eft_sys_epoll_pwait2(int epfd, struct eft_epoll_event eft_user *events,
			  int room, const struct eft_timespec eft_user *timeout,
			  const uint64_t eft_user *mask, size_t size)
{
	uint64_t ns = EFT_FOREVER;
	long error = eft_time_get(timeout, &ns);

	if (error < 0)
		return error;
	return wait_masked(epfd, events, room, ns, mask, size);
}
