// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sockets as files: what all families share.
 */
#include "core/socket.h"
#include "core/boot.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/user.h"

/* In images that have something to do with the internet. */
#pragma weak eft_interface_ioctl

enum {
	SOCKET_DEV = 8,		 /* st_dev: a number that no tree has */
	BUFFER_DEFAULT = 212992, /* Linux: net.core.wmem_default */
};

static struct eft_socket *socket_of(struct eft_file *file)
{
	return eft_container_of(file, struct eft_socket, file);
}

uint64_t eft_socket_deadline(const struct eft_socket *socket, unsigned flags,
			     bool sends)
{
	uint64_t ns =
		__atomic_load_n(sends ? &socket->send_ns : &socket->receive_ns,
				__ATOMIC_RELAXED);

	if (flags & MSG_DONTWAIT || socket->file.flags & O_NONBLOCK)
		return 0;
	if (ns == EFT_FOREVER)
		return EFT_FOREVER;
	return ns == 0 ? 0 : eft_now_ns() + ns;
}

ssize_t eft_socket_waited(ssize_t result, uint64_t deadline_ns)
{
	if (result == -EINTR && deadline_ns != EFT_FOREVER)
		eft_current()->timed_wait = true;
	return result;
}

static ssize_t socket_read(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	struct eft_socket *socket = socket_of(file);
	struct eft_message message = {
		.iov = iov,
		.count = count,
		.deadline_ns = eft_socket_deadline(socket, 0, false),
	};
	bool empty = true;
	ssize_t n;

	for (int i = 0; i < count; i++)
		empty &= iov[i].len == 0;
	if (empty)
		return 0;
	n = socket->ops->receive(socket, &message);
	eft_rights_destroy(message.rights);
	return eft_socket_waited(n, message.deadline_ns);
}

static ssize_t socket_write(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at)
{
	struct eft_socket *socket = socket_of(file);
	struct eft_message message = {
		.iov = iov,
		.count = count,
		.deadline_ns = eft_socket_deadline(socket, 0, true),
	};

	return eft_socket_waited(socket->ops->send(socket, &message),
				 message.deadline_ns);
}

static int socket_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	*ret_stat = (struct eft_stat){
		.dev = SOCKET_DEV,
		.ino = socket_of(file)->ino,
		.nlink = 1,
		.mode = S_IFSOCK | 0777,
		.uid = eft_process()->identity.euid,
		.gid = eft_process()->identity.egid,
		.blksize = EFT_PAGE_SIZE,
	};
	return 0;
}

static int other_ioctl(struct eft_socket *socket, unsigned long request,
		       void eft_user *arg)
{
	int error = -ENOTTY;

	if (socket->ops->ioctl != NULL)
		error = socket->ops->ioctl(socket, request, arg);
	if (error == -ENOTTY && eft_interface_ioctl != NULL)
		error = eft_interface_ioctl(request, arg);
	return error;
}

static int socket_ioctl(struct eft_file *file, unsigned long request,
			void eft_user *arg)
{
	struct eft_socket *socket = socket_of(file);
	int bytes;

	if (request != FIONREAD && request != TIOCOUTQ)
		return other_ioctl(socket, request, arg);
	bytes = socket->ops->queued(socket, request == TIOCOUTQ);
	if (bytes < 0)
		return bytes;
	return eft_copy_out(arg, &bytes, sizeof(bytes));
}

static ssize_t socket_path(struct eft_file *file, char *buf, size_t size)
{
	char text[32];
	size_t len = eft_snprintf(text, sizeof(text), "socket:[%lu]",
				  socket_of(file)->ino);

	if (len > size)
		return -ENAMETOOLONG;
	memcpy(buf, text, len);
	return (ssize_t)len;
}

static unsigned socket_poll(struct eft_file *file, unsigned events,
			    struct eft_poll *poll)
{
	struct eft_socket *socket = socket_of(file);

	return socket->ops->poll(socket, events, poll);
}

static void socket_release(struct eft_file *file)
{
	struct eft_socket *socket = socket_of(file);

	socket->ops->release(socket);
}

static const struct eft_file_ops socket_file_ops = {
	.read = socket_read,
	.write = socket_write,
	.stat = socket_stat,
	.ioctl = socket_ioctl,
	.path = socket_path,
	.poll = socket_poll,
	.release = socket_release,
};

int eft_socket_wait(struct eft_waitq *queue, bool (*blocked)(void *arg),
		    void *arg, uint64_t deadline_ns)
{
	struct eft_waiter waiter;
	int error = 0;

	if (deadline_ns == 0)
		return -EAGAIN;
	eft_wait_begin(&waiter, queue);
	while (error == 0 && blocked(arg))
		error = eft_sleep(deadline_ns);
	eft_wait_end(&waiter);
	/* What came before the deadline, or a signal, is there. */
	if (error != 0 && !blocked(arg))
		return 0;
	return error == -ETIMEDOUT ? -EAGAIN : error;
}

struct eft_socket *eft_socket_of(struct eft_file *file)
{
	return file->ops == &socket_file_ops ? socket_of(file) : NULL;
}

void eft_socket_init(struct eft_socket *socket,
		     const struct eft_socket_ops *ops, int domain, int type,
		     int protocol)
{
	static uint64_t last_ino;

	eft_file_init(&socket->file, &socket_file_ops, O_RDWR);
	socket->ops = ops;
	socket->domain = domain;
	socket->type = type;
	socket->protocol = protocol;
	socket->ino = __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED);
	socket->receive_ns = socket->send_ns = EFT_FOREVER;
	socket->send_bytes = socket->receive_bytes = BUFFER_DEFAULT;
	socket->low_water = 1;
}
