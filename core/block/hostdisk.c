// SPDX-License-Identifier: BSD-3-Clause
/*
 * The option disk=FILE[:ro], a process's: a file or a block device of the host's
 * is a disk. It is locked (flock(2)) as long as the process lives, for two that
 * write to one file system destroy it; two may read.
 *
 * HOW    A request is one call of the host's, made where it is submitted: mostly
 *        it copies from or to the host's own cache. A flush waits for a disk,
 *        and is a helper's, where there is one. What nobody will need again so
 *        soon goes straight to the program: the host has it in its own cache.
 */
#include "core/abi.h"
#include "core/dev/block.h"
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/plat.h"

/* What the host cannot use because of share_ram(). */
eft_needs(eft_hostfile_bounce);

enum { DISKS_MAX = 26, PARTS_MAX = 32, PART_BYTES_MAX = 1 << 30 };

struct host_disk {
	struct eft_block block;
	int handle;
	bool lifts; /* the program's limit on the size of files, to write */

	/* One flush is a helper's at a time: while this is set, by a swap. */
	struct eft_block_request *flush;
	struct eft_host_job job;
};

static char *asked[DISKS_MAX];
static unsigned asked_count;

/*
 * Files of a disk are mapped by their pages, in RAM. Where the host does not let
 * us, they are not mapped: -ENODEV. Called before memory is limited (mem=).
 */
static void share_ram(void)
{
	struct eft_page_stats stats;
	uintptr_t start, used_end;

	eft_page_stats(&stats);
	if (eft_page_zone(0, &start, &used_end))
		eft_plat_process_share_ram(used_end,
					   start + stats.total * EFT_PAGE_SIZE);
}

bool eft_disk_option(const char *key, char *value)
{
	if (eft_strcmp(key, "disk") != 0 || asked_count == DISKS_MAX)
		return false;
	if (asked_count == 0)
		share_ram();
	asked[asked_count++] = value;
	return true;
}

static void end(struct eft_block_request *request, int result)
{
	request->result = result;
	request->done(request);
}

/* That the host has no room is said by its name. */
static int error_of(ssize_t n)
{
	return n == -ENOSPC || n == -EDQUOT ? (int)n : -EIO;
}

/* All bytes of (request), or an error; -EIO: the file has become shorter. */
static int transfer(int handle, const struct eft_block_request *request)
{
	bool reads = request->operation == EFT_BLOCK_READ;
	struct eft_iovec iov[PARTS_MAX];
	off_t at = (off_t)request->at;
	unsigned first = 0;

	for (unsigned i = 0; i < request->count; i++)
		iov[i] = (struct eft_iovec){
			(void eft_user *)request->parts[i].data,
			request->parts[i].len};
	while (first < request->count) {
		int count = (int)(request->count - first);
		ssize_t n = reads ? eft_plat_host_input()->read(
					    handle, iov + first, count, at)
				  : eft_plat_host_files()->write(
					    handle, iov + first, count, at);

		if (n == -EINTR)
			continue;
		if (n <= 0)
			return error_of(n);
		at += n;
		for (; n > 0 && (size_t)n >= iov[first].len; first++)
			n -= (ssize_t)iov[first].len;
		if (n > 0) {
			iov[first].base = (char eft_user *)iov[first].base + n;
			iov[first].len -= (size_t)n;
		}
	}
	return 0;
}

/* The host says what of the program's memory it cannot use. */
static size_t read_out(struct eft_block *block, uint64_t at, void eft_user *buf,
		       size_t len)
{
	struct host_disk *disk =
		eft_container_of(block, struct host_disk, block);
	struct eft_iovec iov = {buf, len};
	ssize_t n;

	do
		n = eft_plat_host_input()->read(disk->handle, &iov, 1,
						(off_t)at);
	while (n == -EINTR);
	return n > 0 ? (size_t)n : 0;
}

static int transfer_on(const struct host_disk *disk,
		       const struct eft_block_request *request)
{
	bool lifts = disk->lifts && request->operation == EFT_BLOCK_WRITE;
	int error;

	if (lifts)
		eft_plat_process_lift(true);
	error = transfer(disk->handle, request);
	if (lifts)
		eft_plat_process_lift(false);
	return error;
}

/* Linux's ways to do without contents: fallocate(2). */
static int punch(int handle, const struct eft_block_request *request)
{
	int mode = FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE;
	int error = eft_plat_host_storage()->allocate(
		handle, mode, (off_t)request->at, (off_t)request->len);

	return error == 0 || error == -EOPNOTSUPP ? error : error_of(error);
}

/* The helper's. The request is taken first: another may follow at once. */
static void flushed(void *arg)
{
	struct host_disk *disk = arg;
	int result = disk->job.result == 0 ? 0 : error_of(disk->job.result);
	struct eft_block_request *request =
		__atomic_exchange_n(&disk->flush, NULL, __ATOMIC_ACQ_REL);

	end(request, result);
}

/* By a helper: false, there is none. */
static bool begin_flush(struct host_disk *disk,
			struct eft_block_request *request)
{
	const struct eft_host_helpers *helpers = eft_plat_host_helpers();
	struct eft_block_request *none = NULL;

	if (helpers == NULL ||
	    !__atomic_compare_exchange_n(&disk->flush, &none, request, false,
					 __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
		return false;
	disk->job = (struct eft_host_job){
		.call = EFT_HOST_FDATASYNC,
		.args = {disk->handle},
		.done = flushed,
		.arg = disk,
	};
	if (helpers->begin(&disk->job) == 0)
		return true;
	__atomic_store_n(&disk->flush, NULL, __ATOMIC_RELEASE);
	return false;
}

static int flush(struct host_disk *disk)
{
	int error = eft_plat_host_storage()->sync(disk->handle, true);

	return error == 0 ? 0 : error_of(error);
}

static int submit(struct eft_block *block, struct eft_block_request *request)
{
	struct host_disk *disk =
		eft_container_of(block, struct host_disk, block);
	int error = eft_block_check(block, request);

	if (error != 0)
		return error;
	switch (request->operation) {
	case EFT_BLOCK_READ:
	case EFT_BLOCK_WRITE:
		error = transfer_on(disk, request);
		break;
	case EFT_BLOCK_FLUSH:
		if (begin_flush(disk, request))
			return 0;
		error = flush(disk);
		break;
	case EFT_BLOCK_DISCARD:
	case EFT_BLOCK_ZERO:
		error = punch(disk->handle, request);
		break;
	}
	end(request, error);
	return 0;
}

static eft_noreturn void fail(const char *path, const char *why)
{
	eft_console_printf("eft: disk=%s: %s\n", path, why);
	eft_plat->exit(1);
}

static const char *reason(int error)
{
	switch (error) {
	case -ENOENT:
		return "no such file";
	case -EACCES:
	case -EROFS:
		return "it may not be written (FILE:ro only reads)";
	case -EAGAIN:
		return "somebody uses it already";
	case -ENOMEM:
		return "no memory for it";
	case -EFBIG:
		return "it is larger than files may be (ulimit -H -f)";
	}
	return "it is no disk: a file or a block device";
}

/* Its size; -EINVAL: neither a regular file nor a block device. */
static off_t size_of(int handle)
{
	struct eft_stat st;
	int error = eft_plat_host_files()->stat(handle, &st);

	if (error != 0)
		return error;
	if ((st.mode & S_IFMT) != S_IFREG && (st.mode & S_IFMT) != S_IFBLK)
		return -EINVAL;
	return eft_plat_host_files()->seek(handle, 0, SEEK_END);
}

/* End (path) before ":ro", if that is there. */
static bool cut_read_only(char *path)
{
	static const char ro[] = ":ro";
	size_t len = eft_strlen(path), cut = sizeof(ro) - 1;

	if (len <= cut || eft_strcmp(path + len - cut, ro) != 0)
		return false;
	path[len - cut] = '\0';
	return true;
}

static int open_disk(const char *path, bool read_only, struct host_disk *disk)
{
	struct eft_block *block = &disk->block;
	off_t size;
	int error;

	disk->handle = eft_plat_host_paths()->open(
		EFT_HOST_CWD, path, read_only ? O_RDONLY : O_RDWR, 0);
	if (disk->handle < 0)
		return disk->handle;
	size = size_of(disk->handle);
	if (size < 0)
		return (int)size;
	error = read_only ? 0
			  : eft_plat_process_may_write((uint64_t)size,
						       &disk->lifts);
	if (error != 0)
		return error;
	error = eft_plat_host_storage()->flock(
		disk->handle, (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB);
	if (error != 0)
		return error;
	block->device.name = path;
	block->sector_bytes = 512;
	block->bytes = eft_align_down((uint64_t)size, block->sector_bytes);
	block->part_bytes_max = PART_BYTES_MAX;
	block->parts_max = PARTS_MAX;
	block->read_only = read_only;
	block->discard_max = block->zero_max = read_only ? 0 : PART_BYTES_MAX;
	block->submit = submit;
	block->read_out = read_out;
	return 0;
}

void eft_host_find_block(struct eft_device_class *class)
{
	for (unsigned i = 0; i < asked_count; i++) {
		struct host_disk *disk = eft_alloc(sizeof(*disk));
		bool read_only = cut_read_only(asked[i]);
		int error = -ENOMEM;

		if (eft_plat_host_paths() == NULL)
			fail(asked[i], "a guest's disks are its machine's");
		if (disk != NULL)
			error = open_disk(asked[i], read_only, disk);
		if (error != 0)
			fail(asked[i], reason(error));
		eft_device_add(class, &disk->block.device);
	}
}
