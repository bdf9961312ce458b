// SPDX-License-Identifier: BSD-3-Clause
/*
 * The texts of /proc's links to descriptions, as readlink(2) gives them.
 */
#include "core/dev/host.h"
#include "core/fs/procfs/proc.h"
#include "core/lib.h"
#include "core/mem.h"

/* The path of (file), which is taken. */
static ssize_t put_path(struct eft_file *file, char *buf, size_t size)
{
	char *path = eft_alloc(PATH_MAX);
	ssize_t len = -ENOMEM;

	if (path != NULL)
		len = eft_file_path(file, path, PATH_MAX);
	if (len == -ENOENT) {
		eft_strlcpy(path, "anon_inode:[file]", PATH_MAX);
		len = (ssize_t)eft_strlen(path);
	}
	if (len >= 0) {
		len = (ssize_t)eft_min((size_t)len, size);
		memcpy(buf, path, (size_t)len);
	}
	eft_free(path);
	eft_file_put(file);
	return len;
}

ssize_t eft_proc_fd_readlink(struct eft_node *node, char *buf, size_t size)
{
	struct eft_file *file = eft_fd_get(eft_proc_fd_number(node));

	return file != NULL ? put_path(file, buf, size) : -ENOENT;
}

ssize_t eft_proc_cwd_readlink(struct eft_node *node, char *buf, size_t size)
{
	struct eft_at at;
	int error = eft_path_start(AT_FDCWD, "", true, &at);

	return error == 0 ? put_path(at.file, buf, size) : error;
}

ssize_t eft_proc_root_readlink(struct eft_node *node, char *buf, size_t size)
{
	memcpy(buf, "/", eft_min(size, 1));
	return (ssize_t)eft_min(size, 1);
}

ssize_t eft_proc_exe_readlink(struct eft_node *node, char *buf, size_t size)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	char *path;
	size_t len;

	if (host != NULL)
		return host->readlink(EFT_HOST_CWD, "/proc/self/exe", buf,
				      size);
	path = eft_alloc(PATH_MAX);
	if (path == NULL)
		return -ENOMEM;
	len = eft_min(eft_proc_exe_path(path, PATH_MAX), size);
	memcpy(buf, path, len);
	eft_free(path);
	return (ssize_t)len;
}
