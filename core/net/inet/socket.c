// SPDX-License-Identifier: BSD-3-Clause
/*
 * What all of the internet's sockets share.
 */
#define EFT_LOCK_CALLS
#include "core/net/inet/socket.h"
#include "core/log.h"
#include "core/mem.h"

enum {
	TTL_DEFAULT = 64,
	TCP_SEND_BYTES = 16384, /* Linux: net.ipv4.tcp_wmem, tcp_rmem */
	TCP_RECEIVE_BYTES = 131072,
	KEEP_IDLE_S = 7200,
	KEEP_INTERVAL_S = 75,
	KEEP_COUNT = 9,
	SYN_COUNT = 6,
	LINGER2_S = 60,
	PROTOCOLS = 263, /* Linux's IPPROTO_MAX: the last is MPTCP */
};

static void init_tcp(struct eft_inet *self)
{
	self->socket.send_bytes = TCP_SEND_BYTES;
	self->socket.receive_bytes = TCP_RECEIVE_BYTES;
	self->tcp.keep_idle_s = KEEP_IDLE_S;
	self->tcp.keep_interval_s = KEEP_INTERVAL_S;
	self->tcp.keep_count = KEEP_COUNT;
	self->tcp.syn_count = SYN_COUNT;
	self->tcp.linger2_s = LINGER2_S;
	self->tcp.quick = true;
	eft_list_init(&self->tcp.queue);
	eft_list_init(&self->tcp.link);
	eft_inet_tcp_set_limit(self);
}

struct eft_inet *eft_inet_create(const struct eft_socket_ops *ops, int domain,
				 int type, int protocol)
{
	struct eft_inet *self = eft_alloc(sizeof(*self));

	if (self == NULL)
		return NULL;
	eft_socket_init(&self->socket, ops, domain, type, protocol);
	eft_waitq_init(&self->readers);
	eft_waitq_init(&self->writers);
	self->ttl = TTL_DEFAULT;
	self->multicast_ttl = 1;
	self->multicast_loop = true;
	self->multicast_all = true;
	self->mtu_discover = 1; /* IP_PMTUDISC_WANT */
	IP_SET_TYPE_VAL(self->local, eft_inet_type(self));
	IP_SET_TYPE_VAL(self->remote, eft_inet_type(self));
	if (type == SOCK_STREAM) {
		init_tcp(self);
	} else {
		eft_lock_init(&self->datagram.lock, EFT_RANK_SOCKET);
		eft_list_init(&self->datagram.queue);
	}
	return self;
}

void eft_inet_close_bits(struct eft_inet *self, unsigned bits)
{
	__atomic_fetch_or(&self->closed, bits, __ATOMIC_SEQ_CST);
	eft_inet_wake(&self->readers);
	eft_inet_wake(&self->writers);
}

void eft_inet_set_error(struct eft_inet *self, int error)
{
	eft_assert(error < 0);
	__atomic_store_n(&self->error, error, __ATOMIC_SEQ_CST);
}

int eft_inet_take_error(struct eft_inet *self)
{
	if (eft_likely(__atomic_load_n(&self->error, __ATOMIC_RELAXED) == 0))
		return 0;
	return __atomic_exchange_n(&self->error, 0, __ATOMIC_SEQ_CST);
}

int eft_inet_take_socket_error(struct eft_socket *socket)
{
	return eft_inet_take_error(eft_inet(socket));
}

int eft_inet_errno(err_t error)
{
	static const int16_t numbers[] = {
		[-ERR_MEM] = -ENOBUFS,
		[-ERR_BUF] = -ENOBUFS,
		[-ERR_TIMEOUT] = -ETIMEDOUT,
		[-ERR_RTE] = -EFT_ENETUNREACH,
		[-ERR_INPROGRESS] = -EFT_EINPROGRESS,
		[-ERR_VAL] = -EINVAL,
		[-ERR_WOULDBLOCK] = -EAGAIN,
		[-ERR_USE] = -EFT_EADDRINUSE,
		[-ERR_ALREADY] = -EALREADY,
		[-ERR_ISCONN] = -EISCONN,
		[-ERR_CONN] = -ENOTCONN,
		[-ERR_IF] = -EIO,
		[-ERR_ABRT] = -ECONNABORTED,
		[-ERR_RST] = -ECONNRESET,
		[-ERR_CLSD] = -ENOTCONN,
		[-ERR_ARG] = -EINVAL,
	};

	eft_assert(error <= 0 && -error < (int)eft_array_size(numbers));
	return numbers[-error];
}

/*
 * Making them.
 */

static int create(int domain, int type, int protocol,
		  struct eft_socket **ret_socket)
{
	int error;

	if (protocol < 0 || protocol >= PROTOCOLS)
		return -EINVAL;
	error = eft_inet_start();
	if (error != 0)
		return error;
	switch (type) {
	case SOCK_STREAM:
		return eft_inet_tcp_create(domain, type, protocol, ret_socket);
	case SOCK_DGRAM:
		if (protocol == 0 || protocol == IP_PROTO_UDP)
			return eft_inet_udp_create(domain, type, protocol,
						   ret_socket);
		return eft_inet_raw_create(domain, type, protocol, ret_socket);
	case SOCK_RAW:
		return eft_inet_raw_create(domain, type, protocol, ret_socket);
	}
	return -ESOCKTNOSUPPORT;
}

static int create4(int type, int protocol, struct eft_socket **ret_socket)
{
	return create(AF_INET, type, protocol, ret_socket);
}

static int create6(int type, int protocol, struct eft_socket **ret_socket)
{
	return create(AF_INET6, type, protocol, ret_socket);
}

static int pair(int type, int protocol, struct eft_socket *ret_pair[2])
{
	return -EOPNOTSUPP;
}

const struct eft_socket_family eft_inet4_family = {
	.domain = AF_INET,
	.create = create4,
	.pair = pair,
};

const struct eft_socket_family eft_inet6_family = {
	.domain = AF_INET6,
	.create = create6,
	.pair = pair,
};
