// SPDX-License-Identifier: BSD-3-Clause
/*
 * Sockets that exec has left: inetd's, and those of socket activation. They may
 * be of any family that the host has.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/mem.h"
#include "core/net/host/host.h"

struct eft_file *eft_host_socket_inherited(int handle, int flags)
{
	struct eft_host_socket *hs;
	unsigned len = sizeof(int);
	int domain = 0;

	if (eft_host_calls() == NULL ||
	    eft_host_calls()->get_option(handle, SOL_SOCKET, SO_DOMAIN, &domain,
					 &len) != 0)
		return NULL;
	hs = eft_host_socket_create(handle, domain,
				    eft_host_number(handle, SO_TYPE),
				    eft_host_number(handle, SO_PROTOCOL));
	if (hs == NULL)
		return NULL;
	hs->given = true;
	hs->socket.file.flags = flags;
	hs->socket.low_water = (uint32_t)eft_max(
		eft_host_number(handle, SO_RCVLOWAT) + 0u, 1u);
	return &hs->socket.file;
}

struct eft_file *eft_handle_wrap(int handle, int flags,
				 const struct eft_fs_ops *fs)
{
	struct eft_file *file = eft_host_socket_inherited(handle, flags);

	return file != NULL ? file : eft_hostfile_wrap(handle, flags, fs);
}

void eft_handle_unwrap(struct eft_file *file)
{
	struct eft_socket *socket = eft_socket_of(file);

	if (socket != NULL)
		eft_free(eft_host_socket_of(socket));
	else
		eft_hostfile_unwrap(file);
}
