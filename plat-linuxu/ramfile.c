// SPDX-License-Identifier: BSD-3-Clause
/*
 * RAM as a memfd, whose pages can be mapped a second time: where the root may
 * be the tree, so that the program shares files of it.
 */
#include "core/abi.h"
#include "plat-linuxu/linuxu.h"

enum { RLIMIT_FSIZE = 1, MFD_CLOEXEC = 1 };

/* To say so wrongly costs some time: unquoting the options takes memory. */
static bool root_may_be_tree(const char *options)
{
	static const char word[] = "initrd";
	size_t n = 0;

	for (; word[n] != '\0' && *options != '\0'; options++) {
		if (*options == '\'' || *options == '"' || *options == '\\')
			return true;
		n = *options == word[n] ? n + 1 : *options == word[0];
	}
	return word[n] == '\0';
}

/* A file above the limit on their size would end the process (SIGXFSZ). */
int eft_linuxu_ram_file(size_t size, const char *options)
{
	uint64_t limit[2];
	int fd;

	eft_linuxu_limit(RLIMIT_FSIZE, limit);
	if (options == NULL || !root_may_be_tree(options) || size > limit[0])
		return -1;
	eft_linuxu_note_given();
	fd = eft_linux3(SYS_memfd_create, (long)"eft-ram", MFD_CLOEXEC, 0);
	if (fd >= 0 && eft_linux3(SYS_ftruncate, fd, size, 0) < 0) {
		eft_linux3(SYS_close, fd, 0, 0);
		fd = -1;
	}
	return fd < 0 ? -1 : fd;
}
