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

static bool is_plain(struct eft_file *file)
{
	struct eft_stat st;

	return file->ops == &eft_hostfile_ops &&
	       file->ops->stat(file, &st) == 0 && (st.mode & S_IFMT) == S_IFREG;
}

bool eft_hostfile_move(enum eft_move move, struct eft_file *in, off_t *in_at,
		       struct eft_file *out, off_t *out_at, size_t len,
		       long *ret_result)
{
	long send[6], copy[6], *args = move == EFT_MOVE_SEND ? send : copy;
	enum eft_host_call call =
		move == EFT_MOVE_SEND ? EFT_HOST_SENDFILE : EFT_HOST_COPY_RANGE;

	if (!is_plain(in) || !is_plain(out))
		return false;
	memcpy(send,
	       (const long[6]){eft_hostfile_handle(out),
			       eft_hostfile_handle(in), (long)in_at, (long)len},
	       sizeof(send));
	memcpy(copy,
	       (const long[6]){eft_hostfile_handle(in), (long)in_at,
			       eft_hostfile_handle(out), (long)out_at,
			       (long)len},
	       sizeof(copy));
	if (len > LONG_BYTES && !eft_is_only_thread() &&
	    eft_hostfile_call != NULL &&
	    eft_hostfile_call(call, args, EFT_FOREVER, false, ret_result))
		return true;
	do /* a signal of ours, for a timer say, ended it before it began */
		*ret_result = eft_plat_host_moving()->move(call, args);
	while (*ret_result == -EINTR);
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
