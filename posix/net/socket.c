// SPDX-License-Identifier: BSD-3-Clause
/*
 * Making sockets, and what needs no name of theirs.
 */
#include "posix/net/socket.h"
#include "posix/fs/transfer.h"
#include "posix/signal/restart.h"
#include "posix/syscalls.h"

eft_needs(eft_broken_pipe); /* write() to one says -EPIPE */

enum { TYPE_FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC };

long eft_socket_get(int fd, struct eft_socket **ret_socket)
{
	struct eft_file *file = eft_fd_get(fd);
	long error = -EBADF;

	if (file == NULL)
		return error;
	*ret_socket = eft_socket_of(file);
	if (*ret_socket != NULL)
		return 0;
	if (!(file->flags & O_PATH))
		error = -ENOTSOCK;
	eft_file_put(file);
	return error;
}

long eft_socket_name_to(const struct eft_socket_name *name, void eft_user *buf,
			unsigned eft_user *len)
{
	unsigned room;

	if (eft_get_user(&room, len) != 0)
		return -EFAULT;
	if ((int)room < 0)
		return -EINVAL;
	if (eft_copy_out(buf, &name->family, eft_min(room, name->len)) != 0)
		return -EFAULT;
	return eft_put_user(len, &name->len);
}

/* Split *type into a type and its flags. */
static long check_kind(int domain, int *type, int *ret_flags)
{
	*ret_flags = *type & ~SOCK_TYPE_MASK;
	*type &= SOCK_TYPE_MASK;
	if (*ret_flags & ~TYPE_FLAGS)
		return -EINVAL;
	if (domain < 0 || domain >= AF_MAX)
		return -EAFNOSUPPORT;
	return *type >= SOCK_MAX ? -EINVAL : 0;
}

static long install(struct eft_socket *socket, int flags)
{
	socket->file.flags |= flags & O_NONBLOCK;
	return eft_fd_install(&socket->file, 0, flags & SOCK_CLOEXEC);
}

long eft_sys_socket(int domain, int type, int protocol)
{
	const struct eft_socket_family *family;
	struct eft_socket *socket;
	int flags;
	long result = check_kind(domain, &type, &flags);

	if (result < 0)
		return result;
	family = eft_socket_family(domain);
	if (family == NULL)
		return -EAFNOSUPPORT;
	result = family->create(type, protocol, &socket);
	return result < 0 ? result : install(socket, flags);
}

/* The numbers are the program's before there is anything at them. */
static long pair_at(const struct eft_socket_family *family, int type,
		    int protocol, int flags, const int fds[2],
		    struct eft_socket *ret_pair[2])
{
	long result = -EOPNOTSUPP;

	if (family->pair != NULL)
		result = family->pair(type, protocol, ret_pair);
	if (result < 0)
		return result;
	for (int i = 0; i < 2; i++) {
		ret_pair[i]->file.flags |= flags & O_NONBLOCK;
		eft_fd_fill(fds[i], &ret_pair[i]->file);
	}
	return 0;
}

long eft_sys_socketpair(int domain, int type, int protocol,
			int eft_user *ret_fds)
{
	const struct eft_socket_family *family;
	struct eft_socket *pair[2];
	int flags, fds[2];
	long result = check_kind(domain, &type, &flags);

	if (result < 0)
		return result;
	family = eft_socket_family(domain);
	if (family == NULL)
		return -EAFNOSUPPORT;
	fds[0] = eft_fd_reserve(flags & SOCK_CLOEXEC);
	if (fds[0] < 0)
		return fds[0];
	fds[1] = eft_fd_reserve(flags & SOCK_CLOEXEC);
	result = fds[1];
	if (result >= 0)
		result = eft_copy_out(ret_fds, fds, sizeof(fds));
	if (result == 0)
		result = pair_at(family, type, protocol, flags, fds, pair);
	if (result < 0) {
		eft_fd_fill(fds[0], NULL);
		if (fds[1] >= 0)
			eft_fd_fill(fds[1], NULL);
	}
	return result;
}

long eft_sys_listen(int fd, int backlog)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	result = socket->ops->listen(socket, backlog);
	eft_socket_put(socket);
	return result;
}

long eft_sys_shutdown(int fd, int how)
{
	struct eft_socket *socket;
	long result = eft_socket_get(fd, &socket);

	if (result < 0)
		return result;
	if (how < SHUT_RD || how > SHUT_RDWR)
		result = -EINVAL;
	else
		result = socket->ops->shutdown(socket, how);
	eft_socket_put(socket);
	return result;
}

static long accept_one(struct eft_socket *socket, struct eft_socket **ret_made)
{
	uint64_t deadline = eft_socket_deadline(socket, 0, false);

	return eft_socket_waited(
		socket->ops->accept(socket, deadline, ret_made), deadline);
}

/* (*ret_made) is the caller's, also with an error; NULL if none was made. */
static long accept_named(struct eft_socket *listener, void eft_user *name,
			 unsigned eft_user *len, struct eft_socket **ret_made)
{
	struct eft_socket_name peer;
	long result;

	*ret_made = NULL;
	result = accept_one(listener, ret_made);
	if (result < 0 || name == NULL)
		return result;
	result = (*ret_made)->ops->name(*ret_made, true, &peer);
	if (result == -ENOTCONN)
		result = -ECONNABORTED;
	return result < 0 ? result : eft_socket_name_to(&peer, name, len);
}

/* The descriptor first: a lack of them leaves the connection in the queue. */
static long accept(int fd, void eft_user *name, unsigned eft_user *len,
		   int flags)
{
	struct eft_socket *listener, *made;
	long result;
	int made_fd;

	if (flags & ~TYPE_FLAGS)
		return -EINVAL;
	result = eft_socket_get(fd, &listener);
	if (result < 0)
		return result;
	made_fd = eft_fd_reserve(flags & SOCK_CLOEXEC);
	if (made_fd < 0) {
		eft_socket_put(listener);
		return made_fd;
	}
	result = accept_named(listener, name, len, &made);
	eft_socket_put(listener);
	if (result < 0 && made != NULL) {
		eft_socket_put(made);
		made = NULL;
	}
	if (made != NULL)
		made->file.flags |= flags & O_NONBLOCK;
	eft_fd_fill(made_fd, made != NULL ? &made->file : NULL);
	return result < 0 ? result : made_fd;
}

long eft_sys_accept4(int fd, void eft_user *name, unsigned eft_user *len,
		     int flags)
{
	return eft_restartable(accept(fd, name, len, flags));
}

long eft_sys_accept(int fd, void eft_user *name, unsigned eft_user *len)
{
	return eft_sys_accept4(fd, name, len, 0);
}
