// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: the sockets of a Linux host, which a process has.
 *
 * Handles are the host's file descriptors, as in core/dev/host.h, whose close(),
 * ioctl() and ready() take them too. Flags, names, options and errors are
 * Linux's, and each call is the Linux call of its name. None of them waits, but
 * for what a handle that exec has left does by itself: accept() and connect().
 *
 * Context: thread, but where it says any.
 */
#include "core/abi.h"

/*
 * Who watches a handle hears of it for as long as he does. (events): all those
 * of poll(2) that were true when the host was asked, in the round (round); it
 * is asked again when one of them becomes true anew.
 *
 * Context: interrupt; locks up to EFT_RANK_TICKETS are held
 */
struct eft_host_watch {
	void (*news)(struct eft_host_watch *watch, unsigned events,
		     uint64_t round);
	uint32_t generation; /* the platform's */
};

struct eft_host_sockets {
	int (*create)(int domain, int type, int protocol); /* a handle */
	int (*pair)(int domain, int type, int protocol, int ret_handles[2]);
	int (*bind)(int handle, const void *name, unsigned len);
	int (*connect)(int handle, const void *name, unsigned len);
	int (*listen)(int handle, int backlog);
	int (*accept)(int handle);
	/* Its own, or its (peer)'s; *len is the room, and then the length. */
	int (*name)(int handle, bool peer, void *name, unsigned *len);
	int (*shutdown)(int handle, int how);
	/* MSG_DONTWAIT and MSG_NOSIGNAL are added. -EAGAIN */
	ssize_t (*send)(int handle, const struct eft_msghdr *message,
			unsigned flags);
	ssize_t (*receive)(int handle, struct eft_msghdr *message,
			   unsigned flags);
	/* The same of one piece of memory, and nothing else. */
	ssize_t (*send_plain)(int handle, const struct eft_iovec *piece,
			      unsigned flags);
	ssize_t (*receive_plain)(int handle, const struct eft_iovec *piece,
				 unsigned flags);
	int (*get_option)(int handle, int level, int option, void *value,
			  unsigned *len);
	int (*set_option)(int handle, int level, int option, const void *value,
			  unsigned len);

	/*
	 * Have (watch), the caller's memory, hear of (handle); what is true
	 * already is news. After unwatch(), which comes before the handle is
	 * closed, it does not hear of it any more.
	 *
	 * Returns   0; -ENOMEM; -ENOSPC (epoll_ctl(2)); -EPERM
	 */
	int (*watch)(int handle, struct eft_host_watch *watch);
	void (*unwatch)(int handle, struct eft_host_watch *watch);
	/* Have all hear of what there is by now. */
	void (*look)(void);
	/*
	 * The number of the newest round. What is done after a round began, and
	 * before one hears of it, is not in what one hears. Atomic.
	 */
	const uint64_t *round;
};

/* NULL on a platform that has none. */
const struct eft_host_sockets *eft_plat_host_sockets(void);
