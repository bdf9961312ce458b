// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open file descriptions over a host's handles.
 *
 * Nearly every operation is the host's own. Reading is in read.c, waiting
 * in wait.c, locks in lock.c.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/log.h"
#include "core/mem.h"

/*
 * What not every image has. The callers of these operations name them (see
 * eft_needs), so that one which only writes is without waiting and the rest.
 */
#pragma weak eft_hostfile_path
#pragma weak eft_hostfs_reopen
#pragma weak eft_hostfile_read
#pragma weak eft_hostfile_poll
#pragma weak eft_hostfile_write
#pragma weak eft_hostfile_statfs
#pragma weak eft_hostfile_set_size
#pragma weak eft_hostfile_allocate
#pragma weak eft_hostfile_sync
#pragma weak eft_hostfile_chmod
#pragma weak eft_hostfile_chown
#pragma weak eft_hostfile_set_times
#pragma weak eft_hostfile_getdents
#pragma weak eft_hostfile_sync_map
#pragma weak eft_hostfile_lock
#pragma weak eft_hostfile_flock
#pragma weak eft_hostfile_closed

static const struct eft_host_files *host(void)
{
	return eft_plat_host_files();
}

static ssize_t host_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	if (eft_hostfile_write != NULL)
		return eft_hostfile_write(file, iov, count, at);
	return host()->write(eft_hostfile_of(file)->handle, iov, count, at);
}

static off_t host_seek(struct eft_file *file, off_t offset, int whence)
{
	return host()->seek(eft_hostfile_of(file)->handle, offset, whence);
}

static int host_stat(struct eft_file *file, struct eft_stat *ret_stat)
{
	return host()->stat(eft_hostfile_of(file)->handle, ret_stat);
}

static int host_ioctl(struct eft_file *file, unsigned long request,
		      void eft_user *arg)
{
	return host()->ioctl(eft_hostfile_of(file)->handle, request, arg);
}

static int host_window_size(struct eft_file *file,
			    struct eft_winsize eft_user *arg)
{
	return host_ioctl(file, TIOCGWINSZ, arg);
}

static int host_set_flags(struct eft_file *file, int flags)
{
	return host()->set_flags(eft_hostfile_of(file)->handle, flags);
}

static int host_map(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	return host()->map(eft_hostfile_of(file)->handle, addr, len, prot,
			   shared, offset);
}

static void host_release(struct eft_file *file)
{
	struct eft_hostfile *hf = eft_hostfile_of(file);

	if (hf->handle >= 0) /* it was not closed before (close.c) */
		host()->close(hf->handle);
	eft_free(hf);
}

const struct eft_file_ops eft_hostfile_ops = {
	.read = eft_hostfile_read,
	.write = host_write,
	.seek = host_seek,
	.stat = host_stat,
	.statfs = eft_hostfile_statfs,
	.set_size = eft_hostfile_set_size,
	.allocate = eft_hostfile_allocate,
	.sync = eft_hostfile_sync,
	.chmod = eft_hostfile_chmod,
	.chown = eft_hostfile_chown,
	.set_times = eft_hostfile_set_times,
	.getdents = eft_hostfile_getdents,
	.ioctl = host_ioctl,
	.window_size = host_window_size,
	.set_flags = host_set_flags,
	.lock = eft_hostfile_lock,
	.flock = eft_hostfile_flock,
	.closed = eft_hostfile_closed,
	.path = eft_hostfile_path,
	.reopen = eft_hostfs_reopen,
	.poll = eft_hostfile_poll,
	.map = host_map,
	.sync_map = eft_hostfile_sync_map,
	.release = host_release,
};

struct eft_file *eft_hostfile_wrap(int handle, int flags,
				   const struct eft_fs_ops *fs)
{
	struct eft_hostfile *hf = eft_alloc(sizeof(*hf));

	eft_assert(host() != NULL);
	if (hf == NULL)
		return NULL;
	eft_hostfile_init(hf, handle, flags, fs);
	return &hf->file;
}

void eft_hostfile_unwrap(struct eft_file *file)
{
	eft_free(eft_hostfile_of(file));
}

/* core/net/host/inherit.c has others. */
struct eft_file *eft_handle_wrap(int handle, int flags,
				 const struct eft_fs_ops *fs)
	__attribute__((weak, alias("eft_hostfile_wrap")));
void eft_handle_unwrap(struct eft_file *file)
	__attribute__((weak, alias("eft_hostfile_unwrap")));

int eft_hostfile_create(int handle, int flags, const struct eft_fs_ops *fs,
			struct eft_file **ret_file)
{
	struct eft_file *file = eft_hostfile_wrap(handle, flags, fs);

	if (file == NULL) {
		host()->close(handle);
		return -ENOMEM;
	}
	*ret_file = file;
	return 0;
}
