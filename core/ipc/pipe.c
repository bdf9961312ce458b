// SPDX-License-Identifier: BSD-3-Clause
/*
 * Pipes (pipe(7)).
 *
 * The mutex is held while bytes are copied, for the program's memory may
 * fault; never while somebody waits. Whether there is anything to read or any
 * room is seen without it. A ring that was emptied starts at its first page
 * again, which is warm.
 *
 * Readers and writers are woken one by one. Who was woken, and leaves something
 * for another, wakes the next.
 */
#include "core/ipc/pipe.h"
#include "core/fd/iov.h"
#include "core/log.h"
#include "core/mem.h"

static inline __attribute__((always_inline)) uint32_t load(const uint32_t *word)
{
	return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline __attribute__((always_inline)) void store(uint32_t *word,
							uint32_t value)
{
	__atomic_store_n(word, value, __ATOMIC_RELEASE);
}

void eft_pipe_init(struct eft_pipe *pipe)
{
	eft_mutex_init(&pipe->lock, EFT_RANK_PIPE);
	eft_waitq_init(&pipe->can_read);
	eft_waitq_init(&pipe->can_write);
	pipe->pages = pipe->few;
	pipe->size = EFT_PIPE_PAGES * EFT_PAGE_SIZE;
}

static void free_pages(char **pages, uint32_t size)
{
	for (uint32_t i = 0; i < size / EFT_PAGE_SIZE; i++) {
		eft_page_free(pages[i]);
		pages[i] = NULL;
	}
}

void eft_pipe_fini(struct eft_pipe *pipe)
{
	free_pages(pipe->pages, pipe->size);
	if (pipe->pages != pipe->few)
		eft_free(pipe->pages);
	pipe->pages = pipe->few;
	pipe->start = 0;
	store(&pipe->size, EFT_PIPE_PAGES * EFT_PAGE_SIZE);
	store(&pipe->used, 0);
}

static size_t room_locked(const struct eft_pipe *pipe)
{
	return pipe->size - pipe->used - pipe->held;
}

/* The bytes from (at) on that lie in one page, (len) at most. */
static char *piece_locked(const struct eft_pipe *pipe, uint32_t at, size_t *len)
{
	uint32_t in_page;

	at &= pipe->size - 1;
	in_page = at & EFT_PAGE_MASK;
	*len = eft_min(*len, EFT_PAGE_SIZE - in_page);
	return pipe->pages[at / EFT_PAGE_SIZE] + in_page;
}

/* See to pages for (len) bytes after what is there; for how many there are. */
static size_t provide_locked(struct eft_pipe *pipe, size_t len)
{
	uint32_t end = pipe->start + pipe->used;
	size_t done = 0;

	while (done < len) {
		uint32_t at = (end + done) & (pipe->size - 1);
		char **page = &pipe->pages[at / EFT_PAGE_SIZE];

		if (*page == NULL)
			*page = eft_page_alloc(0);
		if (*page == NULL)
			break;
		done += EFT_PAGE_SIZE - (at & EFT_PAGE_MASK);
	}
	return eft_min(done, len);
}

/*
 * Put up to (len) bytes in, all or none if (whole): 0 when there is no room. Of
 * a piece that cannot all be copied, nothing goes in, as on Linux.
 */
static ssize_t put_locked(struct eft_pipe *pipe, struct eft_cursor *cursor,
			  size_t len, bool whole)
{
	size_t room = room_locked(pipe), done = 0, n;
	uint32_t end = pipe->start + pipe->used;

	if (whole && room < len)
		return 0;
	n = eft_min(len, room);
	len = provide_locked(pipe, n);
	if (len < n && (whole || len == 0))
		return -ENOMEM;
	for (; done < len; done += n) {
		char *to;

		n = len - done;
		to = piece_locked(pipe, end + (uint32_t)done, &n);
		if (eft_cursor_take(cursor, to, n) != 0)
			break;
	}
	if (done < len && (whole || done == 0))
		return -EFAULT;
	store(&pipe->used, pipe->used + (uint32_t)done);
	eft_assert(pipe->used <= pipe->size);
	return (ssize_t)done;
}

/* Take up to (len) bytes out; *ret_room: there is room now, and was not. */
static ssize_t take_locked(struct eft_pipe *pipe, struct eft_cursor *cursor,
			   size_t len, bool *ret_room)
{
	size_t done = 0, n;

	len = eft_min(len, pipe->used);
	for (; done < len; done += n) {
		const char *from;

		n = len - done;
		from = piece_locked(pipe, pipe->start + (uint32_t)done, &n);
		if (eft_cursor_put(cursor, from, n) != 0)
			break;
	}
	eft_assert(done <= pipe->used);
	*ret_room = room_locked(pipe) < EFT_PIPE_ATOMIC &&
		    room_locked(pipe) + done >= EFT_PIPE_ATOMIC;
	pipe->start = done < pipe->used ? pipe->start + (uint32_t)done : 0;
	store(&pipe->used, pipe->used - (uint32_t)done);
	return eft_iov_result(done, len);
}

/*
 * The same for one buffer and one page, which is what nearly all transfers
 * are: 0 where they are not, or where more is to be done than to copy.
 */
static size_t put_piece_locked(struct eft_pipe *pipe,
			       const struct eft_iovec *iov)
{
	uint32_t used = pipe->used;
	uint32_t at = (pipe->start + used) & (pipe->size - 1);
	uint32_t in_page = at & EFT_PAGE_MASK;
	char *page = pipe->pages[at / EFT_PAGE_SIZE];
	size_t len = iov->len;

	if (page == NULL || len > EFT_PAGE_SIZE - in_page ||
	    len > pipe->size - used - pipe->held)
		return 0;
	if (eft_copy_in_inline(page + in_page, iov->base, len) != 0)
		return 0;
	store(&pipe->used, used + (uint32_t)len);
	return len;
}

static size_t take_piece_locked(struct eft_pipe *pipe,
				const struct eft_iovec *iov)
{
	uint32_t used = pipe->used;
	uint32_t at = pipe->start & (pipe->size - 1);
	uint32_t in_page = at & EFT_PAGE_MASK;
	size_t len = eft_min(iov->len, used);

	if (len > EFT_PAGE_SIZE - in_page ||
	    room_locked(pipe) < EFT_PIPE_ATOMIC)
		return 0;
	if (eft_copy_out_inline(iov->base,
				pipe->pages[at / EFT_PAGE_SIZE] + in_page,
				len) != 0)
		return 0;
	pipe->start = len < used ? pipe->start + (uint32_t)len : 0;
	store(&pipe->used, used - (uint32_t)len);
	return len;
}

/*
 * A reader need not wait: there are bytes, or there will not be any, also none
 * that somebody has taken and puts back.
 */
static inline __attribute__((always_inline)) bool
is_readable(struct eft_pipe *pipe)
{
	return load(&pipe->used) > 0 ||
	       (load(&pipe->writers) == 0 && load(&pipe->held) == 0);
}

bool eft_pipe_is_empty(struct eft_pipe *pipe)
{
	bool empty;

	eft_mutex_lock(&pipe->lock);
	empty = pipe->used == 0 && pipe->held == 0;
	eft_mutex_unlock(&pipe->lock);
	return empty;
}

static bool is_writable(struct eft_pipe *pipe, size_t len)
{
	return load(&pipe->size) - load(&pipe->used) - load(&pipe->held) >=
		       len ||
	       load(&pipe->readers) == 0;
}

eft_no_stack_guard int eft_pipe_wait_readable(struct eft_pipe *pipe)
{
	struct eft_waiter waiter;
	bool ready;
	int error = 0;

	eft_wait_begin(&waiter, &pipe->can_read);
	while (!(ready = is_readable(pipe)) && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return ready ? 0 : error;
}

/*
 * Writers are woken when an atomic write has room. That spares switches, and
 * whoever reads on makes it so.
 */
int eft_pipe_wait_writable(struct eft_pipe *pipe, size_t len)
{
	struct eft_waiter waiter;
	bool ready;
	int error = 0;

	eft_wait_begin(&waiter, &pipe->can_write);
	while (!(ready = is_writable(pipe, len)) && error == 0)
		error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return ready ? 0 : error;
}

static ssize_t read_some(struct eft_pipe *pipe, struct eft_cursor *cursor,
			 size_t len)
{
	ssize_t n;
	bool room;

	eft_mutex_lock(&pipe->lock);
	n = take_locked(pipe, cursor, len, &room);
	eft_mutex_unlock(&pipe->lock);
	if (room)
		eft_waitq_wake_one(&pipe->can_write);
	return n;
}

/* Whatever read() is to do; (slept), and then there was an (error), or 0. */
static __attribute__((noinline)) ssize_t
read_pieces(struct eft_pipe *pipe, int flags, const struct eft_iovec *iov,
	    int count, bool slept, int error)
{
	struct eft_cursor cursor = {.iov = iov};
	size_t len = eft_iov_total(iov, count);
	ssize_t n = 0;

	while (len > 0 && n == 0 && error == 0) {
		if (load(&pipe->used) > 0) {
			n = read_some(pipe, &cursor, len);
		} else if (load(&pipe->writers) == 0 &&
			   eft_pipe_is_empty(pipe)) {
			break;
		} else if (flags & O_NONBLOCK) {
			error = -EAGAIN;
		} else {
			error = eft_pipe_wait_readable(pipe);
			slept = true;
		}
	}
	if (slept && is_readable(pipe))
		eft_waitq_wake_one(&pipe->can_read);
	return n != 0 ? n : error;
}

ssize_t eft_pipe_read(struct eft_pipe *pipe, int flags,
		      const struct eft_iovec *iov, int count)
{
	bool slept = false;
	int error = 0;
	size_t n = 0;

	if (count != 1 || iov->len == 0)
		return read_pieces(pipe, flags, iov, count, slept, error);
	if (!(flags & O_NONBLOCK) && !is_readable(pipe)) {
		error = eft_pipe_wait_readable(pipe);
		slept = true;
	}
	if (error == 0 && load(&pipe->used) > 0) {
		eft_mutex_lock(&pipe->lock);
		n = take_piece_locked(pipe, iov);
		eft_mutex_unlock(&pipe->lock);
	}
	if (n == 0)
		return read_pieces(pipe, flags, iov, count, slept, error);
	if (slept && is_readable(pipe))
		eft_waitq_wake_one(&pipe->can_read);
	return (ssize_t)n;
}

/* Put in what there is room for: 0 when it has to wait. */
static ssize_t write_some(struct eft_pipe *pipe, struct eft_cursor *cursor,
			  size_t len, bool whole)
{
	ssize_t n;

	if (load(&pipe->readers) == 0)
		return -EPIPE;
	eft_mutex_lock(&pipe->lock);
	n = put_locked(pipe, cursor, len, whole);
	eft_mutex_unlock(&pipe->lock);
	if (n > 0)
		eft_waitq_wake_one(&pipe->can_read);
	return n;
}

static __attribute__((noinline)) ssize_t
write_pieces(struct eft_pipe *pipe, int flags, const struct eft_iovec *iov,
	     int count)
{
	struct eft_cursor cursor = {.iov = iov};
	size_t len = eft_iov_total(iov, count), done = 0;
	bool whole = len <= EFT_PIPE_ATOMIC, slept = false;
	ssize_t n = 0;

	while (done < len && n >= 0) {
		n = write_some(pipe, &cursor, len - done, whole);
		if (n > 0) {
			done += (size_t)n;
		} else if (n == 0 && (flags & O_NONBLOCK)) {
			n = -EAGAIN;
		} else if (n == 0) {
			n = eft_pipe_wait_writable(pipe, whole ? len : 1);
			slept = true;
		}
	}
	if (slept && is_writable(pipe, EFT_PIPE_ATOMIC))
		eft_waitq_wake_one(&pipe->can_write);
	return done > 0 ? (ssize_t)done : n;
}

ssize_t eft_pipe_write(struct eft_pipe *pipe, int flags,
		       const struct eft_iovec *iov, int count)
{
	size_t n = 0;

	if (count == 1 && load(&pipe->readers) > 0) {
		eft_mutex_lock(&pipe->lock);
		n = put_piece_locked(pipe, iov);
		eft_mutex_unlock(&pipe->lock);
	}
	if (n == 0)
		return write_pieces(pipe, flags, iov, count);
	eft_waitq_wake_one(&pipe->can_read);
	return (ssize_t)n;
}

/* Linux fs/pipe.c, pipe_poll(). */
unsigned eft_pipe_poll(struct eft_pipe *pipe, int flags, bool hang_up,
		       struct eft_poll *poll)
{
	unsigned events = 0;

	if (eft_pipe_reads(flags)) {
		if (poll->entries != NULL)
			eft_poll_add(poll, &pipe->can_read);
		/* What is taken out may be put back (eft_pipe_settle()). */
		if (hang_up && load(&pipe->writers) == 0 &&
		    load(&pipe->held) == 0)
			events |= POLLHUP;
		if (load(&pipe->used) > 0)
			events |= POLLIN | POLLRDNORM;
	}
	if (eft_pipe_writes(flags)) {
		if (poll->entries != NULL)
			eft_poll_add(poll, &pipe->can_write);
		if (load(&pipe->size) - load(&pipe->used) - load(&pipe->held) >=
		    EFT_PIPE_ATOMIC)
			events |= POLLOUT | POLLWRNORM;
		if (load(&pipe->readers) == 0)
			events |= POLLERR;
	}
	return events;
}

int eft_pipe_ioctl(struct eft_pipe *pipe, unsigned long request,
		   void eft_user *arg)
{
	int used = (int)load(&pipe->used);

	if (request != FIONREAD)
		return -ENOTTY;
	return eft_copy_out(arg, &used, sizeof(used));
}

/* Move what is in the ring to the start of (pages). */
static bool move_locked(struct eft_pipe *pipe, char **pages)
{
	for (uint32_t done = 0; done < pipe->used; done += EFT_PAGE_SIZE) {
		size_t len = eft_min(EFT_PAGE_SIZE, pipe->used - done), n;
		char *to = pages[done / EFT_PAGE_SIZE] = eft_page_alloc(0);

		if (to == NULL)
			return false;
		for (size_t i = 0; i < len; i += n) {
			const char *from;

			n = len - i;
			from = piece_locked(
				pipe, pipe->start + done + (uint32_t)i, &n);
			memcpy(to + i, from, n);
		}
	}
	return true;
}

static void adopt_locked(struct eft_pipe *pipe, char **pages, uint32_t size)
{
	free_pages(pipe->pages, pipe->size);
	if (pipe->pages != pipe->few)
		eft_free(pipe->pages);
	pipe->pages = pages;
	pipe->start = 0;
	store(&pipe->size, size);
}

static long resize_locked(struct eft_pipe *pipe, uint32_t size)
{
	char **pages;

	if (pipe->used + pipe->held > size)
		return -EBUSY;
	pages = eft_alloc(size / EFT_PAGE_SIZE * sizeof(*pages));
	if (pages == NULL)
		return -ENOMEM;
	if (!move_locked(pipe, pages)) {
		free_pages(pages, size);
		eft_free(pages);
		return -ENOMEM;
	}
	adopt_locked(pipe, pages, size);
	return size;
}

long eft_pipe_resize(struct eft_pipe *pipe, size_t bytes)
{
	uint32_t size = EFT_PAGE_SIZE;
	long result;

	if (bytes == 0)
		return load(&pipe->size);
	if (bytes > EFT_PIPE_SIZE_MAX)
		return -EPERM;
	while (size < bytes)
		size *= 2;
	eft_mutex_lock(&pipe->lock);
	result = size == pipe->size ? size : resize_locked(pipe, size);
	eft_mutex_unlock(&pipe->lock);
	if (result > 0 && is_writable(pipe, EFT_PIPE_ATOMIC))
		eft_waitq_wake(&pipe->can_write, EFT_WAKE_ALL);
	return result;
}

void eft_pipe_join(struct eft_pipe *pipe, int flags)
{
	if (eft_pipe_reads(flags))
		__atomic_fetch_add(&pipe->readers, 1, __ATOMIC_SEQ_CST);
	if (eft_pipe_writes(flags))
		__atomic_fetch_add(&pipe->writers, 1, __ATOMIC_SEQ_CST);
}

static void leave(uint32_t *count, struct eft_waitq *queue)
{
	uint32_t left = __atomic_sub_fetch(count, 1, __ATOMIC_SEQ_CST);

	eft_assert(left != UINT32_MAX);
	if (left == 0)
		eft_waitq_wake(queue, EFT_WAKE_ALL);
}

void eft_pipe_leave(struct eft_pipe *pipe, int flags)
{
	if (eft_pipe_reads(flags))
		leave(&pipe->readers, &pipe->can_write);
	if (eft_pipe_writes(flags))
		leave(&pipe->writers, &pipe->can_read);
}
