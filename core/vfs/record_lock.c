// SPDX-License-Identifier: BSD-3-Clause
/*
 * Advisory locks on nodes: fcntl(2)'s, which belong to the process
 * or to a description (OFD), and flock(2)'s, which are a kind of their own.
 *
 * All locks are on one list: there are few, and an owner's locks on one file
 * are in order, never overlap (a new one is carved out of the old ones) nor, if
 * they are of one kind, touch. Owners that wait look again whenever a lock
 * goes; who has looked in vain is given it by the one whose lock goes, so that
 * nobody who takes a lock in a loop keeps it from others.
 */
#include "core/boot.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/vfs/vfs.h"

struct record {
	struct eft_list link;
	/* A process or, of OFD locks and flock(2), a description; on what. */
	const void *owner; /* not dereferenced, nor the next */
	const struct eft_node *node;
	int pid; /* for F_GETLK; -1: a description's */
	bool flock, write;
	int64_t start, end; /* the last byte */
};

static struct eft_lock lock = EFT_LOCK_INIT(EFT_RANK_RECORDS);
/* Owned by lock. */
static struct eft_list records = {&records, &records};
static struct eft_list requests = {&requests, &requests}; /* that wait */

static struct eft_waitq waiting = EFT_WAITQ_INIT(waiting);

static bool overlap(const struct record *a, const struct record *b)
{
	return a->node == b->node && a->flock == b->flock &&
	       a->start <= b->end && b->start <= a->end;
}

/* A lock of another owner that excludes (wanted), or NULL. */
static struct record *find_conflict_locked(const struct record *wanted)
{
	struct eft_list *link = records.next;

	for (; link != &records; link = link->next) {
		struct record *record =
			eft_container_of(link, struct record, link);

		if (overlap(record, wanted) && record->owner != wanted->owner &&
		    (record->write || wanted->write))
			return record;
	}
	return NULL;
}

static void drop_locked(struct record *record)
{
	eft_list_remove(&record->link);
	eft_free(record);
}

static bool is_alike(const struct record *a, const struct record *b)
{
	return a->owner == b->owner && a->node == b->node &&
	       a->flock == b->flock;
}

/* F_GETLK tells the first that it finds: as on Linux, of who came first. */
static void insert_locked(struct record *added)
{
	struct eft_list *link = records.next, *at = &records;

	for (; link != &records; link = link->next) {
		struct record *record =
			eft_container_of(link, struct record, link);

		if (!is_alike(record, added))
			continue;
		at = link->next;
		if (record->start >= added->start) {
			at = link;
			break;
		}
	}
	eft_list_insert(at, &added->link);
}

/* Take the part of (wanted) out of (record); a split takes *spare. */
static void carve(struct record *record, const struct record *wanted,
		  struct record **spare)
{
	if (record->start >= wanted->start && record->end <= wanted->end) {
		drop_locked(record);
	} else if (record->start >= wanted->start) {
		record->start = wanted->end + 1;
	} else if (record->end <= wanted->end) {
		record->end = wanted->start - 1;
	} else {
		struct record *after = *spare;

		eft_assert(after != NULL);
		*spare = NULL;
		*after = *record;
		after->start = wanted->end + 1;
		record->end = wanted->start - 1;
		insert_locked(after);
	}
}

/* Clear what else its owner holds where (wanted) is; (spare) is for a split. */
static void carve_all_locked(const struct record *wanted, struct record **spare)
{
	struct eft_list *link = records.next, *next;

	for (; link != &records; link = next) {
		struct record *record =
			eft_container_of(link, struct record, link);

		next = link->next;
		if (record != wanted && overlap(record, wanted) &&
		    record->owner == wanted->owner)
			carve(record, wanted, spare);
	}
}

/* True when (b) begins where (a) ends. */
static bool is_next(const struct record *a, const struct record *b)
{
	return a->end != INT64_MAX && a->end + 1 == b->start;
}

/* Make one of (added) and its like on either side: nothing of it overlaps. */
static void join_locked(struct record *added)
{
	struct eft_list *link = records.next, *next;

	for (; link != &records; link = next) {
		struct record *record =
			eft_container_of(link, struct record, link);

		next = link->next;
		if (!is_alike(record, added) || record->write != added->write)
			continue;
		if (is_next(record, added))
			added->start = record->start;
		else if (is_next(added, record))
			added->end = record->end;
		else
			continue;
		drop_locked(record);
	}
}

/*
 * A request for a lock, (added), which becomes one. Its memory is had before.
 */
struct request {
	struct eft_list link; /* on (requests) while it waits */
	struct record *added, *spare;
	bool asks; /* it was woken in vain: see hand_over_locked() */
};

static int init_request(struct request *request, const struct record *wanted)
{
	eft_assert(wanted->node != NULL);
	eft_assert(wanted->start >= 0);
	*request = (struct request){
		.added = eft_alloc(sizeof(*request->added)),
		.spare = eft_alloc(sizeof(*request->spare)),
	};
	if (request->added == NULL || request->spare == NULL)
		return -ENOLCK;
	*request->added = *wanted;
	return 0;
}

static void fini_request(struct request *request)
{
	eft_free(request->added);
	eft_free(request->spare);
}

/* False: another's lock is in the way. */
static bool grant_locked(struct request *request)
{
	struct record *added = request->added;

	if (find_conflict_locked(added) != NULL)
		return false;
	insert_locked(added);
	carve_all_locked(added, &request->spare);
	join_locked(added);
	request->added = NULL;
	return true;
}

/*
 * A lock has gone. Who looked for it once in vain has it before anybody else
 * comes, if nothing else is in the way.
 */
static void hand_over_locked(void)
{
	struct eft_list *link = requests.next;

	for (; link != &requests; link = link->next) {
		struct request *request =
			eft_container_of(link, struct request, link);

		if (request->asks && request->added != NULL)
			grant_locked(request);
	}
}

static int try_lock(struct request *request)
{
	int error = 0;

	eft_lock(&lock);
	if (!grant_locked(request)) {
		error = -EAGAIN;
		/* On Linux, a conversion that fails loses the old lock. */
		if (request->added->flock) {
			carve_all_locked(request->added, &request->spare);
			hand_over_locked();
		}
	}
	eft_unlock(&lock);
	return error;
}

/* Has it been granted, or is it now? */
static bool look(struct request *request, bool again)
{
	bool granted;

	eft_lock(&lock);
	request->asks = again;
	granted = request->added == NULL || grant_locked(request);
	eft_unlock(&lock);
	return granted;
}

static int wait_lock(struct request *request)
{
	struct eft_waiter waiter;
	bool granted, again = false;
	int error = 0;

	eft_wait_begin(&waiter, &waiting);
	eft_lock(&lock);
	eft_list_insert(&requests, &request->link);
	eft_unlock(&lock);
	while (!look(request, again) && error == 0) {
		error = eft_sleep(EFT_FOREVER);
		again = true;
	}
	eft_lock(&lock);
	eft_list_remove(&request->link);
	granted = request->added == NULL;
	eft_unlock(&lock);
	eft_wait_end(&waiter);
	return granted ? 0 : error;
}

static int set_lock(const struct record *wanted, bool wait)
{
	struct request request;
	int error = init_request(&request, wanted);

	if (error == 0)
		error = try_lock(&request);
	if (error == -EAGAIN && wait)
		error = wait_lock(&request);
	fini_request(&request);
	/* It may have taken the place of a stronger lock. */
	eft_waitq_wake(&waiting, EFT_WAKE_ALL);
	return error;
}

static int clear_lock(const struct record *wanted)
{
	struct record *spare = eft_alloc(sizeof(*spare));

	if (spare == NULL)
		return -ENOLCK;
	eft_lock(&lock);
	carve_all_locked(wanted, &spare);
	hand_over_locked();
	eft_unlock(&lock);
	eft_free(spare);
	eft_waitq_wake(&waiting, EFT_WAKE_ALL);
	return 0;
}

static int get_lock(const struct record *wanted, struct eft_flock *ret_lock)
{
	struct eft_flock found = *ret_lock;
	const struct record *conflict;

	found.type = F_UNLCK;
	eft_lock(&lock);
	conflict = find_conflict_locked(wanted);
	if (conflict != NULL) {
		found.type = conflict->write ? F_WRLCK : F_RDLCK;
		found.whence = SEEK_SET;
		found.start = conflict->start;
		found.len = conflict->end == INT64_MAX
				    ? 0
				    : conflict->end - conflict->start + 1;
		found.pid = conflict->pid;
	}
	eft_unlock(&lock);
	*ret_lock = found;
	return 0;
}

/* Which bytes (lock) means. */
static int find_range(struct eft_file *file, const struct eft_flock *request,
		      struct record *wanted)
{
	struct eft_stat st;
	int64_t base = 0, start;

	if (request->whence == SEEK_CUR) {
		base = file->position;
	} else if (request->whence == SEEK_END) {
		int error = eft_node_stat(eft_node_of(file), &st);

		if (error != 0)
			return error;
		base = st.size;
	} else if (request->whence != SEEK_SET) {
		return -EINVAL;
	}
	if (__builtin_add_overflow(base, request->start, &start))
		return -EOVERFLOW;
	if (start < 0)
		return -EINVAL;
	wanted->end = INT64_MAX;
	if (request->len > 0 &&
	    __builtin_add_overflow(start, request->len - 1, &wanted->end))
		return -EOVERFLOW;
	if (request->len < 0) {
		wanted->end = start - 1;
		start += request->len;
	}
	wanted->start = start;
	return start < 0 ? -EINVAL : 0;
}

int eft_node_file_lock(struct eft_file *file, int command,
		       struct eft_flock *request)
{
	bool ofd = command >= F_OFD_GETLK;
	struct record wanted = {
		.owner = ofd ? (const void *)file : eft_process(),
		.node = eft_node_of(file),
		.pid = ofd ? -1 : eft_process()->identity.pid,
		.write = request->type == F_WRLCK,
	};
	int error = find_range(file, request, &wanted);

	if (error == 0 && ofd && request->pid != 0)
		error = -EINVAL;
	if (error != 0)
		return error;
	if (command == F_GETLK || command == F_OFD_GETLK)
		return get_lock(&wanted, request);
	if (request->type == F_UNLCK)
		return clear_lock(&wanted);
	return set_lock(&wanted,
			command == F_SETLKW || command == F_OFD_SETLKW);
}

int eft_node_file_flock(struct eft_file *file, int operation)
{
	struct record wanted = {
		.owner = file,
		.node = eft_node_of(file),
		.flock = true,
		.write = (operation & ~LOCK_NB) == LOCK_EX,
		.end = INT64_MAX,
	};

	if ((operation & ~LOCK_NB) == LOCK_UN)
		return clear_lock(&wanted);
	return set_lock(&wanted, !(operation & LOCK_NB));
}

/* Drop what (owner) holds, on (node) or, if that is NULL, on any. */
static void drop_all(const void *owner, const struct eft_node *node)
{
	struct eft_list *link, *next;
	bool dropped = false;

	eft_lock(&lock);
	for (link = records.next; link != &records; link = next) {
		struct record *record =
			eft_container_of(link, struct record, link);

		next = link->next;
		if (record->owner == owner &&
		    (node == NULL || record->node == node)) {
			drop_locked(record);
			dropped = true;
		}
	}
	if (dropped)
		hand_over_locked();
	eft_unlock(&lock);
	if (dropped)
		eft_waitq_wake(&waiting, EFT_WAKE_ALL);
}

int eft_node_file_closed(struct eft_file *file)
{
	drop_all(eft_process(), eft_node_of(file));
	return 0;
}

void eft_node_file_drop_locks(struct eft_file *file)
{
	drop_all(file, NULL);
}
