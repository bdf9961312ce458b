// SPDX-License-Identifier: BSD-3-Clause
/*
 * Contents of regular files, between pages and the server.
 */
#include "core/abi.h"
#include "core/fs/remote/node.h"

static struct eft_remote_node *node_of(struct eft_cached *cached)
{
	return eft_container_of(cached, struct eft_remote_node, cached);
}

/* What a server says that it has moved is checked. */
static ssize_t checked(ssize_t n, const struct eft_remote_data *data)
{
	return n > 0 && (size_t)n > data->bytes ? -EIO : n;
}

ssize_t eft_remote_read(struct eft_remote_node *node,
			struct eft_remote_open *open,
			const struct eft_remote_data *data)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	ssize_t n = remote->ops->read(remote, name->handle, open->handle, data);

	eft_remote_name_put(remote, name);
	return checked(n, data);
}

ssize_t eft_remote_write(struct eft_remote_node *node,
			 struct eft_remote_open *open,
			 const struct eft_remote_data *data)
{
	struct eft_remote *remote = node->remote;
	struct eft_remote_name *name = eft_remote_name_get(node);
	ssize_t n =
		remote->ops->write(remote, name->handle, open->handle, data);

	eft_remote_name_put(remote, name);
	return n == 0 ? -EIO : checked(n, data);
}

/*
 * The page cache's.
 */

/* The first pages of (data), of (left) bytes: what one message may have. */
static void cut(const struct eft_remote_node *node,
		struct eft_remote_data *data, size_t left)
{
	size_t max = (size_t)node->remote->io_pages_max * EFT_PAGE_SIZE;

	data->bytes = eft_min(left, max);
	data->count = (unsigned)((data->bytes + EFT_PAGE_MASK) / EFT_PAGE_SIZE);
}

static void clear(void *const page[], size_t from, size_t end)
{
	while (from < end) {
		size_t in_page = from & EFT_PAGE_MASK;

		memset((char *)page[from / EFT_PAGE_SIZE] + in_page, 0,
		       EFT_PAGE_SIZE - in_page);
		from += EFT_PAGE_SIZE - in_page;
	}
}

/*
 * Read whole pages: a message begins on one, so an answer that ends within one
 * has that read again. Returns how many bytes there are, or an error.
 */
static ssize_t read_all(struct eft_remote_node *node,
			struct eft_remote_open *open, uint64_t index,
			void *const page[], size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t whole = done & ~EFT_PAGE_MASK;
		struct eft_remote_data data = {
			.offset = index * EFT_PAGE_SIZE + whole,
			.page = page + whole / EFT_PAGE_SIZE,
		};
		ssize_t n;

		cut(node, &data, bytes - whole);
		n = eft_remote_read(node, open, &data);
		if (n < 0)
			return n;
		if (whole + (size_t)n <= done)
			break; /* no more than before: the end */
		done = whole + (size_t)n;
	}
	return (ssize_t)done;
}

/* The bytes of (count) pages that are not past the end. */
static size_t bytes_at(struct eft_cached *cached, uint64_t index,
		       unsigned count)
{
	uint64_t size = __atomic_load_n(&cached->pages.size, __ATOMIC_ACQUIRE);
	uint64_t start = index * EFT_PAGE_SIZE;

	return eft_min(size - eft_min(size, start),
		       (uint64_t)count * EFT_PAGE_SIZE);
}

static int read_pages(struct eft_cached *cached, uint64_t index,
		      void *const page[], unsigned count)
{
	struct eft_remote_node *node = node_of(cached);
	size_t bytes = (size_t)count * EFT_PAGE_SIZE;
	struct eft_remote_open *open;
	ssize_t n;
	int error = eft_remote_open_get(node, O_RDONLY, &open);

	if (error != 0)
		return error;
	n = read_all(node, open, index, page, bytes_at(cached, index, count));
	eft_remote_open_put(node, open);
	if (n < 0)
		return (int)n;
	clear(page, (size_t)n, bytes);
	return 0;
}

/* The same for writing: a page that was written in part, twice, is an error. */
static int write_all(struct eft_remote_node *node, struct eft_remote_open *open,
		     uint64_t index, void *const page[], size_t bytes)
{
	size_t done = 0;

	while (done < bytes) {
		size_t whole = done & ~EFT_PAGE_MASK;
		struct eft_remote_data data = {
			.offset = index * EFT_PAGE_SIZE + whole,
			.page = page + whole / EFT_PAGE_SIZE,
		};
		ssize_t n;

		cut(node, &data, bytes - whole);
		n = eft_remote_write(node, open, &data);
		if (n < 0)
			return (int)n;
		if (whole + (size_t)n <= done)
			return -EIO;
		done = whole + (size_t)n;
	}
	return 0;
}

static int write_run(struct eft_cached *cached, struct eft_remote_open *open,
		     const struct eft_cached_run *run)
{
	size_t bytes = bytes_at(cached, run->index, run->count);

	return bytes == 0 ? 0
			  : write_all(node_of(cached), open, run->index,
				      run->page, bytes);
}

/* A run that cannot be written does not keep others from being written. */
static int write_runs(struct eft_cached *cached,
		      const struct eft_cached_run run[], unsigned count)
{
	struct eft_remote_node *node = node_of(cached);
	struct eft_remote_open *open;
	int error = eft_remote_open_get(node, O_WRONLY, &open);

	if (error != 0)
		return error;
	for (unsigned i = 0; i < count; i++) {
		int run_error = write_run(cached, open, &run[i]);

		error = error != 0 ? error : run_error;
	}
	eft_remote_open_put(node, open);
	return error;
}

static int reserve(struct eft_cached *cached, uint64_t index)
{
	return node_of(cached)->remote->read_only ? -EROFS : 0;
}

static void hold(struct eft_cached *cached)
{
	eft_node_get(&node_of(cached)->node);
}

/* The server has it all, and says when it got it. */
static void let_go(struct eft_cached *cached)
{
	struct eft_remote_node *node = node_of(cached);

	eft_remote_set_flag(&node->written, false);
	eft_remote_set_flag(&node->stale, true);
	eft_node_put(&node->node);
}

const struct eft_cached_source eft_remote_source = {
	.read = read_pages,
	.write = write_runs,
	.reserve = reserve,
	.hold = hold,
	.let_go = let_go,
};
