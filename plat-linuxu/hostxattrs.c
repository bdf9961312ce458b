// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes of the host's files: each is the host's system call of its
 * name.
 */
#include "core/dev/host.h"
#include "plat-linuxu/linuxu.h"

/* Linux arch/x86/entry/syscalls/syscall_64.tbl: by path, by link, by handle. */
enum { BY_PATH, BY_LINK, BY_HANDLE };

static const int numbers[][3] = {
	[EFT_XATTR_GET] = {191, 192, 193},
	[EFT_XATTR_SET] = {188, 189, 190},
	[EFT_XATTR_LIST] = {194, 195, 196},
	[EFT_XATTR_REMOVE] = {197, 198, 199},
};

static ssize_t make(long what, int how, const struct eft_xattr_call *call)
{
	int number = numbers[call->operation][how];
	long data = (long)call->data;

	if (call->operation == EFT_XATTR_LIST)
		return eft_linux3(number, what, data, (long)call->size);
	return eft_linux6(number, what, (long)call->name, data,
			  (long)call->size, call->flags, 0);
}

static ssize_t by_path(const char *path, bool follow,
		       const struct eft_xattr_call *call)
{
	return make((long)path, follow ? BY_PATH : BY_LINK, call);
}

static ssize_t by_handle(int handle, const struct eft_xattr_call *call)
{
	return make(handle, BY_HANDLE, call);
}

static const struct eft_host_xattrs host_xattrs = {
	.by_path = by_path,
	.by_handle = by_handle,
};

const struct eft_host_xattrs *eft_plat_host_xattrs(void)
{
	return eft_plat == &eft_linuxu_plat ? &host_xattrs : NULL;
}
