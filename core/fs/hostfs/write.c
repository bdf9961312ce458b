// SPDX-License-Identifier: BSD-3-Clause
/*
 * Writing to a host's stream, which may be full: only the calling thread waits
 * for room. In programs that have but one, the host may let it wait.
 */
#include "core/fs/hostfs/hostfs.h"

eft_needs(eft_hostfile_transfer);

/* As in read.c. */
#pragma weak eft_hostfile_bounces
#pragma weak eft_hostfile_bounce

enum { PARTS = 8 };

static size_t total_of(const struct eft_iovec *iov, int count)
{
	size_t total = 0;

	for (int i = 0; i < count; i++)
		total += iov[i].len;
	return total;
}

/* Some of what is left of (iov) after (done) bytes; returns how many parts. */
static int rest_of(const struct eft_iovec *iov, int count, size_t done,
		   struct eft_iovec rest[PARTS])
{
	int parts = 0;

	for (int i = 0; i < count && parts < PARTS; i++) {
		if (done < iov[i].len) {
			rest[parts].base = (char eft_user *)iov[i].base + done;
			rest[parts++].len = iov[i].len - done;
		}
		done -= eft_min(done, iov[i].len);
	}
	return parts;
}

static ssize_t write_some(struct eft_hostfile *hf, const struct eft_iovec *iov,
			  int count, size_t done)
{
	const struct eft_host_waiting *host = eft_plat_host_waiting();
	struct eft_iovec rest[PARTS];
	ssize_t n;
	int error = 0;

	if (done > 0) {
		count = rest_of(iov, count, done, rest);
		iov = rest;
	}
	while ((n = host->write_now(hf->handle, iov, count)) == -EAGAIN) {
		if (error < 0)
			return error;
		error = eft_hostfile_wait(hf, POLLOUT, EFT_FOREVER);
	}
	return n;
}

static ssize_t write_stream(struct eft_hostfile *hf,
			    const struct eft_iovec *iov, int count)
{
	size_t total = total_of(iov, count), done = 0;

	do {
		ssize_t n = write_some(hf, iov, count, done);

		if (n <= 0)
			return done > 0 ? (ssize_t)done : n;
		done += n;
	} while (done < total);
	return done;
}

ssize_t eft_hostfile_write(struct eft_file *file, const struct eft_iovec *iov,
			   int count, off_t at)
{
	struct eft_hostfile *hf = eft_hostfile_of(file);
	long n;

	if (eft_hostfile_bounces != NULL && eft_hostfile_bounces(iov, count))
		return eft_hostfile_bounce(file, iov, count, at, true);
	if (at == EFT_AT_POSITION && eft_hostfile_is_stream(hf))
		return write_stream(hf, iov, count);
	if (!eft_is_only_thread() &&
	    eft_hostfile_transfer(EFT_HOST_WRITE, hf, iov, count, at, &n))
		return n;
	return eft_plat_host_files()->write(hf->handle, iov, count, at);
}
