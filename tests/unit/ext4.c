// SPDX-License-Identifier: BSD-3-Clause
/*
 * ext4 on a disk in memory, made and checked by e2fsprogs. What names do is
 * compared with the file system in memory, and with what the host's ext4 shows.
 *
 * EFT_EXT4_FROM=N   other seeds
 * EFT_EXT4_SEEDS=N  so many hostile disks
 * EFT_EXT4_NAMES=N  so many names in one directory
 */
#include "tests/unit/files.h"

#include "core/fs/ext4/meta.h"
#include "core/thread.h"
#include "core/user.h"
#include "core/vfs/mount_option.h"
#include "core/xattr.h"
#include "tests/fake/disk.h"
#include "tests/unit/ext4_image.h"
#include "tests/unit/trees.h"

char *getenv(const char *name);
int atoi(const char *s);

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ext4_type;

enum { MIB = 1 << 20, YEAR_2026 = 1790000000 };

static struct fake_disk disk, other_disk;

static void find_block(struct eft_device_class *class)
{
	eft_device_add(class, &disk.block.device);
	if (other_disk.data != NULL)
		eft_device_add(class, &other_disk.block.device);
}

static size_t memory = 96 * MIB;

/* Boot with a disk of (bytes) that mkfs.ext4 has made. */
static void boot(const char *options, size_t bytes)
{
	struct fake_config config = {.zone_bytes = {memory}};

	trees_have_xattrs = true;
	files_boot_as(&config, NULL, 0);
	fake_realtime = (uint64_t)YEAR_2026 * 1000000000 + 123456789;
	fake_find_block = find_block;
	fake_disk_init(&disk, bytes);
	image_make(options, disk.data, bytes);
	f_mkdir("/m");
	f_mkdir("/r");
}

static int mount_at(const char *path, const char *source, const char *options)
{
	struct eft_file *file = f_must(path, O_PATH);
	int error = eft_mount(file, source, "ext4", 0, options);

	eft_file_put(file);
	return error;
}

static int mount_ext4(const char *options)
{
	return mount_at("/m", "vda", options);
}

static int umount_at(const char *path)
{
	struct eft_file *file = f_must(path, O_PATH);
	int error = eft_umount(file, 0);

	eft_file_put(file);
	return error;
}

static int umount_ext4(void)
{
	return umount_at("/m");
}

static void mount_ramfs(void)
{
	struct eft_file *file = f_must("/r", O_PATH);

	check_eq(eft_mount(file, "none", "tmpfs", 0, NULL), 0);
	eft_file_put(file);
	check_eq(f_call(chmod, "/r", 0755), 0); /* as mkfs's root */
}

static void run(void (*function)(void *), void *arg)
{
	check_eq(fake_run(function, arg), FAKE_RETURNED);
}

static void check_disk(void)
{
	check_eq(image_check(disk.data, disk.block.bytes), 0);
	fake_disk_begin(&disk);
}

static uint64_t free_blocks(void)
{
	struct eft_file *root = f_must("/m", O_PATH);
	struct eft_statfs st;

	check_eq(root->ops->statfs(root, &st), 0);
	eft_file_put(root);
	return st.bfree;
}

static void do_steps(void *arg)
{
	unsigned steps = *(unsigned *)arg;

	check_eq(mount_ext4(NULL), 0);
	for (unsigned i = 0; i < steps; i++) {
		struct step step = random_step();

		do_both(&step);
	}
	f_rmdir("/m/lost+found");
	compare_trees("/m", "/r");
	check_eq(umount_ext4(), 0);
}

static void compare_again(void *arg)
{
	check_eq(mount_ext4("ro"), 0);
	compare_trees("/m", "/r");
	check_eq(umount_ext4(), 0);
}

/* As cksum(1) has it: CRC-32 of the bytes, and of their number. */
static uint32_t posix_sum(uint32_t sum, const uint8_t *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		sum ^= (uint32_t)bytes[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			sum = sum << 1 ^ (0x04c11db7 & -(sum >> 31));
	}
	return sum;
}

static uint32_t sum_of(const char *path, size_t size)
{
	static uint8_t bytes[2 * CONTENT_MAX];
	struct eft_file *file = f_must(path, O_RDONLY);
	uint32_t sum;

	check(size <= sizeof(bytes));
	check_eq(f_pread(file, bytes, sizeof(bytes), 0), size);
	eft_file_put(file);
	sum = posix_sum(0, bytes, size);
	for (size_t left = size; left > 0; left >>= 8)
		sum = posix_sum(sum, &(uint8_t){(uint8_t)left}, 1);
	return ~sum;
}

/*
 * The host's own ext4 shows the same, where it may be asked. Of each file: its
 * mode, owner, links, size, time, and the sum of its bytes.
 */
static void list_tree(const char *path, char *text, size_t size, size_t *at)
{
	struct names names = read_names(path, 65536);
	char *below = malloc(4096);
	struct eft_stat st;

	for (unsigned i = 0; i < names.count; i++) {
		const char *name = names.names[i] + 1;

		if (name[0] == '.')
			continue;
		snprintf(below, 4096, "%s/%s", path, name);
		check_eq(f_lstat(below, &st), 0);
		*at += (size_t)snprintf(
			text + *at, size - *at, "%s %o %u %u %lu %ld.%09ld\n",
			below + 3, st.mode & 07777, st.uid, st.gid,
			(unsigned long)st.nlink, (long)st.mtime.sec,
			old_inodes ? 0 : (long)st.mtime.nsec);
		if ((st.mode & S_IFMT) == S_IFREG)
			*at += (size_t)snprintf(
				text + *at, size - *at, "%u %lu ./%s\n",
				sum_of(below, (size_t)st.size),
				(unsigned long)st.size, below + 3);
		check(*at < size);
		if ((st.mode & S_IFMT) == S_IFDIR)
			list_tree(below, text, size, at);
	}
	free(below);
	free(names.names);
}

static void compare_with_host(void)
{
	size_t size = 4 * MIB, at = 0;
	char *text = malloc(size);
	int status;

	list_tree("/r", text, size, &at);
	image_save(disk.data, disk.block.bytes);
	image_write("list", text, at);
	free(text);
	status = image_run(
		"mkdir -p %1$s.mnt && mount -o loop,ro %1$s %1$s.mnt "
		"2>/dev/null || exit 77; cd %1$s.mnt; "
		"find . -mindepth 1 -printf '%%P %%m %%U %%G %%n %%T@\\n' | "
		"sed 's/\\(\\.[0-9]\\{9\\}\\)0*$/\\1/' | grep -v '^lost+found "
		"' >%1$s.host; find . -type f -exec cksum {} + >>%1$s.host; "
		"cd /; umount %1$s.mnt; "
		"LC_ALL=C sort -o %1$s.host %1$s.host; "
		"LC_ALL=C sort %1$s.list | diff - %1$s.host");
	image_run("rm -rf %1$s.mnt %1$s.host %1$s.list");
	check(status == 0 || status == 77);
	cr_log_info("compared with the host: %d", status);
}

static void do_sequence(const char *options, unsigned seed, unsigned steps)
{
	if (getenv("EFT_EXT4_FROM") != NULL)
		seed += (unsigned)atoi(getenv("EFT_EXT4_FROM"));
	unit_srandom(seed);
	boot(options, 16 * MIB);
	mount_ramfs();
	run(do_steps, &steps);
	check_disk();
	run(compare_again, NULL);
	compare_with_host();
}

Test(names, of_4096)
{
	do_sequence("-b 4096", 1, 1500);
}

Test(names, of_2048)
{
	do_sequence("-b 2048", 2, 1500);
}

Test(names, of_1024)
{
	do_sequence("-b 1024", 3, 1500);
}

Test(names, without_checksums)
{
	do_sequence("-b 1024 -O ^metadata_csum", 4, 1500);
}

Test(names, with_uninit_groups)
{
	do_sequence("-b 1024 -O ^metadata_csum,uninit_bg -g 2048", 5, 1500);
}

Test(names, of_32_bits)
{
	do_sequence("-b 1024 -O ^64bit", 6, 1500);
}

Test(names, without_flex_groups)
{
	do_sequence("-b 1024 -O ^flex_bg,^resize_inode -g 1024", 7, 1500);
}

Test(names, without_journal)
{
	do_sequence("-b 1024 -O ^has_journal", 8, 1500);
}

Test(names, without_index)
{
	do_sequence("-b 1024 -O ^dir_index", 9, 1500);
}

Test(names, of_old_inodes)
{
	old_inodes = true;
	do_sequence("-b 1024 -I 128", 10, 1500);
}

Test(names, of_large_inodes)
{
	do_sequence("-b 2048 -I 512", 11, 1500);
}

Test(names, with_large_dirs)
{
	do_sequence("-b 1024 -O large_dir", 12, 1500);
}

Test(names, of_seed)
{
	do_sequence("-b 1024 -O metadata_csum_seed", 13, 1500);
}

/* As ext2 and ext3 make them. */
Test(names, of_block_lists)
{
	do_sequence("-b 1024 -O ^extent,^64bit", 14, 1500);
}

Test(names, of_ext2)
{
	old_inodes = true;
	do_sequence("-t ext2 -b 1024 -I 128", 15, 1500);
}

Test(names, of_ext3)
{
	do_sequence("-t ext3 -b 4096", 16, 1500);
}

/*
 * Many short sequences, of 300 seeds: 30 a test.
 */
static void do_sequences(unsigned first)
{
	static const char *const options[] = {
		"-b 1024",
		"-b 4096",
		"-b 2048",
		"-b 1024 -O ^metadata_csum",
		"-b 1024 -O ^64bit",
		"-b 1024 -O ^has_journal",
		"-b 1024 -O ^dir_index",
		"-b 1024 -O ^flex_bg,^resize_inode -g 1024",
	};
	unsigned steps = 80;

	boot(options[0], 8 * MIB);
	for (unsigned i = first; i < first + 30; i++) {
		unit_srandom(1000 + i);
		image_make(options[i % eft_array_size(options)], disk.data,
			   8 * MIB);
		fake_disk_begin(&disk);
		mount_ramfs();
		run(do_steps, &steps);
		check_disk();
		run(compare_again, NULL);
		compare_with_host();
		check_eq(umount_at("/r"), 0);
	}
}

Test(sequences, from_0)
{
	do_sequences(0);
}

Test(sequences, from_30)
{
	do_sequences(30);
}

Test(sequences, from_60)
{
	do_sequences(60);
}

Test(sequences, from_90)
{
	do_sequences(90);
}

Test(sequences, from_120)
{
	do_sequences(120);
}

Test(sequences, from_150)
{
	do_sequences(150);
}

Test(sequences, from_180)
{
	do_sequences(180);
}

Test(sequences, from_210)
{
	do_sequences(210);
}

Test(sequences, from_240)
{
	do_sequences(240);
}

Test(sequences, from_270)
{
	do_sequences(270);
}

/*
 * Out of memory: each allocation of each step fails, and the step has done
 * nothing then.
 */
Test(names, out_of_memory)
{
	fail_every = 3;
	do_sequence("-b 1024", 20, 600);
}

/*
 * Extents, of one file, against an array of what each of its blocks is.
 */
enum { FILE_BLOCKS = 6000 };

static uint8_t model[FILE_BLOCKS];

static void set_size(struct eft_ext4_op *op, struct eft_ext4_inode *inode)
{
	struct eft_ext4_raw_inode *raw = eft_ext4_inode_edit(op, inode);
	uint64_t size = (uint64_t)FILE_BLOCKS << op->fs->block_shift;

	check(raw != NULL);
	eft_ext4_raw_set_size(raw, size);
}

/* Put blocks at a hole's (map), as write-back does. Returns how many. */
static int fill_hole(struct eft_ext4_inode *inode, struct eft_ext4_map *map)
{
	struct eft_ext4 *fs = inode->fs;
	struct eft_ext4_op op;
	int error = eft_ext4_take_blocks(fs, eft_ext4_goal(inode, map->block),
					 map->count, &map->first, &map->count);

	if (error != 0)
		return error;
	error = eft_ext4_op_begin(fs, EFT_EXT4_OP_BLOCKS, &op);
	if (error != 0)
		goto out;
	eft_mutex_lock(&inode->map);
	error = eft_ext4_use_blocks(&op, inode, map->first, map->count);
	if (error == 0)
		error = eft_ext4_map_insert(&op, inode, map);
	if (error == 0)
		set_size(&op, inode);
	error = eft_ext4_op_end(&op, error);
	eft_mutex_unlock(&inode->map);
out:
	eft_ext4_untake_blocks(fs, map->first, map->count);
	return error;
}

static int convert(struct eft_ext4_inode *inode, const struct eft_ext4_map *map)
{
	struct eft_ext4_op op;
	int error = eft_ext4_op_begin(inode->fs, EFT_EXT4_OP_BLOCKS, &op);

	if (error != 0)
		return error;
	eft_mutex_lock(&inode->map);
	error = eft_ext4_map_convert(&op, inode, map->block, map->count);
	error = eft_ext4_op_end(&op, error);
	eft_mutex_unlock(&inode->map);
	return error;
}

static int remove_range(struct eft_ext4_inode *inode, uint32_t block,
			uint32_t count)
{
	bool more = true;
	int error = 0;

	while (more && error == 0) {
		struct eft_ext4_op op;

		error = eft_ext4_op_begin(inode->fs, 96, &op);
		if (error != 0)
			return error;
		eft_mutex_lock(&inode->map);
		error = eft_ext4_map_remove(&op, inode, block, count, &more);
		error = eft_ext4_op_end(&op, error);
		eft_mutex_unlock(&inode->map);
	}
	return error;
}

static int map_locked(struct eft_ext4_inode *inode, uint32_t block,
		      struct eft_ext4_map *map)
{
	int error;

	eft_mutex_lock(&inode->map);
	error = eft_ext4_map(inode, block, map);
	eft_mutex_unlock(&inode->map);
	return error;
}

/* Have [block, block+count) be in (state), as far as there is room. */
static int fill(struct eft_ext4_inode *inode, uint32_t block, uint32_t count,
		enum eft_ext4_state state)
{
	while (count > 0) {
		struct eft_ext4_map map;
		int error = map_locked(inode, block, &map);

		map.count = (uint32_t)eft_min(map.count, count);
		if (error == 0 && map.state == EFT_EXT4_HOLE) {
			map.state = state;
			error = fill_hole(inode, &map);
		} else if (error == 0 && map.state == EFT_EXT4_UNWRITTEN &&
			   state == EFT_EXT4_WRITTEN) {
			error = convert(inode, &map);
		}
		if (error != 0)
			return error;
		for (uint32_t i = 0; i < map.count; i++)
			if (block + i < FILE_BLOCKS && model[block + i] < state)
				model[block + i] = (uint8_t)state;
		block += map.count;
		count -= map.count;
	}
	return 0;
}

static void check_model(struct eft_ext4_inode *inode)
{
	for (uint32_t block = 0; block < FILE_BLOCKS;) {
		struct eft_ext4_map map;

		check_eq(map_locked(inode, block, &map), 0);
		for (uint32_t i = 0; i < map.count; i++) {
			if (block < FILE_BLOCKS)
				check_eq(map.state, model[block]);
			block++;
			if (block >= FILE_BLOCKS)
				break;
		}
	}
}

static void random_extents(struct eft_ext4_inode *inode, unsigned steps)
{
	for (unsigned i = 0; i < steps; i++) {
		uint32_t block = (uint32_t)unit_random(FILE_BLOCKS);
		uint32_t count =
			(uint32_t)unit_random(unit_random(4) == 0 ? 200 : 3);

		count = (uint32_t)eft_min(count + 1, FILE_BLOCKS - block);
		switch (unit_random(8)) {
		case 0:
		case 1:
			if (unit_random(20) == 0)
				count = FILE_BLOCKS - block;
			check_eq(remove_range(inode, block, count), 0);
			memset(model + block, 0, count);
			break;
		case 2:
		case 3:
			check_eq(fill(inode, block, count, EFT_EXT4_UNWRITTEN),
				 0);
			break;
		default:
			check_eq(fill(inode, block, count, EFT_EXT4_WRITTEN),
				 0);
		}
	}
	check_model(inode);
}

static struct eft_ext4_inode *inode_of(struct eft_file *file)
{
	return eft_ext4_inode(eft_node_of(file));
}

static void do_extents(void *arg)
{
	struct eft_file *file;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	file = f_must("/m/file", O_PATH);
	random_extents(inode_of(file), *(unsigned *)arg);
	/* Every second block: a tree of some levels. */
	for (uint32_t i = 0; i < FILE_BLOCKS; i += 2)
		check_eq(remove_range(inode_of(file), i, 1), 0);
	memset(model, 0, sizeof(model));
	check_eq(remove_range(inode_of(file), 0, FILE_BLOCKS), 0);
	for (uint32_t i = FILE_BLOCKS; i >= 2; i -= 2)
		check_eq(fill(inode_of(file), i - 2, 1, EFT_EXT4_WRITTEN), 0);
	check_model(inode_of(file));
	random_extents(inode_of(file), *(unsigned *)arg);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

static void remove_file(void *arg)
{
	struct eft_file *file;

	check_eq(mount_ext4(NULL), 0);
	file = f_must("/m/file", O_PATH);
	check_model(inode_of(file));
	check_eq(f_unlink("/m/file"), 0);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

Test(extents, random)
{
	unsigned steps = 1500;

	boot("-b 1024", 32 * MIB);
	run(do_extents, &steps);
	check_disk();
	run(remove_file, NULL);
	check_disk();
}

/*
 * The same of block lists, which have nothing that is unwritten; and far out,
 * where there are lists of lists of lists.
 */
static void do_lists(void *arg)
{
	static const uint32_t places[] = {11,	 12,	267,   268,
					  65803, 65804, 90000, 1000000};
	struct eft_file *file;
	uint64_t before;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	before = free_blocks();
	file = f_must("/m/file", O_RDWR);
	for (unsigned i = 0; i < *(unsigned *)arg; i++) {
		uint32_t block = (uint32_t)unit_random(FILE_BLOCKS);
		uint32_t count = (uint32_t)eft_min(unit_random(100) + 1,
						   FILE_BLOCKS - block);

		if (unit_random(3) > 0) {
			check_eq(fill(inode_of(file), block, count,
				      EFT_EXT4_WRITTEN),
				 0);
			continue;
		}
		check_eq(remove_range(inode_of(file), block, count), 0);
		memset(model + block, 0, count);
	}
	check_model(inode_of(file));
	check_eq(remove_range(inode_of(file), 0, UINT32_MAX), 0);
	check_eq(free_blocks(), before);
	for (size_t i = 0; i < eft_array_size(places); i++)
		check_eq(f_pwrite(file, "there", 5, (off_t)places[i] * 1024),
			 5);
	check_eq(file->ops->sync(file, false), 0);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
	check_disk();
	check_eq(mount_ext4(NULL), 0);
	file = f_must("/m/file", O_RDWR);
	for (size_t i = 0; i < eft_array_size(places); i++) {
		char text[5];

		check_eq(f_pread(file, text, 5, (off_t)places[i] * 1024), 5);
		check(memcmp(text, "there", 5) == 0);
	}
	check_eq(file->ops->seek(file, (off_t)91000 * 1024, SEEK_DATA),
		 (off_t)1000000 * 1024);
	check_eq(file->ops->allocate(file, 0, 0, 1024), -EOPNOTSUPP);
	check_eq(file->ops->allocate(file,
				     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     (off_t)65804 * 1024 & -4096, 8192),
		 0);
	check_eq(f_pwrite(file, "x", 1, (off_t)16843020 * 1024), -EFBIG);
	check_eq(file->ops->set_size(file, 12 * 1024), 0);
	check_eq(file->ops->sync(file, false), 0);
	check_eq(free_blocks(), before - 4);
	eft_file_put(file);
	check_eq(f_unlink("/m/file"), 0);
	check_eq(free_blocks(), before);
	check_eq(umount_ext4(), 0);
}

Test(extents, of_block_lists)
{
	unsigned steps = 600;

	boot("-b 1024 -O ^extent,^64bit", 32 * MIB);
	run(do_lists, &steps);
	check_disk();
}

/*
 * A large directory.
 */
static unsigned large = 10000;

static void make_names(void *arg)
{
	char path[64];

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	for (unsigned i = 0; i < large; i++) {
		snprintf(path, sizeof(path), "/m/d/name-%u-of-many", i * 7919);
		check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	}
	check_eq(umount_ext4(), 0);
}

static void remove_names(void *arg)
{
	struct names names;
	char path[64];

	check_eq(mount_ext4(NULL), 0);
	names = read_names("/m/d", 1024);
	check_eq(names.count, large + 2);
	for (unsigned i = 1; i < names.count; i++)
		check(strcmp(names.names[i - 1], names.names[i]) < 0);
	free(names.names);
	for (unsigned i = 0; i < large; i++) {
		snprintf(path, sizeof(path), "/m/d/name-%u-of-many", i * 7919);
		check_eq(f_unlink(path), 0);
	}
	check_eq(f_rmdir("/m/d"), 0);
	check_eq(umount_ext4(), 0);
}

Test(names, many)
{
	if (getenv("EFT_EXT4_NAMES") != NULL)
		large = (unsigned)atoi(getenv("EFT_EXT4_NAMES"));
	boot("-b 1024 -N 110000", 48 * MIB);
	run(make_names, NULL);
	check_disk();
	run(remove_names, NULL);
	check_disk();
}
/*
 * What others have written: mkfs.ext4 -d, and e2fsck -D, which makes indexes.
 */
enum { FOREIGN = 700 };

static void read_foreign(void *arg)
{
	char path[64], text[4096], wanted[600];
	struct names names;
	struct eft_stat st;

	check_eq(mount_ext4(NULL), 0);
	names = read_names("/m/many", 4096);
	check_eq(names.count, FOREIGN + 2);
	free(names.names);
	for (unsigned i = 0; i < FOREIGN; i++) {
		snprintf(path, sizeof(path), "/m/many/file-%u", i);
		check_eq(f_lstat(path, &st), 0);
		check_eq(st.size, 4);
		check_eq(st.mode, S_IFREG | 0640);
	}
	check_eq(f_lstat("/m/many/file-x", &st), -ENOENT);
	check_eq(f_readlink("/m/short", text, sizeof(text)), 6);
	check(memcmp(text, "target", 6) == 0);
	memset(wanted, 'l', 500);
	check_eq(f_readlink("/m/long", text, sizeof(text)), 500);
	check(memcmp(text, wanted, 500) == 0);
	check_eq(f_lstat("/m/sparse", &st), 0);
	check_eq(st.size, 5000001);
	check_eq(f_lstat("/m/fifo", &st), 0);
	check_eq(st.mode, S_IFIFO | 0600);
	/* And its entries can be changed. */
	for (unsigned i = 0; i < FOREIGN; i += 2) {
		snprintf(path, sizeof(path), "/m/many/file-%u", i);
		check_eq(f_unlink(path), 0);
	}
	check_eq(f_unlink("/m/sparse"), 0);
	check_eq(f_rename("/m/many", "/m/other"), 0);
	check_eq(umount_ext4(), 0);
}

static void read_from(const char *options)
{
	char command[512];

	boot("-b 1024", 16 * MIB); /* the disk; its contents come now */
	check_eq(image_run("rm -rf %1$s.d && mkdir -p %1$s.d/many && "
			   "cd %1$s.d && umask 027 && "
			   "for i in $(seq 0 699); do echo abc >many/file-$i; "
			   "done && "
			   "ln -s target short && mkfifo -m 600 fifo && "
			   "ln -s $(printf 'l%%.0s' $(seq 500)) long && "
			   "printf x | dd of=sparse seek=5000000 bs=1 "
			   "2>/dev/null"),
		 0);
	snprintf(command, sizeof(command),
		 "rm -f %%1$s && mkfs.ext4 -q -F %s -d %%1$s.d %%1$s 16m "
		 ">/dev/null && rm -rf %%1$s.d",
		 options);
	check_eq(image_run(command), 0);
	check(image_run("e2fsck -fyD %s >/dev/null 2>&1") <= 1);
	image_load(disk.data, 16 * MIB);
	run(read_foreign, NULL);
	check_disk();
}

Test(foreign, of_1024)
{
	read_from("-b 1024");
}

Test(foreign, of_4096)
{
	read_from("-b 4096");
}

/*
 * What may not be mounted, and how.
 */
static const char *console_after_mount(int error)
{
	fake_console_clear();
	check_eq(mount_ext4(NULL), error);
	return fake_console;
}

static void refuse_unknown(void *arg)
{
	struct eft_ext4_super *super = (void *)(disk.data + EFT_EXT4_SUPER_AT);

	super->incompat = eft_le32(eft_get32(super->incompat) | 0x8000);
	check(strstr(console_after_mount(-EINVAL), "inline_data") != NULL);
	super->magic = eft_le16(0);
	check(strstr(console_after_mount(-EINVAL), "no ext4") != NULL);
	check_eq(mount_ext4("what=ever"), -EINVAL);
}

static void be_read_only(void *arg)
{
	struct eft_ext4_super *super = (void *)(disk.data + EFT_EXT4_SUPER_AT);

	super->ro_compat = eft_le32(eft_get32(super->ro_compat) | 0x8000);
	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), -EROFS);
	check_eq(umount_ext4(), 0);
	super->ro_compat = eft_le32(eft_get32(super->ro_compat) & ~0x8000u);
}

Test(mounting, refused)
{
	boot("-b 1024 -O ^metadata_csum", 16 * MIB);
	run(be_read_only, NULL);
	check_disk();
	run(refuse_unknown, NULL);
}

/*
 * Hostile disks: some bytes are not what they should be. Whatever comes is an
 * error, and leaves nothing behind.
 */
static uint8_t *pristine;
static unsigned mounted, walked;

/* Read and write some of a regular file. */
static void use_contents(const char *path)
{
	static char buf[3000];
	struct eft_file *file;

	if (f_open(path, O_RDWR, &file) != 0)
		return;
	for (unsigned i = 0; i < 4; i++) {
		off_t at = (off_t)unit_random(100000);

		f_pread(file, buf, sizeof(buf), at);
		f_pwrite(file, buf, unit_random(sizeof(buf)), at);
	}
	if (unit_random(2) == 0)
		file->ops->sync(file, false);
	if (unit_random(2) == 0)
		file->ops->set_size(file, (off_t)unit_random(100000));
	eft_file_put(file);
}

static void walk_tree(const char *path, unsigned depth)
{
	struct eft_file *dir;
	struct names names = {NULL, 0, 0};
	_Alignas(8) char *buf = malloc(4096);
	char *below = malloc(4096);
	ssize_t n;

	if (depth > 5 || f_open(path, O_RDONLY | O_DIRECTORY, &dir) != 0)
		goto out;
	while (names.count < 300 &&
	       (n = dir->ops->getdents(dir, buf, 4096)) > 0) {
		for (ssize_t at = 0; at < n;) {
			const struct eft_dirent *entry =
				(const void *)(buf + at);

			add_name(&names, entry);
			at += entry->reclen;
		}
	}
	eft_file_put(dir);
	for (unsigned i = 0; i < names.count; i++) {
		const char *name = names.names[i] + 1;
		struct eft_stat st;

		if (name[0] == '.')
			continue;
		snprintf(below, 4096, "%s/%s", path, name);
		if (f_lstat(below, &st) != 0)
			continue;
		walked++;
		f_readlink(below, buf, 4096);
		if (walked % 16 == 0 && (st.mode & S_IFMT) == S_IFREG)
			use_contents(below);
		if ((st.mode & S_IFMT) == S_IFDIR)
			walk_tree(below, depth + 1);
	}
	free(names.names);
out:
	free(below);
	free(buf);
}

static void change_hostile(void)
{
	struct eft_file *file;

	for (unsigned i = 0; i < 30; i++) {
		struct step step = random_step();

		do_step(&step, "/m");
	}
	use_contents("/m/extents");
	if (f_open("/m/extents", O_PATH, &file) != 0)
		return;
	if (eft_node_is(eft_node_of(file), S_IFREG)) {
		for (unsigned i = 0; i < 20; i++) {
			uint32_t block = (uint32_t)unit_random(FILE_BLOCKS);

			if (unit_random(3) == 0)
				remove_range(inode_of(file), block, 40);
			else
				fill(inode_of(file), block,
				     (uint32_t)unit_random(4) + 1,
				     EFT_EXT4_WRITTEN);
		}
	}
	eft_file_put(file);
	f_unlink("/m/extents");
}

static void use_hostile(void)
{
	if (mount_ext4(NULL) != 0)
		return;
	mounted++;
	walk_tree("/m", 0);
	change_hostile();
	walk_tree("/m", 0);
	check_eq(umount_ext4(), 0);
}

static void fill_pristine(void *arg)
{
	struct eft_file *file;

	check_eq(mount_ext4(NULL), 0);
	for (unsigned i = 0; i < 400; i++) {
		struct step step = random_step();

		do_step(&step, "/m");
	}
	check_eq(f_mkdir("/m/many"), 0);
	for (unsigned i = 0; i < 300; i++) {
		char path[64];

		snprintf(path, sizeof(path), "/m/many/some-longer-name-%u", i);
		check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	}
	check_eq(f_call(mknod, "/m/extents", S_IFREG | 0600, 0), 0);
	file = f_must("/m/extents", O_PATH);
	for (uint32_t i = 0; i < 700; i += 2)
		check_eq(fill(inode_of(file), i, 1, EFT_EXT4_WRITTEN), 0);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

/* Blocks that are in use, by the groups' bitmaps: here is most of the damage. */
static size_t random_place(void)
{
	size_t block = unit_random(disk.block.bytes / 1024);

	for (unsigned tries = 0; tries < 200; tries++) {
		bool used = false;

		for (unsigned i = 0; i < 1024 && !used; i += 8)
			used = pristine[block * 1024 + i] != 0;
		if (used)
			break;
		block = unit_random(disk.block.bytes / 1024);
	}
	return block * 1024 + unit_random(1024);
}

static void damage(void)
{
	unsigned count = (unsigned)unit_random(20) + 1;

	memcpy(disk.data, pristine, disk.block.bytes);
	for (unsigned i = 0; i < count; i++) {
		size_t at = random_place();

		/* A word of 16 bits is what counts and lengths are. */
		if (unit_random(2) == 0)
			disk.data[at] ^= (uint8_t)(1 << unit_random(8));
		else
			disk.data[at & ~1ul] = (uint8_t)unit_random(256);
	}
}

/* In one thread: a thread leaves a block of the heap. */
static void use_damaged(void *arg)
{
	unsigned seeds = *(unsigned *)arg, from = 0;
	size_t blocks;

	if (getenv("EFT_EXT4_FROM") != NULL)
		from = (unsigned)atoi(getenv("EFT_EXT4_FROM"));
	use_hostile(); /* what is made once is made */
	blocks = fake_heap_blocks();
	for (unsigned seed = from; seed < from + seeds; seed++) {
		unit_srandom(seed);
		damage();
		if (getenv("EFT_EXT4_VERBOSE") != NULL)
			cr_log_error("seed %u", seed);
		fake_console_clear();
		use_hostile();
		check_eq(fake_heap_blocks(), blocks);
		fake_disk_begin(&disk);
	}
}

static void be_hostile(const char *options, unsigned seeds)
{
	if (getenv("EFT_EXT4_SEEDS") != NULL)
		seeds = (unsigned)atoi(getenv("EFT_EXT4_SEEDS"));
	boot(options, 8 * MIB);
	run(fill_pristine, NULL);
	pristine = malloc(8 * MIB);
	memcpy(pristine, disk.data, 8 * MIB);
	run(use_damaged, &seeds);
	cr_log_info("%u seeds, %u mounted, %u files", seeds, mounted, walked);
	free(pristine);
}

Test(hostile, without_checksums)
{
	be_hostile("-b 1024 -O ^metadata_csum", 100);
}

Test(hostile, of_block_lists)
{
	be_hostile("-b 1024 -O ^extent,^64bit,^metadata_csum", 25);
}

Test(hostile, with_checksums)
{
	be_hostile("-b 1024", 50);
}

/* What cannot be truncated is not open, and keeps nothing busy. */
static void truncate_at_open(void *arg)
{
	struct eft_file *file;
	int error = -ENOMEM;

	check_eq(mount_ext4(NULL), 0);
	for (uint64_t n = 0; error != 0; n++) {
		f_create("/m/f", "some text");
		eft_alloc_fail_after(n);
		error = f_open("/m/f", O_RDWR | O_TRUNC, &file);
		eft_alloc_fail_after(UINT64_MAX);
		check(error == 0 || error == -ENOMEM);
	}
	check_str(f_text("/m/f"), "");
	check_eq(umount_ext4(), -EBUSY);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

Test(names, truncated_at_open)
{
	boot("-b 1024", 8 * MIB);
	run(truncate_at_open, NULL);
	check_disk();
}

/*
 * The root is a disk: what was in memory is gone, but /dev and /proc.
 */
static void make_folders(void *arg)
{
	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/dev"), 0);
	check_eq(f_mkdir("/m/proc"), 0);
	check_eq(f_mkdir("/m/d"), 0);
	f_create("/m/dev/hidden", "hidden");
	f_create("/m/d/f", "on the disk");
	check_eq(umount_ext4(), 0);
}

static void look_around(void)
{
	char cwd[16];

	check_str(f_text("/d/f"), "on the disk");
	check_eq(f_try("/m", O_RDONLY), -ENOENT);
	check_eq(f_try("/dev/null", O_RDWR), 0);
	check_eq(f_try("/dev/vda", O_RDONLY), 0);
	check_eq(f_try("/dev/hidden", O_RDONLY), -ENOENT);
	check_eq(f_try("/../dev/../../d", O_RDONLY), 0);
	check_eq(f_try("/proc/self/root/d/f", O_RDONLY), 0);
	check_eq(eft_chdir(f_must("/d/../..", O_PATH)), 0);
	check_eq(f_try("d/f", O_RDONLY), 0);
	check_eq(eft_getcwd(cwd, sizeof(cwd)), 2);
	check_str(cwd, "/");
	check_str(f_text("/proc/mounts"),
		  "vda / ext4 rw,relatime 0 0\n"
		  "proc /proc proc rw,relatime 0 0\n"
		  "devtmpfs /dev devtmpfs rw,relatime 0 0\n");
}

static void live_on_disk(void *arg)
{
	char value[] = "ext4:vda";
	const char *path;
	struct eft_node *dev;

	/* As core/vfs/root_late.c does. */
	check_eq(eft_vfs_add(eft_root_mount.root, "/dev", NULL, 0755, &dev), 0);
	check_eq(eft_disks(eft_node_dir(dev)), 0);
	eft_node_put(dev);
	check(eft_mount_option("mount./", value));
	check_eq(eft_mount_each(false, &path), 0);
	look_around();
	check_eq(umount_at("/"), -EBUSY);
	check_eq(f_rmdir("/dev"), -EBUSY);
	f_create("/d/new", "made");
	eft_page_cache_end();
}

Test(root, on_disk)
{
	boot("-b 1024", 8 * MIB);
	run(make_folders, NULL);
	check_disk();
	run(live_on_disk, NULL);
	check_disk();
}

/*
 * The power fails, at any moment of a sequence of operations: after the next
 * mount the disk is whole, and each operation has happened, or has not.
 */
enum { CUTS = 40 };

static void sync_all(void)
{
	struct eft_file *root = f_must("/m", O_PATH);

	check_eq(eft_ext4_commit(eft_ext4_inode(eft_node_of(root))->fs), 0);
	eft_file_put(root);
}

/* One without a name, which gets (step)'s, or does not. */
static struct eft_file *open_unnamed(const struct step *step)
{
	struct eft_file *file;
	char path[1100];

	if (f_open("/m", O_TMPFILE | O_RDWR, &file) != 0)
		return NULL;
	f_pwrite(file, step->a, sizeof(step->a), step->number * 7);
	snprintf(path, sizeof(path), "/m%s", step->b);
	if (step->number % 3 > 0)
		f_link_opened(file, path);
	return file;
}

/* Some stay open while they are removed, and so become orphans. */
static void do_cut_steps(void *arg)
{
	unsigned steps = *(unsigned *)arg;
	struct eft_file *open[8] = {NULL};

	check_eq(mount_ext4(NULL), 0);
	fake_disk_begin(&disk);
	for (unsigned i = 0; i < steps; i++) {
		struct step step = random_step();
		struct eft_file **slot = &open[unit_random(8)];
		char path[1100];

		do_step(&step, "/m");
		step.kind = STEP_SHIFT;
		if (unit_random(6) == 0)
			do_step(&step, "/m");
		if (*slot != NULL)
			eft_file_put(*slot);
		*slot = NULL;
		snprintf(path, sizeof(path), "/m%s", step.a);
		if (unit_random(8) == 0)
			*slot = open_unnamed(&step);
		else
			f_open(path, O_PATH | O_NOFOLLOW, slot);
		if (unit_random(15) == 0)
			sync_all();
	}
	for (unsigned i = 0; i < eft_array_size(open); i++) {
		if (open[i] != NULL)
			eft_file_put(open[i]);
	}
	check_eq(umount_ext4(), 0);
}

static void recover_other(void *arg)
{
	check_eq(mount_at("/r", "vdb", NULL), 0);
	check_eq(umount_at("/r"), 0);
}

static void cut_power(const char *options, unsigned seed)
{
	unsigned steps = 500;

	if (getenv("EFT_EXT4_FROM") != NULL)
		seed += (unsigned)atoi(getenv("EFT_EXT4_FROM"));
	unit_srandom(seed);
	boot(options, 8 * MIB);
	fake_disk_init(&other_disk, 8 * MIB);
	run(do_cut_steps, &steps);
	for (unsigned i = 0; i < CUTS; i++) {
		struct eft_ext4_super *super =
			(void *)(other_disk.data + EFT_EXT4_SUPER_AT);

		fake_disk_image(&disk, unit_random(disk.moments), i + 1,
				other_disk.data);
		run(recover_other, NULL);
		check_eq(eft_get32(super->last_orphan), 0);
		check_eq(image_check(other_disk.data, 8 * MIB), 0);
		fake_disk_begin(&other_disk);
	}
}

Test(power, of_1024)
{
	cut_power("-b 1024", 31);
}

/* With these, half of the superblock is in place once. */
Test(power, in_the_superblock)
{
	cut_power("-b 1024", 331);
}

Test(power, of_block_lists)
{
	cut_power("-b 1024 -O ^extent,^64bit", 34);
}

Test(power, of_4096)
{
	cut_power("-b 4096", 32);
}

Test(power, without_checksums)
{
	cut_power("-b 1024 -O ^metadata_csum,^64bit", 33);
}

/*
 * Ranges are taken out of a file and put in, against an array.
 */
enum { SHIFT_MAX = 300000 };

static uint8_t shifted[SHIFT_MAX];
static off_t shifted_size;

static void check_shifted(struct eft_file *file)
{
	static uint8_t data[SHIFT_MAX];
	struct eft_stat st;

	check_eq(eft_node_file_stat(file, &st), 0);
	check_eq(st.size, shifted_size);
	check_eq(f_pread(file, data, sizeof(data), 0), shifted_size);
	for (off_t i = 0; i < shifted_size; i++) {
		if (data[i] != shifted[i])
			cr_log_error("byte %ld", (long)i);
		check_eq(data[i], shifted[i]);
	}
}

static int shifted_error(bool up, off_t at, off_t len, off_t block)
{
	if ((at | len) & (block - 1))
		return -EINVAL;
	return (up ? at >= shifted_size : at + len >= shifted_size) ? -EINVAL
								    : 0;
}

static void shift_some(struct eft_file *file, off_t block)
{
	bool up = unit_random(2);
	off_t at = (off_t)unit_random((uint64_t)(shifted_size / block + 2)) *
		   block;
	off_t len = (off_t)(unit_random(20) + 1) * block;
	int mode = up ? FALLOC_FL_INSERT_RANGE : FALLOC_FL_COLLAPSE_RANGE;
	int error;

	if (unit_random(20) == 0)
		at += 512;
	if (up && shifted_size + len > SHIFT_MAX)
		return;
	error = shifted_error(up, at, len, block);
	check_eq(file->ops->allocate(file, mode, at, len), error);
	if (error != 0)
		return;
	if (up) {
		memmove(shifted + at + len, shifted + at,
			(size_t)(shifted_size - at));
		memset(shifted + at, 0, (size_t)len);
	} else {
		memmove(shifted + at, shifted + at + len,
			(size_t)(shifted_size - at - len));
	}
	shifted_size += up ? len : -len;
}

static void write_shifted(struct eft_file *file, unsigned n)
{
	static uint8_t data[20000];
	off_t at = (off_t)unit_random(SHIFT_MAX - sizeof(data));
	size_t len = unit_random(sizeof(data)) + 1;

	memset(data, (int)n, sizeof(data));
	check_eq(f_pwrite(file, data, len, at), len);
	if (at > shifted_size)
		memset(shifted + shifted_size, 0, (size_t)(at - shifted_size));
	memset(shifted + at, (int)n, len);
	shifted_size = eft_max(shifted_size, at + (off_t)len);
}

static void shift_ranges(void *arg)
{
	off_t block = *(off_t *)arg;
	struct eft_file *file;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	file = f_must("/m/file", O_RDWR);
	for (unsigned i = 0; i < 400; i++) {
		if (unit_random(3) == 0)
			shift_some(file, block);
		else
			write_shifted(file, i);
		if (unit_random(20) == 0)
			check_eq(file->ops->allocate(file, FALLOC_FL_KEEP_SIZE,
						     0, SHIFT_MAX + 50000),
				 0);
		if (i % 20 == 0)
			check_shifted(file);
		if (unit_random(30) == 0)
			check_eq(file->ops->sync(file, false), 0);
	}
	check_shifted(file);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
	check_eq(mount_ext4(NULL), 0);
	file = f_must("/m/file", O_RDWR);
	check_shifted(file);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

static void try_ranges(const char *options, off_t block, unsigned seed)
{
	unit_srandom(seed);
	boot(options, 16 * MIB);
	run(shift_ranges, &block);
	check_disk();
}

Test(ranges, of_1024)
{
	try_ranges("-b 1024", 1024, 41);
}

Test(ranges, of_4096)
{
	try_ranges("-b 4096", 4096, 42);
}

/*
 * Files without a name.
 */
static void use_unnamed(void *arg)
{
	struct eft_file *file, *other;
	struct eft_stat st;
	uint64_t before;

	check_eq(mount_ext4(NULL), 0);
	before = free_blocks();
	file = f_must("/m", O_TMPFILE | O_RDWR);
	check_eq(eft_node_file_stat(file, &st), 0);
	check_eq(st.nlink, 0);
	check_eq(f_pwrite(file, "unnamed", 7, 5000), 7);
	check_eq(file->ops->sync(file, false), 0);
	check(free_blocks() < before);
	check_eq(file->ops->set_size(file, 3), 0);
	check_eq(f_link_opened(file, "/m/name"), 0);
	check_eq(file->ops->set_size(file, 2), 0);
	check_eq(f_lstat("/m/name", &st), 0);
	check_eq(st.nlink, 1);
	check_eq(st.size, 2);
	eft_file_put(file);
	check_eq(f_unlink("/m/name"), 0);
	file = f_must("/m", O_TMPFILE | O_RDWR);
	other = f_must("/m", O_TMPFILE | O_EXCL | O_RDWR);
	check_eq(f_link_opened(other, "/m/name"), -ENOENT);
	check_eq(f_pwrite(other, "unnamed", 7, 0), 7);
	check_eq(other->ops->sync(other, false), 0);
	eft_file_put(file);
	eft_file_put(other);
	check_eq(free_blocks(), before);
	check_eq(umount_ext4(), 0);
}

Test(unnamed, files)
{
	boot("-b 1024", 8 * MIB);
	run(use_unnamed, NULL);
	check_disk();
}

/*
 * Extended attributes.
 */
static uint8_t xattr_value[EFT_XATTR_VALUE_MAX];

static void check_xattr(const char *path, const char *name, int byte,
			size_t size)
{
	static uint8_t value[EFT_XATTR_VALUE_MAX];

	check_eq(xattr_get(path, name, value, sizeof(value)), size);
	for (size_t i = 0; i < size; i++)
		check_eq(value[i], byte);
}

static void put_xattr(const char *path, const char *name, int byte, size_t size)
{
	memset(xattr_value, byte, size);
	check_eq(xattr_set(path, name, xattr_value, size, 0), 0);
}

/* Of what is in the inode, and in a block; how much there is room for. */
static void use_xattrs(void *arg)
{
	size_t block = *(size_t *)arg, size = block - 32 - 4 - 20;
	uint64_t before;
	struct eft_stat st;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	check_eq(f_symlink("file", "/m/link"), 0);
	check_eq(f_call(mknod, "/m/fifo", S_IFIFO | 0600, 0), 0);
	before = free_blocks();
	put_xattr("/m/file", "user.x", 'x', 20);
	check_eq(f_lstat("/m/file", &st), 0);
	check_eq(st.blocks, old_inodes ? block / 512 : 0);
	put_xattr("/m/file", "user.y", 'y', 500);
	check_eq(f_lstat("/m/file", &st), 0);
	check_eq(st.blocks, block / 512);
	check_eq(free_blocks(), before - 1);
	check_xattr("/m/file", "user.x", 'x', 20);
	check_xattr("/m/file", "user.y", 'y', 500);
	/* From the inode to the block, and back. */
	put_xattr("/m/file", "user.x", 'X', 300);
	check_xattr("/m/file", "user.x", 'X', 300);
	put_xattr("/m/file", "user.x", 'x', 1);
	check_xattr("/m/file", "user.x", 'x', 1);
	check_eq(xattr_remove("/m/file", "user.x"), 0);
	check_eq(xattr_remove("/m/file", "user.y"), 0);
	check_eq(xattr_list("/m/file", NULL, 0), 0);
	check_eq(free_blocks(), before);
	/* All of a block, and a byte more. */
	put_xattr("/m/file", "user.y", 'z', size & ~3ul);
	check_eq(xattr_set("/m/file", "user.y", xattr_value, size + 1, 0),
		 -ENOSPC);
	check_eq(xattr_set("/m/file", "user.y", xattr_value,
			   EFT_XATTR_VALUE_MAX, 0),
		 -ENOSPC);
	check_xattr("/m/file", "user.y", 'z', size & ~3ul);
	check_eq(xattr_set("/m/link", "user.a", "a", 1, 0), -EPERM);
	check_eq(xattr_set("/m/fifo", "user.a", "a", 1, 0), -EPERM);
	put_xattr("/m/link", "trusted.a", 'l', 9);
	put_xattr("/m/fifo", "security.a", 'f', 99);
	check_eq(f_unlink("/m/fifo"), 0);
	check_eq(f_unlink("/m/file"), 0);
	/* The link's, in a block where inodes have no room. */
	check_eq(free_blocks(), before - old_inodes);
	check_eq(umount_ext4(), 0);
	check_eq(mount_ext4("ro"), 0);
	check_xattr("/m/link", "trusted.a", 'l', 9);
	check_eq(xattr_set("/m/link", "trusted.a", "a", 1, 0), -EROFS);
	check_eq(umount_ext4(), 0);
}

static void try_xattrs(const char *options, size_t block)
{
	boot(options, 16 * MIB);
	run(use_xattrs, &block);
	check_disk();
}

Test(xattrs, of_1024)
{
	try_xattrs("-b 1024", 1024);
}

Test(xattrs, of_4096)
{
	try_xattrs("-b 4096 -O ^metadata_csum,^ext_attr", 4096);
}

Test(xattrs, of_old_inodes)
{
	old_inodes = true;
	try_xattrs("-b 1024 -I 128", 1024);
}

/*
 * Linux reads what is made here, and makes what is read here: three files of one
 * large value, for which it has one block.
 */
static void make_for_linux(void *arg)
{
	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	check_eq(f_call(mknod, "/m/d/file", S_IFREG | 0600, 0), 0);
	check_eq(f_symlink("file", "/m/d/link"), 0);
	put_xattr("/m/d", "user.d", 'd', 700);
	put_xattr("/m/d/file", "user.z", '1', 500);
	put_xattr("/m/d/file", "trusted.a", '2', 40);
	put_xattr("/m/d/file", "user.a", '3', 300);
	put_xattr("/m/d/file", "security.bb", '4', 3);
	put_xattr("/m/d/file", "user.empty", '5', 0);
	put_xattr("/m/d/link", "trusted.l", '6', 6);
	check_eq(umount_ext4(), 0);
}

static const char linux_reads[] =
	"import os, sys\n"
	"at = sys.argv[1]\n"
	"def see(path, **wanted):\n"
	"    path = at + path\n"
	"    names = os.listxattr(path, follow_symlinks=False)\n"
	"    got = {n.replace('.', '_'):\n"
	"           os.getxattr(path, n, follow_symlinks=False) for n in "
	"names}\n"
	"    assert got == wanted, (path, got)\n"
	"see('/d', user_d=b'd' * 700)\n"
	"see('/d/file', user_z=b'1' * 500, trusted_a=b'2' * 40,\n"
	"    user_a=b'3' * 300, security_bb=b'444', user_empty=b'')\n"
	"see('/d/link', trusted_l=b'666666')\n"
	"os.setxattr(at + '/d/file', 'user.z', b'linux')\n"
	"for name in 'xyz':\n"
	"    with open(at + '/' + name, 'w') as file:\n"
	"        os.setxattr(at + '/' + name, 'user.same', b's' * 600)\n"
	"    os.setxattr(at + '/' + name, 'user.own', name.encode())\n";

static const char linux_reads_again[] =
	"import os, sys\n"
	"at = sys.argv[1]\n"
	"assert os.getxattr(at + '/x', 'user.same') == b's' * 600\n"
	"assert os.getxattr(at + '/y', 'user.same') == b't' * 601\n"
	"assert os.getxattr(at + '/y', 'user.own') == b'y'\n"
	"assert not os.path.exists(at + '/z')\n";

/* Run (script) on the mounted image; false: nothing can be mounted here. */
static bool ask_linux(const char *script)
{
	int status;

	image_save(disk.data, disk.block.bytes);
	image_write("py", script, strlen(script));
	status = image_run("mkdir -p %1$s.mnt && mount -o loop %1$s %1$s.mnt "
			   "2>/dev/null || exit 77; "
			   "/usr/bin/python3 %1$s.py %1$s.mnt; "
			   "status=$?; umount %1$s.mnt; exit $status");
	image_run("rm -rf %1$s.mnt %1$s.py");
	check(status == 0 || status == 77);
	image_load(disk.data, disk.block.bytes);
	cr_log_info("Linux was asked: %d", status);
	return status == 0;
}

static void read_linux(void *arg)
{
	uint64_t before;

	check_eq(mount_ext4(NULL), 0);
	check_xattr("/m/d/file", "user.a", '3', 300);
	check_eq(xattr_get("/m/d/file", "user.z", xattr_value, 9), 5);
	check(memcmp(xattr_value, "linux", 5) == 0);
	for (const char *name = "xyz"; *name != '\0'; name++) {
		char path[] = {'/', 'm', '/', *name, '\0'};

		check_xattr(path, "user.same", 's', 600);
		check_xattr(path, "user.own", *name, 1);
	}
	/* One of three gets its own, one is removed: the block stays for one. */
	before = free_blocks();
	put_xattr("/m/y", "user.same", 't', 601);
	check_eq(free_blocks(), before - 1);
	check_eq(f_unlink("/m/z"), 0);
	check_eq(free_blocks(), before - 1);
	check_xattr("/m/x", "user.same", 's', 600);
	check_eq(umount_ext4(), 0);
}

static void ask_both(const char *options)
{
	boot(options, 16 * MIB);
	run(make_for_linux, NULL);
	check_disk();
	if (!ask_linux(linux_reads))
		return;
	check_disk();
	run(read_linux, NULL);
	check_disk();
	ask_linux(linux_reads_again);
}

Test(xattrs, with_linux)
{
	ask_both("-b 2048");
}

Test(xattrs, with_linux_of_large_inodes)
{
	ask_both("-b 1024 -I 512 -O ^metadata_csum");
}

/*
 * No room: whoever finds none has done nothing, and what is removed gives all of
 * it back.
 */
static int make_long_link(const char *dir, unsigned n)
{
	static char target[901];
	char path[64];

	memset(target, 'x', 900);
	snprintf(path, sizeof(path), "%s/link-%u", dir, n);
	return f_symlink(target, path);
}

static void fill_disk(void *arg)
{
	uint64_t before;
	unsigned n = 0;
	char path[64];

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	before = free_blocks();
	while (make_long_link("/m/d", n) == 0)
		n++;
	check(n > 300);
	check_eq(make_long_link("/m/d", n), -ENOSPC);
	check_eq(f_mkdir("/m/e"), -ENOSPC);
	check_eq(f_rename("/m/d/link-0", "/m/link"), 0);
	check(free_blocks() < 20);
	/* Room that has just been made may be used at once. */
	check_eq(f_unlink("/m/link"), 0);
	check_eq(make_long_link("/m/d", 0), 0);
	for (unsigned i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "/m/d/link-%u", i);
		check_eq(f_unlink(path), 0);
	}
	check_eq(f_rmdir("/m/d"), 0);
	check_eq(f_mkdir("/m/d"), 0);
	check_eq(free_blocks(), before);
	check_eq(umount_ext4(), 0);
}

Test(names, without_room)
{
	boot("-b 1024 -N 4096 -m 0", 4 * MIB);
	run(fill_disk, NULL);
	check_disk();
}

static void use_inodes(void *arg)
{
	char path[64];
	unsigned n = 0;

	check_eq(mount_ext4(NULL), 0);
	do
		snprintf(path, sizeof(path), "/m/file-%u", n++);
	while (f_call(mknod, path, S_IFREG | 0600, 0) == 0);
	check_eq(f_call(mknod, path, S_IFREG | 0600, 0), -ENOSPC);
	check_eq(f_unlink("/m/file-0"), 0);
	check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	check_eq(umount_ext4(), 0);
}

Test(names, without_inodes)
{
	boot("-b 1024 -N 64", 4 * MIB);
	run(use_inodes, NULL);
	check_disk();
}

/*
 * What was changed has no right checksum before it is committed; it is read again
 * all the same, when its node has gone.
 */
static void read_unsealed(void *arg)
{
	struct eft_stat st;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/a", S_IFREG | 0600, 0), 0);
	check_eq(f_mkdir("/m/d"), 0);
	check_eq(f_call(mknod, "/m/d/b", S_IFREG | 0640, 0), 0);
	check(eft_cache_reclaim(1000) >= 3);
	check_eq(f_lstat("/m/a", &st), 0);
	check_eq(st.mode, S_IFREG | 0600);
	check_eq(f_lstat("/m/d/b", &st), 0);
	check_eq(st.mode, S_IFREG | 0640);
	check_eq(umount_ext4(), 0);
}

/* Blocks of inodes of which none was in use are not read first. */
static void use_tables(void *arg)
{
	uint64_t reads;
	char path[32];

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/first", S_IFREG | 0600, 0), 0);
	reads = disk.count[EFT_BLOCK_READ];
	for (unsigned i = 0; i < 64; i++) {
		snprintf(path, sizeof(path), "/m/%u", i);
		check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	}
	check(disk.count[EFT_BLOCK_READ] - reads < 8);
	check_eq(umount_ext4(), 0);
}

Test(names, in_memory_first)
{
	boot("-b 1024", 8 * MIB);
	run(read_unsealed, NULL);
	check_disk();
	run(use_tables, NULL);
	check_disk();
}

/*
 * A directory of one block is to have an index, in which a long name finds no room
 * before a leaf has been split: whatever of that fails, the block is a leaf again.
 */
static void fail_index(void *arg)
{
	char path[256] = "/m/d/";
	struct eft_stat st;
	int error = -ENOMEM;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	for (unsigned i = 0; i < 82;
	     i++) { /* of 12 bytes each, which fill it */
		snprintf(path, sizeof(path), "/m/d/%u", i);
		check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	}
	memset(path + 5, 'x', 240);
	path[245] = '\0';
	for (uint64_t n = 0; error == -ENOMEM; n++) {
		eft_alloc_fail_after(n);
		error = (int)f_call(mknod, path, S_IFREG | 0600, 0);
		eft_alloc_fail_after(UINT64_MAX);
		eft_cache_reclaim(1000);
		check_eq(f_lstat("/m/d/81", &st), 0);
	}
	check_eq(error, 0);
	check_eq(umount_ext4(), 0);
}

Test(names, index_that_fails)
{
	boot("-b 1024", 8 * MIB);
	run(fail_index, NULL);
	check_disk();
}

/* Nobody has locked it: what it knows of its blocks stays as it was. */
static void move_unlocked(void *arg)
{
	struct eft_ext4_inode *dir;
	struct eft_file *file;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	check_eq(f_mkdir("/m/e"), 0);
	check_eq(f_call(mknod, "/m/d/a", S_IFREG | 0600, 0), 0);
	check_eq(f_open("/m/d", O_RDONLY, &file), 0);
	dir = eft_ext4_inode(eft_node_file(file)->place.node);
	dir->known_count = 0;
	check_eq(f_rename("/m/d", "/m/e/d"), 0);
	check_eq(dir->known_count, 0);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
}

Test(names, moves_a_directory_in_use)
{
	boot("-b 1024", 8 * MIB);
	run(move_unlocked, NULL);
	check_disk();
}

/* A directory of too many directories has one link, and keeps it. */
static void count_links(void *arg)
{
	struct eft_ext4_raw_inode *raw;
	struct eft_ext4_inode *inode;
	struct eft_file *file;
	struct eft_ext4_op op;
	struct eft_stat st;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d"), 0);
	file = f_must("/m/d", O_PATH);
	inode = eft_ext4_inode(eft_node_of(file));
	check_eq(eft_ext4_op_begin(inode->fs, 8, &op), 0);
	raw = eft_ext4_inode_edit(&op, inode);
	raw->links = eft_le16(EFT_EXT4_LINKS_MAX - 2);
	check_eq(eft_ext4_op_end(&op, 0), 0);
	check_eq(f_mkdir("/m/d/a"), 0);
	check_eq(f_lstat("/m/d", &st), 0);
	check_eq(st.nlink, EFT_EXT4_LINKS_MAX - 1);
	check_eq(f_mkdir("/m/d/b"), 0);
	check_eq(f_mkdir("/m/d/c"), 0);
	check_eq(f_lstat("/m/d", &st), 0);
	check_eq(st.nlink, 1);
	check_eq(f_rmdir("/m/d/a"), 0);
	check_eq(f_rmdir("/m/d/b"), 0);
	check_eq(f_rmdir("/m/d/c"), 0);
	check_eq(f_lstat("/m/d", &st), 0);
	check_eq(st.nlink, 1);
	eft_file_put(file);
	check_eq(umount_ext4(), 0);
	check_eq(mount_ext4(NULL), 0);
	check_eq(f_mkdir("/m/d/a"), 0);
	check_eq(f_rmdir("/m/d/a"), 0);
	check_eq(f_rmdir("/m/d"), 0);
	check_eq(umount_ext4(), 0);
}

Test(names, of_many_directories)
{
	boot("-b 1024", 8 * MIB);
	run(count_links, NULL);
	check_disk();
}

/*
 * Several threads at a time, on a disk that takes its time.
 */
static unsigned running;

static void do_thread_steps(void *arg)
{
	struct eft_file *file;
	char path[64];

	for (unsigned i = 0; i < 400; i++) {
		struct step step = random_step();

		do_step(&step, "/m");
		if (unit_random(40) == 0)
			sync_all();
	}
	snprintf(path, sizeof(path), "/m/own-%u", (unsigned)(uintptr_t)arg);
	check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
	file = f_must(path, O_PATH);
	for (uint32_t i = 0; i < 200; i++)
		check_eq(fill(inode_of(file), i * 3, 2, EFT_EXT4_WRITTEN), 0);
	check_eq(remove_range(inode_of(file), 50, 300), 0);
	eft_file_put(file);
	running--;
}

static void do_threads(void *arg)
{
	check_eq(mount_ext4(NULL), 0);
	disk.delay_ns = 1000;
	for (running = 0; running < 5; running++)
		check(eft_thread_create("steps", do_thread_steps,
					(void *)(uintptr_t)running, 5) != NULL);
	while (running > 0)
		eft_sleep(fake_now + 1000);
	check_eq(umount_ext4(), 0);
}

Test(threads, all_at_once)
{
	boot("-b 1024", 16 * MIB);
	run(do_threads, NULL);
	check_disk();
}

Test(threads, of_4096)
{
	boot("-b 4096 -O ^metadata_csum", 32 * MIB);
	run(do_threads, NULL);
	check_disk();
}

/* Write-back fills a hole while fallocate() does. */
enum { RACE_BLOCKS = 48 };

static struct eft_file *raced;

static void sync_raced(void *arg)
{
	check_eq(raced->ops->sync(raced, true), 0);
	running--;
}

static void write_raced(uint64_t at, size_t len, char byte)
{
	static char data[RACE_BLOCKS * 1024];
	struct eft_iovec iov = {eft_as_user(data), len};

	memset(data, byte, len);
	check_eq(raced->ops->write(raced, &iov, 1, (off_t)at), len);
}

static void race(void *arg)
{
	check_eq(mount_ext4(NULL), 0);
	disk.delay_ns = 50000;
	for (unsigned i = 0; i < 400; i++) {
		uint64_t from = unit_random(8) * 1024;
		char path[32];

		snprintf(path, sizeof(path), "/m/raced-%u", i);
		check_eq(f_call(mknod, path, S_IFREG | 0600, 0), 0);
		raced = f_must(path, O_RDWR);
		check_eq(eft_ext4_journal_empty(inode_of(raced)->fs), 0);
		write_raced(from, (8 + unit_random(32)) * 1024, 'r');
		running = 1;
		check(eft_thread_create("sync", sync_raced, NULL, 5) != NULL);
		eft_sleep(fake_now + unit_random(200) * 1000);
		/* So that it reads a bitmap, for which the other waits. */
		eft_ext4_buffers_reclaim(inode_of(raced)->fs, UINT32_MAX);
		fake_preempt_after((unsigned)unit_random(80) + 1);
		check_eq(raced->ops->allocate(raced, FALLOC_FL_KEEP_SIZE, 0,
					      RACE_BLOCKS * 1024),
			 0);
		while (running > 0)
			eft_sleep(fake_now + 1000);
		eft_file_put(raced);
		if (i % 2 == 0)
			check_eq(f_unlink(path), 0);
	}
	check_eq(umount_ext4(), 0);
}

/* Each operation fits into a transaction, however small memory is. */
static void cut_in_little_memory(void *arg)
{
	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	raced = f_must("/m/file", O_RDWR);
	for (unsigned i = 0; i < 40; i++)
		write_raced(i * RACE_BLOCKS * 1024, RACE_BLOCKS * 1024, 'm');
	check_eq(raced->ops->set_size(raced, 12345), 0);
	eft_file_put(raced);
	check_eq(f_unlink("/m/file"), 0);
	check_eq(umount_ext4(), 0);
}

Test(names, in_little_memory)
{
	memory = 3 * MIB;
	boot("-b 1024", 8 * MIB);
	run(cut_in_little_memory, NULL);
	check_disk();
}

Test(threads, fill_one_hole)
{
	boot("-b 1024", 32 * MIB);
	run(race, NULL);
	check_disk();
}

/* Who reads does not wait for another's reading of the same file. */
enum { READERS = 4, APART = 32 * 4096 };

static void read_raced(void *arg)
{
	static char data[READERS][1024];
	uintptr_t n = (uintptr_t)arg;
	struct eft_iovec iov = {eft_as_user(data[n]), sizeof(data[n])};

	check_eq(raced->ops->read(raced, &iov, 1, (off_t)(n * APART)),
		 sizeof(data[n]));
	check_eq(data[n][0], 'a' + (int)n);
	running--;
}

static void read_together(void *arg)
{
	unsigned most = 0;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	raced = f_must("/m/file", O_RDWR);
	for (unsigned i = 0; i < READERS; i++)
		write_raced(i * APART, 1024, (char)('a' + i));
	eft_file_put(raced);
	check_eq(umount_ext4(), 0);

	check_eq(mount_ext4(NULL), 0);
	raced = f_must("/m/file", O_RDONLY);
	disk.delay_ns = 1000000;
	for (running = 0; running < READERS; running++)
		check(eft_thread_create("read", read_raced,
					(void *)(uintptr_t)running, 5) != NULL);
	while (running > 0) {
		eft_sleep(fake_now + 1000);
		most = eft_max(most, disk.pending);
	}
	check_eq(most, READERS);
	eft_file_put(raced);
	check_eq(umount_ext4(), 0);
}

Test(threads, read_together)
{
	boot("-b 1024", 8 * MIB);
	run(read_together, NULL);
	check_disk();
}

/*
 * Blocks that are there are overwritten by requests that the disk has at the
 * same time. One that fails does not take others with it, nor what needs blocks.
 */
enum { TOGETHER = 16, FAILING = 5, FAR = 100 };

static void overwrite(unsigned count, unsigned first, char byte)
{
	for (unsigned i = 0; i < count; i++)
		write_raced((first + i * 2) * 4096, 1024, byte);
}

/* How many are not (byte)? */
static unsigned count_old(unsigned count, unsigned first, char byte)
{
	char was;
	struct eft_iovec iov = {eft_as_user(&was), 1};
	unsigned old = 0;

	for (unsigned i = 0; i < count; i++) {
		check_eq(raced->ops->read(raced, &iov, 1,
					  (first + i * 2) * 4096),
			 1);
		old += was != byte;
	}
	return old;
}

static void write_together(void *arg)
{
	unsigned most = 0;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	raced = f_must("/m/file", O_RDWR);
	overwrite(TOGETHER, 0, 'a');
	check_eq(raced->ops->sync(raced, false), 0);
	overwrite(TOGETHER, 0, 'b');
	disk.delay_ns = 1000000;
	running = 1;
	check(eft_thread_create("sync", sync_raced, NULL, 5) != NULL);
	while (running > 0) {
		eft_sleep(fake_now + 1000);
		most = eft_max(most, disk.pending);
	}
	check_eq(most, TOGETHER);

	overwrite(TOGETHER / 2, 0, 'c');
	overwrite(TOGETHER / 2, FAR, 'c');
	disk.fail[EFT_BLOCK_WRITE] = disk.count[EFT_BLOCK_WRITE] + FAILING;
	check_eq(raced->ops->sync(raced, true), -EIO);
	eft_file_put(raced);
	check_eq(umount_ext4(), 0);
	check_eq(mount_ext4("ro"), 0);
	raced = f_must("/m/file", O_RDONLY);
	check_eq(count_old(TOGETHER / 2, 0, 'c'), 1);
	check_eq(count_old(TOGETHER / 2, FAR, 'c'), 0);
	eft_file_put(raced);
	check_eq(umount_ext4(), 0);
}

Test(threads, write_together)
{
	boot("-b 1024", 8 * MIB);
	run(write_together, NULL);
	check_disk();
}

/* What was promised to dirty pages fallocate() does not get. */
static void promise(void *arg)
{
	uint64_t left;

	check_eq(mount_ext4(NULL), 0);
	check_eq(f_call(mknod, "/m/file", S_IFREG | 0600, 0), 0);
	raced = f_must("/m/file", O_RDWR);
	for (unsigned i = 0; i < 20; i++)
		write_raced(i * RACE_BLOCKS * 1024, RACE_BLOCKS * 1024, 'p');
	left = free_blocks();
	check_eq(raced->ops->allocate(raced, FALLOC_FL_KEEP_SIZE, 64 * MIB,
				      (off_t)(left + 100) * 1024),
		 -ENOSPC);
	check_eq(raced->ops->sync(raced, false), 0);
	eft_file_put(raced);
	check_eq(umount_ext4(), 0);
}

Test(names, promised_room_is_kept)
{
	boot("-b 1024 -m 0", 8 * MIB);
	run(promise, NULL);
	check_disk();
}

/*
 * Operations and promises.
 */
static void do_too_much(void *arg)
{
	struct eft_file *root;
	struct eft_ext4_op op;
	struct eft_ext4 *fs;
	uint64_t free;

	check_eq(mount_ext4(NULL), 0);
	root = f_must("/m", O_PATH);
	fs = inode_of(root)->fs;
	free = fs->free_blocks;
	check_eq(eft_ext4_reserve(fs, free), -ENOSPC);
	check_eq(eft_ext4_reserve(fs, free / 2), 0);
	check_eq(eft_ext4_reserve(fs, free / 2), -ENOSPC);
	check_eq(free_blocks(), free - free / 2 * 33 / 32);
	eft_ext4_unreserve(fs, free / 2);
	check_eq(free_blocks(), free);
	/* What an operation has changed is as before, if it fails. */
	check_eq(eft_ext4_op_begin(fs, 2, &op), 0);
	memset(eft_ext4_edit(&op, fs->super, 0, 64), 1, 64);
	memset(eft_ext4_edit(&op, fs->super, 32, 64), 2, 64);
	check_eq(eft_ext4_op_end(&op, -EIO), -EIO);
	check(fs->super->data[0] != 1 && fs->super->data[95] != 2);
	/* And it may not change more blocks than it said. */
	check_eq(eft_ext4_op_begin(fs, 1, &op), 0);
	check(eft_ext4_edit(&op, inode_of(root)->buffer, 0, 8) != NULL);
	check(eft_ext4_edit(&op, fs->descs[0], 0, 8) == NULL);
	check_eq(eft_ext4_op_end(&op, -ENOMEM), -ENOMEM);
	check_eq(eft_ext4_op_begin(fs, 1, &op), -EROFS);
	check_eq(f_mkdir("/m/d"), -EROFS);
	eft_file_put(root);
	check_eq(umount_ext4(), 0);
}

Test(operations, limits)
{
	const struct eft_ext4_super *super;

	boot("-b 1024", 8 * MIB);
	run(do_too_much, NULL);
	super = (const void *)(disk.data + EFT_EXT4_SUPER_AT);
	check(eft_get16(super->state) & EFT_EXT4_ERROR);
	check_eq(eft_get32(super->error_count), 1);
}
