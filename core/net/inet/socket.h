// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The internet's sockets on lwIP. Private to core/net/inet.
 *
 *	socket.c       making and ending them; errors, names, waiting
 *	name.c         addresses; which names are free
 *	tcp.c          connections: lwIP's callbacks, connect, shutdown, the end
 *	listen.c       listen, accept
 *	tcp_send.c, tcp_receive.c, tcp_poll.c, tcp_input.c
 *	datagram.c     what UDP and raw sockets receive, and poll
 *	datagram_send.c, udp.c, raw.c
 *	               what they send; icmp.c: errors that others report
 *	option.c, tcp_option.c, ip_option.c, group.c
 *	netlink.c, ioctl.c, proc.c: what is told of interfaces and sockets
 *
 * A socket has a control block of lwIP's (a pcb). What lwIP does with it is
 * heard by callbacks, whose argument is the socket. A pcb may end before its
 * socket, as lwIP frees it: (pcb) is NULL then. A socket may end before its pcb,
 * which goes on by itself: it has no callbacks then.
 *
 * Locks: (socket.file.lock), a mutex, for who takes from what was received: it
 * copies with it held; the stack's mutex owns the pcb and all that is not said to
 * be another's; (lock), a spin lock, owns the queue of datagrams.
 */
#include <lwip/pbuf.h>
#include <lwip/raw.h>
#include <lwip/tcp.h>
#include <lwip/udp.h>

#include "core/abi.h"
#include "core/net/inet/inet.h"
#include "core/socket.h"

/* Linux's, of include/uapi/asm-generic/errno.h. */
enum {
	EFT_EADDRNOTAVAIL = 99,
	EFT_ENETUNREACH = 101,
	EFT_EHOSTUNREACH = 113,
	EFT_EINPROGRESS = 115,
	EFT_EDESTADDRREQ = 89,
	EFT_EPERM = 1,
	EFT_EADDRINUSE = 98,
};

enum {
	EFT_MSG_MORE = 0x8000,
	EFT_MSG_DONTROUTE = 4,
	EFT_MSG_FASTOPEN = 0x20000000,
};

enum eft_inet_state {
	EFT_INET_UNCONNECTED,
	EFT_INET_CONNECTING,
	EFT_INET_FAILED, /* to connect, which connect() has not said yet */
	EFT_INET_LISTENING,
	EFT_INET_CONNECTED,
	EFT_INET_ENDED, /* it was connected, and no longer is */
};

/* What a socket will not do any more: (closed). */
enum {
	EFT_INET_NO_RECEIVE = 1, /* our shutdown() */
	EFT_INET_NO_SEND = 2,
	EFT_INET_FIN = 4, /* the peer will send nothing */
};

struct eft_inet_datagram;

/* Where a datagram goes, and what its sender says of that. */
struct eft_inet_way {
	bool known;	    /* otherwise it goes with what waits for more */
	ip_addr_t to, from; /* (from): any, or an address of ours */
	uint16_t port;
	uint8_t interface; /* by which it leaves; 0: the routes say it */
	int ttl, tos;	   /* -1: the socket's */
};

/* A group that was joined, and where. */
struct eft_inet_group {
	struct eft_inet_group *next;
	ip_addr_t address;
	uint8_t interface;
};

/* What TCP needs that UDP does not. */
struct eft_inet_tcp {
	/* What came and was not read: pbufs linked by (next), one list of all. */
	struct pbuf *head, *tail;
	uint32_t head_at;    /* bytes of (head) that were read; the reader's */
	uint32_t unread;     /* atomic */
	uint32_t send_limit; /* bytes that wait to be acknowledged, at most */
	uint32_t room;	     /* atomic: bytes more that may wait so */
	uint16_t keep_idle_s, keep_interval_s, keep_count;
	uint16_t mss;
	uint32_t user_timeout_ms;
	/* tcp_clock.c's: what waits to be acknowledged, since which slow call */
	bool stuck;
	uint32_t stuck_ack, stuck_since;
	uint8_t syn_count;
	uint32_t defer_s, low_unsent;
	int linger2_s;
	bool no_delay, cork;
	bool quick; /* acknowledges what was read; it is not answered at once */
	bool heard; /* bytes, since we have sent some */
	bool no_space; /* atomic: somebody found no room to write */

	/* A listener's, and (link) of those that wait there. */
	struct eft_list queue, link;
	unsigned queued, backlog; /* (queued) atomic */
};

struct eft_inet {
	struct eft_socket socket;
	union {
		void *any;
		struct tcp_pcb *tcp;
		struct udp_pcb *udp;
		struct raw_pcb *raw;
	} pcb;
	uint32_t state;	 /* atomic */
	uint32_t closed; /* atomic */
	int32_t error;	 /* atomic: negative errno, to be reported once */
	bool bound_port, bound_address; /* by bind() */
	bool v6_only, linger;
	bool answer_due; /* connect() did not wait, and was not called since */
	uint8_t ttl, tos, multicast_ttl, mtu_discover;
	uint8_t device; /* SO_BINDTODEVICE: its number, or 0 */
	bool multicast_loop, multicast_all, free_bind, no_port, dont_fragment;
	uint32_t multicast_from; /* IP_MULTICAST_IF's address, as it was set */
	uint32_t wants;		 /* control messages: EFT_INET_WANTS_ bits */
	uint32_t linger_s;
	uint32_t sizes_set; /* bit N: SO_N was */
	ip_addr_t local,
		remote; /* what it is, or was, bound and connected to */
	uint16_t local_port, remote_port;

	struct eft_waitq readers, writers;
	union {
		struct eft_inet_tcp tcp; /* SOCK_STREAM's */
		struct {
			struct eft_lock lock;
			struct eft_list queue; /* owned by lock */
			uint32_t queued, queued_bytes;
			struct eft_inet_group *groups;
			uint64_t icmp_filter;
			bool header_included;
			/* What waits for more (MSG_MORE), or NULL: atomic */
			struct pbuf *pending;
			struct eft_inet_way pending_way;
			bool cork; /* UDP_CORK */
		} datagram;
	};
};

/* What a receiver wants to be told of each datagram: (wants). */
enum {
	EFT_INET_WANTS_INFO = 1,
	EFT_INET_WANTS_TTL = 2,
	EFT_INET_WANTS_TOS = 4,
	EFT_INET_WANTS_INFO6 = 8,
	EFT_INET_WANTS_HOPS = 16,
	EFT_INET_WANTS_CLASS = 32,
};

static inline struct eft_inet *eft_inet(struct eft_socket *socket)
{
	return eft_container_of(socket, struct eft_inet, socket);
}

static inline uint32_t eft_inet_state(const struct eft_inet *self)
{
	return __atomic_load_n(&self->state, __ATOMIC_ACQUIRE);
}

static inline void eft_inet_set_state(struct eft_inet *self,
				      enum eft_inet_state state)
{
	__atomic_store_n(&self->state, state, __ATOMIC_SEQ_CST);
}

static inline uint32_t eft_inet_closed(const struct eft_inet *self)
{
	return __atomic_load_n(&self->closed, __ATOMIC_ACQUIRE);
}

extern const struct eft_socket_family eft_inet4_family, eft_inet6_family;
extern const struct eft_socket_ops eft_inet_tcp_ops, eft_inet_udp_ops,
	eft_inet_raw_ops;

/*
 * A socket without a pcb: socket.c. The caller may hold the stack's mutex.
 * Returns NULL: out of memory.
 */
struct eft_inet *eft_inet_create(const struct eft_socket_ops *ops, int domain,
				 int type, int protocol);

/* Set bits of (closed), and wake who wants to know. */
void eft_inet_close_bits(struct eft_inet *self, unsigned bits);
void eft_inet_set_error(struct eft_inet *self, int error);
int eft_inet_take_error(struct eft_inet *self);
int eft_inet_take_socket_error(struct eft_socket *socket);

/* Wake who waits at (queue), if somebody does, for what was just changed. */
static inline void eft_inet_wake(struct eft_waitq *queue)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (eft_waitq_busy(queue))
		eft_waitq_wake(queue, EFT_WAKE_ALL);
}

/* What lwIP's (error) is to a program. */
int eft_inet_errno(err_t error);

/*
 * Names: name.c.
 */

/*
 * The address and the port in (name), for (self): an IPv4 address that is mapped
 * (RFC 4291 §2.5.5.2) becomes an IPv4 one.
 *
 * Returns   0; -EINVAL it is too short; -EAFNOSUPPORT
 */
int eft_inet_name_in(const struct eft_inet *self,
		     const struct eft_socket_name *name, ip_addr_t *ret_address,
		     uint16_t *ret_port);
void eft_inet_name_out(const struct eft_inet *self, const ip_addr_t *address,
		       uint16_t port, struct eft_socket_name *ret_name);
int eft_inet_name(struct eft_socket *socket, bool peer,
		  struct eft_socket_name *ret_name);
/* (address) when it is not 0, and the loopback address when it is. */
void eft_inet_no_any(ip_addr_t *address);
/* The type of addresses that a new pcb of (self)'s takes. */
uint8_t eft_inet_type(const struct eft_inet *self);
/*
 * Check (name), and take it for (self). The mutex is held.
 *
 * Returns   0; -EADDRNOTAVAIL; -EADDRINUSE; and eft_inet_name_in()'s
 */
int eft_inet_take_name(struct eft_inet *self,
		       const struct eft_socket_name *name);
/* Is (address) any, one of ours, or of a group? The mutex is held. */
bool eft_inet_is_local(const ip_addr_t *address);
/*
 * A free port for (self), or is (port) free, at (address)? The mutex is held.
 * Returns 0: none is.
 */
uint16_t eft_inet_free_port(struct eft_inet *self, const ip_addr_t *address);
/*
 * One for a connection from (local): others may have it that have another peer.
 */
uint16_t eft_inet_free_port_to(const ip_addr_t *local, const ip_addr_t *remote,
			       uint16_t remote_port);
/* tcp_find.c: the connection with the names of (like); NULL: there is none. */
struct tcp_pcb *eft_inet_tcp_find(const struct tcp_pcb *like);
/*
 * (pcb), in TIME_WAIT, has no names and is not found any more; lwIP's timer frees
 * it, for to take it out of its list now would be to look through that.
 */
void eft_inet_tcp_give_way(struct tcp_pcb *pcb);
/* In a pcb's so_options, beside lwIP's own (lwip/ip.h): SO_REUSEPORT. */
enum { EFT_SOF_SHARES = 0x80 };
/* What (self) says of others with its name: SOF_REUSEADDR, EFT_SOF_SHARES. */
uint8_t eft_inet_reuse(const struct eft_inet *self);
bool eft_inet_port_is_free(const struct eft_inet *self,
			   const ip_addr_t *address, uint16_t port);

/*
 * TCP.
 */
int eft_inet_tcp_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket);
/* Give (self) a pcb, if it has none, with what its options say. -ENOMEM */
int eft_inet_tcp_pcb(struct eft_inet *self);
/* Have (pcb) tell (self) what it does, by its options. */
void eft_inet_tcp_adopt(struct eft_inet *self, struct tcp_pcb *pcb);
void eft_inet_tcp_apply(struct eft_inet *self);
/* Let go of the pcb, which goes on by itself. */
void eft_inet_tcp_leave(struct eft_inet *self);
/*
 * The socket of (pcb), or NULL: it has left, or the connection is half open, whose
 * argument is its listener's, which may have gone.
 */
static inline struct eft_inet *eft_inet_tcp_socket(const struct tcp_pcb *pcb)
{
	return pcb->state != SYN_RCVD ? pcb->callback_arg : NULL;
}

int eft_inet_tcp_bind(struct eft_socket *socket,
		      const struct eft_socket_name *name);
int eft_inet_tcp_connect(struct eft_socket *socket,
			 const struct eft_socket_name *name,
			 uint64_t deadline_ns);
int eft_inet_tcp_shutdown(struct eft_socket *socket, int how);
int eft_inet_tcp_queued(struct eft_socket *socket, bool sent);
void eft_inet_tcp_release(struct eft_socket *socket);
int eft_inet_listen(struct eft_socket *socket, int backlog);
int eft_inet_accept(struct eft_socket *socket, uint64_t deadline_ns,
		    struct eft_socket **ret_socket);
bool eft_inet_listens(struct eft_socket *socket);
/* Reset the connections that nobody has accepted. The mutex is held. */
void eft_inet_drop_pending(struct eft_inet *listener);
ssize_t eft_inet_tcp_send(struct eft_socket *socket,
			  struct eft_message *message);
ssize_t eft_inet_tcp_receive(struct eft_socket *socket,
			     struct eft_message *message);
/* lwIP has a segment for (self). */
void eft_inet_tcp_arrived(struct eft_inet *self, struct pbuf *p);
void eft_inet_tcp_purge(struct eft_inet *self);
/* Announce as much of a window as the program has room for. */
void eft_inet_tcp_open_window(struct eft_inet *self);
/* Cut lwIP's window, which a connection begins with, to that. */
void eft_inet_tcp_begin_window(struct eft_inet *self);
/* How much it may have sent, by SO_SNDBUF. */
void eft_inet_tcp_set_limit(struct eft_inet *self);
bool eft_inet_tcp_may_write(const struct eft_inet *self);
unsigned eft_inet_tcp_poll(struct eft_socket *socket, unsigned events,
			   struct eft_poll *poll);

/*
 * Datagrams.
 */
int eft_inet_udp_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket);
int eft_inet_raw_create(int domain, int type, int protocol,
			struct eft_socket **ret_socket);
/* The socket whose (pcb) is; NULL: it is the stack's own. */
struct eft_inet *eft_inet_udp_socket(const struct udp_pcb *pcb);
/* What is received now, with (p), of which it takes a copy. The mutex is held. */
void eft_inet_datagram_arrived(struct eft_inet *self, const struct pbuf *p,
			       uint16_t from_port);
ssize_t eft_inet_datagram_receive(struct eft_socket *socket,
				  struct eft_message *message);
unsigned eft_inet_datagram_poll(struct eft_socket *socket, unsigned events,
				struct eft_poll *poll);
int eft_inet_datagram_queued(struct eft_socket *socket, bool sent);
int eft_inet_datagram_shutdown(struct eft_socket *socket, int how);
int eft_inet_datagram_listen(struct eft_socket *socket, int backlog);
int eft_inet_datagram_accept(struct eft_socket *socket, uint64_t deadline_ns,
			     struct eft_socket **ret_socket);
bool eft_inet_datagram_listens(struct eft_socket *socket);
void eft_inet_datagram_purge(struct eft_inet *self);
/*
 * datagram_send.c.
 *
 * A pbuf with a copy of what (message) sends, without the mutex. -EMSGSIZE: more
 * than (most); -ENOBUFS; -EFAULT
 */
int eft_inet_pbuf_of(const struct eft_message *message, size_t most,
		     struct pbuf **ret_p);
/*
 * Where (message) goes, without the mutex.
 *
 * Returns   0; -EDESTADDRREQ; -EINVAL, -ENODEV and -ENETUNREACH of its control
 *           messages; and eft_inet_name_in()'s
 */
int eft_inet_find_way(struct eft_inet *self, const struct eft_message *message,
		      struct eft_inet_way *ret_way);
/*
 * The interface that it leaves by, and as whose. The mutex is held.
 * -ENETUNREACH
 */
int eft_inet_route(const struct eft_inet *self, const struct eft_inet_way *way,
		   struct netif **ret_netif, ip_addr_t *ret_from);
/*
 * Send what (message) has with (send), or add it to what waits, or both, if there
 * is more to come. A datagram has (most) bytes.
 *
 * Returns   its bytes; eft_inet_pbuf_of()'s errors, and (send)'s, which is called
 *           with the mutex
 */
typedef int (*eft_inet_send_one)(struct eft_inet *self, struct pbuf *p,
				 const struct eft_inet_way *way);
ssize_t eft_inet_datagram_send(struct eft_inet *self,
			       const struct eft_message *message,
			       const struct eft_inet_way *way, size_t most,
			       eft_inet_send_one send);
/* UDP_CORK is off: send what waits. forget() throws it away. */
int eft_inet_datagram_uncork(struct eft_inet *self, eft_inet_send_one send);
void eft_inet_datagram_forget(struct eft_inet *self);
/* UDP_CORK, which is udp.c's. */
void eft_inet_udp_cork(struct eft_inet *self, bool on);
/* Hear of errors that others report, from now on. The mutex is held. */
void eft_inet_icmp_start(void);

/*
 * Options.
 */
int eft_inet_get_option(struct eft_socket *socket, int level, int option,
			void *value, unsigned *len);
int eft_inet_set_option(struct eft_socket *socket, int level, int option,
			const void *value, unsigned len);
int eft_inet_tcp_get(struct eft_inet *self, int option, void *value,
		     unsigned *len);
int eft_inet_tcp_set(struct eft_inet *self, int option, int number);
int eft_inet_ip_get(struct eft_inet *self, int level, int option, void *value,
		    unsigned *len);
int eft_inet_ip_set(struct eft_inet *self, int level, int option,
		    const void *value, unsigned len);
/* Give (number) in *len bytes, 4 at most: -EINVAL. */
int eft_inet_give(void *value, unsigned *len, const void *from, unsigned size);
int eft_inet_give_int(void *value, unsigned *len, int number);
/* Leave all groups. The mutex is held. */
void eft_inet_leave_groups(struct eft_inet *self);
/* IP_ADD_MEMBERSHIP and the like. */
int eft_inet_group(struct eft_inet *self, const ip_addr_t *group,
		   struct netif *netif, bool join);
/* Is (self) a member of (group), which came by the interface of (index)? */
bool eft_inet_is_member(struct eft_inet *self, const ip_addr_t *group,
			uint8_t index);
/* Have the pcb do as the options say. The mutex is held. */
void eft_inet_apply(struct eft_inet *self);
