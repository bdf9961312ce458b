// SPDX-License-Identifier: BSD-3-Clause
/*
 * The families whose sockets are the host's, and what is asked of a socket that
 * does not move bytes.
 */
#include "core/net/host/host.h"
#include "core/dev/host.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/time.h"
#include "core/user.h"

eft_needs(eft_host_socket_inherited); /* which may be sockets */

enum { IPPROTO_TCP = 6 };

/* How often close(2) looks whether all that was sent has been taken. */
enum { LINGER_LOOK_NS = 5000000 };

static const struct eft_host_sockets *host(void)
{
	return eft_host_calls();
}

static int handle_of(struct eft_socket *socket)
{
	return eft_host_socket_of(socket)->handle;
}

struct eft_host_socket *eft_host_socket_create(int handle, int domain, int type,
					       int protocol)
{
	struct eft_host_socket *hs = eft_alloc(sizeof(*hs));

	if (hs == NULL)
		return NULL;
	eft_socket_init(&hs->socket, &eft_host_socket_ops, domain, type,
			protocol);
	hs->handle = handle;
	hs->drains = (domain == AF_INET || domain == AF_INET6) &&
		     type == SOCK_STREAM &&
		     (protocol == 0 || protocol == IPPROTO_TCP);
	hs->seen = (uint64_t)EFT_HOST_EVENTS << 16;
	eft_waitq_init(&hs->queue);
	return hs;
}

/* The same of a handle that is given, also on failure. */
static int wrap(int handle, int domain, int type, int protocol,
		struct eft_socket **ret_socket)
{
	struct eft_host_socket *hs =
		eft_host_socket_create(handle, domain, type, protocol);

	if (hs == NULL) {
		eft_plat_host_files()->close(handle);
		return -ENOMEM;
	}
	*ret_socket = &hs->socket;
	return 0;
}

static int create(int domain, int type, int protocol,
		  struct eft_socket **ret_socket)
{
	int handle = host()->create(domain, type, protocol);

	return handle < 0 ? handle
			  : wrap(handle, domain, type, protocol, ret_socket);
}

static int pair(int domain, int type, int protocol,
		struct eft_socket *ret_pair[2])
{
	struct eft_socket *first;
	int handles[2];
	int error = host()->pair(domain, type, protocol, handles);

	if (error != 0)
		return error;
	error = wrap(handles[0], domain, type, protocol, &first);
	if (error != 0) {
		eft_plat_host_files()->close(handles[1]);
		return error;
	}
	error = wrap(handles[1], domain, type, protocol, &ret_pair[1]);
	if (error != 0)
		eft_file_put(&first->file);
	else
		ret_pair[0] = first;
	return error;
}

static int host_bind(struct eft_socket *socket,
		     const struct eft_socket_name *name)
{
	return host()->bind(handle_of(socket), &name->family, name->len);
}

/*
 * The host's call begins to connect. When that has ended, the same call says
 * how: it has another answer, and leaves the socket as one that has waited.
 */
static int host_connect(struct eft_socket *socket,
			const struct eft_socket_name *name,
			uint64_t deadline_ns)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	int first = 0, result, error = eft_host_left_error(hs);

	while (error == 0) {
		uint64_t before = eft_host_begin(hs);

		result = host()->connect(hs->handle, &name->family, name->len);
		eft_host_unknown(hs, EFT_HOST_EVENTS);
		if (result != -EINPROGRESS && result != -EALREADY)
			return result;
		first = first != 0 ? first : result;
		error = eft_host_wait(hs, before, deadline_ns);
	}
	return error == -EAGAIN ? first : error;
}

static int host_listen(struct eft_socket *socket, int backlog)
{
	int error = host()->listen(handle_of(socket), backlog);

	eft_host_unknown(eft_host_socket_of(socket), EFT_HOST_EVENTS);
	return error;
}

/* A handle of a connection; the host waits itself for one that was given. */
static int accept_handle(struct eft_host_socket *hs, uint64_t deadline_ns)
{
	int handle, error;

	do {
		uint64_t before = eft_host_begin(hs);

		handle = -EAGAIN;
		if (!hs->given || eft_plat_host_waiting()->ready(
					  hs->handle, EFT_HOST_EVENTS) != 0)
			handle = host()->accept(hs->handle);
		if (handle != -EAGAIN) {
			eft_host_unknown(hs, EFT_HOST_EVENTS);
			return handle;
		}
		eft_host_not(hs, before, EFT_HOST_IN);
		error = eft_host_wait(hs, before, deadline_ns);
	} while (error == 0);
	return error;
}

static int host_accept(struct eft_socket *socket, uint64_t deadline_ns,
		       struct eft_socket **ret_socket)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket), *made;
	int handle = accept_handle(hs, deadline_ns);

	if (handle < 0)
		return handle;
	made = eft_host_socket_create(handle, socket->domain, socket->type,
				      socket->protocol);
	if (made == NULL) {
		eft_plat_host_files()->close(handle);
		return -ENOMEM;
	}
	made->socket.receive_ns = socket->receive_ns;
	made->socket.send_ns = socket->send_ns;
	made->socket.low_water = socket->low_water;
	made->linger_ns = hs->linger_ns;
	*ret_socket = &made->socket;
	return 0;
}

static int host_name(struct eft_socket *socket, bool peer,
		     struct eft_socket_name *ret_name)
{
	unsigned len = EFT_SOCKET_NAME_MAX;
	int error =
		host()->name(handle_of(socket), peer, &ret_name->family, &len);

	if (error == 0)
		ret_name->len = eft_min(len, EFT_SOCKET_NAME_MAX);
	return error;
}

/* What another thread waits for may be over by it: the host has news then. */
static int host_shutdown(struct eft_socket *socket, int how)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);
	bool before = __atomic_load_n(&hs->no_more, __ATOMIC_SEQ_CST);
	int error;

	/* First: who receives is told once, and looks whether it is over. */
	if (how != SHUT_WR)
		__atomic_store_n(&hs->no_more, true, __ATOMIC_SEQ_CST);
	error = host()->shutdown(hs->handle, how);
	/* Without a peer receivers end all the same (inet_shutdown()). */
	if (error != 0 && error != -ENOTCONN)
		__atomic_store_n(&hs->no_more, before, __ATOMIC_SEQ_CST);
	eft_host_unknown(hs, EFT_HOST_EVENTS);
	return error;
}

static int ask_bytes(int handle, unsigned long request)
{
	int bytes = 0;
	int error = eft_plat_host_files()->ioctl(handle, request,
						 eft_as_user(&bytes));

	return error < 0 ? error : bytes;
}

static int host_queued(struct eft_socket *socket, bool sent)
{
	return ask_bytes(handle_of(socket), sent ? TIOCOUTQ : FIONREAD);
}

static int host_ioctl(struct eft_socket *socket, unsigned long request,
		      void eft_user *arg)
{
	return eft_plat_host_files()->ioctl(handle_of(socket), request, arg);
}

int eft_host_interface_ioctl(unsigned long request, void eft_user *arg)
{
	enum { FIRST = 0x8910, LAST = 0x8942 }; /* netdevice(7)'s */
	int handle, error;

	if (request < FIRST || request > LAST)
		return -ENOTTY;
	handle = host()->create(AF_INET, SOCK_DGRAM, 0);
	if (handle < 0)
		return handle;
	error = eft_plat_host_files()->ioctl(handle, request, arg);
	eft_plat_host_files()->close(handle);
	return error;
}

/*
 * SO_LINGER: close(2) waits until the peer has all. The host's would have the
 * CPU wait, and so all threads.
 */
static void linger(struct eft_host_socket *hs)
{
	static const struct eft_linger none;
	uint64_t end_ns = eft_now_ns() + hs->linger_ns;
	int error = host()->shutdown(hs->handle, SHUT_WR);

	while (error == 0 && ask_bytes(hs->handle, TIOCOUTQ) > 0 &&
	       eft_now_ns() < end_ns)
		error = eft_sleep(eft_min(eft_now_ns() + LINGER_LOOK_NS,
					  end_ns)) == -EINTR;
	host()->set_option(hs->handle, SOL_SOCKET, SO_LINGER, &none,
			   sizeof(none));
}

static void host_release(struct eft_socket *socket)
{
	struct eft_host_socket *hs = eft_host_socket_of(socket);

	if (hs->linger_ns > 0 && socket->type == SOCK_STREAM)
		linger(hs);
	eft_host_unwatch(hs);
	eft_plat_host_files()->close(hs->handle);
	eft_free(hs);
}

const struct eft_socket_ops eft_host_socket_ops = {
	.bind = host_bind,
	.connect = host_connect,
	.listen = host_listen,
	.accept = host_accept,
	.name = host_name,
	.shutdown = host_shutdown,
	.send = eft_host_send,
	.receive = eft_host_receive,
	.poll = eft_host_poll,
	.queued = host_queued,
	.listens = eft_host_listens,
	.take_error = eft_host_take_error,
	.get_option = eft_host_get_option,
	.set_option = eft_host_set_option,
	.ioctl = host_ioctl,
	.release = host_release,
};

/*
 * A family's create() is not told its domain.
 */
#define FAMILY(name, number)                                                 \
	static int create_##name(int type, int protocol,                     \
				 struct eft_socket **ret_socket)             \
	{                                                                    \
		return create(number, type, protocol, ret_socket);           \
	}                                                                    \
	static int pair_##name(int type, int protocol,                       \
			       struct eft_socket *ret_pair[2])               \
	{                                                                    \
		return pair(number, type, protocol, ret_pair);               \
	}                                                                    \
	static const struct eft_socket_family name = {number, create_##name, \
						      pair_##name}

FAMILY(inet, AF_INET);
FAMILY(inet6, AF_INET6);
FAMILY(netlink, AF_NETLINK);

const struct eft_socket_family *eft_host_family(int domain)
{
	static const struct eft_socket_family *const families[] = {
		&inet, &inet6, &netlink, NULL};

	for (unsigned i = 0; families[i] != NULL; i++) {
		if (families[i]->domain == domain)
			return families[i];
	}
	return NULL;
}
