// SPDX-License-Identifier: BSD-3-Clause
/*
 * The families of sockets that there are.
 */
#include "core/net/unix/unix.h"

static const struct eft_socket_family *const families[] = {
	&eft_unix_family,
};

const struct eft_socket_family *eft_socket_family(int domain)
{
	for (size_t i = 0; i < eft_array_size(families); i++) {
		if (families[i]->domain == domain)
			return families[i];
	}
	return NULL;
}
