// SPDX-License-Identifier: BSD-3-Clause
/*
 * Regular files of the tree, against an array of bytes.
 */
#include "tests/unit/files.h"

enum { MAX = 400000, STEPS = 6000 };

static struct eft_file *file;
static char *model, *buf;
static int64_t size, position;
static bool injected;

static void fill_random(size_t len)
{
	for (size_t i = 0; i < len; i += 8)
		*(uint64_t *)(buf + i) = unit_random(UINT64_MAX);
}

static size_t random_len(void)
{
	return unit_random(unit_random(4) ? 600 : 20000);
}

/* Often at a page's edge, often at the end. */
static off_t random_offset(void)
{
	off_t at = (off_t)unit_random(MAX - 40000);

	switch (unit_random(4)) {
	case 0:
		return at / 4096 * 4096;
	case 1:
		return size < MAX - 40000 ? size : at;
	}
	return at;
}

static void model_size(int64_t to)
{
	if (to < size)
		memset(model + to, 0, size - to);
	size = to;
}

/* (n) bytes of (len) were written at (at), or an error came. */
static void wrote(ssize_t n, size_t len, off_t at)
{
	if (n < 0) {
		check(injected && n == -ENOSPC);
		return;
	}
	check(n <= (ssize_t)len && (injected || n == (ssize_t)len));
	memcpy(model + at, buf, n);
	if (n > 0 && at + n > size)
		size = at + n;
}

static void do_pwrite(void)
{
	size_t len = random_len();
	off_t at = random_offset();

	fill_random(len);
	wrote(f_pwrite(file, buf, len, at), len, at);
}

/* In three pieces. */
static void do_write(void)
{
	size_t len = 30 + random_len();
	struct eft_iovec iov[3] = {
		{buf, 10}, {buf + 10, 0}, {buf + 10, len - 10}};
	ssize_t n;

	fill_random(len);
	if (position > MAX - 40000)
		position = file->ops->seek(file, 0, SEEK_SET);
	n = eft_file_write(file, iov, 3, EFT_AT_POSITION);
	wrote(n, len, position);
	if (n > 0)
		position += n;
}

static void check_read(ssize_t n, size_t len, off_t at)
{
	int64_t left = at < size ? size - at : 0;

	check_eq(n, eft_min(len, (uint64_t)left));
	check_eq(memcmp(buf, model + at, n), 0);
}

static void do_pread(void)
{
	size_t len = random_len();
	off_t at = random_offset();

	check_read(f_pread(file, buf, len, at), len, at);
}

static void do_read(void)
{
	size_t len = random_len();
	ssize_t n = f_pread(file, buf, len, EFT_AT_POSITION);

	check_read(n, len, position);
	position += n;
}

static void do_seek(void)
{
	off_t at = random_offset();

	switch (unit_random(3)) {
	case 0:
		check_eq(file->ops->seek(file, at, SEEK_SET), at);
		break;
	case 1:
		check_eq(file->ops->seek(file, at - position, SEEK_CUR), at);
		break;
	default:
		check_eq(file->ops->seek(file, at - size, SEEK_END), at);
	}
	position = at;
}

static void do_truncate(void)
{
	off_t to = random_offset();

	check_eq(file->ops->set_size(file, to), 0);
	model_size(to);
}

static void do_allocate(void)
{
	off_t at = random_offset(), len = 1 + (off_t)random_len();
	bool keep = unit_random(2);
	int error = file->ops->allocate(file, keep ? FALLOC_FL_KEEP_SIZE : 0,
					at, len);

	if (error != 0)
		check(injected && error == -ENOSPC);
	else if (!keep && at + len > size)
		size = at + len;
}

/* What is no data is zeroes; what is there is found. */
static void do_holes(void)
{
	off_t at = random_offset(), data, hole;

	data = file->ops->seek(file, at, SEEK_DATA);
	hole = file->ops->seek(file, at, SEEK_HOLE);
	if (at >= size) {
		check(data == -ENXIO && hole == -ENXIO);
	} else {
		off_t end = data == -ENXIO ? size : data;

		check(end >= at && end <= size);
		for (; at < end; at++)
			check_eq(model[at], 0);
		check(hole >= 0 && hole <= size);
	}
	check_eq(file->ops->seek(file, position, SEEK_SET), position);
}

static void check_whole(void)
{
	struct eft_stat st;

	check_eq(file->ops->stat(file, &st), 0);
	check_eq(st.size, size);
	check_eq(eft_file_pread(file, buf, MAX, 0), size);
	check_eq(memcmp(buf, model, size), 0);
}

static void step(void)
{
	static void (*const operations[])(void) = {
		do_pwrite, do_pwrite, do_write,	   do_write,	do_pread,
		do_read,   do_seek,   do_truncate, do_allocate, do_holes,
	};

	injected = unit_random(4) == 0;
	eft_alloc_fail_after(injected ? unit_random(6) : UINT64_MAX);
	operations[unit_random(eft_array_size(operations))]();
	eft_alloc_fail_after(UINT64_MAX);
}

static void make_buffers(void)
{
	model = malloc(MAX + 64);
	buf = malloc(MAX + 64);
	memset(model, 0, MAX);
}

static void drop_buffers(void)
{
	free(model);
	free(buf);
}

Test(ramfs, random_operations)
{
	struct files_usage before;

	files_boot(NULL, 0);
	make_buffers();
	before = files_usage();
	file = f_must("/f", O_CREAT | O_RDWR);
	for (unsigned i = 0; i < STEPS; i++) {
		step();
		if (i % 64 == 0)
			check_whole();
	}
	check_whole();
	eft_file_put(file);
	check_eq(f_unlink("/f"), 0);
	check_usage(before);
	drop_buffers();
}

/* The same in a file whose contents are borrowed, as an initrd's. */
Test(ramfs, random_operations_borrowed)
{
	static char header[124 + 2 * 124];
	size_t data = 50000, at;
	char *archive;

	make_buffers();
	archive = malloc(data + 512);
	memset(archive, 0, data + 512);
	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08lx%08x%08x%08x%08x%08x%08x",
		 1, S_IFREG | 0644, 0, 0, 1, 0, data, 0, 0, 0, 0, 2, 0);
	memcpy(archive, header, 110);
	memcpy(archive + 110, "f", 2);
	for (at = 0; at < data; at++)
		archive[112 + at] = model[at] = (char)(1 + unit_random(255));
	size = (int64_t)data;
	snprintf(header, sizeof(header),
		 "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 11, 0);
	memcpy(archive + 112 + data, header, 110);
	memcpy(archive + 222 + data, "TRAILER!!!", 11);
	files_boot(archive, data + 240);
	unit_srandom(3);
	file = f_must("/f", O_RDWR);
	check_whole();
	for (unsigned i = 0; i < STEPS; i++) {
		step();
		if (i % 64 == 0)
			check_whole();
	}
	eft_file_put(file);
	drop_buffers();
	free(archive);
}

/*
 * Every allocation of one operation fails in turn. What was there stays; what
 * was done is what the answer says; and no memory is lost.
 */
typedef ssize_t operation(void);

static ssize_t write_over_pages(void)
{
	fill_random(20000);
	return f_pwrite(file, buf, 20000, 3000);
}

static ssize_t write_far(void)
{
	fill_random(100);
	return f_pwrite(file, buf, 100, 300000 - 50);
}

static void every_failure_of(operation *op, off_t at, ssize_t len)
{
	struct files_usage before = files_usage();
	ssize_t n = 0;

	for (uint64_t fail = 0; n != len; fail++) {
		check(fail < 100);
		file = f_must("/f", O_CREAT | O_RDWR);
		memset(buf, 'x', 5000);
		check_eq(f_pwrite(file, buf, 5000, 0), 5000);
		memset(model, 0, MAX);
		memset(model, 'x', 5000);
		size = 5000;
		injected = true;
		eft_alloc_fail_after(fail);
		n = op();
		eft_alloc_fail_after(UINT64_MAX);
		wrote(n, (size_t)len, at);
		check_whole();
		eft_file_put(file);
		check_eq(f_unlink("/f"), 0);
		check_usage(before);
	}
}

Test(ramfs, every_failure_of_write)
{
	files_boot(NULL, 0);
	make_buffers();
	every_failure_of(write_over_pages, 3000, 20000);
	every_failure_of(write_far, 300000 - 50, 100);
	drop_buffers();
}

Test(ramfs, every_failure_of_allocate)
{
	struct files_usage before;
	struct eft_stat was, is;
	int error = -1;

	files_boot(NULL, 0);
	before = files_usage();
	for (uint64_t fail = 0; error != 0; fail++) {
		file = f_must("/f", O_CREAT | O_RDWR);
		check_eq(f_pwrite(file, "x", 1, 5000), 1);
		check_eq(file->ops->stat(file, &was), 0);
		eft_alloc_fail_after(fail);
		error = file->ops->allocate(file, 0, 0, 200000);
		eft_alloc_fail_after(UINT64_MAX);
		check_eq(file->ops->stat(file, &is), 0);
		check(error == 0 || error == -ENOSPC);
		check_eq(is.size, error ? was.size : 200000);
		eft_file_put(file);
		check_eq(f_unlink("/f"), 0);
		check_usage(before);
	}
}

Test(ramfs, limits)
{
	off_t huge = INT64_C(1) << 43;
	char c = 'x';

	files_boot(NULL, 0);
	file = f_must("/f", O_CREAT | O_RDWR);
	check_eq(file->ops->set_size(file, -1), -EINVAL);
	check_eq(file->ops->set_size(file, huge + 1), -EFBIG);
	check_eq(file->ops->set_size(file, INT64_MAX), -EFBIG);
	check_eq(file->ops->set_size(file, huge), 0);
	check_eq(f_pread(file, &c, 1, huge - 1), 1);
	check_eq(c, 0);
	check_eq(f_pwrite(file, &c, 1, huge), -EFBIG);
	check_eq(f_pwrite(file, &c, 1, INT64_MAX), -EINVAL);
	check_eq(f_pwrite(file, &c, 0, INT64_MAX), 0);
	check_eq(f_pread(file, &c, 1, INT64_MAX), -EINVAL);
	check_eq(f_pwrite(file, &c, 1, huge - 1), 1);
	check_eq(file->ops->seek(file, 1, SEEK_DATA), huge - 4096);
	check_eq(file->ops->seek(file, -1, SEEK_SET), -EINVAL);
	check_eq(file->ops->seek(file, INT64_MAX, SEEK_END), -EINVAL);
	check_eq(file->ops->seek(file, INT64_MAX, SEEK_SET), INT64_MAX);
	check_eq(file->ops->seek(file, 1, SEEK_CUR), -EINVAL);
	check_eq(file->ops->seek(file, 0, 99), -EINVAL);
	check_eq(f_pread(file, &c, 1, -1), -EINVAL);
	check_eq(f_pwrite(file, &c, 1, -1), -EINVAL);
	check_eq(file->ops->allocate(file, 0, 0, 0), -EINVAL);
	check_eq(file->ops->allocate(file, 0, -1, 1), -EINVAL);
	check_eq(file->ops->allocate(file, 0, INT64_MAX, 1), -EFBIG);
	check_eq(file->ops->allocate(file, 0, 1, INT64_MAX), -EFBIG);
	check_eq(file->ops->allocate(file, 2, 0, 1), -EOPNOTSUPP);
	check_eq(file->ops->allocate(file, 0, 0, huge), -ENOSPC);
	check_eq(file->ops->set_size(file, 0), 0);
	eft_file_put(file);
}

Test(ramfs, append)
{
	struct eft_file *a, *b;

	files_boot(NULL, 0);
	a = f_must("/f", O_CREAT | O_WRONLY | O_APPEND);
	b = f_must("/f", O_WRONLY | O_APPEND);
	check_eq(f_pwrite(a, "one ", 4, -1), 4);
	check_eq(f_pwrite(b, "two ", 4, -1), 4);
	check_eq(f_pwrite(a, "three", 5, -1), 5);
	check_str(f_text("/f"), "one two three");
	/* As on Linux, whatever the offset. */
	check_eq(f_pwrite(a, "!", 1, 0), 1);
	check_str(f_text("/f"), "one two three!");
	eft_file_put(a);
	eft_file_put(b);
}

/* What was allocated behind the end goes with a cut, to the same size too. */
Test(ramfs, allocated_behind_the_end)
{
	struct files_usage before;

	files_boot(NULL, 0);
	file = f_must("/f", O_CREAT | O_RDWR);
	check_eq(f_pwrite(file, "text", 4, 0), 4);
	before = files_usage();
	for (off_t to = 4; to <= 5000; to += 4996) {
		check_eq(file->ops->allocate(file, FALLOC_FL_KEEP_SIZE, 0,
					     40 * 4096),
			 0);
		check_eq(file->ops->set_size(file, 4), 0);
		check_usage(before);
	}
	eft_file_put(file);
}

/* Memory that is full gives short writes, then ENOSPC; and comes back. */
Test(ramfs, full)
{
	struct files_usage before;
	int64_t at = 0;
	ssize_t n;

	files_boot(NULL, 0);
	make_buffers();
	before = files_usage();
	file = f_must("/f", O_CREAT | O_RDWR);
	memset(buf, 'x', MAX);
	while ((n = f_pwrite(file, buf, MAX, at)) > 0)
		at += n;
	check_eq(n, -ENOSPC);
	check(at > 4 << 20);
	check_eq(file->ops->stat(file, &(struct eft_stat){0}), 0);
	check_eq(f_pread(file, buf, 10, at - 10), 10);
	check_eq(f_mkdir("/d"), 0); /* the heap is libc's here */
	check_eq(f_rmdir("/d"), 0);
	check_eq(file->ops->set_size(file, 1), 0);
	check_eq(f_pwrite(file, buf, 4096, 1), 4096);
	eft_file_put(file);
	check_eq(f_unlink("/f"), 0);
	check_usage(before);
	drop_buffers();
}

/* What is cut off leaves the mappings, and the rest of the last page is cleared. */
Test(ramfs, truncate_while_mapped)
{
	struct fake_config config = {.paging = true};
	struct files_usage before;
	intptr_t addr;

	files_boot_as(&config, NULL, 0);
	eft_range_unmap(eft_range_map(0, 4096, 3, 0, NULL, 0), 4096);
	before = files_usage();
	file = f_must("/f", O_CREAT | O_RDWR);
	check_eq(f_pwrite(file, "hello", 5, 4096), 5);
	addr = eft_range_map(0, 8192, EFT_PROT_READ | EFT_PROT_WRITE,
			     EFT_RANGE_SHARED, file, 0);
	check(addr > 0);
	check_eq(memcmp((char *)addr + 4096, "hello", 5), 0);
	check_eq(f_pwrite(file, "J", 1, 4096), 1);
	check_eq(((char *)addr)[4096], 'J');
	((char *)addr)[4097] = 'E';
	check_eq(file->ops->set_size(file, 4098), 0);
	check_eq(memcmp((char *)addr + 4096, "JE\0\0\0", 5), 0);
	check_eq(file->ops->set_size(file, 0), 0);
	check_eq(eft_range_fault(addr + 4096, EFT_PROT_READ),
		 EFT_FAULT_PAST_END);
	check_eq(file->ops->set_size(file, 1), 0);
	eft_file_put(file);
	check_eq(f_unlink("/f"), 0);
	((char *)addr)[0] = 1; /* the mapping holds the file */
	check_eq(eft_range_unmap(addr, 8192), 0);
	check_usage(before);
}
