// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * AF_UNIX. Private to core.
 *
 *	unix.c     making and ending a socket; what all types share
 *	connect.c  listen, connect, accept
 *	stream.c   SOCK_STREAM: bytes
 *	message.c  SOCK_DGRAM, SOCK_SEQPACKET: messages
 *	name.c     names, and the table of bound sockets
 *	path.c     names that are paths
 *
 * What is sent lies with the socket that will receive it. A socket's memory
 * is counted apart from its description: whoever sends to it holds a count,
 * and finds out under a lock that it is closed.
 *
 * Locks: a socket's mutexes (reading, writing), then its spin lock; those of
 * two sockets are never held at once, except (writing) of one and the spin
 * lock of its peer. No mutex is held while a thread waits, and none while
 * descriptions are let go of.
 */
#include "core/socket.h"

struct eft_unix;

struct eft_unix_name {
	uint32_t references; /* atomic */
	struct eft_socket_name name;
};

enum eft_unix_state {
	EFT_UNIX_UNCONNECTED,
	EFT_UNIX_CONNECTING, /* as above, but for connect() itself */
	EFT_UNIX_LISTENING,
	EFT_UNIX_CONNECTED, /* stream, seqpacket: for good */
};

/* What a socket will not do any more. */
enum {
	EFT_UNIX_NO_RECEIVE = 1,
	EFT_UNIX_NO_SEND = 2,
	EFT_UNIX_DEAD = 4, /* the description is gone */
};

struct eft_unix_chunk;

/* Bytes on their way to a socket: see stream.c. */
struct eft_unix_stream {
	/* The writer's: under (writing) of the peer. (written): atomic. */
	uint64_t written;
	struct eft_unix_chunk *tail;
	unsigned tail_at;
	/* The reader's: under (reading). (read): atomic. */
	unsigned head_at;
	struct eft_unix_chunk *head;
	uint64_t read;

	struct eft_unix_chunk *spare; /* atomic */
	struct eft_list rights;	      /* owned by the socket's lock */
	uint32_t rights_count;	      /* atomic */
};

/* A node in a file system; (fs) NULL: none. */
struct eft_unix_place {
	const struct eft_fs_ops *fs;
	uint64_t dev, ino;
};

struct eft_unix_message {
	struct eft_list link;
	struct eft_unix *sender;   /* counted */
	struct eft_rights *rights; /* or NULL */
	size_t len, charge;	   /* what it counts at the sender */
	char data[];
};

struct eft_unix {
	struct eft_socket socket;
	uint32_t references; /* atomic: of this memory */

	/* Owned by the table of bound sockets: name.c. */
	struct eft_unix *next_bound;
	bool bound;
	uint64_t key;
	struct eft_unix_place place; /* of a path */
	struct eft_file *node;	     /* held, so that its number is ours */

	struct eft_lock lock;
	/* Owned by lock. */
	struct eft_unix *peer;	    /* counted */
	struct eft_unix_name *name; /* counted; once it is there it stays */
	struct eft_list queue;	    /* messages; connections to be accepted */
	unsigned queued;	    /* how many */
	unsigned backlog;
	struct eft_list refused; /* sockets whose poller found this one full */

	struct eft_list refused_link; /* owned by the lock of refused_by */
	struct eft_unix *refused_by;  /* counted; under (writing) */

	/* Atomic. */
	uint32_t state;
	uint32_t closed; /* EFT_UNIX_NO_ bits */
	int32_t error;	 /* negative errno, to be reported once */
	uint32_t unread; /* bytes in messages of this socket's, not yet read */

	struct eft_list accept_link; /* in the queue of a listening socket */
	bool accepted;		     /* false: in that queue, or none */

	struct eft_waitq readers; /* something came, or nothing will */
	struct eft_waitq writers; /* this socket may send again */
	struct eft_waitq senders; /* (queue) has room for others */
	struct eft_mutex reading, writing;
	struct eft_unix_stream stream;
};

static inline struct eft_unix *eft_unix(struct eft_socket *socket)
{
	return eft_container_of(socket, struct eft_unix, socket);
}

extern const struct eft_socket_family eft_unix_family;
extern const struct eft_socket_ops eft_unix_stream_ops;
extern const struct eft_socket_ops eft_unix_seqpacket_ops;
extern const struct eft_socket_ops eft_unix_dgram_ops;

/* A socket of (type) with one reference; NULL: out of memory. */
struct eft_unix *eft_unix_create(int type);
struct eft_unix *eft_unix_get(struct eft_unix *self);
void eft_unix_put(struct eft_unix *self); /* NULL is fine */
/* The peer, counted; NULL: none. */
struct eft_unix *eft_unix_peer(struct eft_unix *self);
/* Make two new sockets each other's peer. */
void eft_unix_join(struct eft_unix *a, struct eft_unix *b);

/* Set bits of (closed), and wake who wants to know. */
void eft_unix_close(struct eft_unix *self, unsigned bits);
void eft_unix_set_error(struct eft_unix *self, int error);
int eft_unix_take_error(struct eft_unix *self);

static inline uint32_t eft_unix_state(const struct eft_unix *self)
{
	return __atomic_load_n(&self->state, __ATOMIC_ACQUIRE);
}

static inline uint32_t eft_unix_closed(const struct eft_unix *self)
{
	return __atomic_load_n(&self->closed, __ATOMIC_ACQUIRE);
}

/* Linux's: writers go on when a quarter of the buffer is in use at most. */
static inline bool eft_unix_is_quarter(const struct eft_unix *self,
				       uint64_t used)
{
	return used * 4 <=
	       __atomic_load_n(&self->socket.send_bytes, __ATOMIC_RELAXED);
}

/*
 * Connections.
 */
int eft_unix_listen(struct eft_socket *socket, int backlog);
int eft_unix_accept(struct eft_socket *socket, uint64_t deadline_ns,
		    struct eft_socket **ret_socket);
int eft_unix_connect(struct eft_socket *socket,
		     const struct eft_socket_name *name, uint64_t deadline_ns);
int eft_unix_connect_dgram(struct eft_socket *socket,
			   const struct eft_socket_name *name,
			   uint64_t deadline_ns);
/* End the connections that nobody has accepted. */
void eft_unix_drop_pending(struct eft_unix *listener);

/*
 * Bytes.
 */
ssize_t eft_unix_stream_send(struct eft_socket *socket,
			     struct eft_message *message);
ssize_t eft_unix_stream_receive(struct eft_socket *socket,
				struct eft_message *message);
/* Bytes that (self) has not read yet. */
uint64_t eft_unix_stream_unread(const struct eft_unix *self);
/* Free what lies there; (peer), which wrote it, may be NULL. */
void eft_unix_stream_purge(struct eft_unix *self, struct eft_unix *peer);

/*
 * Messages.
 */
ssize_t eft_unix_message_send(struct eft_socket *socket,
			      struct eft_message *message);
ssize_t eft_unix_message_receive(struct eft_socket *socket,
				 struct eft_message *message);
/* Bytes in the first message, or in all. */
uint64_t eft_unix_message_unread(struct eft_unix *self, bool all);
void eft_unix_message_purge(struct eft_unix *self);
/*
 * True when (self) may not send to its peer, whose queue is full: (writers) is
 * then woken when it no longer is.
 */
bool eft_unix_message_refused(struct eft_unix *self);
/* Take (self) off the list that this put it on. */
void eft_unix_message_forget_refusal(struct eft_unix *self);

/*
 * Names.
 */
struct eft_unix_name *eft_unix_name_get(struct eft_unix_name *name);
void eft_unix_name_put(struct eft_unix_name *name); /* NULL is fine */
/* The name of (self), counted; NULL: none. */
struct eft_unix_name *eft_unix_name_of(struct eft_unix *self);
int eft_unix_bind(struct eft_socket *socket,
		  const struct eft_socket_name *name);
/* 0; -EINVAL it is no name of AF_UNIX. */
int eft_unix_check_name(const struct eft_socket_name *name);
/* Linux gives a name to a nameless socket that passes credentials. */
int eft_unix_autobind(struct eft_unix *self);
/*
 * The socket of (type) that is bound to (name), counted.
 *
 * Returns   0; -EINVAL not a name; -ECONNREFUSED nobody is; -EPROTOTYPE of
 *           another type; what stat(2) says of a path
 */
int eft_unix_find(const struct eft_socket_name *name, int type,
		  struct eft_unix **ret_unix);
/* Take (self) out of the table; its name stays. */
void eft_unix_unbind(struct eft_unix *self);

/*
 * Sockets in the file systems: weak in name.c. make() makes the node and
 * gives a description of it; -EADDRINUSE.
 */
int eft_unix_path_make(const char *path, struct eft_unix_place *ret_place,
		       struct eft_file **ret_node);
int eft_unix_path_find(const char *path, struct eft_unix_place *ret_place);

/*
 * Rights.
 */

/* Count (rights) as on their way, or not any more. -ETOOMANYREFS */
int eft_rights_depart(const struct eft_rights *rights);
void eft_rights_arrive(const struct eft_rights *rights);
