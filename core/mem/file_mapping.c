// SPDX-License-Identifier: BSD-3-Clause
/*
 * Ranges backed by files. A host's file is mapped by the platform; a shared
 * mapping of our own files shows the pages that hold them; a private one gets
 * a copy at once, so that a later write to the file never shows in it.
 */
#include "core/abi.h"
#include "core/file.h"
#include "core/mem/range.h"
#include "core/plat.h"

static intptr_t map_host(uintptr_t addr, size_t len, int prot, unsigned flags,
			 struct eft_file *file, off_t offset)
{
	bool shared = flags & EFT_RANGE_SHARED;
	intptr_t at = eft_range_map_anonymous(
		addr, len, prot, flags | EFT_RANGE_HOST, file, offset);
	int error;

	if (at < 0)
		return at;
	error = file->ops->map(file, at, len, prot, shared, offset);
	if (error < 0) {
		eft_range_unmap(at, len);
		return error;
	}
	return at;
}

/*
 * The pages that exist now are mapped now: a first touch under the file's own
 * lock (a read into its own mapping) could not bring them in.
 */
static intptr_t map_shared(uintptr_t addr, size_t len, int prot, unsigned flags,
			   struct eft_file *file, off_t offset)
{
	intptr_t at =
		eft_range_map_anonymous(addr, len, prot, flags, file, offset);

	if (at < 0)
		return at;
	for (size_t done = 0; done < len; done += EFT_PAGE_SIZE) {
		void *page;
		int error = file->ops->page(file, offset + done, &page);

		if (error == 0)
			error = eft_plat->map_page(at + done, page, prot,
						   false);
		if (error == -ENOMEM || error == -ENODEV) {
			eft_range_unmap(at, len);
			return error;
		}
		if (error < 0)
			break; /* past the end */
	}
	return at;
}

int eft_range_fill(const struct eft_range *range, uintptr_t addr, size_t len)
{
	int writable = EFT_PROT_READ | EFT_PROT_WRITE;
	off_t offset = range->offset + (off_t)(addr - range->start);
	ssize_t error = 0;

	if (range->prot != writable)
		error = eft_range_protect(addr, len, writable);
	if (error == 0)
		error = eft_file_pread(range->file, (void *)addr, len, offset);
	if (error >= 0 && range->prot != writable)
		error = eft_range_protect(addr, len, range->prot);
	return error < 0 ? error : 0;
}

static intptr_t map_copy(uintptr_t addr, size_t len, int prot, unsigned flags,
			 struct eft_file *file, off_t offset)
{
	intptr_t at = eft_range_map_anonymous(
		addr, len, prot, flags | EFT_RANGE_COPY, file, offset);
	struct eft_range range = {
		.start = at, .prot = prot, .file = file, .offset = offset};
	int error;

	if (at < 0)
		return at;
	error = eft_range_fill(&range, at, len);
	if (error < 0) {
		eft_range_unmap(at, len);
		return error;
	}
	return at;
}

intptr_t eft_range_map_file(uintptr_t addr, size_t len, int prot,
			    unsigned flags, struct eft_file *file, off_t offset)
{
	if (file->ops->map != NULL)
		return map_host(addr, len, prot, flags, file, offset);
	if (file->ops->page == NULL)
		return -ENODEV;
	if (flags & EFT_RANGE_SHARED)
		return map_shared(addr, len, prot, flags, file, offset);
	return map_copy(addr, len, prot, flags, file, offset);
}
