// SPDX-License-Identifier: BSD-3-Clause
/*
 * The program's files, out of a process: by a descriptor that exec has left.
 */
#include "core/dev/export.h"
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"

static long fd;

static void write(const void *buf, size_t len)
{
	while (len > 0) {
		long n = eft_linux3(SYS_write, fd, (long)buf, (long)len);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return;
		buf = (const char *)buf + n;
		len -= (size_t)n;
	}
}

const struct eft_export *eft_plat_process_export(uint64_t to)
{
	static const struct eft_export host = {.write = write};

	if (eft_plat != &eft_linuxu_plat)
		return NULL;
	fd = (long)to;
	return &host;
}
