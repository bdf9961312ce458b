// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a stream has no use for: the size, the owner, the names of a host's
 * file. Each operation is the host's own.
 */
#include "core/fs/hostfs/hostfs.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_call

/* Who syncs, or the like, wants to know what its close() has to tell. */
eft_needs(eft_hostfile_closed);

static const struct eft_host_storage *storage(void)
{
	return eft_plat_host_storage();
}

int eft_hostfile_statfs(struct eft_file *file, struct eft_statfs *ret_statfs)
{
	return storage()->statfs(eft_hostfile_of(file)->handle, ret_statfs);
}

int eft_hostfile_set_size(struct eft_file *file, off_t size)
{
	return storage()->set_size(eft_hostfile_of(file)->handle, size);
}

int eft_hostfile_allocate(struct eft_file *file, int mode, off_t offset,
			  off_t len)
{
	return storage()->allocate(eft_hostfile_of(file)->handle, mode, offset,
				   len);
}

/* It waits for the disk. */
int eft_hostfile_sync(struct eft_file *file, bool data_only)
{
	enum eft_host_call call =
		data_only ? EFT_HOST_FDATASYNC : EFT_HOST_FSYNC;
	const long args[6] = {eft_hostfile_handle(file)};
	long result;

	if (!eft_is_only_thread() && eft_hostfile_call != NULL &&
	    eft_hostfile_call(call, args, EFT_FOREVER, false, &result))
		return (int)result;
	return storage()->sync(eft_hostfile_of(file)->handle, data_only);
}

int eft_hostfile_chmod(struct eft_file *file, unsigned mode)
{
	return storage()->chmod(eft_hostfile_of(file)->handle, mode);
}

int eft_hostfile_chown(struct eft_file *file, unsigned uid, unsigned gid)
{
	return storage()->chown(eft_hostfile_of(file)->handle, uid, gid);
}

int eft_hostfile_set_times(struct eft_file *file,
			   const struct eft_timespec times[2])
{
	return storage()->set_times(eft_hostfile_of(file)->handle, times);
}

ssize_t eft_hostfile_getdents(struct eft_file *file, void eft_user *buf,
			      size_t size)
{
	return storage()->getdents(eft_hostfile_of(file)->handle, buf, size);
}

int eft_hostfile_sync_map(struct eft_file *file, uintptr_t addr, size_t len,
			  int flags)
{
	const long args[6] = {(long)addr, (long)len, flags};
	long result;

	if (flags & MS_SYNC && !eft_is_only_thread() &&
	    eft_hostfile_call != NULL &&
	    eft_hostfile_call(EFT_HOST_MSYNC, args, EFT_FOREVER, false,
			      &result))
		return (int)result;
	return storage()->sync_map(addr, len, flags);
}
