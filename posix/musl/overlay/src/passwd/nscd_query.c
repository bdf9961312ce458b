// SPDX-License-Identifier: BSD-3-Clause
/*
 * No name service daemon can be reached from here: the answer is the one for
 * a host that runs none, found in nobody's records, without a socket.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "nscd.h"

FILE *__nscd_query(int32_t req, const char *key, int32_t *buf, size_t len,
		   int *swap)
{
	memset(buf, 0, len);
	buf[0] = NSCDVERSION;
	*swap = 0;
	return fopen("/dev/null", "re");
}
