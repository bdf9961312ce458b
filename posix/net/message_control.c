// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages with control data (cmsg(3)): descriptors and credentials.
 */
#include "core/boot.h"
#include "core/mem.h"
#include "core/process.h"
#include "posix/fs/vector.h"
#include "posix/net/socket.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"
#include "posix/time/time.h"

enum { HEADER = sizeof(struct eft_cmsghdr) };

/* In images that have something to do with the internet. */
extern __typeof__(eft_control_take) eft_control_take eft_weak;
extern __typeof__(eft_control_give) eft_control_give eft_weak;

/*
 * Sending.
 */

/* A copy of the program's control data. */
struct data {
	char *bytes;
	size_t len;
};

/* One may only say of oneself what is so. */
static long check_credentials(const struct eft_cmsghdr *control)
{
	struct eft_ucred cred;

	if (control->len != HEADER + sizeof(cred))
		return -EINVAL;
	memcpy(&cred, control + 1, sizeof(cred));
	if (cred.pid != eft_process()->identity.pid ||
	    (cred.uid != eft_process()->identity.uid &&
	     cred.uid != eft_process()->identity.euid) ||
	    (cred.gid != eft_process()->identity.gid &&
	     cred.gid != eft_process()->identity.egid))
		return -EPERM;
	return 0;
}

static size_t count_descriptors(const struct eft_cmsghdr *control)
{
	return (control->len - HEADER) / sizeof(int);
}

/* Check all control data; *ret_count: descriptors in it. */
static long check_control(const struct data *data, size_t *ret_count)
{
	const struct eft_cmsghdr *control;
	size_t at = 0, count = 0;
	long error;

	while ((error = eft_control_next(data->bytes, data->len, &at,
					 &control)) == 0 &&
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

static long collect_rights(const struct data *data, size_t count,
			   struct eft_rights **ret_rights)
{
	struct eft_rights *rights = eft_rights_create((unsigned)count);
	const struct eft_cmsghdr *control;
	size_t at = 0;
	long error;

	if (rights == NULL)
		return -ENOMEM;
	rights->count = 0;
	while ((error = eft_control_next(data->bytes, data->len, &at,
					 &control)) == 0 &&
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

static long rights_in(const struct data *data, struct eft_rights **ret_rights)
{
	size_t count;
	long error = check_control(data, &count);

	if (error != 0 || count == 0)
		return error;
	return collect_rights(data, count, ret_rights);
}

/* What is sent beside data, of which (bytes) is the sender's to free. */
struct beside {
	char *bytes;
	struct eft_control control;
};

/* Read the control data of (from) for a (socket), and have (to) lead to it. */
static long get_beside(const struct eft_socket *socket,
		       const struct eft_msghdr *from, struct beside *beside,
		       struct eft_message *to)
{
	struct data data = {.len = from->control_len};

	if (from->control == NULL || data.len == 0)
		return 0;
	if (data.len > CONTROL_MAX)
		return -ENOBUFS;
	data.bytes = beside->bytes = eft_alloc(data.len);
	if (data.bytes == NULL)
		return -ENOBUFS;
	if (eft_copy_in(data.bytes, from->control, data.len) != 0)
		return -EFAULT;
	if (socket->domain == AF_UNIX)
		return rights_in(&data, &to->rights);
	if (eft_control_take == NULL)
		return -EINVAL;
	to->control = &beside->control;
	return eft_control_take(data.bytes, data.len, to->control);
}

/* A copy of the program's message, and of its vector. */
struct header {
	struct eft_msghdr message;
	struct eft_vector vector;
};

/*
 * 0; -EINVAL -EMSGSIZE -EFAULT -ENOMEM. put_header() gives back what it takes.
 */
static long get_header(struct header *ret_header,
		       const struct eft_msghdr eft_user *from, unsigned flags)
{
	struct eft_msghdr *message = &ret_header->message;
	int error;

	if (flags & MSG_CMSG_COMPAT)
		return -EINVAL;
	if (eft_get_user(message, from) != 0)
		return -EFAULT;
	if ((int)message->name_len < 0)
		return -EINVAL;
	if (message->iov_len > IOV_MAX)
		return -EMSGSIZE;
	error = eft_vector_get(&ret_header->vector, message->iov,
			       message->iov_len);
	if (error != 0)
		eft_vector_put(&ret_header->vector);
	return error;
}

static void put_header(struct header *header)
{
	eft_vector_put(&header->vector);
}

static long send_header(struct eft_socket *socket, const struct header *header,
			unsigned flags)
{
	const struct eft_msghdr *from = &header->message;
	struct eft_message message = {.iov = header->vector.iov,
				      .count = (int)from->iov_len,
				      .flags = flags};
	struct beside beside = {0};
	struct eft_socket_name to;
	long result = 0;

	if (from->name != NULL && from->name_len > 0) {
		unsigned len = eft_min(from->name_len, EFT_SOCKET_NAME_MAX);

		result = eft_socket_name_from(from->name, len, &to);
		message.name = &to;
	}
	if (result == 0)
		result = get_beside(socket, from, &beside, &message);
	if (result == 0)
		result = eft_socket_send(socket, &message);
	eft_rights_destroy(message.rights);
	eft_free(beside.bytes);
	return result;
}

static long send_message(struct eft_socket *socket,
			 const struct eft_msghdr eft_user *from, unsigned flags)
{
	struct header header;
	long result = get_header(&header, from, flags);

	if (result < 0)
		return result;
	result = send_header(socket, &header, flags);
	put_header(&header);
	return result;
}

static long send_one(int fd, const struct eft_msghdr eft_user *message,
		     unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = send_message(socket, message, flags);
	eft_socket_put(socket);
	return result;
}

long eft_sys_sendmsg(int fd, const struct eft_msghdr eft_user *message,
		     unsigned flags)
{
	return eft_restartable(send_one(fd, message, flags));
}

/* How much was moved of one of several. */
static int put_length(struct eft_mmsghdr eft_user *message, long bytes)
{
	unsigned len = (unsigned)bytes;

	return eft_put_user(&message->len, &len);
}

static long send_many(int fd, struct eft_mmsghdr eft_user *messages,
		      unsigned count, unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);
	unsigned done = 0;

	if (result < 0)
		return result;
	count = eft_min(count, IOV_MAX);
	for (; done < count; done++) {
		result = send_message(socket, &messages[done].header, flags);
		if (result >= 0)
			result = put_length(&messages[done], result);
		if (result < 0)
			break;
	}
	eft_socket_put(socket);
	return done > 0 ? (long)done : result;
}

long eft_sys_sendmmsg(int fd, struct eft_mmsghdr eft_user *messages,
		      unsigned count, unsigned flags)
{
	return eft_restartable(send_many(fd, messages, count, flags));
}

/*
 * Receiving.
 */

/* Where control data goes, and how much has. */
struct control {
	char eft_user *buf;
	size_t room, used;
	unsigned flags; /* MSG_CTRUNC */
};

/*
 * Add a control message with (len) bytes of (data), cut to what fits. Where the
 * program has no memory there is none, as on Linux (net/core/scm.c).
 */
static void put_control(struct control *out, int type, const void *data,
			size_t len)
{
	struct eft_cmsghdr header = {HEADER + len, SOL_SOCKET, type};
	char eft_user *to = out->buf + out->used;
	size_t left = out->room - out->used;

	if (left < HEADER) {
		out->flags |= MSG_CTRUNC;
		return;
	}
	if (left < header.len) {
		out->flags |= MSG_CTRUNC;
		header.len = left;
	}
	if (eft_copy_out(to, &header, HEADER) == 0 &&
	    eft_copy_out(to + HEADER, data, header.len - HEADER) == 0)
		out->used += eft_min(eft_align_up(header.len, 8), left);
}

static void put_credentials(struct control *out)
{
	struct eft_ucred cred = {eft_process()->identity.pid,
				 eft_process()->identity.uid,
				 eft_process()->identity.gid};

	put_control(out, SCM_CREDENTIALS, &cred, sizeof(cred));
}

/* Install (file) at a number that (to) is given; false: it is not. */
static bool put_description(struct eft_file *file, bool cloexec,
			    int eft_user *to)
{
	int fd = eft_fd_reserve(cloexec);

	if (fd < 0)
		return false;
	if (eft_put_user(to, &fd) != 0) {
		eft_fd_fill(fd, NULL);
		return false;
	}
	eft_fd_fill(fd, eft_file_get(file));
	return true;
}

/* Install the descriptions that there is room for; the others are closed. */
static void put_rights(struct control *out, const struct eft_rights *rights,
		       bool cloexec)
{
	size_t left = out->room - out->used, fit = 0, done = 0;
	char eft_user *to = out->buf + out->used;
	int eft_user *fds = (int eft_user *)(to + HEADER);
	struct eft_cmsghdr header = {HEADER, SOL_SOCKET, SCM_RIGHTS};

	if (left > HEADER)
		fit = eft_min((left - HEADER) / sizeof(int), rights->count);
	while (done < fit &&
	       put_description(rights->files[done], cloexec, &fds[done]))
		done++;
	if (done < rights->count)
		out->flags |= MSG_CTRUNC;
	header.len += done * sizeof(int);
	if (done > 0 && eft_copy_out(to, &header, HEADER) == 0)
		out->used += eft_min(eft_align_up(header.len, 8), left);
}

/* Set (header)'s flags and control_len. */
static void put_all_control(struct eft_socket *socket,
			    struct eft_msghdr *header,
			    const struct eft_message *message)
{
	bool credentials = socket->domain == AF_UNIX && !message->ret_ended &&
			   eft_socket_switch(socket, SO_PASSCRED);
	const struct eft_control *control = message->control;
	struct control out = {.buf = header->control,
			      .room = header->control_len};

	if (control != NULL) {
		out.used = eft_control_give(control, out.buf);
		out.flags |= control->cut ? MSG_CTRUNC : 0;
	} else if (header->control == NULL) {
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

/* All control messages of a family's for one message, with room to spare. */
enum { FAMILY_CONTROL_MAX = 512 };

/* What recvmsg(2) changes of the program's header. */
static int put_back(struct eft_msghdr eft_user *to,
		    const struct eft_msghdr *header)
{
	if (eft_put_user(&to->flags, &header->flags) != 0)
		return -EFAULT;
	return eft_put_user(&to->control_len, &header->control_len);
}

static long receive_header(struct eft_socket *socket, struct header *header,
			   struct eft_msghdr eft_user *to, unsigned flags)
{
	struct eft_message message = {.iov = header->vector.iov,
				      .count = (int)header->message.iov_len,
				      .flags = flags};
	void eft_user *name = header->message.name;
	char bytes[FAMILY_CONTROL_MAX] __attribute__((aligned(8)));
	struct eft_control control = {.data = bytes};
	struct eft_socket_name from;
	long result, error = 0;

	if (name != NULL)
		message.name = &from;
	if (header->message.control != NULL)
		control.room =
			eft_min(header->message.control_len, sizeof(bytes));
	if (eft_control_give != NULL && socket->domain != AF_UNIX)
		message.control = &control;
	result = eft_socket_receive(socket, &message);
	if (result >= 0) {
		put_all_control(socket, &header->message, &message);
		if (name != NULL)
			error = eft_socket_name_to(&from, name, &to->name_len);
		if (error == 0)
			error = put_back(to, &header->message);
	}
	eft_rights_destroy(message.rights);
	return error < 0 ? error : result;
}

static long receive_message(struct eft_socket *socket,
			    struct eft_msghdr eft_user *to, unsigned flags)
{
	struct header header;
	long result = get_header(&header, to, flags);

	if (result < 0)
		return result;
	result = receive_header(socket, &header, to, flags);
	put_header(&header);
	return result;
}

static long receive_one(int fd, struct eft_msghdr eft_user *message,
			unsigned flags)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = receive_message(socket, message, flags);
	eft_socket_put(socket);
	return result;
}

long eft_sys_recvmsg(int fd, struct eft_msghdr eft_user *message,
		     unsigned flags)
{
	return eft_restartable(receive_one(fd, message, flags));
}

static long receive_many(int fd, struct eft_mmsghdr eft_user *messages,
			 unsigned count, unsigned flags, uint64_t deadline_ns)
{
	unsigned each = flags & ~MSG_WAITFORONE, done = 0;
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	while (done < count) {
		result = receive_message(socket, &messages[done].header, each);
		if (result >= 0)
			result = put_length(&messages[done], result);
		if (result < 0)
			break;
		done++;
		if (flags & MSG_WAITFORONE)
			each |= MSG_DONTWAIT;
		/* Linux looks at the time between messages only. */
		if (deadline_ns != EFT_FOREVER && eft_now_ns() >= deadline_ns)
			break;
	}
	eft_socket_put(socket);
	return done > 0 ? (long)done : result;
}

long eft_sys_recvmmsg(int fd, struct eft_mmsghdr eft_user *messages,
		      unsigned count, unsigned flags,
		      struct eft_timespec eft_user *timeout)
{
	uint64_t ns = EFT_FOREVER, deadline, now;
	struct eft_timespec left;
	long result = eft_time_get(timeout, &ns);

	if (result < 0)
		return result;
	deadline = eft_deadline_after(ns);
	result = eft_interrupted(
		receive_many(fd, messages, count, flags, deadline), EFT_RESTART,
		deadline);
	now = eft_now_ns();
	if (timeout == NULL || result <= 0)
		return result;
	left = eft_time_to(deadline > now ? deadline - now : 0);
	return eft_put_user(timeout, &left) != 0 ? -EFAULT : result;
}
