// SPDX-License-Identifier: BSD-3-Clause
/*
 * cpio archives: good ones, and all kinds of bad ones, none of which may do
 * more than be refused with a message.
 */
#include "core/fs/initrd/cpio.h"
#include "tests/unit/archive.h"

static char message[256];

/* From a block of exactly its size, so that reading past its end shows. */
static int unpack_bytes(const void *data, size_t size)
{
	char *copy = malloc(size);
	int error;

	memcpy(copy, data, size);
	message[0] = '\0';
	error = eft_initrd_unpack(copy, size, message, sizeof(message));
	check((error == 0) == (message[0] == '\0'));
	if (error != 0)
		free(copy); /* else the files have it */
	return error;
}

static int unpack(void)
{
	return unpack_bytes(archive, len);
}

static void refused(const char *words)
{
	check(unpack() < 0);
	check(strstr(message, words) != NULL);
	len = 0;
}

Test(cpio, good)
{
	put_good();
	files_boot(archive, len);
	check_good();
	f_create("/dir/file", "new"); /* a copy is made */
	check_str(f_text("/link"), "new");
	check(f_try("/dev/null", O_RDWR) == 0 && f_try("/tmp", O_RDONLY) == 0);
}

Test(cpio, crc_format)
{
	struct entry e = {.name = "f", .mode = S_IFREG | 0644, .data = "abc"};

	files_boot(NULL, 0);
	put_raw("070702", &e, 2, 3);
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/f"), "abc");
	archive[112]++;
	refused("checksum is wrong");
}

Test(cpio, concatenated)
{
	files_boot(NULL, 0);
	put_file("a", "1");
	put_file("same", "old");
	put(&(struct entry){.name = "x1",
			    .mode = S_IFREG | 0600,
			    .data = "first",
			    .ino = 5,
			    .nlink = 2});
	put_trailer();
	len += 512 - len % 512; /* zeroes */
	put(&(struct entry){.name = "x2",
			    .mode = S_IFREG | 0600,
			    .data = "second",
			    .ino = 5,
			    .nlink = 2});
	put_file("same", "new");
	put_file("dir/in/between", "2");
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/a"), "1");
	check_str(f_text("/same"), "new");
	check_str(f_text("/x1"), "first"); /* numbers mean others now */
	check_str(f_text("/x2"), "second");
	check_str(f_text("/dir/in/between"), "2");
	check_eq(unpack_bytes("\0\0\0\0\0", 5), 0);
	check_eq(unpack_bytes("", 0), 0);
}

/* Cut at every byte: an error, except in the last padding; never a read past.
 */
Test(cpio, truncated)
{
	size_t whole;

	files_boot(NULL, 0);
	put_good();
	whole = len;
	for (len = 1; len < whole; len++) {
		int error = unpack();

		check_eq(error, whole - len <= 3 ? 0 : -EINVAL);
		check(error == 0 || strstr(message, "cut off") != NULL ||
		      strstr(message, "not a cpio") != NULL ||
		      strstr(message, "no header") != NULL);
	}
}

Test(cpio, lying_sizes)
{
	struct entry e = {.name = "f", .mode = S_IFREG | 0644, .data = "abc"};
	static const size_t names[] = {0, 1, 5000, 0x7fffffff, 0xffffffff};
	static const size_t sizes[] = {100000, 0x7fffffff, 0xffffffff,
				       0xfffffffc};

	files_boot(NULL, 0);
	for (unsigned i = 0; i < eft_array_size(names); i++) {
		len = 0;
		put_raw("070701", &e, names[i], 3);
		put_trailer();
		check_eq(unpack(), -EINVAL);
	}
	for (unsigned i = 0; i < eft_array_size(sizes); i++) {
		len = 0;
		put_raw("070701", &e, 2, sizes[i]);
		put_trailer();
		refused("cut off in an entry's data");
	}
	put_raw("070701", &e, 3, 3);
	put_trailer();
	refused("does not end where it should");
	put_file("f", "abc");
	archive[20] = 'x';
	refused("number is not one");
	put_file("f", "abc");
	refused("cut off before its last entry");
}

Test(cpio, not_an_archive)
{
	static const char *const compressed[][2] = {
		{"\x1f\x8b", "by gzip: link with -Wl,-u,eft_initrd_gzip"},
		{"\xfd\x37", "by xz: link with -Wl,-u,eft_initrd_xz"},
		{"\x28\xb5", "by zstd: link with -Wl,-u,eft_initrd_zstd"},
		{"\x02\x21", "by lz4: link with -Wl,-u,eft_initrd_lz4"},
		{"\x04\x22", "by lz4: link with -Wl,-u,eft_initrd_lz4"},
		{"BZ", "by bzip2; unpack it first"},
		{"\x5d\0", "by lzma; unpack it first"},
	};

	files_boot(NULL, 0);
	for (unsigned i = 0; i < eft_array_size(compressed); i++) {
		memcpy(archive, compressed[i][0], len = 2);
		refused(compressed[i][1]);
	}
	memcpy(archive, "070707000", len = 9);
	refused("old format");
	memcpy(archive, "hello", len = 5);
	refused("is not a cpio archive");
}

/* Names that lead out, nowhere, or to what they are not. */
Test(cpio, odd_names)
{
	static const char *const dotdot[] = {"..",   "../x",  "a/../b",
					     "a/..", "/../x", "./../x"};
	static const char *const regular[] = {".",  "./",  "/",	  "//",	  "./.",
					      "a/", "a/.", "a//", "a/./b"};

	files_boot(NULL, 0);
	for (unsigned i = 0; i < eft_array_size(dotdot); i++) {
		put_file(dotdot[i], "x");
		put_trailer();
		refused("name with ..");
	}
	for (unsigned i = 0; i < eft_array_size(regular); i++) {
		len = 0;
		put_file(regular[i], "x");
		put_trailer();
		check(unpack() <= 0);
	}
	len = 0;
	put_file("f", "x");
	put_file("f/below", "x");
	put_trailer();
	refused("no directory");
	put(&(struct entry){.name = "d", .mode = S_IFDIR | 0755});
	put_file("d", "x");
	put_trailer();
	refused("exists");
	put(&(struct entry){.name = "odd", .mode = S_IFMT | 0644});
	put_trailer();
	refused("not supported");
	put(&(struct entry){.name = "l", .mode = S_IFLNK | 0777});
	put_trailer();
	check_eq(unpack(), -EINVAL);
}

Test(cpio, through_links)
{
	struct eft_stat st;

	files_boot(NULL, 0);
	put(&(struct entry){.name = "usr/lib", .mode = S_IFDIR | 0755});
	put(&(struct entry){
		.name = "lib", .mode = S_IFLNK | 0777, .data = "usr/lib"});
	put_file("lib/a/so", "in usr");
	put(&(struct entry){.name = "lib", .mode = S_IFDIR | 0711});
	put(&(struct entry){.name = "lib/fifo", .mode = S_IFIFO | 0640});
	put(&(struct entry){.name = "lib/socket", .mode = S_IFSOCK | 0600});
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/usr/lib/a/so"), "in usr");
	check_eq(f_lstat("/lib", &st), 0);
	check_eq(st.mode, S_IFLNK | 0777);
	check_eq(f_stat("/usr/lib", &st), 0);
	check_eq(st.mode, S_IFDIR | 0711); /* the directory that is meant */
	check_eq(f_stat("/usr/lib/fifo", &st), 0);
	check_eq(st.mode, S_IFIFO | 0640);
	check_eq(f_stat("/lib/socket", &st), 0);
	check_eq(st.mode, S_IFSOCK | 0600);
	len = 0;
	put(&(struct entry){
		.name = "loop", .mode = S_IFLNK | 0777, .data = "loop"});
	put_file("loop/x", "x");
	put_trailer();
	check(unpack() < 0);
}

/* As cpio -H newc writes them when it was given such names. */
Test(cpio, dots_in_the_middle)
{
	files_boot(NULL, 0);
	put(&(struct entry){.name = "a/./b", .mode = S_IFDIR | 0711});
	put_file("./a/./b/.//c", "x");
	put(&(struct entry){.name = "a/b/.", .mode = S_IFDIR | 0700});
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/a/b/c"), "x");
}

/* A long name has its limit. */
Test(cpio, long_names)
{
	static char name[600];

	files_boot(NULL, 0);
	memset(name, 'n', 255);
	put_file(name, "x");
	put_trailer();
	check_eq(unpack(), 0);
	len = 0;
	memset(name, 'n', 256);
	put_file(name, "x");
	put_trailer();
	check(unpack() < 0);
}

/* A path, and a link's, are shorter than PATH_MAX, by their NUL. */
Test(cpio, longest_paths)
{
	static char path[PATH_MAX + 1];

	files_boot(NULL, 0);
	for (unsigned i = 0; i < PATH_MAX - 1; i++)
		path[i] = i % 2 == 0 ? '.' : '/';
	path[PATH_MAX - 2] = 'f';
	put_file(path, "x");
	put(&(struct entry){
		.name = "link", .mode = S_IFLNK | 0777, .data = path});
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/f"), "x");
	check_str(f_text("/link"), "x");
	path[PATH_MAX - 2] = '/';
	path[PATH_MAX - 1] = 'f';
	len = 0;
	put_file(path, "x");
	put_trailer();
	refused("a name's length");
	put(&(struct entry){
		.name = "long", .mode = S_IFLNK | 0777, .data = path});
	put_trailer();
	refused("not supported");
}

/* Links that lie: to directories, to themselves, with a count of millions. */
Test(cpio, odd_links)
{
	files_boot(NULL, 0);
	for (unsigned i = 0; i < 3; i++)
		put(&(struct entry){.name = "same",
				    .mode = S_IFREG | 0600,
				    .data = i == 1 ? "" : "data",
				    .ino = 3,
				    .nlink = 0xffffffff});
	put(&(struct entry){
		.name = "other", .mode = S_IFREG | 0600, .ino = 3, .nlink = 2});
	put_trailer();
	check_eq(unpack(), 0);
	check_str(f_text("/same"), "data");
	check_str(f_text("/other"), "data");
}

Test(cpio, every_failure)
{
	static const char *const names[] = {"/h1",   "/h2",   "/other",
					    "/link", "/null", "/dir/file"};
	struct files_usage before;
	int error = -1;

	files_boot(NULL, 0);
	before = files_usage();
	put_good();
	for (uint64_t n = 0; error != 0; n++) {
		check(n < 200);
		eft_alloc_fail_after(n);
		error = unpack();
		eft_alloc_fail_after(UINT64_MAX);
		check(error == 0 || error == -ENOMEM);
		if (error != 0)
			check(strstr(message, "no memory") != NULL);
		/* What came before the failure is there: its data is gone. */
		if (error == 0)
			break;
		for (size_t i = 0; i < eft_array_size(names); i++)
			f_unlink(names[i]);
		f_rmdir("/dir");
		check_usage(before);
	}
	check_good();
}

/* Bytes changed at random, of which some matter. */
Test(cpio, random_corruption)
{
	static char good[ROOM];
	size_t whole;

	files_boot(NULL, 0);
	put_good();
	whole = len;
	memcpy(good, archive, len);
	for (unsigned i = 0; i < 4000; i++) {
		struct eft_cpio cpio;
		struct eft_cpio_entry entry;
		char *copy;

		memcpy(archive, good, whole);
		len = 1 + unit_random(4) ? whole : unit_random(whole);
		for (unsigned n = 1 + unit_random(8); n > 0; n--)
			archive[unit_random(whole)] =
				unit_random(2)
					? "0123456789abcdef/."[unit_random(18)]
					: (char)unit_random(256);
		copy = malloc(len);
		memcpy(copy, archive, len);
		eft_cpio_init(&cpio, copy, len);
		while (eft_cpio_next(&cpio, &entry) > 0)
			check(entry.size <= len);
		if (i % 4 == 0)
			unpack();
		free(copy);
	}
}

static void boot_from(void *arg)
{
	eft_fd_init();
	eft_root_init(archive, len);
}

/* A bad one ends the boot with a message that says where. */
Test(cpio, bad_initrd_ends_the_boot)
{
	fake_boot(NULL);
	put_file("file", "data");
	len -= 2;
	check_eq(fake_run_boot(boot_from, NULL), FAKE_EXITED);
	check_eq(fake_status, 1);
	check(strstr(fake_console, "eft: initrd: entry \"file\" at byte 0: is "
				   "cut off in an entry's data\n") != NULL ||
	      strstr(fake_console, "cut off") != NULL);
}
