// SPDX-License-Identifier: BSD-3-Clause
/*
 * getcwd(2): apart, for it is what needs the paths of descriptions.
 */
#include "core/file.h"
#include "core/mem.h"
#include "core/user.h"
#include "posix/syscalls.h"

/* Linux's has a page for it, whatever (size) is. */
long eft_sys_getcwd(char eft_user *buf, size_t size)
{
	char *path = eft_alloc(PATH_MAX);
	ssize_t len;

	if (path == NULL)
		return -ENOMEM;
	len = eft_getcwd(path, PATH_MAX);
	if (len == -ERANGE)
		len = -ENAMETOOLONG;
	else if (len > (ssize_t)size)
		len = -ERANGE;
	else if (len > 0 && eft_copy_out(buf, path, (size_t)len) != 0)
		len = -EFAULT;
	eft_free(path);
	return len;
}
