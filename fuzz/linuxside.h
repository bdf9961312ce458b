// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * System calls of the host's, in a world as empty as an input's of the libOS:
 * its root directory, its descriptors, its network. linuxside.c alone includes
 * libc's headers.
 */
#include "core/base.h"

/* False: the host does not let us make name spaces, or is older than 6.14. */
bool linux_side_init(int descriptors);

/* Between the two, all files and descriptors are those of the empty world. */
void linux_side_enter(void);
void linux_side_leave(void);

/* A result or a negative errno. */
long linux_side_call(long number, long a, long b, long c, long d, long e,
		     long f);
