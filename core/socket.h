// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Sockets: open file descriptions whose operations a family of protocols has.
 *
 *	descriptor ── struct eft_socket (a struct eft_file)
 *	                  └─ struct eft_socket_ops: the family's
 *
 * core/net/socket.c makes file operations of a family's, and keeps the
 * options that all families have. AF_UNIX is core/net/unix; the internet's
 * families are core/net/inet (lwIP, on a network device) or core/net/host (the
 * sockets of a process's host), as core/net/inet_family.c chooses.
 *
 * What may wait does so until a deadline, at which it answers -EAGAIN; 0: it
 * never waits. -EINTR: a signal is due (posix/signal/restart.h).
 */
#include "core/file.h"

struct eft_socket;
struct eft_unix_place;

/* A name (address) of a socket, Linux's struct sockaddr of some family. */
struct eft_socket_name {
	unsigned len; /* of what follows; 2: unnamed */
	uint16_t family;
	char data[126];
};

enum { EFT_SOCKET_NAME_MAX = 128 }; /* struct sockaddr_storage's */

/* Open file descriptions on their way to another socket (SCM_RIGHTS). */
struct eft_rights {
	struct eft_list link; /* the family's, on the way */
	uint64_t start, end;  /* the bytes of a stream that it came with */
	unsigned count;
	struct eft_file *files[]; /* counted */
};

/* Control messages (cmsg(3)) in libOS memory, each begun at a multiple of 8. */
struct eft_control {
	char *data;
	size_t len, room; /* of a receiver's: written, and to be written */
	bool cut;	  /* a receiver's: there was more than room */
};

struct eft_message {
	const struct eft_iovec *iov; /* the program's memory */
	int count;
	unsigned flags; /* MSG_ */
	uint64_t deadline_ns;
	/*
	 * Where it goes; a receiver's: unnamed, filled with where it is from;
	 * NULL.
	 */
	struct eft_socket_name *name;
	/*
	 * NULL: none. A sender's is taken, and NULL afterwards, when the
	 * message went; a receiver gives it.
	 */
	struct eft_rights *rights;
	/*
	 * The family's own control messages (those of other levels than
	 * SOL_SOCKET, and SO_TIMESTAMP's): a sender's are well-formed; a
	 * receiver's is filled by eft_control_put(). NULL: none are wanted.
	 */
	struct eft_control *control;
	unsigned ret_flags; /* a receiver's: MSG_TRUNC, MSG_CTRUNC, MSG_EOR */
	bool ret_ended;	    /* a receiver's: it is no message, but the end */
};

/*
 * A family's operations. Return 0 or a count, or a negative errno. Context:
 * thread; may sleep. All are there.
 */
struct eft_socket_ops {
	int (*bind)(struct eft_socket *socket,
		    const struct eft_socket_name *name);
	int (*connect)(struct eft_socket *socket,
		       const struct eft_socket_name *name,
		       uint64_t deadline_ns);
	int (*listen)(struct eft_socket *socket, int backlog);
	int (*accept)(struct eft_socket *socket, uint64_t deadline_ns,
		      struct eft_socket **ret_socket);
	/* Its own name, or its peer's. */
	int (*name)(struct eft_socket *socket, bool peer,
		    struct eft_socket_name *ret_name);
	int (*shutdown)(struct eft_socket *socket, int how); /* SHUT_ */
	ssize_t (*send)(struct eft_socket *socket, struct eft_message *message);
	ssize_t (*receive)(struct eft_socket *socket,
			   struct eft_message *message);
	unsigned (*poll)(struct eft_socket *socket, unsigned events,
			 struct eft_poll *poll);
	/* Bytes that wait to be read (FIONREAD), or were sent and not read. */
	int (*queued)(struct eft_socket *socket, bool sent);
	/* SO_ACCEPTCONN; SO_ERROR, which it also clears. */
	bool (*listens)(struct eft_socket *socket);
	int (*take_error)(struct eft_socket *socket);
	/*
	 * Options that the family has of its own, at any (level), SOL_SOCKET
	 * too: (value) is libOS memory. NULL: none. get() finds room for *len
	 * bytes and sets it to what it wrote.
	 *
	 * Returns   0; EFT_SOCKET_COMMON it is the common code's, at SOL_SOCKET;
	 *           -ENOPROTOOPT; -EINVAL
	 */
	int (*get_option)(struct eft_socket *socket, int level, int option,
			  void *value, unsigned *len);
	int (*set_option)(struct eft_socket *socket, int level, int option,
			  const void *value, unsigned len);
	/* ioctl(2), but for FIONREAD and TIOCOUTQ. NULL: -ENOTTY for all. */
	int (*ioctl)(struct eft_socket *socket, unsigned long request,
		     void eft_user *arg);
	void (*release)(struct eft_socket *socket);
};

enum { EFT_SOCKET_COMMON = 1 };

struct eft_socket {
	struct eft_file file;
	const struct eft_socket_ops *ops;
	int domain, type, protocol;
	uint64_t ino;

	/* Options; atomic. */
	uint64_t switches; /* bit N: the option SO_N, which is on or off */
	uint64_t receive_ns, send_ns; /* SO_RCVTIMEO, SO_SNDTIMEO */
	uint32_t send_bytes, receive_bytes, low_water;
	int priority; /* SO_PRIORITY, a network's */
};

/* What a family offers. */
struct eft_socket_family {
	int domain;
	/* -ESOCKTNOSUPPORT -EPROTONOSUPPORT -ENOMEM */
	int (*create)(int type, int protocol, struct eft_socket **ret_socket);
	/* NULL: -EOPNOTSUPP */
	int (*pair)(int type, int protocol, struct eft_socket *ret_pair[2]);
};

/* NULL: -EAFNOSUPPORT. */
const struct eft_socket_family *eft_socket_family(int domain);

/*
 * The same of AF_INET, AF_INET6 and AF_NETLINK. Weak in family.c: an image has
 * it, and with it TCP/IP, if something in it includes <netinet/in.h>, whose last
 * line names it (posix/musl/overlay/append).
 */
const struct eft_socket_family *eft_inet_family(int domain);
/* The two that it chooses from, by the option net= (core/net/inet_family.c). */
const struct eft_socket_family *eft_stack_family(int domain);
const struct eft_socket_family *eft_host_family(int domain);

/* Has the host them (net=host)? */
bool eft_inet_is_hosts(void);

/*
 * Make /proc/net (core/net/inet/proc.c), and /etc/hosts and resolv.conf where there
 * are none (etc.c). 0; -ENOMEM
 */
int eft_net_files_add(void);
int eft_net_names_add(void);

/*
 * What ioctl(2) tells of interfaces (netdevice(7)), on sockets of any family, in
 * images with the internet: the host's, or the stack's. -ENOTTY: another request
 */
int eft_interface_ioctl(unsigned long request, void eft_user *arg);
int eft_host_interface_ioctl(unsigned long request, void eft_user *arg);
int eft_stack_interface_ioctl(unsigned long request, void eft_user *arg);

/*
 * The program ends: tell peers, and send what it has sent. It waits for
 * acknowledgements, 3.5 s after the last at most, and 30 s in all; not if the
 * internet is the host's. Only images with the internet have it.
 *
 * Context   thread, no lock is held
 */
void eft_inet_end(void);

/*
 * Options of the network at boot: net=, ip=, ip6= (core/net/inet_family.c hands
 * them on). False: (key) is none of them, or (value) is bad.
 */
bool eft_net_option(const char *key, char *value);
/* The stack's among them (core/net/inet/config.h). */
bool eft_inet_option(const char *key, char *value);

/*
 * Add a control message of (len) bytes to what (message) gives, if it is wanted;
 * where there is no room it is cut, and said so.
 */
void eft_control_put(struct eft_message *message, int level, int type,
		     const void *data, size_t len);

/*
 * The control message at *at of (len) bytes of (data), which were the program's;
 * *at moves past it. NULL: no more. -EINVAL it is longer than the rest
 */
static inline int eft_control_next(const char *data, size_t len, size_t *at,
				   const struct eft_cmsghdr **ret_header)
{
	size_t left = len - (*at < len ? *at : len);
	const struct eft_cmsghdr *header = (const void *)(data + *at);

	*ret_header = NULL;
	if (left < sizeof(*header))
		return 0;
	if (header->len < sizeof(*header) || header->len > left)
		return -EINVAL;
	*at += eft_align_up(header->len, 8);
	*ret_header = header;
	return 0;
}

/*
 * What the program sent, (len) bytes of libOS memory: leave what is a family's
 * in *ret_control, which is the same memory. -EINVAL
 */
int eft_control_take(char *data, size_t len, struct eft_control *ret_control);
/* Copy (control) out to the program; the bytes that are there. */
size_t eft_control_give(const struct eft_control *control, char eft_user *to);

/* Options of SOL_SOCKET for networks; what the common ones are else. */
int eft_network_get_option(struct eft_socket *socket, int option, void *value,
			   unsigned *len);
int eft_network_set_option(struct eft_socket *socket, int option,
			   const void *value, unsigned len);
/*
 * Say when (message) arrived, if the program asked for it (SO_TIMESTAMP,
 * SO_TIMESTAMPNS): for a family's receive().
 */
void eft_socket_stamp(const struct eft_socket *socket,
		      struct eft_message *message,
		      const struct eft_timespec *when);

/* Set up what all families share; one reference. */
void eft_socket_init(struct eft_socket *socket,
		     const struct eft_socket_ops *ops, int domain, int type,
		     int protocol);

/* The socket that (file) is; NULL: -ENOTSOCK. */
struct eft_socket *eft_socket_of(struct eft_file *file);

/* Until when a call with (flags) waits, by the socket's options. */
uint64_t eft_socket_deadline(const struct eft_socket *socket, unsigned flags,
			     bool sends);

/*
 * The (result) of what waits until then. Where that was to end, a signal ends
 * it for good: SA_RESTART is not asked (signal(7)).
 */
ssize_t eft_socket_waited(ssize_t result, uint64_t deadline_ns);

/*
 * For eft_needs(): what gives names to sockets, which can be paths. socketpair
 * alone has no need of files by path.
 */
int eft_unix_path_make(const char *path, struct eft_unix_place *ret_place,
		       struct eft_file **ret_node);

/*
 * For families: sleep on (queue) while (blocked(arg)) holds.
 *
 * Returns   0; -EAGAIN the deadline, 0: at once; -EINTR
 * Context   thread
 */
int eft_socket_wait(struct eft_waitq *queue, bool (*blocked)(void *arg),
		    void *arg, uint64_t deadline_ns);

static inline bool eft_socket_switch(const struct eft_socket *socket,
				     int option)
{
	return __atomic_load_n(&socket->switches, __ATOMIC_RELAXED) >> option &
	       1;
}

static inline void eft_socket_set_switch(struct eft_socket *socket, int option,
					 bool on)
{
	if (on)
		__atomic_fetch_or(&socket->switches, 1ul << option,
				  __ATOMIC_RELAXED);
	else
		__atomic_fetch_and(&socket->switches, ~(1ul << option),
				   __ATOMIC_RELAXED);
}

enum { EFT_SOCKET_OPTION_MAX = 512 };

/*
 * Options of SOL_SOCKET, (len) bytes or fewer of (value): get_option() sets it
 * to what was written. -EINVAL too small; -ENOPROTOOPT; -EDOM a time that is
 * none
 */
int eft_socket_get_option(struct eft_socket *socket, int option,
			  char value[EFT_SOCKET_OPTION_MAX], unsigned *len);
int eft_socket_set_option(struct eft_socket *socket, int option,
			  const void *value, unsigned len);

/* Room for (count) descriptions, which the caller fills in; or NULL. */
struct eft_rights *eft_rights_create(unsigned count);
/* The same descriptions once more; NULL: out of memory. */
struct eft_rights *eft_rights_copy(const struct eft_rights *rights);
void eft_rights_destroy(struct eft_rights *rights); /* NULL is fine */
