// SPDX-License-Identifier: BSD-3-Clause
/*
 * Reading and writing by way of memory of ours. The host cannot touch pages that
 * core shows (EFT_RANGE_SHOWN): its call would find nothing there, and answer
 * EFAULT, or do less. In images with disks.
 */
#include "core/fs/hostfs/hostfs.h"
#include "core/mem.h"
#include "core/user.h"

/* These ask whether it is so. */
eft_needs(eft_hostfile_write);
eft_needs(eft_hostfile_read);

enum { ORDER = 8 }; /* of what is moved at once: 1 MiB */

bool eft_hostfile_bounces(const struct eft_iovec *iov, int count)
{
	for (int i = 0; i < count; i++) {
		if (iov[i].len > 0 &&
		    eft_range_is_shown((uintptr_t)iov[i].base, iov[i].len))
			return true;
	}
	return false;
}

/* Copy (len) bytes, in or out, after the first (done) of (iov): how many? */
static size_t move(const struct eft_iovec *iov, int count, size_t done,
		   char *buf, size_t len, bool in)
{
	size_t moved = 0;

	for (int i = 0; i < count && moved < len; i++) {
		size_t skipped = eft_min(done, iov[i].len);
		size_t n = eft_min(iov[i].len - skipped, len - moved);
		char eft_user *at = (char eft_user *)iov[i].base + skipped;
		size_t could = in ? eft_copy_in_some(buf + moved, at, n)
				  : eft_copy_out_some(at, buf + moved, n);

		done -= skipped;
		moved += could;
		if (could < n)
			break;
	}
	return moved;
}

struct bounce {
	struct eft_file *file;
	const struct eft_iovec *iov;
	int count;
	bool writes;
	char *buf;
	size_t room;
};

/*
 * Move (len) bytes after the first (done) of the vector, at (at). Returns how
 * many, or an error.
 */
static ssize_t move_some(const struct bounce *b, size_t done, size_t len,
			 off_t at)
{
	struct eft_iovec own = {eft_as_user(b->buf), len};
	ssize_t n;
	size_t could;

	if (b->writes) {
		own.len = move(b->iov, b->count, done, b->buf, len, true);
		if (own.len == 0)
			return -EFAULT;
		return eft_hostfile_write(b->file, &own, 1, at);
	}
	n = eft_hostfile_read(b->file, &own, 1, at);
	if (n <= 0)
		return n;
	could = move(b->iov, b->count, done, b->buf, (size_t)n, false);
	return could == 0 ? -EFAULT : (ssize_t)could;
}

/* A stream is read once: what comes next may take long. */
static ssize_t move_all(const struct bounce *b, size_t total, off_t at)
{
	bool once =
		!b->writes && eft_hostfile_is_stream(eft_hostfile_of(b->file));
	size_t done = 0;

	while (done < total) {
		size_t len = eft_min(total - done, b->room);
		ssize_t n = move_some(b, done, len, at);

		if (n <= 0)
			return done > 0 ? (ssize_t)done : n;
		done += (size_t)n;
		if (at != EFT_AT_POSITION)
			at += n;
		if ((size_t)n < len || once)
			break;
	}
	return (ssize_t)done;
}

ssize_t eft_hostfile_bounce(struct eft_file *file, const struct eft_iovec *iov,
			    int count, off_t at, bool writes)
{
	struct bounce b = {file, iov, count, writes, NULL, 0};
	unsigned order = 0;
	size_t total = 0;
	ssize_t n;

	for (int i = 0; i < count; i++)
		total += iov[i].len;
	while (order < ORDER && EFT_PAGE_SIZE << order < total)
		order++;
	while ((b.buf = eft_page_alloc(order)) == NULL && order > 0)
		order--;
	if (b.buf == NULL)
		return -ENOMEM;
	b.room = EFT_PAGE_SIZE << order;
	n = move_all(&b, total, at);
	eft_page_free(b.buf);
	return n;
}
