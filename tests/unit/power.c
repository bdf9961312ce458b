// SPDX-License-Identifier: BSD-3-Clause
/*
 * The power fails while a program makes, writes, renames and removes files on
 * ext4, and again while that is recovered. Afterwards
 *
 *	- e2fsck finds nothing;
 *	- the names are those after some operation, none of those that had been
 *	  synced missing: a rename is old or new;
 *	- what was synced of a file is there, or was written over;
 *	- a file has nothing but what was written into it, and zeroes.
 *
 * EFT_POWER_CUTS=N  so many cuts, of all tests together
 * EFT_POWER_FROM=N  other seeds
 */
#include "tests/unit/files.h"

#include "core/fs/ext4/meta.h"
#include "core/thread.h"
#include "tests/fake/disk.h"
#include "tests/unit/ext4_image.h"

char *getenv(const char *name);
int atoi(const char *s);

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ext4_type;

enum {
	MIB = 1 << 20,
	TESTS = 16,
	CUTS = 2000,	 /* of all tests together */
	CUTS_A_RUN = 50, /* of one sequence of operations */
	NAMES = 12,
	STEPS = 160,
	FILES_MAX = 511, /* the number of a file is its mode */
	WORDS_MAX = 1500,
	SIZE_MAX_WORDS = 4500,
};

static struct fake_disk disk, cut, cut_again;

/*
 * What was done. A moment is the disk's, when a call began, or had returned.
 */
struct write {
	unsigned file;
	uint32_t first, count; /* words */
	uint64_t began;
};

static struct write writes[2 * STEPS + 1]; /* the first one is none */
static unsigned write_count;

static struct sync {
	unsigned file; /* 0: all */
	unsigned writes, steps;
	uint64_t ended;
} syncs[STEPS + 1];
static unsigned sync_count;

/* Which file has each name after a step; 0: none. */
static struct step {
	unsigned files[NAMES];
	uint64_t began;
} steps[3 * STEPS + 1];
static unsigned step_count;

static unsigned file_count;
static uint32_t sizes[FILES_MAX + 1]; /* in words */

static void name_of(char path[32], const char *root, unsigned name)
{
	snprintf(path, 32, name % 3 == 0 ? "%s/d/n%u" : "%s/n%u", root, name);
}

/* A step of which the names are the last one's, but for what the caller says. */
static struct step *begin_step(void)
{
	check(step_count + 1 < eft_array_size(steps));
	steps[step_count + 1] = steps[step_count];
	steps[++step_count].began = disk.moments;
	return &steps[step_count];
}

static unsigned file_at(unsigned name)
{
	return steps[step_count].files[name];
}

static void create(unsigned name)
{
	unsigned file = file_count + 1;
	struct step *step;
	char path[32];

	if (file_at(name) != 0 || file > FILES_MAX)
		return;
	name_of(path, "/m", name);
	step = begin_step();
	if (f_call(mknod, path, S_IFREG | file, 0) != 0) {
		step_count--; /* there is no room */
		return;
	}
	step->files[name] = ++file_count;
	sizes[file] = 0;
}

static struct eft_file *open_name(unsigned name)
{
	char path[32];

	name_of(path, "/m", name);
	return f_must(path, O_RDWR);
}

static void write_at(unsigned name, uint32_t first, uint32_t count)
{
	static uint64_t words[WORDS_MAX];
	unsigned file = file_at(name);
	struct write *w = &writes[write_count + 1];
	struct eft_file *opened;
	ssize_t n;

	if (file == 0 || first + count > SIZE_MAX_WORDS)
		return;
	write_count++;
	check(write_count < eft_array_size(writes));
	for (uint32_t i = 0; i < count; i++)
		words[i] = (uint64_t)file << 32 | write_count;
	*w = (struct write){file, first, 0, disk.moments};
	opened = open_name(name);
	n = f_pwrite(opened, words, count * sizeof(words[0]),
		     first * sizeof(words[0]));
	eft_file_put(opened);
	w->count = n > 0 ? (uint32_t)n / 8 : 0;
	if (w->count > 0)
		sizes[file] = eft_max(sizes[file], first + w->count);
}

static void append(unsigned name)
{
	write_at(name, sizes[file_at(name)],
		 1 + (uint32_t)unit_random(WORDS_MAX));
}

static void overwrite(unsigned name)
{
	write_at(name, (uint32_t)unit_random(sizes[file_at(name)] + 700),
		 1 + (uint32_t)unit_random(WORDS_MAX));
}

static void note_sync(unsigned file)
{
	check(sync_count < eft_array_size(syncs));
	syncs[sync_count++] =
		(struct sync){file, write_count, step_count, disk.moments};
}

static void sync_one(unsigned name)
{
	struct eft_file *file;

	if (file_at(name) == 0)
		return;
	file = open_name(name);
	/* Without room what was promised is there all the same. */
	check_eq(file->ops->sync(file, unit_random(2)), 0);
	eft_file_put(file);
	note_sync(file_at(name));
}

static void sync_all(void)
{
	eft_page_cache_sync();
	note_sync(0);
}

static void rename_to(unsigned from, unsigned to)
{
	struct step *step;
	char a[32], b[32];

	if (file_at(from) == 0 || from == to)
		return;
	name_of(a, "/m", from);
	name_of(b, "/m", to);
	step = begin_step();
	if (f_rename(a, b) != 0) {
		step_count--;
		return;
	}
	step->files[to] = step->files[from];
	step->files[from] = 0;
}

static void remove_name(unsigned name)
{
	struct step *step;
	char path[32];

	if (file_at(name) == 0)
		return;
	name_of(path, "/m", name);
	step = begin_step();
	check_eq(f_unlink(path), 0);
	step->files[name] = 0;
}

/* As programs replace a file that must never be half of one. */
static void replace(unsigned name)
{
	unsigned other = (name + 1) % NAMES;

	remove_name(other);
	create(other);
	append(other);
	sync_one(other);
	rename_to(other, name);
}

static void do_step(void)
{
	unsigned name = (unsigned)unit_random(NAMES);

	switch (unit_random(20)) {
	case 0 ... 3:
		create(name);
		break;
	case 4 ... 8:
		append(name);
		break;
	case 9 ... 11:
		overwrite(name);
		break;
	case 12 ... 13:
		rename_to(name, (unsigned)unit_random(NAMES));
		break;
	case 14:
		remove_name(name);
		break;
	case 15 ... 17:
		sync_one(name);
		break;
	case 18:
		replace(name);
		break;
	default:
		if (unit_random(4) == 0)
			sync_all();
		else
			eft_sleep(fake_now + unit_random(3000000000));
	}
}

static int mount_at(const char *path, const char *source)
{
	struct eft_file *file = f_must(path, O_PATH);
	int error = eft_mount(file, source, "ext4", 0, NULL);

	eft_file_put(file);
	return error;
}

static void umount_at(const char *path)
{
	struct eft_file *file = f_must(path, O_PATH);

	check_eq(eft_umount(file, 0), 0);
	eft_file_put(file);
}

static void work(void *arg)
{
	write_count = sync_count = step_count = file_count = 0;
	steps[0] = (struct step){.began = 0};
	check_eq(mount_at("/m", "vda"), 0);
	check_eq(f_mkdir("/m/d"), 0);
	sync_all();
	sync_count = 0;
	fake_disk_begin(&disk);
	for (unsigned i = 0; i < STEPS; i++)
		do_step();
	umount_at("/m");
}

/*
 * What is there after a cut.
 */

/* The last sync of (file) that had ended at (moment); NULL: none. */
static const struct sync *sync_before(unsigned file, uint64_t moment)
{
	const struct sync *found = NULL;

	for (unsigned i = 0; i < sync_count; i++) {
		if (syncs[i].ended <= moment &&
		    (syncs[i].file == file || syncs[i].file == 0))
			found = &syncs[i];
	}
	return found;
}

/* Any sync commits all operations on names before it. */
static unsigned steps_before(uint64_t moment)
{
	unsigned count = 0;

	for (unsigned i = 0; i < sync_count; i++) {
		if (syncs[i].ended <= moment)
			count = syncs[i].steps;
	}
	return count;
}

static void check_names(const unsigned files[NAMES], uint64_t moment)
{
	for (unsigned i = steps_before(moment);
	     i <= step_count && steps[i].began <= moment; i++) {
		if (memcmp(steps[i].files, files, sizeof(steps[i].files)) == 0)
			return;
	}
	for (unsigned i = 0; i < NAMES; i++)
		cr_log_error("name %u: file %u", i, files[i]);
	cr_assert_fail("no names that were at %lu", (unsigned long)moment);
}

/* May (word) be what is at the place (at) of (file)? */
static bool may_be(unsigned file, uint32_t at, uint64_t word,
		   uint32_t synced_write, unsigned synced_writes,
		   uint64_t moment)
{
	uint32_t number = (uint32_t)word;
	const struct write *w = &writes[number];

	if (word == 0)
		return synced_write == 0;
	if (word >> 32 != file || number > write_count)
		return false;
	return w->file == file && at >= w->first && at < w->first + w->count &&
	       w->began <= moment &&
	       (number == synced_write || number > synced_writes);
}

static void check_contents(const char *path, unsigned file, uint64_t moment)
{
	static uint64_t words[SIZE_MAX_WORDS + 1];
	static uint32_t synced[SIZE_MAX_WORDS];
	const struct sync *sync = sync_before(file, moment);
	unsigned before = sync != NULL ? sync->writes : 0;
	struct eft_file *opened = f_must(path, O_RDONLY);
	ssize_t n = f_pread(opened, words, sizeof(words), 0);
	uint32_t synced_size = 0;

	eft_file_put(opened);
	check(n >= 0 && n % 8 == 0);
	memset(synced, 0, sizeof(synced));
	for (unsigned i = 1; i <= before; i++) {
		const struct write *w = &writes[i];

		if (w->file != file || w->count == 0)
			continue;
		for (uint32_t at = w->first; at < w->first + w->count; at++)
			synced[at] = i;
		synced_size = eft_max(synced_size, w->first + w->count);
	}
	check(n / 8 >= synced_size && n / 8 <= sizes[file]);
	for (uint32_t at = 0; at < n / 8; at++) {
		if (!may_be(file, at, words[at], synced[at], before, moment))
			cr_assert_fail("%s: word %u is %lx at %lu, synced %u",
				       path, at, (unsigned long)words[at],
				       (unsigned long)moment, synced[at]);
	}
}

static void check_tree(uint64_t moment)
{
	unsigned files[NAMES] = {0};

	for (unsigned i = 0; i < NAMES; i++) {
		struct eft_stat st;
		char path[32];

		name_of(path, "/r", i);
		if (f_stat(path, &st) != 0)
			continue;
		files[i] = st.mode & 0777;
		check(files[i] >= 1 && files[i] <= file_count);
		check_contents(path, files[i], moment);
	}
	check_names(files, moment);
}

static const char *recovered; /* the disk */

static void recover(void *arg)
{
	check_eq(mount_at("/r", recovered), 0);
	check_tree(*(uint64_t *)arg);
	umount_at("/r");
}

static void check_disk(struct fake_disk *of)
{
	check_eq(image_check(of->data, of->block.bytes), 0);
}

/* And again while the first recovery is under way. */
static void cut_at(uint64_t moment, uint64_t seed)
{
	fake_disk_image(&disk, moment, seed, cut.data);
	fake_disk_begin(&cut);
	recovered = "vdb";
	check_eq(fake_run(recover, &moment), FAKE_RETURNED);
	check_disk(&cut);
	fake_disk_image(&cut, unit_random(cut.moments + 1), seed,
			cut_again.data);
	fake_disk_begin(&cut_again);
	recovered = "vdc";
	check_eq(fake_run(recover, &moment), FAKE_RETURNED);
	check_disk(&cut_again);
}

static void find_block(struct eft_device_class *class)
{
	eft_device_add(class, &disk.block.device);
	eft_device_add(class, &cut.block.device);
	eft_device_add(class, &cut_again.block.device);
}

static void boot(size_t bytes, uint64_t delay_ns)
{
	struct fake_config config = {.zone_bytes = {64 * MIB}};

	files_boot_as(&config, NULL, 0);
	fake_find_block = find_block;
	fake_disk_init(&disk, bytes);
	fake_disk_init(&cut, bytes);
	fake_disk_init(&cut_again, bytes);
	disk.delay_ns = cut.delay_ns = cut_again.delay_ns = delay_ns;
	f_mkdir("/m");
	f_mkdir("/r");
}

static unsigned variable(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);

	return text != NULL ? (unsigned)atoi(text) : otherwise;
}

/* Each cut is two: see cut_at(). */
static void cut_power(const char *options, unsigned mib, uint64_t delay_ns,
		      unsigned seed)
{
	unsigned left = variable("EFT_POWER_CUTS", CUTS) / TESTS / 2;

	seed += variable("EFT_POWER_FROM", 0);
	boot(mib * MIB, delay_ns);
	for (unsigned run = 0; left > 0; run++) {
		unit_srandom(seed * 1000 + run);
		image_make(options, disk.data, mib * MIB);
		fake_realtime = (uint64_t)1790000000 * 1000000000;
		check_eq(fake_run(work, NULL), FAKE_RETURNED);
		check_disk(&disk);
		for (unsigned i = 0; i < CUTS_A_RUN && left > 0; i++, left--)
			cut_at(unit_random(disk.moments + 1), i);
	}
}

#define SMALL "-b 1024 -J size=1 -N 200 "

Test(power, checksums)
{
	cut_power(SMALL, 3, 0, 1);
}

Test(power, checksums_any_order)
{
	cut_power(SMALL, 3, 1000, 2);
}

Test(power, checksums_slow)
{
	cut_power(SMALL, 3, 1000000, 3);
}

Test(power, no_checksums)
{
	cut_power(SMALL "-O ^metadata_csum", 3, 0, 4);
}

Test(power, no_checksums_any_order)
{
	cut_power(SMALL "-O ^metadata_csum", 3, 1000, 5);
}

Test(power, uninit_groups)
{
	cut_power(SMALL "-O ^metadata_csum,uninit_bg -g 1024", 3, 1000, 6);
}

Test(power, of_32_bits)
{
	cut_power(SMALL "-O ^64bit", 3, 1000, 7);
}

Test(power, no_flex_groups)
{
	cut_power(SMALL "-O ^flex_bg,^resize_inode -g 1024", 3, 1000, 8);
}

Test(power, no_index)
{
	cut_power(SMALL "-O ^dir_index", 3, 1000, 9);
}

Test(power, old_inodes)
{
	cut_power(SMALL "-I 128", 3, 1000, 10);
}

Test(power, of_2048)
{
	cut_power("-b 2048 -J size=2 -N 200", 5, 0, 11);
}

Test(power, of_2048_any_order)
{
	cut_power("-b 2048 -J size=2 -N 200", 5, 1000, 12);
}

Test(power, of_4096)
{
	cut_power("-b 4096 -J size=4 -N 200", 9, 0, 13);
}

Test(power, of_4096_any_order)
{
	cut_power("-b 4096 -J size=4 -N 200", 9, 1000, 14);
}

Test(power, little_room)
{
	cut_power("-b 1024 -J size=1 -N 6000", 3, 1000, 15);
}

Test(power, seeded_checksums)
{
	cut_power(SMALL "-O metadata_csum_seed", 3, 100000, 16);
}
