// SPDX-License-Identifier: BSD-3-Clause
/*
 * Moving bytes between two of the host's files: by the host, which may share
 * blocks instead. A long transfer is a helper's, where there are some.
 */
#include "core/move.h"
#include "core/fs/hostfs/hostfs.h"

/* Only programs that make threads have it. */
#pragma weak eft_hostfile_call

enum { LONG_BYTES = 1 << 20 }; /* as in helper.c */

static bool is_plain(struct eft_file *file, struct eft_stat *ret_st)
{
	return file->ops == &eft_hostfile_ops &&
	       file->ops->stat(file, ret_st) == 0 &&
	       (ret_st->mode & S_IFMT) == S_IFREG;
}

static long move_once(enum eft_host_call call, const long args[6], size_t len)
{
	long result;

	if (len > LONG_BYTES && !eft_is_only_thread() &&
	    eft_hostfile_call != NULL &&
	    eft_hostfile_call(call, args, EFT_FOREVER, false, &result))
		return result;
	return eft_plat_host_moving()->move(call, args);
}

/*
 * The host ends a transfer early, or before it begins, when a signal comes
 * (Linux, fs/splice.c). That may be one of ours, for a timer say, which a
 * program does not know of: we go on while (in) has more, up to (in_size).
 */
static long move_all(enum eft_host_call call, long args[6], size_t len,
		     const off_t *in_at, off_t in_size)
{
	long *left = &args[call == EFT_HOST_SENDFILE ? 3 : 4];
	size_t done = 0;
	long n;

	do {
		*left = (long)(len - done);
		n = move_once(call, args, len - done);
		if (n > 0)
			done += (size_t)n;
	} while (n == -EINTR || (n > 0 && done < len && *in_at < in_size));
	eft_assert(done <= len);
	return done > 0 ? (long)done : n;
}

bool eft_hostfile_move(enum eft_move move, struct eft_file *in, off_t *in_at,
		       struct eft_file *out, off_t *out_at, size_t len,
		       long *ret_result)
{
	struct eft_stat in_st, out_st;
	long send[6] = {0}, copy[6] = {0};

	if (!is_plain(in, &in_st) || !is_plain(out, &out_st))
		return false;
	send[0] = copy[2] = eft_hostfile_handle(out);
	send[1] = copy[0] = eft_hostfile_handle(in);
	send[2] = copy[1] = (long)in_at;
	copy[3] = (long)out_at;
	*ret_result = move == EFT_MOVE_SEND
			      ? move_all(EFT_HOST_SENDFILE, send, len, in_at,
					 in_st.size)
			      : move_all(EFT_HOST_COPY_RANGE, copy, len, in_at,
					 in_st.size);
	return true;
}

bool eft_hostfile_syncfs(struct eft_file *file, long *ret_result)
{
	long args[6] = {0};

	if (file->ops != &eft_hostfile_ops)
		return false;
	args[0] = eft_hostfile_handle(file);
	if (eft_is_only_thread() || eft_hostfile_call == NULL ||
	    !eft_hostfile_call(EFT_HOST_SYNCFS, args, EFT_FOREVER, false,
			       ret_result))
		*ret_result =
			eft_plat_host_moving()->move(EFT_HOST_SYNCFS, args);
	return true;
}
