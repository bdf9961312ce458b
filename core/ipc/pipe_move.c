// SPDX-License-Identifier: BSD-3-Clause
/*
 * Moving what is in a pipe without the program's memory: splice(2), tee(2).
 *
 * A file is not written to with the pipe locked, for its locks come first. So
 * bytes are taken out, written, and what was not written is put back in front.
 * The room that it needs is held meanwhile.
 */
#include "core/ipc/pipe.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/move.h"

/* Only images that make pipes, or FIFOs, have these. */
#pragma weak eft_pipe_of_end
#pragma weak eft_pipe_of_fifo

struct eft_pipe *eft_pipe_of(struct eft_file *file)
{
	struct eft_pipe *pipe = NULL;

	if (eft_pipe_of_end != NULL)
		pipe = eft_pipe_of_end(file);
	if (pipe == NULL && eft_pipe_of_fifo != NULL)
		pipe = eft_pipe_of_fifo(file);
	return pipe;
}

static uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static void store(uint32_t *word, uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

ssize_t eft_pipe_await(struct eft_pipe *pipe, bool wait)
{
	int error = 0;

	while (load(&pipe->used) == 0 && error == 0) {
		if (load(&pipe->writers) == 0 && eft_pipe_is_empty(pipe))
			return 0;
		error = wait ? eft_pipe_wait_readable(pipe) : -EAGAIN;
	}
	return error != 0 ? error : (ssize_t)load(&pipe->used);
}

ssize_t eft_pipe_await_room(struct eft_pipe *pipe, bool wait)
{
	uint32_t taken;
	int error = 0;

	do {
		if (load(&pipe->readers) == 0)
			return -EPIPE;
		taken = load(&pipe->used) + load(&pipe->held);
		if (taken < load(&pipe->size))
			return load(&pipe->size) - taken;
		error = wait ? eft_pipe_wait_writable(pipe, 1) : -EAGAIN;
	} while (error == 0);
	return error;
}

/* Up to (len) bytes, (from) after the first, that lie in one page. */
static size_t copy_locked(struct eft_pipe *pipe, uint32_t from, char *page,
			  size_t len)
{
	uint32_t at = (pipe->start + from) & (pipe->size - 1);
	uint32_t in_page = at & EFT_PAGE_MASK;

	len = eft_min(len, pipe->used - eft_min(pipe->used, from));
	len = eft_min(len, EFT_PAGE_SIZE - in_page);
	if (len > 0)
		memcpy(page, pipe->pages[at / EFT_PAGE_SIZE] + in_page, len);
	return len;
}

size_t eft_pipe_peek(struct eft_pipe *pipe, uint32_t from, char *page,
		     size_t len)
{
	eft_mutex_lock(&pipe->lock);
	len = copy_locked(pipe, from, page, len);
	eft_mutex_unlock(&pipe->lock);
	return len;
}

size_t eft_pipe_take(struct eft_pipe *pipe, char *page, size_t len)
{
	eft_mutex_lock(&pipe->lock);
	len = copy_locked(pipe, 0, page, len);
	pipe->start += (uint32_t)len;
	store(&pipe->held, pipe->held + (uint32_t)len);
	store(&pipe->used, pipe->used - (uint32_t)len);
	eft_mutex_unlock(&pipe->lock);
	return len;
}

/*
 * Put (len) bytes at (from), in *page, before the first byte. They fit, and
 * their pages are there, unless the ring began anew meanwhile: then the first of
 * them may be missing, and *page becomes it.
 */
static void put_back_locked(struct eft_pipe *pipe, char **page,
			    const char *from, size_t len)
{
	uint32_t start = (pipe->start - (uint32_t)len) & (pipe->size - 1);
	uint32_t in_page = start & EFT_PAGE_MASK, slot = start / EFT_PAGE_SIZE;
	uint32_t next = (slot + 1) & (pipe->size / EFT_PAGE_SIZE - 1);
	size_t first = eft_min(len, EFT_PAGE_SIZE - in_page);

	eft_assert(pipe->used + len <= pipe->size);
	if (first < len)
		memcpy(pipe->pages[next], from + first, len - first);
	if (pipe->pages[slot] == NULL) {
		memmove(*page + in_page, from, first);
		pipe->pages[slot] = *page;
		*page = NULL;
	} else {
		memcpy(pipe->pages[slot] + in_page, from, first);
	}
	pipe->start = start;
	store(&pipe->used, pipe->used + (uint32_t)len);
}

void eft_pipe_settle(struct eft_pipe *pipe, char **page, size_t taken,
		     size_t moved)
{
	eft_assert(moved <= taken && taken <= EFT_PAGE_SIZE);
	eft_mutex_lock(&pipe->lock);
	store(&pipe->held, pipe->held - (uint32_t)taken);
	if (moved < taken)
		put_back_locked(pipe, page, *page + moved, taken - moved);
	eft_mutex_unlock(&pipe->lock);
	/* Without writers they waited for this. */
	if (moved < taken || load(&pipe->writers) == 0)
		eft_waitq_wake_one(&pipe->can_read);
	if (moved > 0)
		eft_waitq_wake_one(&pipe->can_write);
}

size_t eft_pipe_hold(struct eft_pipe *pipe, size_t len)
{
	eft_mutex_lock(&pipe->lock);
	len = eft_min(len, pipe->size - pipe->used - pipe->held);
	store(&pipe->held, pipe->held + (uint32_t)len);
	eft_mutex_unlock(&pipe->lock);
	return len;
}

/*
 * The ring of an empty pipe begins anew, so that of the two pages that *page's
 * bytes may lie in at most one is missing. It is *page itself then.
 */
static void put_locked(struct eft_pipe *pipe, char **page, size_t len)
{
	uint32_t at, in_page, slot, next;
	size_t first;

	if (pipe->used == 0)
		pipe->start = 0;
	at = (pipe->start + pipe->used) & (pipe->size - 1);
	in_page = at & EFT_PAGE_MASK;
	slot = at / EFT_PAGE_SIZE;
	next = (slot + 1) & (pipe->size / EFT_PAGE_SIZE - 1);
	first = eft_min(len, EFT_PAGE_SIZE - in_page);
	if (pipe->pages[slot] == NULL) {
		eft_assert(in_page == 0);
		pipe->pages[slot] = *page;
		*page = NULL;
	} else {
		memcpy(pipe->pages[slot] + in_page, *page, first);
	}
	if (first < len && pipe->pages[next] == NULL) {
		memmove(*page, *page + first, len - first);
		pipe->pages[next] = *page;
		*page = NULL;
	} else if (first < len) {
		memcpy(pipe->pages[next], *page + first, len - first);
	}
	store(&pipe->used, pipe->used + (uint32_t)len);
}

void eft_pipe_put(struct eft_pipe *pipe, size_t held, char **page, size_t len)
{
	eft_assert(len <= held && held <= EFT_PAGE_SIZE);
	eft_mutex_lock(&pipe->lock);
	store(&pipe->held, pipe->held - (uint32_t)held);
	if (len > 0)
		put_locked(pipe, page, len);
	eft_mutex_unlock(&pipe->lock);
	if (len > 0)
		eft_waitq_wake_one(&pipe->can_read);
	if (len < held)
		eft_waitq_wake_one(&pipe->can_write);
}
