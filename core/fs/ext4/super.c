// SPDX-License-Identifier: BSD-3-Clause
/*
 * The superblock: what may be mounted, and how; mounting, unmounting. Linux,
 * Documentation/filesystems/ext4/super.rst.
 *
 * While it is mounted, the superblock on the disk says that the log has to be
 * looked at (RECOVER), and its counts are not kept up: they are added up from
 * the groups at mount. Its changes go through the log, as all do: half of one
 * in place, after a power cut, is mended by the next mount, whatever the
 * superblock says of the log. At the end all else is in place before it says
 * that there is nothing to recover.
 */
#include "core/fs/ext4/meta.h"
#include "core/lib/crc32c.h"
#include "core/time.h"

enum {
	SUPPORTED_INCOMPAT =
		EFT_EXT4_INCOMPAT_FILETYPE | EFT_EXT4_INCOMPAT_RECOVER |
		EFT_EXT4_INCOMPAT_EXTENTS | EFT_EXT4_INCOMPAT_64BIT |
		EFT_EXT4_INCOMPAT_FLEX_BG | EFT_EXT4_INCOMPAT_CSUM_SEED |
		EFT_EXT4_INCOMPAT_LARGEDIR,
	SUPPORTED_RO = EFT_EXT4_RO_SPARSE_SUPER | EFT_EXT4_RO_LARGE_FILE |
		       EFT_EXT4_RO_HUGE_FILE | EFT_EXT4_RO_GDT_CSUM |
		       EFT_EXT4_RO_DIR_NLINK | EFT_EXT4_RO_EXTRA_ISIZE |
		       EFT_EXT4_RO_METADATA_CSUM,
};

enum { GROUP_BLOCKS_MIN = 256, JOURNAL_RUNS_MAX = 4096 };

struct feature {
	uint32_t bit;
	const char *name;
};

static const struct feature incompat_names[] = {
	{0x1, "compression"},  {0x2, "filetype"},	{0x8, "journal_dev"},
	{0x10, "meta_bg"},     {0x100, "mmp"},		{0x400, "ea_inode"},
	{0x1000, "dirdata"},   {0x8000, "inline_data"}, {0x10000, "encrypt"},
	{0x20000, "casefold"},
};
static const struct feature ro_names[] = {
	{0x4, "btree_dir"},  {0x80, "snapshot"},
	{0x100, "quota"},    {0x200, "bigalloc"},
	{0x800, "replica"},  {0x1000, "readonly"},
	{0x2000, "project"}, {0x4000, "shared_blocks"},
	{0x8000, "verity"},  {0x10000, "orphan_present"},
};

/* What of a mount may fail, in words for who mounts. */
struct opening {
	struct eft_ext4 *fs;
	bool recovered; /* what is on the disk is whole */
	char *message;
	size_t size;
};

static int refuse(const struct opening *opening, int error, const char *why)
{
	eft_strlcpy(opening->message, why, opening->size);
	return error;
}

static const char *name_of(const struct feature *names, size_t count,
			   uint32_t bits)
{
	for (size_t i = 0; i < count; i++) {
		if (bits & names[i].bit)
			return names[i].name;
	}
	return "unknown";
}

int eft_ext4_corrupt(struct eft_ext4 *fs, const char *why)
{
	eft_ext4_abort(fs, why);
	return -EUCLEAN;
}

/*
 * Its checksum, and changes.
 */
static uint32_t checksum(const struct eft_ext4_super *super)
{
	return eft_crc32c(UINT32_MAX, super,
			  offsetof(struct eft_ext4_super, checksum));
}

static struct eft_ext4_super *writable(struct eft_ext4 *fs)
{
	return (void *)(fs->super->data + fs->super_offset);
}

struct eft_ext4_super *eft_ext4_super_edit(struct eft_ext4_op *op)
{
	struct eft_ext4_super *super =
		eft_ext4_edit(op, op->fs->super, op->fs->super_offset,
			      sizeof(struct eft_ext4_super));

	if (super != NULL)
		eft_ext4_unseal(op->fs->super, EFT_EXT4_SUPER, 0, 0);
	return super;
}

void eft_ext4_super_seal(struct eft_ext4 *fs)
{
	if (fs->has_checksums)
		writable(fs)->checksum = eft_le32(checksum(writable(fs)));
}

/* Write it in place, as the log takes nothing any more. */
static int write_super(struct eft_ext4 *fs)
{
	uint64_t at = fs->super->node.key << fs->block_shift;
	void *page = eft_page_alloc(0);
	int error;

	if (page == NULL)
		return -ENOMEM;
	eft_ext4_super_seal(fs);
	memcpy(page, fs->super->data, fs->block_bytes);
	error = eft_disk_write(fs->disk, at, page, fs->block_bytes);
	if (error == 0)
		error = eft_disk_flush(fs->disk);
	eft_page_free(page);
	return error;
}

/*
 * Checks.
 */
static bool is_power_of_two(uint32_t number)
{
	return number != 0 && (number & (number - 1)) == 0;
}

static int check_features(const struct opening *opening,
			  const struct eft_ext4_super *super)
{
	struct eft_ext4 *fs = opening->fs;
	uint32_t bad = fs->incompat & ~(uint32_t)SUPPORTED_INCOMPAT;

	if (bad != 0) {
		eft_snprintf(opening->message, opening->size,
			     "feature %s (incompatible 0x%x)",
			     name_of(incompat_names,
				     eft_array_size(incompat_names), bad),
			     bad);
		return -EINVAL;
	}
	bad = fs->ro_compat & ~(uint32_t)SUPPORTED_RO;
	if (bad != 0 && !fs->read_only) {
		eft_log(EFT_LOG_WARN,
			"ext4: feature %s (0x%x): mounted read-only",
			name_of(ro_names, eft_array_size(ro_names), bad), bad);
		fs->read_only = true;
	}
	if (bad & 0x200)
		return refuse(opening, -EINVAL, "feature bigalloc");
	if (fs->has_checksums && super->checksum_type != EFT_EXT4_CRC32C)
		return refuse(opening, -EINVAL, "unknown type of checksums");
	if (fs->has_checksums && opening->recovered &&
	    eft_get32(super->checksum) != checksum(super))
		return refuse(opening, -EUCLEAN,
			      "the superblock has a wrong checksum");
	if ((fs->compat & EFT_EXT4_COMPAT_DIR_INDEX) &&
	    !eft_ext4_hash_is_known(super->hash_version))
		return refuse(opening, -EINVAL, "unknown hash of names");
	return 0;
}

static int check_sizes(const struct opening *opening,
		       const struct eft_ext4_super *super)
{
	const struct eft_ext4 *fs = opening->fs;
	uint32_t bits = fs->block_bytes * 8;
	uint64_t groups;

	if (fs->first_data_block != (fs->block_bytes == 1024) ||
	    fs->blocks <= fs->first_data_block ||
	    fs->blocks_per_group < GROUP_BLOCKS_MIN ||
	    fs->blocks_per_group > bits || fs->blocks_per_group % 8 != 0 ||
	    fs->inodes_per_group == 0 || fs->inodes_per_group > bits ||
	    fs->inodes_per_group % 8 != 0)
		return refuse(opening, -EUCLEAN, "impossible groups");
	if (!is_power_of_two(fs->inode_bytes) ||
	    fs->inode_bytes < EFT_EXT4_OLD_INODE_BYTES ||
	    fs->inode_bytes > fs->block_bytes ||
	    !is_power_of_two(fs->desc_bytes) ||
	    fs->desc_bytes > fs->block_bytes ||
	    fs->desc_bytes < (fs->incompat & EFT_EXT4_INCOMPAT_64BIT
				      ? sizeof(struct eft_ext4_desc)
				      : EFT_EXT4_MIN_DESC_BYTES))
		return refuse(opening, -EUCLEAN, "impossible sizes");
	if (fs->blocks > fs->disk->bytes >> fs->block_shift)
		return refuse(opening, -EINVAL, "larger than the disk");
	groups =
		(fs->blocks - fs->first_data_block + fs->blocks_per_group - 1) /
		fs->blocks_per_group;
	if (groups * fs->inodes_per_group != fs->inodes ||
	    fs->first_inode < EFT_EXT4_OLD_FIRST_INODE ||
	    fs->first_inode > fs->inodes_per_group ||
	    eft_get16(super->reserved_gdt_blocks) > fs->block_bytes / 4)
		return refuse(opening, -EUCLEAN, "impossible inodes");
	return 0;
}

static void find_sizes(struct eft_ext4 *fs, const struct eft_ext4_super *super)
{
	bool dynamic = eft_get32(super->revision) >= EFT_EXT4_DYNAMIC;

	fs->block_shift = 10 + eft_get32(super->log_block_size);
	fs->block_bytes = 1u << fs->block_shift;
	fs->compat = eft_get32(super->compat);
	fs->incompat = eft_get32(super->incompat);
	fs->ro_compat = eft_get32(super->ro_compat);
	fs->has_checksums = fs->ro_compat & EFT_EXT4_RO_METADATA_CSUM;
	fs->first_data_block = eft_get32(super->first_data_block);
	fs->blocks_per_group = eft_get32(super->blocks_per_group);
	fs->inodes_per_group = eft_get32(super->inodes_per_group);
	fs->inodes = eft_get32(super->inodes);
	fs->inode_bytes = dynamic ? eft_get16(super->inode_bytes)
				  : EFT_EXT4_OLD_INODE_BYTES;
	fs->first_inode = dynamic ? eft_get32(super->first_inode)
				  : EFT_EXT4_OLD_FIRST_INODE;
	fs->blocks = eft_get32(super->blocks_lo);
	fs->reserved_blocks = eft_get32(super->reserved_blocks_lo);
	fs->desc_bytes = EFT_EXT4_MIN_DESC_BYTES;
	if (fs->incompat & EFT_EXT4_INCOMPAT_64BIT) {
		fs->blocks |= (uint64_t)eft_get32(super->blocks_hi) << 32;
		fs->reserved_blocks |=
			(uint64_t)eft_get32(super->reserved_blocks_hi) << 32;
		fs->desc_bytes = eft_get16(super->desc_bytes);
	}
	fs->checksum_seed = fs->incompat & EFT_EXT4_INCOMPAT_CSUM_SEED
				    ? eft_get32(super->checksum_seed)
				    : eft_crc32c(UINT32_MAX, super->uuid, 16);
}

static int check_super(const struct opening *opening,
		       const struct eft_ext4_super *super)
{
	struct eft_ext4 *fs = opening->fs;
	int error;

	if (eft_get16(super->magic) != EFT_EXT4_MAGIC)
		return refuse(opening, -EINVAL, "no ext4");
	if (eft_get32(super->log_block_size) > 2 ||
	    eft_get32(super->log_cluster_size) > 2)
		return refuse(opening, -EINVAL, "blocks of an unknown size");
	find_sizes(fs, super);
	error = check_features(opening, super);
	if (error == 0)
		error = check_sizes(opening, super);
	if (error == 0)
		fs->groups = fs->inodes / fs->inodes_per_group;
	return error;
}

static int read_super(const struct opening *opening)
{
	void *page = eft_page_alloc(0);
	int error;

	if (page == NULL)
		return -ENOMEM;
	if (opening->fs->disk->bytes < EFT_PAGE_SIZE)
		error = refuse(opening, -EINVAL, "too small a disk");
	else
		error = eft_disk_read(opening->fs->disk, 0, page,
				      EFT_PAGE_SIZE);
	if (error == 0)
		error = check_super(opening, (const void *)((uint8_t *)page +
							    EFT_EXT4_SUPER_AT));
	eft_page_free(page);
	return error;
}

/*
 * The journal.
 */

/* Where the blocks of the journal are: an array of the heap. */
static int find_runs(struct eft_ext4_inode *inode,
		     struct eft_ext4_run **ret_runs, unsigned *ret_count)
{
	uint32_t blocks = (uint32_t)(eft_ext4_inode_size(inode) >>
				     inode->fs->block_shift);
	struct eft_ext4_run *runs = NULL;
	unsigned count = 0;
	int error = 0;

	for (uint32_t at = 0; at < blocks && error == 0;) {
		struct eft_ext4_map map;
		struct eft_ext4_run *more = NULL;

		error = eft_ext4_map(inode, at, &map);
		if (error == 0 && (map.state != EFT_EXT4_WRITTEN ||
				   count == JOURNAL_RUNS_MAX))
			error = -EUCLEAN;
		if (error == 0) {
			more = eft_realloc(runs, (count + 1) * sizeof(*runs));
			error = more != NULL ? 0 : -ENOMEM;
		}
		if (error != 0)
			break;
		runs = more;
		runs[count++] = (struct eft_ext4_run){
			map.first, (uint32_t)eft_min(map.count, blocks - at)};
		at += map.count;
	}
	if (error == 0) {
		*ret_runs = runs;
		*ret_count = count;
	} else {
		eft_free(runs);
	}
	return error;
}

/*
 * What is read here may be from before the log's last word, but where the
 * journal is never changes.
 */
static int read_journal(struct eft_ext4 *fs, uint32_t number,
			struct eft_ext4_run **ret_runs, unsigned *ret_count)
{
	struct eft_ext4_inode *inode;
	int error = eft_ext4_groups_read(fs);

	if (error == 0)
		error = eft_ext4_inode_get(fs, number, &inode);
	if (error == 0) {
		error = find_runs(inode, ret_runs, ret_count);
		eft_node_put(&inode->node);
	}
	eft_ext4_groups_close(fs);
	return error;
}

static int open_journal(const struct opening *opening, uint32_t number)
{
	struct eft_ext4 *fs = opening->fs;
	int error;

	if (!(fs->compat & EFT_EXT4_COMPAT_JOURNAL))
		return eft_ext4_journal_open(fs, NULL, 0);
	if ((fs->incompat & EFT_EXT4_INCOMPAT_RECOVER) && fs->disk->read_only)
		return refuse(opening, -EROFS,
			      "it has to be recovered, and cannot be written");
	error = read_journal(fs, number, &fs->journal_runs,
			     &fs->journal_run_count);
	for (unsigned i = 0; error == 0 && i < fs->journal_run_count; i++)
		fs->overhead += fs->journal_runs[i].count;
	if (error == 0)
		error = eft_ext4_journal_open(fs, fs->journal_runs,
					      fs->journal_run_count);
	if (error != 0 && opening->message[0] == '\0')
		refuse(opening, error, "the journal cannot be used");
	return error;
}

static uint32_t journal_inode(const struct eft_ext4 *fs, int *ret_error)
{
	struct eft_ext4_buffer *buffer;
	uint32_t number = 0;

	*ret_error = eft_ext4_buffer_read((struct eft_ext4 *)fs,
					  fs->first_data_block, &buffer);
	if (*ret_error == 0) {
		const struct eft_ext4_super *super =
			(const void *)(buffer->data + fs->super_offset);

		number = eft_get32(super->journal_inode);
		eft_ext4_buffer_put(buffer);
	}
	return number;
}

/*
 * Mounting.
 */
static void note_mounted(struct eft_ext4 *fs)
{
	struct eft_ext4_super *super = writable(fs);
	uint32_t now = (uint32_t)(eft_realtime_ns() / 1000000000);

	super->mount_count = eft_le16(eft_get16(super->mount_count) + 1u);
	super->mtime = super->wtime = eft_le32(now);
	if (fs->compat & EFT_EXT4_COMPAT_JOURNAL)
		super->incompat =
			eft_le32(fs->incompat | EFT_EXT4_INCOMPAT_RECOVER);
	else
		super->state =
			eft_le16(eft_get16(super->state) & ~EFT_EXT4_VALID);
}

static void note_errors(struct eft_ext4 *fs)
{
	struct eft_ext4_super *super = writable(fs);
	struct eft_le32 now = eft_le32(eft_realtime_ns() / 1000000000);
	uint32_t count = eft_get32(super->error_count);

	super->state = eft_le16(eft_get16(super->state) | EFT_EXT4_ERROR);
	super->error_count = eft_le32(count + 1);
	super->last_error_time = now;
	eft_strlcpy(super->last_error_function, "eft",
		    sizeof(super->last_error_function));
	if (count > 0)
		return;
	super->first_error_time = now;
	eft_strlcpy(super->first_error_function, "eft",
		    sizeof(super->first_error_function));
}

static void note_unmounted(struct eft_ext4 *fs)
{
	struct eft_ext4_super *super = writable(fs);

	super->wtime = eft_le32(eft_realtime_ns() / 1000000000);
	super->free_blocks_lo = eft_le32(fs->free_blocks);
	if (fs->incompat & EFT_EXT4_INCOMPAT_64BIT)
		super->free_blocks_hi = eft_le32(fs->free_blocks >> 32);
	super->free_inodes = eft_le32(fs->free_inodes);
	if (fs->compat & EFT_EXT4_COMPAT_JOURNAL)
		super->incompat =
			eft_le32(eft_get32(super->incompat) &
				 ~(uint32_t)EFT_EXT4_INCOMPAT_RECOVER);
	else
		super->state =
			eft_le16(eft_get16(super->state) | fs->was_valid);
}

static int change_super(struct eft_ext4 *fs, void (*note)(struct eft_ext4 *fs))
{
	struct eft_ext4_handle handle;
	int error = eft_ext4_begin(fs, 1, &handle);

	if (error != 0)
		return error;
	eft_mutex_lock(&fs->changes);
	eft_ext4_change(&handle, fs->super);
	note(fs);
	eft_ext4_unseal(fs->super, EFT_EXT4_SUPER, 0, 0);
	eft_mutex_unlock(&fs->changes);
	eft_ext4_end(&handle);
	return 0;
}

static int open_all(struct opening *opening)
{
	struct eft_ext4 *fs = opening->fs;
	uint32_t journal;
	int error = read_super(opening);

	if (error != 0)
		return error;
	fs->super_offset = fs->block_bytes == 1024 ? 0 : EFT_EXT4_SUPER_AT;
	error = eft_ext4_buffers_open(fs);
	if (error != 0)
		return error;
	journal = journal_inode(fs, &error);
	if (error == 0)
		error = open_journal(opening, journal);
	opening->recovered = true;
	if (error == 0) /* which the log may have had another one of */
		error = read_super(opening);
	if (error == 0)
		error = eft_ext4_buffer_read(fs, fs->first_data_block,
					     &fs->super);
	if (error == 0)
		error = eft_ext4_groups_read(fs);
	if (error == 0)
		error = eft_ext4_groups_check(fs);
	if (error != 0 || fs->read_only)
		return error;
	fs->was_valid = eft_get16(eft_ext4_super(fs)->state) & EFT_EXT4_VALID;
	error = change_super(fs, note_mounted);
	if (error == 0)
		error = eft_ext4_journal_empty(fs);
	if (error != 0)
		return error;
	fs->written = true;
	eft_ext4_orphans_clean(fs);
	return 0;
}

int eft_ext4_open(struct eft_disk *disk, bool read_only, char *message,
		  size_t message_bytes, struct eft_ext4 **ret_fs)
{
	struct eft_ext4 *fs = eft_alloc(sizeof(*fs));
	struct opening opening = {fs, false, message, message_bytes};
	int error;

	eft_assert(message_bytes > 0);
	message[0] = '\0';
	if (fs == NULL)
		return -ENOMEM;
	fs->disk = disk;
	fs->read_only = read_only || disk->read_only;
	eft_mutex_init(&fs->inodes_lock, EFT_RANK_EXT4_INODES);
	eft_list_init(&fs->orphans);
	error = open_all(&opening);
	if (error != 0) {
		if (message[0] == '\0')
			eft_snprintf(message, message_bytes, "%s",
				     fs->aborted != NULL ? fs->aborted
							 : "it cannot be read");
		eft_ext4_close(fs);
		return error;
	}
	*ret_fs = fs;
	return 0;
}

/* The last word on the disk, of what was written to. */
static void end_writing(struct eft_ext4 *fs)
{
	int error = eft_ext4_journal_empty(fs);

	if (error == 0)
		error = change_super(fs, note_unmounted);
	if (error == 0)
		error = eft_ext4_journal_empty(fs);
	if (error != 0)
		eft_log(EFT_LOG_ERROR, "ext4: %s is to be recovered",
			fs->disk->name);
	if (fs->aborted != NULL) {
		note_errors(fs);
		write_super(fs);
	}
	fs->written = false;
}

/* Threads that have not ended yet find a file system that is read-only. */
void eft_ext4_end_use(struct eft_ext4 *fs)
{
	if (!fs->written)
		return;
	eft_ext4_orphans_end(fs);
	eft_mutex_lock(&fs->changes);
	fs->ended = true;
	eft_mutex_unlock(&fs->changes);
	end_writing(fs);
}

void eft_ext4_close(struct eft_ext4 *fs)
{
	eft_ext4_inodes_end(fs);
	if (fs->written) {
		eft_ext4_orphans_retry(fs);
		end_writing(fs);
	}
	if (fs->journal != NULL)
		eft_ext4_journal_close(fs);
	eft_ext4_inodes_close(fs);
	eft_ext4_groups_close(fs);
	eft_ext4_buffer_put(fs->super);
	if (fs->buffers != NULL)
		eft_ext4_buffers_close(fs);
	eft_free(fs->notes);
	eft_free(fs->journal_runs);
	eft_free(fs);
}
