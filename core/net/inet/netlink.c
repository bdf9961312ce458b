// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_NETLINK's sockets of NETLINK_ROUTE (netlink(7)): a request is answered when
 * it is sent, and the answers wait to be read. Who joins groups hears nothing.
 */
#define EFT_LOCK_CALLS
#include "core/net/inet/netlink.h"
#include "core/abi.h"
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/net/inet/socket.h"
#include "core/process.h"
#include "core/socket.h"

enum { NETLINK_ROUTE = 0, NAME_BYTES = 12, REQUEST_MAX = 4096 };

/* Datagrams of answers: as many bytes as Linux keeps by default. */
enum { UNREAD_MAX = 212992 / sizeof(struct eft_netlink_answer) };

struct netlink {
	struct eft_socket socket;
	struct eft_waitq readers;
	struct eft_netlink_answers answers; /* the file's lock's */
	uint32_t unread;		    /* atomic: datagrams of them */
	uint32_t pid;			    /* atomic; 0: none yet */
	int32_t error;			    /* atomic: to be reported once */
};

/* struct sockaddr_nl behind its family. */
struct netlink_name {
	uint16_t pad;
	uint32_t pid, groups;
} __attribute__((packed));

static struct netlink *netlink(struct eft_socket *socket)
{
	return eft_container_of(socket, struct netlink, socket);
}

/* Numbers that the system chooses are the process's, and then others. */
static uint32_t free_pid(void)
{
	static uint32_t more;
	uint32_t n = __atomic_fetch_add(&more, 1, __ATOMIC_RELAXED);

	return n == 0 ? (uint32_t)eft_process()->identity.pid : 0x80000000u + n;
}

/* It gets one, if it has none. */
static void need_pid(struct netlink *self)
{
	uint32_t none = 0;

	if (__atomic_load_n(&self->pid, __ATOMIC_RELAXED) == 0)
		__atomic_compare_exchange_n(&self->pid, &none, free_pid(),
					    false, __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
}

static int netlink_bind(struct eft_socket *socket,
			const struct eft_socket_name *name)
{
	struct netlink *self = netlink(socket);
	struct netlink_name given;
	uint32_t none = 0;

	if (name->len < NAME_BYTES || name->family != AF_NETLINK)
		return -EINVAL;
	memcpy(&given, name->data, sizeof(given));
	if (given.pid == 0) {
		need_pid(self);
		return 0;
	}
	if (!__atomic_compare_exchange_n(&self->pid, &none, given.pid, false,
					 __ATOMIC_RELAXED, __ATOMIC_RELAXED) &&
	    none != given.pid)
		return -EINVAL; /* it has another */
	return 0;
}

/* To the kernel, which is number 0; nobody else is there. */
static int check_peer(const struct eft_socket_name *name)
{
	struct netlink_name given;

	if (name->len < NAME_BYTES || name->family != AF_NETLINK)
		return -EINVAL;
	memcpy(&given, name->data, sizeof(given));
	return given.pid == 0 ? 0 : -ECONNREFUSED;
}

static int netlink_connect(struct eft_socket *socket,
			   const struct eft_socket_name *name,
			   uint64_t deadline_ns)
{
	return name->family == AF_UNSPEC ? 0 : check_peer(name);
}

static int netlink_listen(struct eft_socket *socket, int backlog)
{
	return -EOPNOTSUPP;
}

static int netlink_accept(struct eft_socket *socket, uint64_t deadline_ns,
			  struct eft_socket **ret_socket)
{
	return -EOPNOTSUPP;
}

static void set_name(struct eft_socket_name *ret_name, uint32_t pid)
{
	const struct netlink_name name = {.pid = pid};

	ret_name->len = NAME_BYTES;
	ret_name->family = AF_NETLINK;
	memcpy(ret_name->data, &name, sizeof(name));
}

static int netlink_name(struct eft_socket *socket, bool peer,
			struct eft_socket_name *ret_name)
{
	set_name(ret_name, peer ? 0 : netlink(socket)->pid);
	return 0;
}

static int netlink_shutdown(struct eft_socket *socket, int how)
{
	return -EOPNOTSUPP;
}

static void drop_all(struct eft_netlink_answers *answers)
{
	while (answers->first != NULL) {
		struct eft_netlink_answer *first = answers->first;

		answers->first = first->next;
		eft_free(first);
	}
	answers->last = NULL;
}

/*
 * Put (answers) behind those that wait, unless the reader has too many already: it
 * is told that some were lost. The file's lock is held.
 */
static void queue(struct netlink *self, struct eft_netlink_answers *answers)
{
	uint32_t count = 0;

	if (self->unread >= UNREAD_MAX) {
		drop_all(answers);
		answers->failed = true;
	}
	for (struct eft_netlink_answer *at = answers->first; at != NULL;
	     at = at->next)
		count++;
	if (count > 0 && self->answers.first == NULL)
		self->answers.first = answers->first;
	else if (count > 0)
		self->answers.last->next = answers->first;
	if (count > 0)
		self->answers.last = answers->last;
	if (answers->failed)
		__atomic_store_n(&self->error, -ENOBUFS, __ATOMIC_SEQ_CST);
	__atomic_add_fetch(&self->unread, count, __ATOMIC_SEQ_CST);
}

static void answer(struct netlink *self, const char *data, size_t len)
{
	struct eft_netlink_answers answers = {.pid = self->pid};

	eft_mutex_lock(&self->socket.file.lock);
	eft_inet_lock();
	eft_netlink_answer(&answers, data, len);
	eft_inet_unlock();
	queue(self, &answers);
	eft_mutex_unlock(&self->socket.file.lock);
	eft_waitq_wake(&self->readers, EFT_WAKE_ALL);
}

static ssize_t netlink_send(struct eft_socket *socket,
			    struct eft_message *message)
{
	size_t len = eft_iov_total(message->iov, message->count);
	struct eft_cursor from = {.iov = message->iov};
	int error = 0;
	char *data;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (message->name != NULL)
		error = check_peer(message->name);
	if (error == 0 && len > REQUEST_MAX)
		error = -EMSGSIZE;
	if (error != 0)
		return error;
	data = eft_alloc(REQUEST_MAX);
	if (data == NULL)
		return -ENOBUFS;
	need_pid(netlink(socket));
	error = eft_cursor_take(&from, data, len);
	if (error == 0)
		answer(netlink(socket), data, len);
	eft_free(data);
	return error == 0 ? (ssize_t)len : error;
}

static int take_error(struct eft_socket *socket)
{
	return __atomic_exchange_n(&netlink(socket)->error, 0,
				   __ATOMIC_SEQ_CST);
}

static bool nothing_to_read(void *arg)
{
	struct netlink *self = arg;

	return __atomic_load_n(&self->unread, __ATOMIC_SEQ_CST) == 0 &&
	       __atomic_load_n(&self->error, __ATOMIC_SEQ_CST) == 0;
}

static void drop_first(struct netlink *self)
{
	struct eft_netlink_answer *first = self->answers.first;

	self->answers.first = first->next;
	if (first->next == NULL)
		self->answers.last = NULL;
	eft_free(first);
	__atomic_sub_fetch(&self->unread, 1, __ATOMIC_SEQ_CST);
}

/* A datagram, cut to what there is room for; -EAGAIN: there is none. */
static ssize_t take(struct netlink *self, struct eft_message *message)
{
	size_t room = eft_iov_total(message->iov, message->count);
	struct eft_cursor to = {.iov = message->iov};
	struct eft_netlink_answer *first = self->answers.first;
	size_t len;
	int error;

	if (first == NULL)
		return -EAGAIN;
	len = first->len;
	error = eft_cursor_put(&to, first->data, eft_min(len, room));
	if (error != 0)
		return error;
	if (len > room)
		message->ret_flags |= MSG_TRUNC;
	if (!(message->flags & MSG_PEEK))
		drop_first(self);
	if (message->name != NULL)
		set_name(message->name, 0);
	return (ssize_t)(message->flags & MSG_TRUNC ? len : eft_min(len, room));
}

static ssize_t netlink_receive(struct eft_socket *socket,
			       struct eft_message *message)
{
	struct netlink *self = netlink(socket);
	ssize_t n;

	if (message->flags & MSG_OOB)
		return -EOPNOTSUPP;
	for (;;) {
		eft_mutex_lock(&socket->file.lock);
		n = take(self, message);
		eft_mutex_unlock(&socket->file.lock);
		if (n != -EAGAIN)
			return n;
		n = take_error(socket);
		if (n == 0)
			n = eft_socket_wait(&self->readers, nothing_to_read,
					    self, message->deadline_ns);
		if (n != 0)
			return n;
	}
}

static unsigned netlink_poll(struct eft_socket *socket, unsigned events,
			     struct eft_poll *poll)
{
	struct netlink *self = netlink(socket);
	unsigned found = POLLOUT | POLLWRNORM;

	if (poll->entries != NULL)
		eft_poll_add(poll, &self->readers);
	if (__atomic_load_n(&self->unread, __ATOMIC_SEQ_CST) > 0)
		found |= POLLIN | POLLRDNORM;
	if (__atomic_load_n(&self->error, __ATOMIC_SEQ_CST) != 0)
		found |= POLLERR;
	return found & events;
}

static int netlink_queued(struct eft_socket *socket, bool sent)
{
	int bytes = 0;

	if (sent)
		return 0;
	eft_mutex_lock(&socket->file.lock);
	if (netlink(socket)->answers.first != NULL)
		bytes = (int)netlink(socket)->answers.first->len;
	eft_mutex_unlock(&socket->file.lock);
	return bytes;
}

static bool netlink_listens(struct eft_socket *socket)
{
	return false;
}

static void netlink_release(struct eft_socket *socket)
{
	struct netlink *self = netlink(socket);

	drop_all(&self->answers);
	eft_free(self);
}

static const struct eft_socket_ops netlink_ops = {
	.bind = netlink_bind,
	.connect = netlink_connect,
	.listen = netlink_listen,
	.accept = netlink_accept,
	.name = netlink_name,
	.shutdown = netlink_shutdown,
	.send = netlink_send,
	.receive = netlink_receive,
	.poll = netlink_poll,
	.queued = netlink_queued,
	.listens = netlink_listens,
	.take_error = take_error,
	.release = netlink_release,
};

static int create(int type, int protocol, struct eft_socket **ret_socket)
{
	struct netlink *self;
	int error;

	if (type != SOCK_RAW && type != SOCK_DGRAM)
		return -ESOCKTNOSUPPORT;
	if (protocol != NETLINK_ROUTE)
		return -EPROTONOSUPPORT;
	error = eft_inet_start();
	if (error != 0)
		return error;
	self = eft_alloc(sizeof(*self));
	if (self == NULL)
		return -ENOMEM;
	eft_socket_init(&self->socket, &netlink_ops, AF_NETLINK, type,
			protocol);
	eft_waitq_init(&self->readers);
	*ret_socket = &self->socket;
	return 0;
}

const struct eft_socket_family eft_netlink_family = {AF_NETLINK, create, NULL};
