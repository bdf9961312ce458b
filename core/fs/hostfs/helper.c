// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls of the host's that may take long: a helper makes them, and only the
 * calling thread waits. In programs that have more than one.
 */
#include "core/fd/iov.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/time.h"

eft_needs(eft_plat_process_uring);

/*
 * Transfers of this size take as long as some switches to a helper and back.
 * A device looks for signals at each page (Linux drivers/char/mem.c), and ours
 * that come for a timer would end its transfer early.
 */
enum { LONG_BYTES = 1 << 20, LONG_DEVICE_BYTES = EFT_PAGE_SIZE };

static void wake(void *arg)
{
	eft_thread_wake(arg);
}

bool eft_hostfile_call(enum eft_host_call call, const long args[6],
		       uint64_t deadline_ns, bool interruptible,
		       long *ret_result)
{
	const struct eft_host_helpers *host = eft_plat_host_helpers();
	struct eft_host_job job = {
		.call = call, .done = wake, .arg = eft_current()};
	int stopped = 0;

	memcpy(job.args, args, sizeof(job.args));
	if (host == NULL || host->begin(&job) < 0)
		return false;
	while (!host->has_ended(&job)) {
		if (!interruptible || stopped < 0) {
			eft_sleep_through();
			continue;
		}
		stopped = eft_sleep(deadline_ns);
		if (stopped < 0)
			host->stop(&job);
	}
	*ret_result = job.result == -EINTR ? stopped : job.result;
	return true;
}

/* Who opens a FIFO waits for its other end, unless they say otherwise. */
static bool waits(int at, const char *path, int flags)
{
	const int never = O_NONBLOCK | O_PATH | O_DIRECTORY;
	struct eft_stat st;

	return !(flags & never) && (flags & O_ACCMODE) != O_RDWR &&
	       (flags & (O_CREAT | O_EXCL)) != (O_CREAT | O_EXCL) &&
	       eft_plat_host_paths()->stat(at, path, 0, &st) == 0 &&
	       (st.mode & S_IFMT) == S_IFIFO;
}

bool eft_hostfile_open(int at, const char *path, int flags, unsigned mode,
		       bool named, int *ret_handle)
{
	const long args[6] = {at, (long)path, flags | O_CLOEXEC, mode};
	long result;
	int handle;

	if (!waits(at, path, flags))
		return false;
	if (named) { /* a look at the links, which opens nothing */
		handle = eft_plat_host_paths()->open_named(
			at, path, O_PATH | (flags & O_NOFOLLOW), 0);
		if (handle < 0) {
			*ret_handle = handle;
			return true;
		}
		eft_plat_host_files()->close(handle);
	}
	if (!eft_hostfile_call(EFT_HOST_OPEN, args, EFT_FOREVER, true, &result))
		return false;
	*ret_handle = (int)result;
	return true;
}

/* Linux does not interrupt the transfers of files that have an end either. */
bool eft_hostfile_transfer(enum eft_host_call call, struct eft_hostfile *hf,
			   const struct eft_iovec *iov, int count, off_t at,
			   long *ret_result)
{
	const long args[6] = {hf->handle, (long)iov, count, at};
	size_t least = LONG_BYTES;

	if (!eft_hostfile_is_stream(hf) && hf->kind == EFT_HOSTFILE_DEVICE)
		least = LONG_DEVICE_BYTES;
	if (eft_iov_total(iov, count) <= least)
		return false;
	if (at != EFT_AT_POSITION)
		call = call == EFT_HOST_READ ? EFT_HOST_PREAD : EFT_HOST_PWRITE;
	return eft_hostfile_call(call, args, EFT_FOREVER, false, ret_result);
}
