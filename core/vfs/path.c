// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where paths start: the root, the working directory, an open directory.
 */
#include "core/lib.h"
#include "core/log.h"
#include "core/process.h"
#include "core/vfs/components.h"
#include "core/vfs/root.h"

struct eft_directory {
	struct eft_lock lock;
	struct eft_file *cwd; /* owned by lock; counted */
	unsigned mask;	      /* the umask; atomic */
};

struct eft_directory eft_first_directory = {
	.lock = EFT_LOCK_INIT(EFT_RANK_DIRECTORY),
};

void eft_path_init(struct eft_file *cwd, unsigned mask)
{
	struct eft_directory *directory = eft_process()->directory;

	eft_assert(cwd->fs != NULL);
	directory->cwd = cwd;
	directory->mask = mask;
}

static struct eft_file *get_cwd(void)
{
	struct eft_directory *directory = eft_process()->directory;
	struct eft_file *file;

	eft_lock(&directory->lock);
	eft_assert(directory->cwd != NULL);
	file = eft_file_get(directory->cwd);
	eft_unlock(&directory->lock);
	return file;
}

/* The description at (fd), which may be AT_FDCWD, counted; NULL: EBADF. */
static struct eft_file *get_start(int fd)
{
	return fd == AT_FDCWD ? get_cwd() : eft_fd_get(fd);
}

int eft_path_start(int fd, const char *path, bool empty, struct eft_at *ret_at)
{
	struct eft_at at = {.path = path};
	int error;

	if (*path == '\0' && !empty)
		return -ENOENT;
	if (*path != '/')
		at.file = get_start(fd);
	else
		at.file = eft_file_get(eft_root_for(path));
	if (at.file == NULL)
		return -EBADF;
	error = *path != '\0' && at.file->fs == NULL ? -ENOTDIR : 0;
	if (error == 0 && *path != '\0')
		error = eft_hostself_start(&at);
	if (error != 0) {
		eft_file_put(at.file);
		return error;
	}
	*ret_at = at;
	return 0;
}

int eft_path_open(int fd, const char *path, int flags, unsigned mode,
		  struct eft_file **ret_file)
{
	bool creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
	struct eft_at at;
	int error;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	flags &= O_KNOWN;
	if (flags & O_CREAT && flags & O_DIRECTORY)
		return -EINVAL; /* there is no such way to make one */
	error = eft_path_start(fd, path, false, &at);
	if (error != 0)
		return error;
	mode = creates ? mode & 07777 & ~eft_umask(-1) : 0;
	error = at.file->fs->open(at.file, at.path, flags, mode, ret_file);
	eft_file_put(at.file);
	return error;
}

int eft_chdir(struct eft_file *file)
{
	struct eft_directory *directory = eft_process()->directory;
	struct eft_file *old;
	struct eft_stat st;
	int error = -ENOTDIR;

	if (file->fs != NULL)
		error = file->ops->stat(file, &st);
	if (error == 0 && (st.mode & S_IFMT) != S_IFDIR)
		error = -ENOTDIR;
	if (error != 0) {
		eft_file_put(file);
		return error;
	}
	eft_lock(&directory->lock);
	old = directory->cwd;
	directory->cwd = file;
	eft_unlock(&directory->lock);
	eft_file_put(old);
	return 0;
}

unsigned eft_umask(int mask)
{
	struct eft_directory *directory = eft_process()->directory;

	if (mask < 0)
		return __atomic_load_n(&directory->mask, __ATOMIC_RELAXED);
	return __atomic_exchange_n(&directory->mask, (unsigned)mask & 0777,
				   __ATOMIC_RELAXED);
}
