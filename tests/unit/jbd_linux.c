// SPDX-License-Identifier: BSD-3-Clause
/*
 * e2fsprogs share Linux's code of the journal. What Eft has written to the log,
 * e2fsck replays as Eft does; and so for what debugfs has written.
 */
#include "tests/fake/host.h"
#include "tests/unit/jbd.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { FREE_BLOCKS = 64, RUNS_MAX = 16, ROUNDS = 40 };

static const struct image {
	uint32_t block_bytes;
	const char *features; /* of mke2fs */
	const char *journal;  /* debugfs: how the log is opened */
	uint32_t incompat;    /* of the log, set before Eft writes it */
	bool has_checksums;
} images[] = {
	{1024, "^metadata_csum,^64bit", "", 0, false},
	{1024, "metadata_csum,64bit", "-c -v 2", EFT_JBD2_INCOMPAT_CSUM_V2,
	 true},
	{2048, "^metadata_csum,64bit", "",
	 EFT_JBD2_INCOMPAT_CSUM_V2 | EFT_JBD2_INCOMPAT_64BIT, false},
	{4096, "metadata_csum,64bit", "-c -v 3", 0, true},
	{1024, "metadata_csum,^64bit", "-c -v 3", EFT_JBD2_INCOMPAT_64BIT,
	 true},
};

static char dir[] = "/tmp/eft-jbd-XXXXXX";
static struct volume ours;
static struct eft_ext4_run log[RUNS_MAX];
static unsigned log_runs;
static uint64_t first_free;

/* A command in the folder, which ends with (status) or less. */
static void shell(int status, const char *format, ...)
{
	char words[400], line[500];
	va_list args;
	int ended;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	snprintf(line, sizeof(line), "cd %s && { %s; } >>said 2>&1", dir,
		 words);
	ended = system(line);
	if (ended <= status << 8)
		return;
	snprintf(line, sizeof(line), "tail %s/said >&2", dir);
	check_eq(system(line), 0);
	cr_assert_fail("%s: %d", words, ended);
}

/* The blocks of the journal's file, in their order. */
static void find_log(void)
{
	char line[100];
	uint64_t block;
	FILE *pipe;

	snprintf(line, sizeof(line), "debugfs -R 'blocks <8>' %s/image 2>&-",
		 dir);
	pipe = popen(line, "r");
	log_runs = 0;
	while (fscanf(pipe, "%lu", &block) == 1) {
		if (log_runs > 0 &&
		    log[log_runs - 1].first + log[log_runs - 1].count ==
			    block) {
			log[log_runs - 1].count++;
			continue;
		}
		check(log_runs < RUNS_MAX);
		log[log_runs++] = (struct eft_ext4_run){block, 1};
	}
	check_eq(pclose(pipe), 0);
	check(log_runs > 0);
}

static void load(const char *name)
{
	char path[100];
	const void *data;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	data = host_read_file(path, &len);
	check_eq(len, ours.disk.block.bytes);
	memcpy(ours.disk.data, data, len);
	free((void *)data);
}

static void save(const char *name)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	check_eq(fwrite(ours.disk.data, 1, ours.disk.block.bytes, file),
		 ours.disk.block.bytes);
	check_eq(fclose(file), 0);
}

static void make(const struct image *image)
{
	uint32_t bytes = image->block_bytes;

	shell(0,
	      "rm -f image && mke2fs -q -t ext4 -b %u -O %s "
	      "-J size=%u -F image 16M",
	      bytes, image->features, bytes / 1024);
	fake_disk_init(&ours.disk, 16 << 20);
	ours.fs = (struct eft_ext4){
		.disk = &ours.disk.disk,
		.block_bytes = bytes,
		.block_shift = (unsigned)__builtin_ctz(bytes),
		.blocks = (16 << 20) / bytes,
		.has_checksums = image->has_checksums,
	};
	first_free = ours.fs.blocks - FREE_BLOCKS;
	load("image");
	find_log();
}

/* What e2fsck makes of the image, and what Eft does, is the same. */
static void compare(void)
{
	size_t at = first_free * ours.fs.block_bytes;
	size_t len = FREE_BLOCKS * ours.fs.block_bytes;
	uint8_t *by_eft = malloc(len);

	ours.fs.aborted = NULL;
	check_eq(try_mount_at(&ours, log, log_runs), 0);
	memcpy(by_eft, ours.disk.data + at, len);
	check_eq(unmount(&ours), 0);
	save("by_eft");
	shell(1, "e2fsck -fy image");
	shell(0, "e2fsck -fn image");
	shell(0, "debugfs -w -R 'feature -needs_recovery' by_eft && "
		 "e2fsck -fn by_eft");
	load("image");
	for (unsigned i = 0; i < FREE_BLOCKS; i++)
		check_eq(memcmp(by_eft + i * ours.fs.block_bytes,
				ours.disk.data + at + i * ours.fs.block_bytes,
				ours.fs.block_bytes),
			 0);
	free(by_eft);
	fake_disk_fini(&ours.disk);
}

static void fill(uint8_t *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		data[i] = (uint8_t)unit_random(256);
	if (unit_random(4) == 0)
		eft_put_be32(data, (uint32_t)EFT_JBD2_MAGIC);
}

/*
 * Eft's transactions.
 */
static void change_some(void)
{
	unsigned count = 1 + (unsigned)unit_random(8);
	struct eft_ext4_handle handle;
	struct eft_ext4_buffer *buffer;

	check_eq(eft_ext4_begin(&ours.fs, count, &handle), 0);
	for (; count > 0; count--) {
		uint64_t block = first_free + unit_random(FREE_BLOCKS);

		if (unit_random(4) == 0) {
			eft_ext4_revoke(&handle, block);
			continue;
		}
		check_eq(eft_ext4_buffer_zero(&ours.fs, block, &buffer), 0);
		eft_ext4_change(&handle, buffer);
		fill(buffer->data, ours.fs.block_bytes);
		eft_ext4_buffer_put(buffer);
	}
	eft_ext4_end(&handle);
}

static void set_features(uint32_t incompat)
{
	struct eft_jbd2_super *super =
		(void *)(ours.disk.data + log[0].first * ours.fs.block_bytes);

	eft_put_be32(super->incompat, incompat);
	super->checksum_type = EFT_JBD2_CRC32C;
	eft_put_be32(super->checksum, 0);
	eft_put_be32(super->checksum, eft_crc32c(~0u, super, sizeof(*super)));
}

static void by_eft(void *arg)
{
	for (unsigned i = 0; i < eft_array_size(images); i++) {
		make(&images[i]);
		set_features(images[i].incompat);
		check_eq(try_mount_at(&ours, log, log_runs), 0);
		for (unsigned round = 0; round < ROUNDS; round++) {
			change_some();
			if (unit_random(2) == 0)
				check_eq(eft_ext4_commit(&ours.fs), 0);
		}
		ours.fs.aborted = "the power fails";
		check_eq(unmount(&ours), -EROFS);
		save("image");
		shell(0, "debugfs -w -R 'feature needs_recovery' image");
		compare();
	}
}

/*
 * Those of debugfs.
 */
static void write_commands(const struct image *image)
{
	char path[100];
	FILE *file;

	snprintf(path, sizeof(path), "%s/commands", dir);
	file = fopen(path, "w");
	fprintf(file, "jo %s\n", image->journal);
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned count = 1 + (unsigned)unit_random(5);
		bool revokes = unit_random(4) == 0;
		const char *comma = "";

		/* The data: some blocks of a file, which it reads in turn. */
		fprintf(file, "jw %s ", revokes ? "-r" : "-b");
		for (; count > 0; count--, comma = ",")
			fprintf(file, "%s%lu", comma,
				first_free + unit_random(FREE_BLOCKS / 5) * 5 +
					count % 5);
		fprintf(file, revokes ? "\n" : " data%u\n", round);
	}
	fprintf(file, "jw -c -b %lu data0\njc\n", first_free);
	check_eq(fclose(file), 0);
}

static void write_data(const struct image *image)
{
	uint8_t data[5 * 4096];
	char path[100];
	FILE *file;

	for (unsigned round = 0; round < ROUNDS; round++) {
		for (unsigned i = 0; i < 5; i++)
			fill(data + i * image->block_bytes, image->block_bytes);
		snprintf(path, sizeof(path), "%s/data%u", dir, round);
		file = fopen(path, "w");
		fwrite(data, image->block_bytes, 5, file);
		check_eq(fclose(file), 0);
	}
}

static void by_debugfs(void *arg)
{
	for (unsigned i = 0; i < eft_array_size(images); i++) {
		make(&images[i]);
		write_data(&images[i]);
		write_commands(&images[i]);
		shell(0, "debugfs -w -f commands image");
		load("image");
		compare();
	}
}

static void run_in_folder(void (*function)(void *))
{
	check(mkdtemp(dir) != NULL);
	run(function, NULL);
	shell(0, "rm -r %s", dir);
}

Test(jbd_linux, log_of_eft)
{
	run_in_folder(by_eft);
}

Test(jbd_linux, log_of_debugfs)
{
	run_in_folder(by_debugfs);
}
