// SPDX-License-Identifier: BSD-3-Clause
/*
 * The power fails at each moment of what several threads do with the journal,
 * and again while that is recovered. Whatever had reached the disk, afterwards
 * all handles are there that were committed, and none in part.
 */
#include "tests/fake/host.h"
#include "tests/unit/jbd.h"

enum { THREADS = 5, ROUNDS = 20, EDITS_MAX = 400, ORDER = 5, SEEDS = 3 };

/* One change of one place, in the order in which they are made. */
struct edit {
	unsigned place;
	unsigned handle;
	bool frees; /* it is a revoke */

	/* Then: data was written there, and that lasts from this moment on. */
	uint64_t written; /* 0: it was not */
};

static struct edit edits[EDITS_MAX]; /* the first one is none */
static unsigned edit_count, handle_count, threads_left;

/* How far each open handle's thread lets a commit reach. */
static unsigned first_edit[THREADS]; /* of its open handle; 0: none is open */

/* A commit that returned: at (moment), with all up to (edit). */
static struct {
	uint64_t moment;
	unsigned edit;
} commits[1000];
static unsigned commit_count;

/* What each place is, while the threads are at work. */
static struct place {
	enum { META, FREEING, READY, WRITING, UNUSED } state;
	struct eft_ext4_hook hook;
	unsigned freed_by; /* edit */
	bool busy;	   /* a thread is about to change it */
} places[PLACES];

static struct volume tested, cut, cut_again;

/*
 * Contents: words that tell place and edit. Those of some begin as a block of
 * the log does.
 */
static void fill(uint8_t *data, uint32_t bytes, unsigned place, unsigned edit,
		 bool is_data)
{
	uint64_t word = (uint64_t)is_data << 63 | (uint64_t)place << 32 | edit;

	for (uint32_t n = 0; n < bytes; n += sizeof(word))
		memcpy(data + n, &word, sizeof(word));
	if (edit % 5 == 1)
		eft_put_be32(data, (uint32_t)EFT_JBD2_MAGIC);
}

static bool is_filled(const struct volume *v, unsigned place, unsigned edit,
		      bool is_data)
{
	uint32_t bytes = v->fs.block_bytes;
	uint8_t expected[4096];

	fill(expected, bytes, place, edit, is_data);
	return memcmp(v->disk.data + (size_t)(PLACE + place) * bytes, expected,
		      bytes) == 0;
}

/*
 * The workload.
 */
static void freed(struct eft_ext4_hook *hook, int error)
{
	struct place *p = eft_container_of(hook, struct place, hook);

	check_eq(error, 0);
	check_eq(p->state, FREEING);
	p->state = READY;
}

static unsigned add_edit(unsigned thread, unsigned handle, unsigned place,
			 bool frees)
{
	unsigned edit = ++edit_count;

	check(edit < EDITS_MAX);
	edits[edit] = (struct edit){place, handle, frees, 0};
	if (first_edit[thread] == 0)
		first_edit[thread] = edit;
	return edit;
}

/* A place that is metadata is changed or freed; one that is unused, taken. */
static void edit_place(struct eft_ext4_handle *handle, unsigned thread,
		       unsigned number, unsigned i)
{
	struct eft_ext4 *fs = handle->fs;
	struct eft_ext4_buffer *buffer;
	struct place *p = &places[i];

	if (p->busy || (p->state != META && p->state != UNUSED))
		return;
	p->busy = true;
	if (p->state == UNUSED)
		check_eq(eft_ext4_buffer_zero(fs, PLACE + i, &buffer), 0);
	else
		check_eq(eft_ext4_buffer_read(fs, PLACE + i, &buffer), 0);
	p->busy = false;
	if (p->state == META && unit_random(5) == 0) {
		eft_ext4_buffer_put(buffer);
		p->freed_by = add_edit(thread, number, i, true);
		p->state = FREEING;
		p->hook.committed = freed;
		eft_ext4_revoke(handle, PLACE + i);
		eft_ext4_on_commit(handle, &p->hook);
		return;
	}
	eft_ext4_change(handle, buffer);
	fill(buffer->data, fs->block_bytes, i,
	     add_edit(thread, number, i, false), false);
	p->state = META;
	eft_ext4_buffer_put(buffer);
}

static void run_handle(unsigned thread)
{
	struct eft_ext4_handle handle;
	unsigned number = ++handle_count, count = 1 + unit_random(4);

	check_eq(eft_ext4_begin(&tested.fs, count, &handle), 0);
	for (; count > 0; count--)
		edit_place(&handle, thread, number, unit_random(PLACES));
	first_edit[thread] = 0;
	eft_ext4_end(&handle);
}

/* A place that was freed for good gets data, which the journal has not. */
static void write_data(void)
{
	struct volume *v = &tested;
	uint32_t bytes = v->fs.block_bytes;
	struct place *p = &places[unit_random(PLACES)];
	unsigned i = (unsigned)(p - places);
	uint8_t *page;

	if (p->state != READY)
		return;
	p->state = WRITING;
	page = eft_page_alloc(0);
	fill(page, bytes, i, p->freed_by, true);
	check_eq(eft_disk_write(v->fs.disk, (uint64_t)(PLACE + i) * bytes, page,
				bytes),
		 0);
	check_eq(eft_disk_flush(v->fs.disk), 0);
	edits[p->freed_by].written = v->disk.moments;
	p->state = UNUSED;
	eft_page_free(page);
}

static void commit(void)
{
	unsigned reach = edit_count;

	for (unsigned i = 0; i < THREADS; i++)
		if (first_edit[i] != 0)
			reach = eft_min(reach, first_edit[i] - 1);
	check_eq(eft_ext4_commit(&tested.fs), 0);
	commits[commit_count].moment = tested.disk.moments;
	commits[commit_count++].edit = reach;
}

static void work(void *arg)
{
	for (unsigned i = 0; i < ROUNDS; i++) {
		run_handle((uintptr_t)arg);
		if (unit_random(5) == 0)
			commit();
		write_data();
	}
	threads_left--;
}

static void run_all(void)
{
	for (unsigned i = 0; i < PLACES; i++)
		fill(tested.disk.data + (PLACE + i) * tested.fs.block_bytes,
		     tested.fs.block_bytes, i, 0, false);
	fake_disk_begin(&tested.disk);
	mount(&tested);
	if (unit_random(2) == 0)
		tested.fs.journal->dirty_max = 0; /* always checkpoint */
	for (; threads_left < THREADS; threads_left++)
		check(eft_thread_create("w", work,
					(void *)(uintptr_t)threads_left,
					ORDER) != NULL);
	while (threads_left > 0)
		eft_sleep(fake_now + 1000);
	commit();
}

/*
 * What is there after a cut.
 */

/* Does no handle have edits up to (edit), and others after it? */
static bool is_between_handles(unsigned edit)
{
	for (unsigned i = 1; i <= edit; i++)
		for (unsigned n = edit + 1; n <= edit_count; n++)
			if (edits[i].handle == edits[n].handle)
				return false;
	return true;
}

static bool is_as_after(const struct volume *v, unsigned edit, uint64_t moment)
{
	unsigned last[PLACES] = {0};

	for (unsigned i = 1; i <= edit; i++)
		last[edits[i].place] = i;
	for (unsigned i = 0; i < PLACES; i++) {
		const struct edit *e = &edits[last[i]];

		if (!e->frees && !is_filled(v, i, last[i], false))
			return false;
		if (e->frees && e->written != 0 && e->written <= moment &&
		    !is_filled(v, i, last[i], true))
			return false;
	}
	return true;
}

static void check_contents(const struct volume *v, uint64_t moment)
{
	unsigned edit = 0;

	for (unsigned i = 0; i < commit_count; i++)
		if (commits[i].moment <= moment)
			edit = eft_max(edit, commits[i].edit);
	for (; edit <= edit_count; edit++)
		if (is_as_after(v, edit, moment) && is_between_handles(edit))
			return;
	cr_assert_fail("nothing that was at %lu", (unsigned long)moment);
}

static void make_cut(struct volume *from, struct volume *to, uint64_t moment,
		     uint64_t seed)
{
	fake_disk_image(&from->disk, moment, seed, to->disk.data);
	fake_disk_begin(&to->disk);
}

/* The transaction after the recovery is not taken for one before it. */
static void change_and_cut(struct volume *v)
{
	struct eft_ext4_handle handle;
	struct eft_ext4_buffer *buffer;

	check_eq(eft_ext4_begin(&v->fs, 1, &handle), 0);
	check_eq(eft_ext4_buffer_read(&v->fs, PLACE, &buffer), 0);
	eft_ext4_change(&handle, buffer);
	fill(buffer->data, v->fs.block_bytes, 0, 12345, false);
	eft_ext4_buffer_put(buffer);
	eft_ext4_end(&handle);
	check_eq(eft_ext4_commit(&v->fs), 0);
	v->fs.aborted = "the power fails";
	check_eq(unmount(v), -EROFS);
	mount(v);
	check(is_filled(v, 0, 12345, false));
}

static void check_cut(uint64_t moment, uint64_t seed)
{
	size_t at = PLACE * tested.fs.block_bytes;
	size_t len = PLACES * tested.fs.block_bytes;

	make_cut(&tested, &cut, moment, seed);
	mount(&cut);
	check_contents(&cut, moment);
	make_cut(&cut, &cut_again, unit_random(cut.disk.moments + 1), seed);
	mount(&cut_again);
	check_eq(memcmp(cut.disk.data + at, cut_again.disk.data + at, len), 0);
	change_and_cut(&cut_again);
	check_eq(unmount(&cut_again), 0);
	check_eq(unmount(&cut), 0);
}

static void cut_everywhere(void *arg)
{
	run_all();
	check_eq(unmount(&tested), 0);
	check_contents(&tested, tested.disk.moments);
	for (uint64_t moment = 0; moment <= tested.disk.moments; moment++)
		for (uint64_t seed = 0; seed < SEEDS; seed++)
			check_cut(moment, moment * SEEDS + seed);
}

static void cut_all(uint32_t block_bytes, uint32_t incompat, uint64_t delay_ns,
		    uint64_t seed)
{
	const char *text = host_variable("EFT_SEED"); /* for other workloads */
	uint64_t more = 0;

	if (text != NULL)
		check_eq(eft_parse_u64(text, false, &more), 0);
	format(&tested, block_bytes, incompat);
	format(&cut, block_bytes, incompat);
	format(&cut_again, block_bytes, incompat);
	tested.disk.delay_ns = cut.disk.delay_ns = cut_again.disk.delay_ns =
		delay_ns;
	unit_srandom(seed + more);
	run(cut_everywhere, NULL);
}

Test(jbd_power, in_order)
{
	cut_all(1024, 0, 0, 1);
}

Test(jbd_power, in_order_v3)
{
	cut_all(1024, EFT_JBD2_INCOMPAT_CSUM_V3, 0, 2);
}

Test(jbd_power, any_order_1)
{
	cut_all(1024, 0, 1000, 3);
}

Test(jbd_power, any_order_2)
{
	cut_all(1024, EFT_JBD2_INCOMPAT_64BIT, 100000, 4);
}

Test(jbd_power, any_order_v2_64bit)
{
	cut_all(1024, EFT_JBD2_INCOMPAT_CSUM_V2 | EFT_JBD2_INCOMPAT_64BIT, 1000,
		5);
}

Test(jbd_power, any_order_v3_1)
{
	cut_all(4096, EFT_JBD2_INCOMPAT_CSUM_V3, 1000, 6);
}

Test(jbd_power, any_order_v3_2)
{
	cut_all(1024, EFT_JBD2_INCOMPAT_CSUM_V3, 100000, 7);
}
