// SPDX-License-Identifier: BSD-3-Clause
/*
 * The host's sockets: each call is the host's system call of its name.
 *
 * What we make is O_NONBLOCK. A socket that exec has left may be shared with
 * other processes, so its flags stay: MSG_DONTWAIT says it with each message.
 */
#include "core/dev/hostsockets.h"
#include "core/trace.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/socketwatch.h"

enum { OURS = SOCK_NONBLOCK | SOCK_CLOEXEC };

/* As many handles as the host ever allows: a program counts its own. */
static bool may_try_again(long result)
{
	return result == -EMFILE && eft_linuxu_raise_limit();
}

static int host_create(int domain, int type, int protocol)
{
	long handle;

	eft_linuxu_note_given();
	do
		handle = eft_linux3(SYS_socket, domain, type | OURS, protocol);
	while (may_try_again(handle));
	return (int)handle;
}

static int host_pair(int domain, int type, int protocol, int ret_handles[2])
{
	long error;

	eft_linuxu_note_given();
	do
		error = eft_linux4(SYS_socketpair, domain, type | OURS,
				   protocol, (long)ret_handles);
	while (may_try_again(error));
	return (int)error;
}

static int host_bind(int handle, const void *name, unsigned len)
{
	return eft_linux3(SYS_bind, handle, (long)name, len);
}

static int host_connect(int handle, const void *name, unsigned len)
{
	return eft_linux3(SYS_connect, handle, (long)name, len);
}

static int host_listen(int handle, int backlog)
{
	return eft_linux3(SYS_listen, handle, backlog, 0);
}

static int host_accept(int handle)
{
	long made;

	eft_linuxu_note_given();
	do
		made = eft_linux4(SYS_accept4, handle, 0, 0, OURS);
	while (may_try_again(made));
	return (int)made;
}

static int host_name(int handle, bool peer, void *name, unsigned *len)
{
	return eft_linux3(peer ? SYS_getpeername : SYS_getsockname, handle,
			  (long)name, (long)len);
}

static int host_shutdown(int handle, int how)
{
	return eft_linux3(SYS_shutdown, handle, how, 0);
}

static long traced(enum eft_trace_io what, long call, int handle,
		   const void *first, size_t second, unsigned flags)
{
	long n;

	eft_trace(EFT_TRACE_IO, what, 0);
	n = eft_linux6(call, handle, (long)first, (long)second, flags, 0, 0);
	eft_trace(EFT_TRACE_IO_END, n, 0);
	return n;
}

static ssize_t host_send(int handle, const struct eft_msghdr *message,
			 unsigned flags)
{
	return traced(EFT_TRACE_IO_WRITE, SYS_sendmsg, handle, message,
		      flags | MSG_DONTWAIT | MSG_NOSIGNAL, 0);
}

static ssize_t host_receive(int handle, struct eft_msghdr *message,
			    unsigned flags)
{
	return traced(EFT_TRACE_IO_READ, SYS_recvmsg, handle, message,
		      flags | MSG_DONTWAIT, 0);
}

static ssize_t host_send_plain(int handle, const struct eft_iovec *piece,
			       unsigned flags)
{
	return traced(EFT_TRACE_IO_WRITE, SYS_sendto, handle,
		      (const void *)piece->base, piece->len,
		      flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

static ssize_t host_receive_plain(int handle, const struct eft_iovec *piece,
				  unsigned flags)
{
	return traced(EFT_TRACE_IO_READ, SYS_recvfrom, handle,
		      (const void *)piece->base, piece->len,
		      flags | MSG_DONTWAIT);
}

static int host_get_option(int handle, int level, int option, void *value,
			   unsigned *len)
{
	return eft_linux6(SYS_getsockopt, handle, level, option, (long)value,
			  (long)len, 0);
}

static int host_set_option(int handle, int level, int option, const void *value,
			   unsigned len)
{
	return eft_linux6(SYS_setsockopt, handle, level, option, (long)value,
			  len, 0);
}

static const struct eft_host_sockets host_sockets = {
	.create = host_create,
	.pair = host_pair,
	.bind = host_bind,
	.connect = host_connect,
	.listen = host_listen,
	.accept = host_accept,
	.name = host_name,
	.shutdown = host_shutdown,
	.send = host_send,
	.receive = host_receive,
	.send_plain = host_send_plain,
	.receive_plain = host_receive_plain,
	.get_option = host_get_option,
	.set_option = host_set_option,
	.watch = eft_linuxu_socket_watch,
	.unwatch = eft_linuxu_socket_unwatch,
	.look = eft_linuxu_sockets_look,
	.round = &eft_linuxu_sockets_round,
};

const struct eft_host_sockets *eft_plat_host_sockets(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_sockets : NULL;
}
