// SPDX-License-Identifier: BSD-3-Clause
#include "core/fd/anon.h"
#include "core/boot.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/time.h"

uint64_t eft_anon_ino(void)
{
	static uint64_t last_ino = 1; /* eft_anon_file_stat()'s */

	return __atomic_add_fetch(&last_ino, 1, __ATOMIC_RELAXED);
}

void eft_anon_stat(unsigned mode, uint64_t ino, struct eft_stat *ret_stat)
{
	*ret_stat = (struct eft_stat){
		.dev = EFT_ANON_DEV,
		.ino = ino,
		.nlink = 1,
		.mode = mode,
		.uid = eft_process()->identity.euid,
		.gid = eft_process()->identity.egid,
		.blksize = EFT_PAGE_SIZE,
	};
}

int eft_anon_file_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	eft_anon_stat(0600, 1, ret_stat);
	ret_stat->uid = ret_stat->gid = 0; /* Linux: fs/anon_inodes.c */
	return 0;
}

ssize_t eft_anon_path(const char *name, char *buf, size_t size)
{
	size_t len = eft_strlen(name);

	if (len > size)
		return -ENAMETOOLONG;
	memcpy(buf, name, len);
	return (ssize_t)len;
}
