// SPDX-License-Identifier: BSD-3-Clause
/*
 * Open file descriptions on their way (SCM_RIGHTS).
 *
 * To let go of one may release a socket, whose own queue holds more of them,
 * and so on, as deep as the program likes. So what is let go of while another
 * is, waits in a list for whoever began.
 *
 * A program can send a socket through itself, and close it: nothing finds such
 * sockets again (see CAVEATS). What limits them is that no more descriptions
 * are on their way than a program may have open, as in Linux.
 */
#define EFT_LOCK_CALLS
#include "core/log.h"
#include "core/mem.h"
#include "core/net/unix/unix.h"
#include "core/socket.h"

static struct {
	struct eft_lock lock;
	struct eft_list dead; /* owned by lock */
	bool working;	      /* somebody empties the list; owned by lock */
} work = {
	.lock = EFT_LOCK_INIT(EFT_RANK_RIGHTS),
	.dead = {&work.dead, &work.dead},
};

static uint32_t in_flight; /* atomic; descriptions */

struct eft_rights *eft_rights_create(unsigned count)
{
	struct eft_rights *rights;

	eft_assert(count <= SCM_MAX_FD);
	rights = eft_alloc(sizeof(*rights) + count * sizeof(*rights->files));
	if (rights == NULL)
		return NULL;
	eft_list_init(&rights->link);
	rights->count = count;
	return rights;
}

struct eft_rights *eft_rights_copy(const struct eft_rights *rights)
{
	struct eft_rights *copy = eft_rights_create(rights->count);

	for (unsigned i = 0; copy != NULL && i < rights->count; i++)
		copy->files[i] = eft_file_get(rights->files[i]);
	return copy;
}

int eft_rights_depart(const struct eft_rights *rights)
{
	uint32_t limit = (uint32_t)eft_fd_limit(-1);

	if (__atomic_add_fetch(&in_flight, rights->count, __ATOMIC_RELAXED) <=
	    limit)
		return 0;
	eft_rights_arrive(rights);
	return -ETOOMANYREFS;
}

void eft_rights_arrive(const struct eft_rights *rights)
{
	__atomic_fetch_sub(&in_flight, rights->count, __ATOMIC_RELAXED);
}

static struct eft_rights *next_dead(void)
{
	struct eft_rights *rights = NULL;

	eft_lock(&work.lock);
	if (eft_list_empty(&work.dead)) {
		work.working = false;
	} else {
		rights = eft_container_of(work.dead.next, struct eft_rights,
					  link);
		eft_list_remove(&rights->link);
	}
	eft_unlock(&work.lock);
	return rights;
}

void eft_rights_destroy(struct eft_rights *rights)
{
	bool first;

	if (rights == NULL)
		return;
	eft_assert(eft_list_empty(&rights->link));
	eft_lock(&work.lock);
	eft_list_insert(&work.dead, &rights->link);
	first = !work.working;
	work.working = true;
	eft_unlock(&work.lock);
	while (first && (rights = next_dead()) != NULL) {
		for (unsigned i = 0; i < rights->count; i++)
			eft_file_put(rights->files[i]);
		eft_free(rights);
	}
}
