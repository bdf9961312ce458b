// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of a directory, as many at a time as a page has.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/mem.h"

enum { TYPE_MAX = S_IFMT >> 12 }; /* DT_… is a mode's type */

struct name {
	struct eft_fuse_dirent dirent;
	char text[NAME_MAX];
};

static const char *check_name(const struct name *name, uint64_t before)
{
	size_t len = name->dirent.namelen;

	if (name->dirent.off == before || name->dirent.off == 0)
		return "a directory's names do not go on";
	if (name->dirent.type > TYPE_MAX)
		return "a name's type is none";
	for (size_t i = 0; i < len; i++) {
		if (name->text[i] == '/' || name->text[i] == '\0')
			return "a directory has a name that is none";
	}
	return NULL;
}

/*
 * Copy the next name of (bytes) at (at); one that does not fit may be cut off.
 * Returns its size with all that pads it; 0: there is none.
 */
static size_t take_name(const uint8_t *at, size_t bytes, struct name *ret_name,
			const char **ret_why)
{
	size_t len;

	if (bytes < sizeof(ret_name->dirent))
		return 0;
	memcpy(&ret_name->dirent, at, sizeof(ret_name->dirent));
	__asm__ volatile("" ::: "memory");
	len = ret_name->dirent.namelen;
	if (len == 0 || len > NAME_MAX) {
		*ret_why = "a name is empty, or too long";
		return 0;
	}
	if (len > bytes - sizeof(ret_name->dirent))
		return 0;
	memcpy(ret_name->text, at + sizeof(ret_name->dirent), len);
	__asm__ volatile("" ::: "memory");
	return eft_min(eft_align_up(sizeof(ret_name->dirent) + len, 8), bytes);
}

/* How many names there were; *cookie is behind them. *more: (fn) wants some. */
static int tell_names(struct eft_virtiofs *fs, const uint8_t *page,
		      size_t bytes, uint64_t *cookie, eft_remote_name_fn *fn,
		      void *arg, bool *more)
{
	const char *why = NULL;
	struct name name;
	size_t at = 0, size;
	int count = 0;

	while (*more &&
	       (size = take_name(page + at, bytes - at, &name, &why))) {
		why = check_name(&name, *cookie);
		if (why != NULL)
			break;
		at += size;
		count++;
		*cookie = name.dirent.off;
		*more = fn(arg, name.text, name.dirent.namelen, name.dirent.ino,
			   name.dirent.type, *cookie);
	}
	if (why == NULL && count == 0 && bytes > 0)
		why = "a directory has half a name";
	return why != NULL ? eft_virtiofs_nonsense(fs, why) : count;
}

static ssize_t read_page(struct eft_virtiofs *fs, uint64_t node, uint64_t fh,
			 uint64_t cookie, void *page)
{
	struct eft_virtiofs_message *message =
		eft_virtiofs_ask(fs, EFT_FUSE_READDIR, node);
	struct eft_fuse_read_in in = {
		.fh = fh, .offset = cookie, .size = EFT_PAGE_SIZE};
	struct eft_remote_data data = {
		.page = &page, .count = 1, .bytes = EFT_PAGE_SIZE};
	ssize_t len;

	eft_virtiofs_put(message, &in, sizeof(in));
	eft_virtiofs_lend(message, &data, true);
	len = eft_virtiofs_call(message, NULL, 0);
	eft_virtiofs_end(message);
	return len;
}

int eft_virtiofs_read_dir(struct eft_remote *remote, eft_remote_handle handle,
			  eft_remote_handle open, uint64_t cookie,
			  eft_remote_name_fn *fn, void *arg)
{
	struct eft_virtiofs *fs = eft_virtiofs(remote);
	void *page = eft_page_alloc(0);
	bool more = true;
	ssize_t result;

	if (page == NULL)
		return -ENOMEM;
	do {
		result = read_page(fs, handle, eft_virtiofs_open(open)->fh,
				   cookie, page);
		if (result > 0)
			result = tell_names(fs, page, (size_t)result, &cookie,
					    fn, arg, &more);
	} while (result > 0 && more);
	eft_page_free(page);
	return result < 0 ? (int)result : 0;
}
