// SPDX-License-Identifier: BSD-3-Clause
/*
 * ext4 (core/fs/ext4) on a disk that somebody has damaged: the input says which
 * of three file systems of e2fsprogs' (ext4_images.py) it is, what of it is
 * other than it was, and what a program does with the files. Checksums are made
 * right again, unless the input wants them wrong, so that what they guard is
 * looked at. Whatever is there, a file system that could be mounted can be
 * unmounted, and nothing is left of it.
 */
#include "core/fs/ext4/format.h"
#include "core/lib/crc32c.h"
#include "core/vfs/vfs.h"
#include "fuzz/calls.h"
#include "posix/settled.h"
#include "tests/fake/disk.h"
#include "tests/fake/needs.h"

enum {
	BLOCK = 1024,
	BLOCKS_MAX = 1400,
	DESC_AT = 2 * BLOCK,
	INODES = 48,
	INODE_BYTES = 256,
	FILES = 4,
	STEPS_MAX = 48,
	DEPTH_MAX = 4,
};

struct piece {
	size_t at, len;
	const char *bytes;
};

struct image {
	size_t bytes, count;
	const struct piece *pieces;
};

#include "ext4_images.h"

/* What an image has, that damage looks for. */
static struct known {
	uint16_t used[BLOCKS_MAX], used_count;
	bool has_checksums;
	uint32_t seed;
	/* Of a block with a checksum at its end: its inode's, else 0. */
	uint32_t seed_of[BLOCKS_MAX];
} known[eft_array_size(images)];

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ext4_type;

static struct fake_disk disk;
static int files[FILES];

static void find_block(struct eft_device_class *class)
{
	eft_device_add(class, &disk.block.device);
}

static struct eft_ext4_super *super(void)
{
	return (void *)(disk.data + EFT_EXT4_SUPER_AT);
}

static struct eft_ext4_desc *desc(void)
{
	return (void *)(disk.data + DESC_AT);
}

static uint8_t *block_at(uint64_t block)
{
	return disk.data + block % BLOCKS_MAX * BLOCK;
}

static uint8_t *inode_at(unsigned number)
{
	uint64_t table = eft_get32(desc()->inode_table_lo);

	return block_at(table + (number - 1) * INODE_BYTES / BLOCK) +
	       (number - 1) * INODE_BYTES % BLOCK;
}

/*
 * Checksums, of an image with one group: Documentation/filesystems/ext4,
 * checksums.rst.
 */
static uint32_t inode_seed(const struct known *k, unsigned number)
{
	const struct eft_ext4_raw_inode *raw = (void *)inode_at(number);
	struct eft_le32 n = eft_le32(number);

	return eft_crc32c(eft_crc32c(k->seed, &n, 4), &raw->generation, 4);
}

/* Where the checksum of (block) is, and what it covers; NULL: it has none. */
static uint8_t *sum_of(uint8_t *block, size_t *ret_len)
{
	const struct eft_ext4_extent_header *header = (void *)block;
	const struct eft_ext4_dir_tail *tail =
		(void *)(block + BLOCK - EFT_EXT4_TAIL_BYTES);
	size_t len = sizeof(*header) * (eft_get16(header->max) + 1u);

	*ret_len = BLOCK - EFT_EXT4_TAIL_BYTES;
	if (tail->type == EFT_EXT4_TAIL_TYPE && eft_get32(tail->zero) == 0)
		return block + BLOCK - 4;
	*ret_len = len;
	return eft_get16(header->magic) == EFT_EXT4_EXTENT_MAGIC &&
			       len + 4 <= BLOCK
		       ? block + len
		       : NULL;
}

/* Whose is the block? The one whose seed gives the checksum. */
static uint32_t find_seed(const struct known *k, uint8_t *block)
{
	size_t len;
	const uint8_t *sum = sum_of(block, &len);

	for (unsigned n = 1; sum != NULL && n <= INODES; n++) {
		struct eft_le32 right =
			eft_le32(eft_crc32c(inode_seed(k, n), block, len));

		if (memcmp(sum, &right, 4) == 0)
			return inode_seed(k, n);
	}
	return 0;
}

static void seal_blocks(const struct known *k)
{
	for (unsigned i = 0; i < BLOCKS_MAX; i++) {
		struct eft_le32 right;
		size_t len;
		uint8_t *sum;

		if (k->seed_of[i] == 0)
			continue;
		sum = sum_of(block_at(i), &len);
		if (sum == NULL)
			continue;
		right = eft_le32(eft_crc32c(k->seed_of[i], block_at(i), len));
		memcpy(sum, &right, 4);
	}
}

static void seal_inode(const struct known *k, unsigned number)
{
	struct eft_ext4_raw_inode *raw = (void *)inode_at(number);
	uint32_t sum;

	raw->checksum_lo = raw->checksum_hi = eft_le16(0);
	sum = eft_crc32c(inode_seed(k, number), raw, INODE_BYTES);
	raw->checksum_lo = eft_le16(sum);
	raw->checksum_hi = eft_le16(sum >> 16);
}

static void seal_desc(const struct known *k)
{
	struct eft_le32 group = eft_le32(0);
	uint32_t sum = eft_crc32c(
		k->seed, block_at(eft_get32(desc()->block_bitmap_lo)), BLOCK);

	desc()->block_bitmap_csum_lo = eft_le16(sum);
	desc()->block_bitmap_csum_hi = eft_le16(sum >> 16);
	sum = eft_crc32c(k->seed, block_at(eft_get32(desc()->inode_bitmap_lo)),
			 INODES / 8);
	desc()->inode_bitmap_csum_lo = eft_le16(sum);
	desc()->inode_bitmap_csum_hi = eft_le16(sum >> 16);
	desc()->checksum = eft_le16(0);
	sum = eft_crc32c(eft_crc32c(k->seed, &group, 4), desc(),
			 sizeof(*desc()));
	desc()->checksum = eft_le16(sum);
}

static void seal(const struct known *k)
{
	seal_blocks(k);
	for (unsigned n = 1; n <= INODES; n++)
		seal_inode(k, n);
	seal_desc(k);
	super()->checksum = eft_le32(eft_crc32c(
		~0u, super(), offsetof(struct eft_ext4_super, checksum)));
}

/*
 * The images.
 */
static void put_image(const struct image *image)
{
	disk.block.bytes = disk.disk.bytes = image->bytes;
	memset(disk.data, 0, BLOCKS_MAX * BLOCK);
	for (size_t i = 0; i < image->count; i++)
		memcpy(disk.data + image->pieces[i].at, image->pieces[i].bytes,
		       image->pieces[i].len);
}

static void know(struct known *k, const struct image *image)
{
	static const uint8_t empty[BLOCK];

	put_image(image);
	k->has_checksums =
		eft_get32(super()->ro_compat) & EFT_EXT4_RO_METADATA_CSUM;
	k->seed = eft_crc32c(~0u, super()->uuid, sizeof(super()->uuid));
	for (unsigned i = 1; i < image->bytes / BLOCK; i++) {
		if (memcmp(block_at(i), empty, BLOCK) == 0)
			continue;
		k->used[k->used_count++] = (uint16_t)i;
		if (k->has_checksums)
			k->seed_of[i] = find_seed(k, block_at(i));
	}
}

void fuzz_boot(void)
{
	struct fake_config config = {.zone_bytes = {4 << 20},
				     .window_bytes = 4 << 20};

	fake_boot(&config);
	fake_find_block = find_block;
	fake_disk_init(&disk, BLOCKS_MAX * BLOCK);
	fake_disk_begin(&disk);
	for (size_t i = 0; i < eft_array_size(images); i++)
		know(&known[i], &images[i]);
	eft_fd_init();
	eft_root_init(NULL, 0);
	fuzz_check(eft_sys_mkdir("/m", 0755) == 0);
}

/*
 * Damage.
 */
static uint8_t *any_used_block(const struct known *k)
{
	return block_at(k->used[fuzz_below(k->used_count)]);
}

static uint8_t *any_place(const struct known *k)
{
	switch (fuzz_below(4)) {
	case 0:
		return (uint8_t *)super() + fuzz_below(BLOCK - 8);
	case 1:
		return (uint8_t *)desc() + fuzz_below(64);
	case 2:
		return inode_at(1 + fuzz_below(INODES)) + fuzz_below(160);
	}
	return any_used_block(k) + fuzz_below(BLOCK - 8);
}

static void damage(const struct known *k)
{
	uint8_t *at = any_place(k);
	uint64_t value;

	switch (fuzz_below(6)) {
	case 0:
		*at = fuzz_u8();
		return;
	case 1:
		value = fuzz_below(1 << 16);
		memcpy(at, &value, 2);
		return;
	case 2:
		value = fuzz_u8();
		memcpy(at, &value, 4);
		return;
	case 3:
		value = fuzz_u64();
		memcpy(at, &value, 8);
		return;
	case 4:
		*at ^= (uint8_t)(1 << fuzz_below(8));
		return;
	}
	memmove(any_used_block(k), any_used_block(k), BLOCK);
}

/*
 * What a program does.
 */
static const char *any_path(void)
{
	static const char *const paths[] = {
		"/m",
		"/m/d",
		"/m/d/f",
		"/m/d/below",
		"/m/d/below/new",
		"/m/fast",
		"/m/slow",
		"/m/pipe",
		"/m/null",
		"/m/holes",
		"/m/room",
		"/m/many",
		"/m/many/a-name-that-takes-some-room-0",
		"/m/many/a-name-that-takes-some-room-17",
		"/m/many/a-name-that-takes-some-room-45",
		"/m/many/a-name-that-takes-some-room-89",
		"/m/many/another-name-that-takes-some-room",
		"/m/lost+found",
		"/m/new",
		"/m/newer",
		"/m/new/below",
	};

	return paths[fuzz_below(eft_array_size(paths))];
}

static long any_offset(void)
{
	long at = fuzz_u8();

	return fuzz_u8() & 1 ? at * 300 : at << fuzz_below(40);
}

static char buffer[9000];

static void do_open(void)
{
	static const int flags[] = {
		O_RDWR,		  O_RDONLY,	     O_RDWR | O_CREAT,
		O_RDWR | O_TRUNC, O_RDWR | O_APPEND, O_DIRECTORY};
	int *slot = &files[fuzz_below(FILES)];
	int fd = (int)eft_sys_open(
		any_path(),
		flags[fuzz_below(eft_array_size(flags))] | O_NONBLOCK, 0644);

	if (fd < 0)
		return;
	eft_sys_close(*slot);
	*slot = fd;
}

static void do_transfer(void)
{
	int fd = files[fuzz_below(FILES)];
	size_t len = fuzz_below(sizeof(buffer));

	if (fuzz_below(2))
		eft_sys_pread64(fd, buffer, len, any_offset());
	else
		eft_sys_pwrite64(fd, buffer, len, any_offset());
}

static void do_list(void)
{
	int fd = files[fuzz_below(FILES)];
	size_t size = 64 + fuzz_below(2000);

	for (int i = 0; i < 40; i++) {
		if (eft_sys_getdents64(fd, buffer, size) <= 0)
			break;
	}
	eft_sys_lseek(fd, 0, SEEK_SET);
}

static void do_names(void)
{
	const char *path = any_path();

	switch (fuzz_below(7)) {
	case 0:
		eft_sys_mkdir(path, 0700);
		break;
	case 1:
		eft_sys_rmdir(path);
		break;
	case 2:
		eft_sys_unlink(path);
		break;
	case 3:
		eft_sys_rename(path, any_path());
		break;
	case 4:
		eft_sys_link(path, any_path());
		break;
	case 5:
		eft_sys_symlink(any_path(), path);
		break;
	default:
		eft_sys_mknod(path, S_IFIFO | 0600, 0);
	}
}

static void do_look(void)
{
	const char *path = any_path();
	struct eft_statfs fs;
	struct eft_stat st;

	eft_sys_lstat(path, &st);
	eft_sys_stat(path, &st);
	eft_sys_readlink(path, buffer, sizeof(buffer));
	eft_sys_statfs(path, &fs);
}

static void do_change(void)
{
	static const int modes[] = {0, 1, 3, 16, 17};
	const char *path = any_path();
	int fd = files[fuzz_below(FILES)];

	switch (fuzz_below(5)) {
	case 0:
		eft_sys_truncate(path, any_offset());
		break;
	case 1:
		eft_sys_chmod(path, fuzz_below(1 << 12));
		break;
	case 2:
		eft_sys_fallocate(fd, modes[fuzz_below(5)], any_offset(),
				  1 + fuzz_below(40000));
		break;
	case 3:
		eft_sys_fsync(fd);
		break;
	default:
		eft_sys_sync();
	}
}

/* All names of the directory at (path) of (len) bytes, and below. */
static void walk(char *path, size_t len, unsigned depth)
{
	char some[512];
	long fd = eft_sys_open(path, O_DIRECTORY, 0), n;

	for (int rounds = 0; fd >= 0 && rounds < 30; rounds++) {
		n = eft_sys_getdents64((int)fd, some, sizeof(some));
		if (n <= 0)
			break;
		for (long at = 0; at < n;) {
			struct eft_dirent *entry = (void *)(some + at);
			size_t more = eft_snprintf(path + len, 600 - len, "/%s",
						   entry->name);

			at += entry->reclen;
			if (entry->name[0] == '.' || len + more >= 600)
				continue;
			eft_sys_readlink(path, buffer, sizeof(buffer));
			if (depth > 0)
				walk(path, len + more, depth - 1);
		}
		path[len] = '\0';
	}
	if (fd >= 0)
		eft_sys_close((int)fd);
}

static void walk_all(void)
{
	char path[600] = "/m";

	walk(path, 2, DEPTH_MAX);
}

/* Once, so that what an input without bytes leaves behind has it all. */
static void use_all(void)
{
	long fd = eft_sys_open("/m/d/f", O_RDWR, 0);

	eft_sys_pwrite64((int)fd, "x", 1, 0);
	eft_sys_close((int)fd);
	walk_all();
}

static void use(void)
{
	static void (*const steps[])(void) = {do_open,	do_transfer, do_list,
					      do_names, do_look,     do_change};

	for (unsigned i = 0; i < STEPS_MAX && fuzz_more(); i++)
		steps[fuzz_below(eft_array_size(steps))]();
	for (unsigned i = 0; i < FILES; i++)
		eft_sys_close(files[i]);
	use_all();
}

void fuzz_one(void)
{
	unsigned which = fuzz_below(eft_array_size(images));
	bool sealed = fuzz_below(8) != 1;
	const struct known *k = &known[which];

	put_image(&images[which]);
	for (unsigned n = fuzz_below(12); n > 0; n--)
		damage(k);
	if (k->has_checksums && sealed)
		seal(k);
	for (unsigned i = 0; i < FILES; i++)
		files[i] = -1;
	for (unsigned times = fuzz_below(4) == 3 ? 2 : 1; times > 0; times--) {
		if (eft_sys_mount("vda", "/m", "ext4", 0, "") != 0)
			break;
		use();
		fuzz_check(eft_sys_umount2("/m", 0) == 0);
	}
	fuzz_check_left();
	fake_disk_begin(&disk); /* which forgets what was done */
}
