// SPDX-License-Identifier: BSD-3-Clause
/*
 * Contents that are a file of the host's memory, because they are mapped: the
 * host brings in, copies and takes away what the mappings show. Each costs it one
 * mapping, of whatever size.
 */
#include "core/abi.h"
#include "core/dev/host.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/pages.h"
#include "core/user.h"

#define files	eft_plat_host_files
#define input	eft_plat_host_input
#define storage eft_plat_host_storage

size_t eft_pages_host_read(struct eft_pages *pages, uint64_t offset,
			   char eft_user *buf, size_t len)
{
	struct eft_iovec iov = {buf, len};
	ssize_t n = input()->read(pages->handle, &iov, 1, (off_t)offset);

	return n < 0 ? 0 : (size_t)n;
}

size_t eft_pages_host_write(struct eft_pages *pages, uint64_t offset,
			    const char eft_user *buf, size_t len,
			    int *ret_error)
{
	struct eft_iovec iov = {(void eft_user *)buf, len};
	ssize_t n = files()->write(pages->handle, &iov, 1, (off_t)offset);

	if (n >= 0)
		return (size_t)n;
	*ret_error = (int)n;
	return 0;
}

int eft_pages_host_resize(struct eft_pages *pages, uint64_t size)
{
	return storage()->set_size(pages->handle, (off_t)size);
}

int eft_pages_host_allocate(struct eft_pages *pages, uint64_t offset,
			    uint64_t len)
{
	return storage()->allocate(pages->handle, FALLOC_FL_KEEP_SIZE,
				   (off_t)offset, (off_t)len);
}

uint64_t eft_pages_host_next(struct eft_pages *pages, uint64_t index, bool data)
{
	off_t at = files()->seek(pages->handle, (off_t)(index * EFT_PAGE_SIZE),
				 data ? SEEK_DATA : SEEK_HOLE);

	if (at < 0) /* past the end, all is a hole */
		return data ? UINT64_MAX : index;
	return (uint64_t)at / EFT_PAGE_SIZE;
}

uint64_t eft_pages_host_used(struct eft_pages *pages)
{
	struct eft_stat st;

	if (files()->stat(pages->handle, &st) < 0)
		return 0;
	return (uint64_t)st.blocks * 512 / EFT_PAGE_SIZE;
}

void eft_pages_host_close(struct eft_pages *pages)
{
	files()->close(pages->handle);
}

/* Write what is there of all pages to (handle). */
static int copy_out(struct eft_pages *pages, int handle)
{
	uint64_t index = 0;

	while ((index = eft_pages_next(pages, index, true)) <
	       (pages->size + EFT_PAGE_MASK) / EFT_PAGE_SIZE) {
		uint64_t at = index * EFT_PAGE_SIZE;
		const void *page = eft_pages_peek(pages, index++, NULL);
		struct eft_iovec iov = {
			(void eft_user *)page,
			eft_min(EFT_PAGE_SIZE, pages->size - at)};
		ssize_t n = files()->write(handle, &iov, 1, (off_t)at);

		if (n != (ssize_t)iov.len)
			return -ENOMEM;
	}
	return 0;
}

/* Returns   0; what the host says of a new file; -ENOMEM */
static int move_to_host(struct eft_pages *pages)
{
	int handle = eft_plat_host_memory();

	if (handle < 0)
		return handle;
	if (storage()->set_size(handle, (off_t)pages->size) < 0 ||
	    copy_out(pages, handle) < 0) {
		files()->close(handle);
		return -ENOMEM;
	}
	eft_pages_fini(pages);
	pages->count = pages->borrowed_bytes = 0;
	pages->handle = handle;
	pages->on_host = true;
	return 0;
}

int eft_pages_map(struct eft_pages *pages, uintptr_t addr, size_t len, int prot,
		  bool shared, off_t offset)
{
	int error = pages->on_host ? 0 : move_to_host(pages);

	if (error == 0)
		error = files()->map(pages->handle, addr, len, prot, shared,
				     offset);
	return error;
}
