// SPDX-License-Identifier: BSD-3-Clause
/*
 * Calls on files, directories, descriptors and pipes (linux_calls.c), against
 * Linux. The libOS has its files on ext4, which is its root; its metadata stay
 * in memory for as long as there is some, so what is left is not counted.
 */
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"
#include "fuzz/sides.h"
#include "tests/fake/disk.h"

struct piece {
	size_t at, len;
	const char *bytes;
};

struct image {
	size_t bytes, count;
	const struct piece *pieces;
};

#include "ext4_roots.h"

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ext4_type;

static struct fake_disk disk;

static void find_block(struct eft_device_class *class)
{
	eft_device_add(class, &disk.block.device);
}

static void mount_root(void *arg)
{
	fuzz_check(eft_mount_root("vda", "ext4", 0, "") == 0);
}

void fuzz_boot(void)
{
	const struct image *image = &images[0];

	side_keeps = true;
	sides_boot();
	fake_find_block = find_block;
	fake_disk_init(&disk, image->bytes);
	for (size_t i = 0; i < image->count; i++)
		memcpy(disk.data + image->pieces[i].at, image->pieces[i].bytes,
		       image->pieces[i].len);
	fake_disk_begin(&disk);
	fuzz_check(fake_run(mount_root, NULL) == FAKE_RETURNED);
	fake_disk_begin(&disk); /* the world has no history */
	fuzz_keep((uintptr_t)disk.data, (uintptr_t)(disk.data + image->bytes));
}

void fuzz_one(void)
{
	sides_run();
	fake_disk_begin(&disk); /* which forgets what was done */
}
