// SPDX-License-Identifier: BSD-3-Clause
/*
 * The families of sockets that there are.
 */
#include "core/net/unix/unix.h"

/* In images that have something to do with the internet. */
extern __typeof__(eft_inet_family) eft_inet_family eft_weak;

const struct eft_socket_family *eft_socket_family(int domain)
{
	if (domain == AF_UNIX)
		return &eft_unix_family;
	return eft_inet_family != NULL ? eft_inet_family(domain) : NULL;
}
