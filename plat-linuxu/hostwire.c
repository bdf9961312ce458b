// SPDX-License-Identifier: BSD-3-Clause
/*
 * TAP interfaces and unix sockets of the host's, for frames.
 *
 * Source: Linux include/uapi/linux/if_tun.h, net/if.h; Documentation/networking/
 * tuntap.rst; unix(7).
 */
#include "core/dev/hostwire.h"
#include "core/log.h"
#include "plat-linuxu/linuxu.h"

enum { STREAM = 1, DATAGRAM = 2 };
enum { SOCK_FLAGS = O_NONBLOCK | O_CLOEXEC };
enum { SIOCGIFINDEX_HOST = 0x8933 };

/* _IOW('T', number, int) */
#define TUNSETIFF	0x400454caul
#define TUNSETOFFLOAD	0x400454d0ul
#define TUNSETVNETHDRSZ 0x400454d8ul

enum { IFF_TAP = 0x0002, IFF_NO_PI = 0x1000, IFF_VNET_HDR = 0x4000 };
enum { NAME_BYTES = 16, HEADER_BYTES = 12, PATH_BYTES = 108 };

struct ifreq {
	char name[NAME_BYTES];
	union {
		int16_t flags;
		char pad[24];
	};
};

struct address {
	uint16_t family;
	char path[PATH_BYTES];
};

struct message { /* struct msghdr */
	void *name;
	uint32_t name_len;
	const struct eft_iovec *iov;
	size_t count;
	void *control;
	size_t control_len;
	int flags;
};

/* Does (text) fit, with its NUL? The rest of (buf) is 0. */
static bool fill(char *buf, size_t size, const char *text)
{
	size_t len = 0;

	for (; len < size - 1 && text[len] != '\0'; len++)
		buf[len] = text[len];
	return len > 0 && text[len] == '\0';
}

static void host_close(int handle)
{
	eft_linux3(SYS_close, handle, 0, 0);
}

static int new_socket(int type)
{
	eft_linuxu_note_given(); /* a descriptor is to be opened */
	return eft_linux3(SYS_socket, AF_UNIX, type | SOCK_FLAGS, 0);
}

/* TUNSETIFF would make one, if it may. */
static int find_interface(struct ifreq *request)
{
	int handle = new_socket(DATAGRAM), err;

	if (handle < 0)
		return handle;
	err = eft_linux3(SYS_ioctl, handle, SIOCGIFINDEX_HOST, (long)request);
	host_close(handle);
	return err;
}

static int set_up_tap(int handle, struct ifreq *request, unsigned offloads)
{
	int header_bytes = HEADER_BYTES, err;

	request->flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR;
	err = eft_linux3(SYS_ioctl, handle, TUNSETIFF, (long)request);
	if (err < 0)
		return err;
	if (eft_linux3(SYS_ioctl, handle, TUNSETVNETHDRSZ,
		       (long)&header_bytes) < 0 ||
	    eft_linux3(SYS_ioctl, handle, TUNSETOFFLOAD, offloads) < 0)
		return -EOPNOTSUPP;
	return 0;
}

static int host_open_tap(const char *name, unsigned offloads)
{
	struct ifreq request = {.pad = {0}};
	int handle, err;

	if (!fill(request.name, NAME_BYTES, name))
		return -ENODEV;
	err = find_interface(&request);
	if (err < 0)
		return err;
	handle = eft_linuxu_open(EFT_HOST_CWD, "/dev/net/tun",
				 O_RDWR | O_NONBLOCK | O_CLOEXEC, 0);
	if (handle < 0)
		return handle;
	err = set_up_tap(handle, &request, offloads);
	if (err == 0)
		return handle;
	host_close(handle);
	return err;
}

/* A socket for (path), whose address is *ret_address. */
static int socket_for(const char *path, struct address *ret_address)
{
	*ret_address = (struct address){.family = AF_UNIX};
	if (!fill(ret_address->path, PATH_BYTES, path))
		return -ENAMETOOLONG;
	return new_socket(STREAM);
}

static int host_connect(const char *path)
{
	struct address address;
	int handle = socket_for(path, &address), err;

	if (handle < 0)
		return handle;
	err = eft_linux3(SYS_connect, handle, (long)&address, sizeof(address));
	if (err == 0)
		return handle;
	host_close(handle);
	return err;
}

/* Who has gone has left it there. Nothing but a socket is removed. */
static void remove_socket(const char *path)
{
	struct eft_stat st;

	if (eft_linux4(SYS_newfstatat, EFT_HOST_CWD, (long)path, (long)&st,
		       AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.mode & S_IFMT) == S_IFSOCK)
		eft_linux3(SYS_unlinkat, EFT_HOST_CWD, (long)path, 0);
}

static int host_listen(const char *path)
{
	struct address address;
	int handle = socket_for(path, &address), err;

	if (handle < 0)
		return handle;
	remove_socket(path);
	err = eft_linux3(SYS_bind, handle, (long)&address, sizeof(address));
	if (err == 0)
		err = eft_linux3(SYS_listen, handle, 1, 0);
	if (err == 0)
		return handle;
	host_close(handle);
	return err;
}

static int host_accept(int handle)
{
	return eft_linux4(SYS_accept4, handle, 0, 0, SOCK_FLAGS);
}

static ssize_t host_read(int handle, const struct eft_iovec *iov, int count)
{
	return eft_linux3(SYS_readv, handle, (long)iov, count);
}

static ssize_t host_write(int handle, const struct eft_iovec *iov, int count)
{
	return eft_linux3(SYS_writev, handle, (long)iov, count);
}

static ssize_t host_send(int handle, const struct eft_iovec *iov, int count)
{
	struct message message = {.iov = iov, .count = count};

	return eft_linux3(SYS_sendmsg, handle, (long)&message, MSG_NOSIGNAL);
}

static const struct eft_host_wires host_wires = {
	.open_tap = host_open_tap,
	.connect = host_connect,
	.listen = host_listen,
	.accept = host_accept,
	.read = host_read,
	.write = host_write,
	.send = host_send,
};

const struct eft_host_wires *eft_plat_host_wires(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_wires : NULL;
}
