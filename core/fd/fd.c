// SPDX-License-Identifier: BSD-3-Clause
/*
 * The descriptor table.
 *
 * One block of memory: a pointer for each descriptor, then three bitmaps, of
 * those in use, of those that close on exec, and of those that are known. It
 * starts as a static block and doubles. Under the spin lock pointers are read,
 * moved and counted only; a description is closed and released after the lock
 * is gone.
 *
 * What exec has left at a descriptor is found out when it is first named, or
 * about to be given away (stdio.c): it is known from then on.
 */
#define EFT_LOCK_CALLS
#include "core/file.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/process.h"

enum { FIRST_SIZE = 64, LIMIT_MAX = 65536 };

/* Words of a block for (size) descriptors, a multiple of 64. */
#define BLOCK_WORDS(size) ((size) + 3 * ((size) / 64))

static uint64_t first_block[BLOCK_WORDS(FIRST_SIZE)];

struct eft_descriptors {
	struct eft_lock lock;
	/* Owned by lock. */
	unsigned limit; /* UINT32_MAX: what exec has left, not asked for yet */
	unsigned size;
	unsigned first_free; /* none is free below */
	uint64_t *block;
};

struct eft_descriptors eft_first_descriptors = {
	.lock = EFT_LOCK_INIT(EFT_RANK_DESCRIPTORS),
	.limit = UINT32_MAX,
	.size = FIRST_SIZE,
	.block = first_block,
};

static struct eft_file **slot_locked(struct eft_descriptors *table, unsigned fd)
{
	eft_assert(fd < table->size);
	return (struct eft_file **)&table->block[fd];
}

static uint64_t *used_locked(struct eft_descriptors *table)
{
	return table->block + table->size;
}

static uint64_t *cloexec_locked(struct eft_descriptors *table)
{
	return table->block + table->size + table->size / 64;
}

static uint64_t *known_locked(struct eft_descriptors *table)
{
	return table->block + table->size + 2 * (table->size / 64);
}

static void set_bit(uint64_t *map, unsigned bit, bool value)
{
	uint64_t mask = UINT64_C(1) << (bit % 64);

	map[bit / 64] = value ? map[bit / 64] | mask : map[bit / 64] & ~mask;
}

static void set_slot_locked(struct eft_descriptors *table, unsigned fd,
			    struct eft_file *file, bool cloexec)
{
	*slot_locked(table, fd) = file;
	set_bit(used_locked(table), fd, file != NULL);
	set_bit(cloexec_locked(table), fd, cloexec);
}

/* The first descriptor >= (from) that is free or in use; size if none. */
static unsigned find_locked(struct eft_descriptors *table, unsigned from,
			    bool used)
{
	const uint64_t *map = used_locked(table);
	uint64_t ignore = (UINT64_C(1) << (from % 64)) - 1;

	for (unsigned i = from / 64; i < table->size / 64; i++) {
		uint64_t word = (used ? map[i] : ~map[i]) & ~ignore;

		if (word != 0)
			return i * 64 + (unsigned)__builtin_ctzll(word);
		ignore = 0;
	}
	return eft_max(table->size, from);
}

eft_inline struct eft_file *lookup_locked(struct eft_descriptors *table, int fd)
{
	if ((unsigned)fd >= table->size) /* negative ones, too */
		return NULL;
	return (struct eft_file *)table->block[fd];
}

/* Was nobody told yet what exec has left at (fd)? */
static bool is_unknown_locked(struct eft_descriptors *table, int fd)
{
	if (fd < 0 || fd >= LIMIT_MAX)
		return false;
	return (unsigned)fd >= table->size ||
	       !(known_locked(table)[fd / 64] >> (fd % 64) & 1);
}

/* Make (block) of (size) the table's; returns the one that is to be freed. */
static uint64_t *adopt_block_locked(struct eft_descriptors *table,
				    uint64_t *block, unsigned size)
{
	uint64_t *old = table->block;
	unsigned old_size = table->size;

	eft_assert(size % 64 == 0);
	if (size <= old_size)
		return block;
	memcpy(block, old, old_size * 8);
	memcpy(block + size, old + old_size, old_size / 8);
	memcpy(block + size + size / 64, old + old_size + old_size / 64,
	       old_size / 8);
	memcpy(block + size + 2 * (size / 64),
	       old + old_size + 2 * (old_size / 64), old_size / 8);
	table->block = block;
	table->size = size;
	return old != first_block ? old : NULL;
}

/* Make the table large enough for (fd). */
static int grow(struct eft_descriptors *table, unsigned fd)
{
	unsigned size = FIRST_SIZE;
	uint64_t *block;

	eft_assert(fd < LIMIT_MAX);
	while (size <= fd)
		size *= 2;
	block = eft_alloc(BLOCK_WORDS(size) * sizeof(*block));
	if (block == NULL)
		return -ENOMEM;
	eft_lock(&table->lock);
	block = adopt_block_locked(table, block, size);
	eft_unlock(&table->lock);
	eft_free(block);
	return 0;
}

/* Lock the table, with room for (fd). -ENOMEM: it is not locked. */
static int lock_with_room(struct eft_descriptors *table, unsigned fd)
{
	eft_lock(&table->lock);
	while (fd >= table->size) {
		eft_unlock(&table->lock);
		if (grow(table, fd) != 0)
			return -ENOMEM;
		eft_lock(&table->lock);
	}
	return 0;
}

bool eft_fd_adopt(int fd, struct eft_file *file)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	bool first;

	/* A closed one needs no room. */
	if (lock_with_room(table, file != NULL ? (unsigned)fd : 0) != 0)
		return false;
	first = is_unknown_locked(table, fd);
	if (first && (unsigned)fd < table->size) {
		set_slot_locked(table, (unsigned)fd, file, false);
		set_bit(known_locked(table), (unsigned)fd, true);
	}
	eft_unlock(&table->lock);
	return first;
}

/* Look for what exec has left at (fd), if nobody has. True: it is there. */
static bool inherit(struct eft_descriptors *table, int fd)
{
	bool unknown;

	eft_lock(&table->lock);
	unknown = is_unknown_locked(table, fd);
	eft_unlock(&table->lock);
	return unknown && eft_stdio_inherit(fd);
}

/* A descriptor was closed: tell the description, and let go of it. */
static int let_go(struct eft_file *file)
{
	int error = 0;

	if (file == NULL)
		return -EBADF;
	if (file->ops->closed != NULL)
		error = file->ops->closed(file);
	eft_file_put(file);
	return error;
}

static unsigned limit_locked(struct eft_descriptors *table)
{
	if (table->limit == UINT32_MAX)
		table->limit = eft_min(eft_stdio_limit(), (uint64_t)LIMIT_MAX);
	return table->limit;
}

/*
 * The lowest free descriptor >= (lowest), which is (file)'s if it is known,
 * below the limit and within the table: *ret_taken.
 */
static unsigned take_lowest_locked(struct eft_descriptors *table,
				   struct eft_file *file, unsigned lowest,
				   bool cloexec, bool *ret_taken)
{
	unsigned start = eft_max(lowest, table->first_free);
	unsigned fd = find_locked(table, start, false);

	*ret_taken =
		fd < limit_locked(table) && !is_unknown_locked(table, (int)fd);
	if (!*ret_taken)
		return fd;
	set_slot_locked(table, fd, file, cloexec);
	set_bit(used_locked(table), fd, true);
	if (lowest <= table->first_free)
		table->first_free = fd + 1;
	return fd;
}

/* The same, however large the table is to become; -EMFILE -ENOMEM */
static int take_lowest(struct eft_descriptors *table, struct eft_file *file,
		       int lowest, bool cloexec)
{
	int error = 0;
	unsigned fd;
	bool taken;

	eft_assert(lowest >= 0);
	while (error == 0) {
		bool full, outside;

		eft_lock(&table->lock);
		fd = take_lowest_locked(table, file, (unsigned)lowest, cloexec,
					&taken);
		full = fd >= table->limit;
		outside = fd >= table->size;
		eft_unlock(&table->lock);
		if (taken)
			return (int)fd;
		if (full)
			error = -EMFILE;
		else if (outside)
			error = grow(table, fd);
		else
			inherit(table, (int)fd);
	}
	return error;
}

int eft_fd_install(struct eft_file *file, int lowest, bool cloexec)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	int fd;

	eft_assert(file != NULL);
	fd = take_lowest(table, file, lowest, cloexec);
	if (fd < 0)
		eft_file_put(file);
	return fd;
}

int eft_fd_reserve(bool cloexec)
{
	struct eft_descriptors *table = eft_process()->descriptors;

	return take_lowest(table, NULL, 0, cloexec);
}

static void free_slot_locked(struct eft_descriptors *table, unsigned fd)
{
	set_slot_locked(table, fd, NULL, false);
	table->first_free = eft_min(table->first_free, fd);
}

static bool is_reserved_locked(struct eft_descriptors *table, unsigned fd)
{
	return *slot_locked(table, fd) == NULL &&
	       find_locked(table, fd, true) == fd;
}

void eft_fd_fill(int fd, struct eft_file *file)
{
	struct eft_descriptors *table = eft_process()->descriptors;

	eft_lock(&table->lock);
	eft_assert(is_reserved_locked(table, (unsigned)fd));
	if (file != NULL)
		*slot_locked(table, (unsigned)fd) = file;
	else
		free_slot_locked(table, (unsigned)fd);
	eft_unlock(&table->lock);
}

int eft_fd_replace(int fd, struct eft_file *file, bool cloexec)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	struct eft_file *old;
	bool busy;

	eft_assert(file != NULL);
	if (fd < 0 || fd >= eft_fd_limit(-1) || fd >= LIMIT_MAX) {
		eft_file_put(file);
		return -EBADF;
	}
	inherit(table, fd);
	if (lock_with_room(table, (unsigned)fd) != 0) {
		eft_file_put(file);
		return -ENOMEM;
	}
	old = *slot_locked(table, (unsigned)fd);
	busy = is_reserved_locked(table, (unsigned)fd);
	if (!busy)
		set_slot_locked(table, (unsigned)fd, file, cloexec);
	set_bit(known_locked(table), (unsigned)fd, true);
	eft_unlock(&table->lock);
	if (busy) {
		eft_file_put(file);
		return -EBUSY;
	}
	let_go(old);
	return fd;
}

struct eft_file *eft_fd_get(int fd)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	struct eft_file *file;

	do {
		eft_lock(&table->lock);
		file = lookup_locked(table, fd);
		if (file != NULL)
			eft_file_get_inline(file);
		eft_unlock(&table->lock);
	} while (eft_unlikely(file == NULL) && inherit(table, fd));
	return file;
}

struct eft_file *eft_fd_get_opened(int fd)
{
	struct eft_file *file = eft_fd_get(fd);

	if (file == NULL || !(file->flags & O_PATH))
		return file;
	eft_file_put(file);
	return NULL;
}

/* Apart, so that eft_fd_borrow() has no frame. */
static __attribute__((noinline)) struct eft_file *
borrow_inherited(struct eft_descriptors *table, int fd)
{
	return inherit(table, fd) ? lookup_locked(table, fd) : NULL;
}

struct eft_file *eft_fd_borrow(int fd)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	struct eft_file *file;

	if (!eft_is_only_thread())
		return eft_fd_get(fd);
	file = lookup_locked(table, fd);
	return eft_likely(file != NULL) ? file : borrow_inherited(table, fd);
}

int eft_fd_close(int fd)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	struct eft_file *file;

	inherit(table, fd);
	eft_lock(&table->lock);
	file = lookup_locked(table, fd);
	if (file != NULL)
		free_slot_locked(table, (unsigned)fd);
	eft_unlock(&table->lock);
	return let_go(file);
}

int eft_fd_flags(int fd, int set)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	int flags = -EBADF;

	inherit(table, fd);
	eft_lock(&table->lock);
	if (lookup_locked(table, fd) != NULL) {
		uint64_t word = cloexec_locked(table)[fd / 64];

		flags = word >> (fd % 64) & 1 ? FD_CLOEXEC : 0;
		if (set >= 0)
			set_bit(cloexec_locked(table), (unsigned)fd,
				set & FD_CLOEXEC);
	}
	eft_unlock(&table->lock);
	return flags;
}

int eft_fd_next(int fd)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	unsigned next;

	eft_assert(fd >= 0);
	eft_lock(&table->lock);
	next = find_locked(table, (unsigned)fd, true);
	while (next < table->size && *slot_locked(table, next) == NULL)
		next = find_locked(table, next + 1, true);
	if (next >= table->size)
		next = UINT32_MAX;
	eft_unlock(&table->lock);
	return (int)next;
}

int eft_fd_limit(int limit)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	unsigned now;

	eft_lock(&table->lock);
	if (limit >= 0)
		table->limit = eft_min(limit, LIMIT_MAX);
	now = limit_locked(table);
	eft_unlock(&table->lock);
	return (int)now;
}

void eft_fd_init(void)
{
	eft_stdio_init();
}

int eft_fd_table_size(void)
{
	struct eft_descriptors *table = eft_process()->descriptors;
	int size;

	eft_lock(&table->lock);
	size = (int)table->size;
	eft_unlock(&table->lock);
	return size;
}
