// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Device class: what a Linux host has to carry a process's Ethernet frames: TAP
 * interfaces, and unix sockets. Handles are as in core/dev/host.h, whose notify()
 * and close() take them; nothing waits. Context: thread.
 */
#include "core/dev/host.h"

/* What a TAP's other side does for the sender (linux/if_tun.h). */
enum {
	EFT_HOST_TAP_CHECKSUM = 1,
	EFT_HOST_TAP_TCP4 = 2,
	EFT_HOST_TAP_TCP6 = 4,
};

struct eft_host_wires {
	/*
	 * The TAP interface (name), whose frames have virtio's header of 12
	 * bytes (VIRTIO 1.2 §5.1.6) before them, in both directions.
	 *
	 * offloads  wanted
	 * Returns   a handle; -ENODEV there is none of that name; -EPERM,
	 *           -EACCES; -EBUSY somebody has it; -ENOENT no /dev/net/tun;
	 *           -EOPNOTSUPP the host does no (offloads)
	 */
	int (*open_tap)(const char *name, unsigned offloads);

	/*
	 * A stream to who listens at the unix socket (path).
	 *
	 * Returns   a handle; -ENOENT, -ECONNREFUSED nobody does; -ENAMETOOLONG
	 */
	int (*connect)(const char *path);
	/* Listen there; a socket that nobody listens at any more is replaced. */
	int (*listen)(const char *path);
	/* Who came. Returns   a handle; -EAGAIN */
	int (*accept)(int handle);

	/* readv(2); writev(2), without SIGPIPE. Returns   also -EAGAIN */
	ssize_t (*read)(int handle, const struct eft_iovec *iov, int count);
	ssize_t (*write)(int handle, const struct eft_iovec *iov, int count);
	ssize_t (*send)(int handle, const struct eft_iovec *iov, int count);
};

/* NULL on a platform that has none. */
const struct eft_host_wires *eft_plat_host_wires(void);
