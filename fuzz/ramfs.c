// SPDX-License-Identifier: BSD-3-Clause
/*
 * A regular file of the tree against an array of bytes: the input is a
 * sequence of reads, writes, truncations and allocations that may fail.
 */
#include "core/file.h"
#include "core/vfs/root.h"
#include "fuzz/fuzz.h"
#include "tests/fake/needs.h"

enum { MAX = 100000, CHUNK = 9000 };

static uint8_t model[MAX], buf[CHUNK];
static off_t size;
static struct eft_file *file;
static uint8_t stamp;

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	eft_fd_init();
	eft_root_init(NULL, 0);
	fuzz_check(eft_path_open(AT_FDCWD, "/file", O_RDWR | O_CREAT, 0644,
				 &file) == 0);
}

/* Often at a page's edge. */
static off_t any_offset(void)
{
	unsigned n = fuzz_below(MAX - CHUNK);

	return n & 1 ? n : eft_align_down(n, EFT_PAGE_SIZE);
}

static void set_model_size(off_t to)
{
	if (to < size)
		memset(model + to, 0, size - to);
	size = to;
}

static void do_write(void)
{
	off_t at = any_offset();
	size_t len = fuzz_below(CHUNK);
	struct eft_iovec iov[2] = {{buf, len / 3},
				   {buf + len / 3, len - len / 3}};
	ssize_t n;

	stamp++;
	for (size_t i = 0; i < len; i++)
		buf[i] = (uint8_t)(stamp + i);
	n = eft_file_write(file, iov, 2, at);
	fuzz_check(n <= (ssize_t)len);
	if (n <= 0)
		return;
	memcpy(model + at, buf, n);
	size = eft_max(size, at + n);
}

static void do_read(void)
{
	off_t at = any_offset();
	size_t len = fuzz_below(CHUNK);
	off_t there = at < size ? eft_min(len, size - at) : 0;

	fuzz_check(eft_file_pread(file, buf, len, at) == there);
	fuzz_check(memcmp(buf, model + at, there) == 0);
}

static void do_size(void)
{
	off_t to = any_offset();

	if (file->ops->set_size(file, to) == 0)
		set_model_size(to);
}

static void do_allocate(void)
{
	bool keep = fuzz_below(2);
	off_t at = any_offset(), len = fuzz_below(CHUNK) + 1;

	if (file->ops->allocate(file, keep ? FALLOC_FL_KEEP_SIZE : 0, at,
				len) == 0 &&
	    !keep)
		size = eft_max(size, at + len);
}

static void do_seek(void)
{
	off_t at = fuzz_below(MAX), end;

	end = file->ops->seek(file, at, SEEK_HOLE);
	fuzz_check(at >= size ? end == -ENXIO : end >= at && end <= size);
	end = file->ops->seek(file, at, SEEK_DATA);
	fuzz_check(end == -ENXIO || (end >= at && end < size));
}

void fuzz_one(void)
{
	static void (*const steps[])(void) = {do_write, do_read, do_size,
					      do_allocate, do_seek};
	struct eft_stat st;

	while (fuzz_more()) {
		unsigned step = fuzz_u8();

		eft_alloc_fail_after(step & 0x80 ? fuzz_below(8) : UINT64_MAX);
		steps[step % eft_array_size(steps)]();
		eft_alloc_fail_after(UINT64_MAX);
		fuzz_check(file->ops->stat(file, &st) == 0);
		fuzz_check(st.size == size);
	}
	for (off_t at = 0; at < size; at += CHUNK) {
		off_t len = eft_min(size - at, CHUNK);

		fuzz_check(eft_file_pread(file, buf, len, at) == len);
		fuzz_check(memcmp(buf, model + at, len) == 0);
	}
	fuzz_check(file->ops->set_size(file, 0) == 0);
	fuzz_check_left();
}
