// SPDX-License-Identifier: BSD-3-Clause
/*
 * memfd_create(2), and its seals.
 */
#include "core/memfd.h"
#include "core/mem.h"
#include "posix/fs/description.h"
#include "posix/fs/path.h"
#include "posix/mem/memory.h"
#include "posix/syscalls.h"

eft_needs(eft_regular_allocate);
eft_needs(eft_hostfile_sync);
eft_needs(eft_node_file_sync);

enum {
	KNOWN_FLAGS =
		MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL | MFD_EXEC
};

static int create(const char *name, unsigned flags, struct eft_file **ret_file)
{
	unsigned seals = F_SEAL_SEAL, mode = 0777;

	if (flags & (MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL))
		seals = 0;
	if (flags & MFD_NOEXEC_SEAL) {
		mode = 0666;
		seals |= F_SEAL_EXEC;
	}
	return eft_memfd_create(name, mode, seals, ret_file);
}

long eft_sys_memfd_create(const char eft_user *name, unsigned flags)
{
	struct eft_user_string string;
	struct eft_file *file;
	int error;

	if (flags & ~(unsigned)KNOWN_FLAGS ||
	    (flags & MFD_EXEC && flags & MFD_NOEXEC_SEAL))
		return -EINVAL;
	error = eft_string_get(&string, name);
	if (error != 0)
		return error == -ENAMETOOLONG ? -EINVAL : error;
	error = eft_strlen(string.text) > MFD_NAME_MAX
			? -EINVAL
			: create(string.text, flags, &file);
	eft_string_put(&string);
	if (error != 0)
		return error;
	return eft_fd_install(file, 0, flags & MFD_CLOEXEC);
}

/* Does a mapping show (file) to somebody who may write there? */
static bool is_mapped_to_write(struct eft_file *file)
{
	struct eft_range range;
	struct eft_stat st, other;
	bool found = false;

	file->ops->stat(file, &st);
	for (uintptr_t at = 0; !found && eft_range_next(at, &range);
	     at = range.end) {
		found = range.file != NULL && range.flags & EFT_RANGE_SHARED &&
			(range.file->flags & O_ACCMODE) == O_RDWR &&
			range.file->ops->stat(range.file, &other) == 0 &&
			other.dev == st.dev && other.ino == st.ino;
		eft_file_put(range.file);
	}
	return found;
}

/* Nothing is mapped between the look and the seal. */
static long add_write_seal(struct eft_file *file, unsigned seals)
{
	long result = eft_memfd_seal(file, 0);

	if (result < 0 || result & F_SEAL_SEAL)
		return result < 0 ? result : -EPERM;
	eft_space_changes_begin();
	if (!(result & F_SEAL_WRITE) && is_mapped_to_write(file))
		result = -EBUSY;
	else
		result = eft_memfd_seal(file, seals);
	eft_space_changes_end();
	return result;
}

long eft_memfd_fcntl(struct eft_file *file, int command, unsigned seals)
{
	long result;

	if (command == F_GET_SEALS)
		return eft_memfd_seal(file, 0);
	if (seals & ~(unsigned)F_SEAL_ALL || eft_memfd_seal(file, 0) < 0)
		return -EINVAL;
	if ((file->flags & O_ACCMODE) == O_RDONLY)
		return -EPERM;
	if (seals & F_SEAL_WRITE)
		result = add_write_seal(file, seals);
	else if (seals == 0)
		result = eft_memfd_seal(file, 0) & F_SEAL_SEAL ? -EPERM : 0;
	else
		result = eft_memfd_seal(file, seals);
	return result < 0 ? result : 0;
}
