// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages with control data (cmsg(3)): descriptors and credentials.
 */
#include "core/boot.h"
#include "posix/net/socket.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum { HEADER = sizeof(struct eft_cmsghdr) };

/*
 * Sending.
 */

/* The control message at *at, which moves past it; NULL: no more. */
static long next_control(const struct eft_msghdr *message, size_t *at,
			 const struct eft_cmsghdr **ret_control)
{
	size_t left = message->control_len - eft_min(*at, message->control_len);
	const struct eft_cmsghdr *control =
		(void *)((char *)message->control + *at);

	*ret_control = NULL;
	if (left < HEADER)
		return 0;
	if (control->len < HEADER || control->len > left)
		return -EINVAL;
	*at += eft_align_up(control->len, 8);
	*ret_control = control;
	return 0;
}

/* One may only say of oneself what is so. */
static long check_credentials(const struct eft_cmsghdr *control)
{
	struct eft_ucred cred;

	if (control->len != HEADER + sizeof(cred))
		return -EINVAL;
	memcpy(&cred, control + 1, sizeof(cred));
	if (cred.pid != eft_identity.pid ||
	    (cred.uid != eft_identity.uid && cred.uid != eft_identity.euid) ||
	    (cred.gid != eft_identity.gid && cred.gid != eft_identity.egid))
		return -EPERM;
	return 0;
}

static size_t count_descriptors(const struct eft_cmsghdr *control)
{
	return (control->len - HEADER) / sizeof(int);
}

/* Check all control data; *ret_count: descriptors in it. */
static long check_control(const struct eft_msghdr *message, size_t *ret_count)
{
	const struct eft_cmsghdr *control;
	size_t at = 0, count = 0;
	long error;

	while ((error = next_control(message, &at, &control)) == 0 &&
	       control != NULL) {
		if (control->level != SOL_SOCKET)
			continue;
		if (control->type == SCM_RIGHTS)
			count += count_descriptors(control);
		else if (control->type == SCM_CREDENTIALS)
			error = check_credentials(control);
		else
			error = -EINVAL;
		if (error == 0 && count > SCM_MAX_FD)
			error = -EINVAL;
		if (error != 0)
			break;
	}
	*ret_count = count;
	return error;
}

/* Add the descriptions that (control) names. */
static long add_descriptors(const struct eft_cmsghdr *control,
			    struct eft_rights *rights)
{
	const int *fds = (const void *)(control + 1);

	for (size_t i = 0; i < count_descriptors(control); i++) {
		struct eft_file *file = eft_fd_get(fds[i]);

		if (file == NULL)
			return -EBADF;
		rights->files[rights->count++] = file;
	}
	return 0;
}

static long collect_rights(const struct eft_msghdr *message, size_t count,
			   struct eft_rights **ret_rights)
{
	struct eft_rights *rights = eft_rights_create((unsigned)count);
	const struct eft_cmsghdr *control;
	size_t at = 0;
	long error;

	if (rights == NULL)
		return -ENOMEM;
	rights->count = 0;
	while ((error = next_control(message, &at, &control)) == 0 &&
	       control != NULL) {
		if (control->level == SOL_SOCKET && control->type == SCM_RIGHTS)
			error = add_descriptors(control, rights);
		if (error != 0)
			break;
	}
	if (error != 0)
		eft_rights_destroy(rights);
	else
		*ret_rights = rights;
	return error;
}

/* Linux's optmem_max (net/core/sock.c). */
enum { CONTROL_MAX = 128 << 10 };

/* The descriptions in the control data of (message), if any. */
static long rights_of(const struct eft_socket *socket,
		      const struct eft_msghdr *message,
		      struct eft_rights **ret_rights)
{
	size_t count;
	long error;

	*ret_rights = NULL;
	if (message->control == NULL || message->control_len == 0)
		return 0;
	if (message->control_len > CONTROL_MAX)
		return -ENOBUFS;
	error = check_control(message, &count);
	if (error != 0 || count == 0)
		return error;
	if (socket->domain != AF_UNIX)
		return -EINVAL;
	return collect_rights(message, count, ret_rights);
}

/* 0, or why (message) cannot be used, with (flags). */
static long check_message(const struct eft_msghdr *message, unsigned flags)
{
	size_t sum = 0;

	if (flags & MSG_CMSG_COMPAT || (int)message->name_len < 0)
		return -EINVAL;
	if (message->iov_len > IOV_MAX)
		return -EMSGSIZE;
	for (size_t i = 0; i < message->iov_len; i++) {
		if (__builtin_add_overflow(sum, message->iov[i].len, &sum) ||
		    sum > INT64_MAX)
			return -EINVAL;
	}
	return 0;
}

static long send_message(struct eft_socket *socket,
			 const struct eft_msghdr *header, unsigned flags)
{
	struct eft_message message = {.iov = header->iov,
				      .count = (int)header->iov_len,
				      .flags = flags};
	struct eft_socket_name to;
	long result = check_message(header, flags);

	if (result == 0 && header->name != NULL && header->name_len > 0) {
		unsigned len = eft_min(header->name_len, EFT_SOCKET_NAME_MAX);

		result = eft_socket_name_from(header->name, len, &to);
		message.name = &to;
	}
	if (result == 0)
		result = rights_of(socket, header, &message.rights);
	if (result == 0)
		result = eft_socket_send(socket, &message);
	eft_rights_destroy(message.rights);
	return result;
}

static long send_one(int fd, const struct eft_msghdr *message, unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = send_message(socket, message, flags);
	eft_socket_put(socket);
	return result;
}

long eft_sys_sendmsg(int fd, const struct eft_msghdr *message, unsigned flags)
{
	return eft_restartable(send_one(fd, message, flags));
}

static long send_many(int fd, struct eft_mmsghdr *messages, unsigned count,
		      unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);
	unsigned done = 0;

	if (result < 0)
		return result;
	count = eft_min(count, IOV_MAX);
	for (; done < count; done++) {
		result = send_message(socket, &messages[done].header, flags);
		if (result < 0)
			break;
		messages[done].len = (unsigned)result;
	}
	eft_socket_put(socket);
	return done > 0 ? (long)done : result;
}

long eft_sys_sendmmsg(int fd, struct eft_mmsghdr *messages, unsigned count,
		      unsigned flags)
{
	return eft_restartable(send_many(fd, messages, count, flags));
}

/*
 * Receiving.
 */

/* Where control data goes, and how much has. */
struct control {
	char *buf;
	size_t room, used;
	unsigned flags; /* MSG_CTRUNC */
};

/* Add a control message with (len) bytes of (data), cut to what fits. */
static void put_control(struct control *out, int type, const void *data,
			size_t len)
{
	struct eft_cmsghdr header = {HEADER + len, SOL_SOCKET, type};
	size_t left = out->room - out->used;

	if (left < HEADER) {
		out->flags |= MSG_CTRUNC;
		return;
	}
	if (left < header.len) {
		out->flags |= MSG_CTRUNC;
		header.len = left;
	}
	memcpy(out->buf + out->used, &header, HEADER);
	memcpy(out->buf + out->used + HEADER, data, header.len - HEADER);
	out->used += eft_min(eft_align_up(header.len, 8), left);
}

static void put_credentials(struct control *out)
{
	struct eft_ucred cred = {eft_identity.pid, eft_identity.uid,
				 eft_identity.gid};

	put_control(out, SCM_CREDENTIALS, &cred, sizeof(cred));
}

/* Install the descriptions that there is room for; the others are closed. */
static void put_rights(struct control *out, const struct eft_rights *rights,
		       bool cloexec)
{
	size_t left = out->room - out->used, fit = 0, done = 0;
	struct eft_cmsghdr *header = (void *)(out->buf + out->used);
	int *fds = (void *)(header + 1);

	if (left > HEADER)
		fit = eft_min((left - HEADER) / sizeof(int), rights->count);
	for (; done < fit; done++) {
		struct eft_file *file = eft_file_get(rights->files[done]);
		int fd = eft_fd_install(file, 0, cloexec);

		if (fd < 0)
			break;
		fds[done] = fd;
	}
	if (done < rights->count)
		out->flags |= MSG_CTRUNC;
	if (done == 0)
		return;
	*header = (struct eft_cmsghdr){HEADER + done * sizeof(int), SOL_SOCKET,
				       SCM_RIGHTS};
	out->used += eft_min(eft_align_up(header->len, 8), left);
}

static void put_all_control(struct eft_socket *socket,
			    struct eft_msghdr *header,
			    const struct eft_message *message)
{
	bool credentials = socket->domain == AF_UNIX && !message->ret_ended &&
			   eft_socket_switch(socket, SO_PASSCRED);
	struct control out = {.buf = header->control,
			      .room = header->control_len};

	if (header->control == NULL) {
		if (credentials || message->rights != NULL)
			out.flags |= MSG_CTRUNC;
	} else {
		if (credentials)
			put_credentials(&out);
		if (message->rights != NULL)
			put_rights(&out, message->rights,
				   message->flags & MSG_CMSG_CLOEXEC);
	}
	header->control_len = out.used;
	header->flags = message->ret_flags | out.flags |
			(message->flags & MSG_CMSG_CLOEXEC);
}

static long receive_message(struct eft_socket *socket,
			    struct eft_msghdr *header, unsigned flags)
{
	struct eft_message message = {.iov = header->iov,
				      .count = (int)header->iov_len,
				      .flags = flags};
	struct eft_socket_name from;
	long result = check_message(header, flags);

	if (result < 0)
		return result;
	if (header->name != NULL)
		message.name = &from;
	result = eft_socket_receive(socket, &message);
	if (result >= 0) {
		put_all_control(socket, header, &message);
		if (header->name != NULL)
			eft_socket_name_to(&from, header->name,
					   &header->name_len);
	}
	eft_rights_destroy(message.rights);
	return result;
}

static long receive_one(int fd, struct eft_msghdr *message, unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = receive_message(socket, message, flags);
	eft_socket_put(socket);
	return result;
}

long eft_sys_recvmsg(int fd, struct eft_msghdr *message, unsigned flags)
{
	return eft_restartable(receive_one(fd, message, flags));
}

static long receive_many(int fd, struct eft_mmsghdr *messages, unsigned count,
			 unsigned flags, uint64_t deadline_ns)
{
	unsigned each = flags & ~MSG_WAITFORONE, done = 0;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	while (done < count) {
		result = receive_message(socket, &messages[done].header, each);
		if (result < 0)
			break;
		messages[done++].len = (unsigned)result;
		if (flags & MSG_WAITFORONE)
			each |= MSG_DONTWAIT;
		/* Linux looks at the time between messages only. */
		if (deadline_ns != EFT_FOREVER && eft_now_ns() >= deadline_ns)
			break;
	}
	eft_socket_put(socket);
	return done > 0 ? (long)done : result;
}

long eft_sys_recvmmsg(int fd, struct eft_mmsghdr *messages, unsigned count,
		      unsigned flags, struct eft_timespec *timeout)
{
	uint64_t ns = EFT_FOREVER, deadline, now;
	long result;

	if (timeout != NULL && eft_time_from(timeout, &ns) < 0)
		return -EINVAL;
	deadline = eft_deadline_after(ns);
	result = eft_interrupted(
		receive_many(fd, messages, count, flags, deadline), EFT_RESTART,
		deadline);
	now = eft_now_ns();
	if (timeout != NULL && result > 0)
		*timeout = eft_time_to(deadline > now ? deadline - now : 0);
	return result;
}
