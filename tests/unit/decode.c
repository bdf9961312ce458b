// SPDX-License-Identifier: BSD-3-Clause
/*
 * Compressed archives, as the host's own programs make them: good ones, cut ones
 * and broken ones, alone and among others.
 */
#include "core/fs/initrd/decoder.h"
#include "tests/unit/archive.h"
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The decoders are in this program because it names them. */
static const struct eft_decoder *const decoders[] = {
	&eft_initrd_gzip,
	&eft_initrd_lz4,
	&eft_initrd_xz,
	&eft_initrd_zstd,
};

static const struct format {
	const char *name, *command;
	bool checked; /* its data has a checksum */
} formats[] = {
	{"gzip", "gzip -c", true},
	{"xz", "xz -0 -c", true},
	{"xz", "xz -0 --check=crc32 -c", true},
	{"xz", "xz --check=sha256 --x86 --lzma2=dict=64KiB -c", true},
	{"zstd", "zstd -q -1 -c", true},
	{"zstd", "zstd -q -19 --zstd=wlog=17 --no-check -c", false},
	{"lz4", "lz4 -q -l -c", false},
	{"lz4", "lz4 -q -B4 -c", true},
	{"lz4", "lz4 -q -B4 -BD -9 -c", true},
};

static char message[256];

static void guest_boot(size_t ram)
{
	struct fake_config config = {.zone_bytes = {ram}, .paging = true};

	fake_boot(&config);
	eft_fd_init();
	eft_root_init(NULL, 0);
}

/* What (command) makes of (size) bytes, in their place; returns how many. */
static size_t filter(const char *command, char *bytes, size_t size)
{
	char line[200], path[] = "/tmp/eft-decode-XXXXXX";
	int file = mkstemp(path);
	FILE *pipe;

	check(file >= 0);
	check_eq(write(file, bytes, size), (ssize_t)size);
	close(file);
	snprintf(line, sizeof(line), "exec <%s; %s", path, command);
	pipe = popen(line, "r");
	size = fread(bytes, 1, ROOM, pipe);
	check(size < ROOM);
	check_eq(pclose(pipe), 0);
	unlink(path);
	return size;
}

/* The archive from (start) on, compressed. */
static void pack_from(size_t start, const char *command)
{
	len = start + filter(command, archive + start, len - start);
}

static void pack(const char *command)
{
	pack_from(0, command);
}

static int unpack_bytes(const void *data, size_t size)
{
	char *copy = malloc(size); /* reading past its end shows */
	int error;

	memcpy(copy, data, size);
	message[0] = '\0';
	error = eft_initrd_decode(copy, size, message, sizeof(message));
	check((error == 0) == (message[0] == '\0'));
	free(copy); /* what is decoded is copied */
	return error;
}

static int unpack(void)
{
	return unpack_bytes(archive, len);
}

static void refused(int error, const char *words)
{
	check_eq(unpack(), error);
	check(strstr(message, words) != NULL);
	len = 0;
}

static void remove_good(void)
{
	static const char *const names[] = {"/h1",   "/h2",   "/other",
					    "/link", "/null", "/dir/file"};

	for (size_t i = 0; i < eft_array_size(names); i++)
		f_unlink(names[i]);
	f_rmdir("/dir");
}

/* Text that does not repeat at once, and a file of (size) bytes of it. */
static char *text_of(size_t size)
{
	char *text = malloc(size + 1);

	for (size_t i = 0; i < size; i++)
		text[i] = "etaoin shrdlu\n"[unit_random(14)];
	text[size] = '\0';
	return text;
}

static void check_text(const char *path, const char *text)
{
	size_t size = strlen(text), done = 0;
	struct eft_file *file = f_must(path, O_RDONLY);
	static char part[10000];
	ssize_t n;

	while ((n = eft_file_pread(file, part, sizeof(part), done)) > 0) {
		check(done + n <= size && memcmp(part, text + done, n) == 0);
		done += n;
	}
	check_eq(done, size);
	eft_file_put(file);
}

static void unpack_good(void)
{
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		struct files_usage before = files_usage();

		len = 0;
		put_good();
		pack(formats[i].command);
		check_eq(unpack(), 0);
		check_good();
		remove_good();
		check_usage(before);
	}
}

Test(decode, good)
{
	check(decoders[0] != NULL);
	files_boot(NULL, 0);
	unpack_good();
}

Test(decode, good_in_a_guest)
{
	guest_boot(4 << 20);
	unpack_good();
}

/* Contents larger than any buffer, written over by the same of another name. */
Test(decode, large)
{
	static const size_t sizes[] = {0,     1,     4095,  4096,   4097,
				       57000, 65300, 65536, 131072, 250001};

	guest_boot(24 << 20);
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		struct files_usage before = files_usage();
		char *text[eft_array_size(sizes)], path[20];

		len = 0;
		for (size_t n = 0; n < eft_array_size(sizes); n++) {
			struct entry e = {.name = path,
					  .mode = S_IFREG | 0600,
					  .data = text[n] = text_of(sizes[n])};

			snprintf(path, sizeof(path), "file%zu", n);
			put_raw(n % 2 ? "070701" : "070702", &e,
				strlen(path) + 1, sizes[n]);
		}
		put_trailer();
		pack(formats[i].command);
		check_eq(unpack(), 0);
		for (size_t n = 0; n < eft_array_size(sizes); n++) {
			snprintf(path, sizeof(path), "/file%zu", n);
			check_text(path, text[n]);
			f_unlink(path);
			free(text[n]);
		}
		check_usage(before);
	}
}

/* The data of a name that comes first gives way to the last one's. */
Test(decode, names_of_one_file)
{
	char *first = text_of(9000), *last = text_of(5000);
	struct entry e = {.name = "one",
			  .mode = S_IFREG | 0600,
			  .data = first,
			  .ino = 4,
			  .nlink = 2};

	files_boot(NULL, 0);
	put(&e);
	e.name = "two";
	e.data = last;
	put(&e);
	put_trailer();
	pack("gzip -c");
	check_eq(unpack(), 0);
	check_text("/one", last);
	check_text("/two", last);
	free(first);
	free(last);
}

/* Special files, and names that go through links of the archive's. */
Test(decode, through_links)
{
	struct eft_stat st;

	files_boot(NULL, 0);
	put(&(struct entry){.name = "usr/lib", .mode = S_IFDIR | 0755});
	put(&(struct entry){
		.name = "lib", .mode = S_IFLNK | 0777, .data = "usr/lib"});
	put_file("lib/a/so", "in usr");
	put(&(struct entry){.name = "lib/fifo", .mode = S_IFIFO | 0640});
	put(&(struct entry){.name = "lib/socket", .mode = S_IFSOCK | 0600});
	put_trailer();
	pack("zstd -q -c");
	check_eq(unpack(), 0);
	check_str(f_text("/usr/lib/a/so"), "in usr");
	check_eq(f_stat("/usr/lib/fifo", &st), 0);
	check_eq(st.mode, S_IFIFO | 0640);
	check_eq(f_stat("/lib/socket", &st), 0);
	check_eq(st.mode, S_IFSOCK | 0600);
}

/*
 * Plain and compressed ones in turn, zeroes between them or not; a plain one
 * begins at a multiple of 4.
 */
Test(decode, several)
{
	static const char *const commands[] = {
		NULL,	      "gzip -c",   NULL, "xz -0 -c",
		"zstd -q -c", "lz4 -q -c", NULL, "lz4 -q -lc"};
	enum { COUNT = eft_array_size(commands) };
	static char whole[ROOM], text[COUNT][12];

	files_boot(NULL, 0);
	for (unsigned zeroes = 0; zeroes < 9; zeroes += 1 + zeroes / 2) {
		size_t at = 0;

		for (unsigned i = 0; i < COUNT; i++) {
			char name[12];

			len = 0;
			snprintf(name, sizeof(name), "file%u", i);
			snprintf(text[i], sizeof(text[i]), "text %u", i);
			put_file(name, text[i]);
			put(&(struct entry){.name = "same", /* only here */
					    .mode = S_IFREG | 0600,
					    .data = text[i],
					    .ino = 1,
					    .nlink = 2});
			put_trailer();
			if (commands[i] != NULL)
				pack(commands[i]);
			else
				at = eft_align_up(at, 4);
			memcpy(whole + at, archive, len);
			at += len + zeroes;
		}
		memcpy(archive, whole, len = at);
		check_eq(eft_initrd_decode(archive, len, message,
					   sizeof(message)),
			 0);
		for (unsigned i = 0; i < COUNT; i++) {
			char path[13];

			snprintf(path, sizeof(path), "/file%u", i);
			check_str(f_text(path), text[i]);
		}
		check_str(f_text("/same"), text[COUNT - 1]);
		memset(whole, 0, sizeof(whole));
	}
}

/* Cut at every byte, in a block of that size. */
Test(decode, truncated)
{
	guest_boot(4 << 20);
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		bool legacy = strstr(formats[i].command, "-l ") != NULL;
		struct files_usage before = files_usage();
		size_t whole;

		len = 0;
		put_good();
		pack(formats[i].command);
		whole = len;
		for (len = 2; len < whole; len++) {
			int error = unpack();

			if (legacy && len == 4) { /* no block: an empty one */
				check_eq(error, 0);
				continue;
			}
			check_eq(error, -EINVAL);
			check(strstr(message, formats[i].name) != NULL);
			check(strstr(message, "cut off") != NULL ||
			      (legacy && strstr(message, "corrupt") != NULL));
			remove_good();
			check_usage(before);
		}
	}
}

/* Each byte changed. What has a checksum is as it was, or refused. */
Test(decode, changed_bytes)
{
	static char good[ROOM];

	guest_boot(6 << 20);
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		struct eft_range_stats before, after;
		size_t whole;

		eft_range_stats(&before);
		len = 0;
		put_good();
		pack(formats[i].command);
		memcpy(good, archive, whole = len);
		for (size_t at = 0; at < whole; at++) {
			memcpy(archive, good, len = whole);
			archive[at] ^= 1 << unit_random(8);
			if (unpack() == 0 && formats[i].checked)
				check_good();
			eft_range_stats(&after);
			check_eq(after.committed, before.committed);
		}
	}
}

/* What follows the end is no part of it. */
Test(decode, followed_by_something_else)
{
	char where[80];

	files_boot(NULL, 0);
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		len = 0;
		put_good();
		pack(formats[i].command);
		snprintf(where, sizeof(where), "at byte %zu: is not a cpio",
			 eft_align_up(len, 4));
		pad();
		memcpy(archive + len, "garbage", 7);
		len += 7;
		refused(-EINVAL, where);
	}
}

/* The stream is whole, what is in it is not. */
Test(decode, bad_archives)
{
	struct entry e = {.name = "f", .mode = S_IFREG | 0644};
	char *text = text_of(100000);

	files_boot(NULL, 0);
	put_file("first", "x");
	put_file("../f", "abc");
	put_trailer();
	pack("gzip -c");
	refused(-EINVAL,
		"gzip data at byte 0: entry \"../f\" at byte 120: a name with");
	put_file("f", "abc");
	pack("xz -0 -c");
	refused(-EINVAL, "xz data at byte 0: at byte 116: is cut off before");
	put_file("f", text);
	len -= 10000;
	pack("xz -0 -c");
	refused(-EINVAL,
		"entry \"f\" at byte 0: is cut off in an entry's data");
	memcpy(archive, "hello", len = 5);
	pack("zstd -q -c");
	refused(-EINVAL, "zstd data at byte 0: at byte 0: is not a cpio");
	put_trailer();
	pack("gzip -c | gzip -c");
	refused(-EINVAL, "compressed twice");
	memcpy(archive, "BZh9", len = 4);
	pack("gzip -c");
	refused(-EINVAL, "is compressed by bzip2; unpack it first");
	e.data = text;
	put_raw("070702", &e, 2, strlen(text));
	put_trailer();
	archive[60000]++;
	pack("gzip -c");
	refused(-EINVAL, "entry \"f\" at byte 0: an entry's checksum is wrong");
	free(text);
}

/* The name that an error is of has not gone with the buffer. */
Test(decode, problem_after_large_contents)
{
	char *text = text_of(100000);

	files_boot(NULL, 0);
	put(&(struct entry){.name = "dir", .mode = S_IFDIR | 0755});
	put_file("dir", text);
	put_trailer();
	pack("gzip -c");
	refused(-EEXIST, "entry \"dir\" at byte 116: a directory of that name");
	free(text);
}

Test(decode, unsupported)
{
	files_boot(NULL, 0);
	put_trailer();
	pack("xz --arm --lzma2 -c");
	refused(-EINVAL, "xz data at byte 0: at byte 0: this variant is not");
}

/* Neither is there room for what comes of it, nor for a window of 64 MiB. */
Test(decode, more_than_memory)
{
	static const char *const commands[] = {"gzip -c", "zstd -q -c",
					       "lz4 -q -B4 -c"};
	struct files_usage before;

	guest_boot(4 << 20);
	before = files_usage();
	for (size_t i = 0; i < eft_array_size(commands); i++) {
		char line[80];

		len = 0;
		put_raw("070701",
			&(struct entry){.name = "f", .mode = S_IFREG | 0600}, 2,
			5 << 20);
		snprintf(line, sizeof(line),
			 "(cat; head -c 5242880 /dev/zero) | %s", commands[i]);
		pack(line);
		refused(-ENOMEM, "entry \"f\" at byte 0: no memory is left");
		f_unlink("/f");
		check_usage(before);
	}
	put_good();
	pack("xz -9 -c");
	refused(-ENOMEM, "no memory is left to decode it");
	check_usage(before);
}

/* Every allocation fails in turn. */
Test(decode, every_failure)
{
	guest_boot(4 << 20);
	for (size_t i = 0; i < eft_array_size(formats); i++) {
		struct files_usage before = files_usage();
		int error = -1;

		len = 0;
		put_good();
		pack(formats[i].command);
		for (uint64_t n = 0; error != 0; n++) {
			check(n < 1000);
			eft_alloc_fail_after(n);
			error = unpack();
			eft_alloc_fail_after(UINT64_MAX);
			check(error == 0 || error == -ENOMEM);
			if (error == 0)
				break;
			check(strstr(message, "no memory") != NULL);
			remove_good();
			check_usage(before);
		}
		check_good();
		remove_good();
	}
}

Test(decode, memory)
{
	static const size_t sizes[] = {0,      1,	100,	 4000,	 4096,
				       100000, 2097000, 2097152, 3000000};

	guest_boot(8 << 20);
	for (size_t n = 0; n < eft_array_size(sizes); n++) {
		size_t size = sizes[n];
		struct files_usage before = files_usage();
		char *block = eft_decoder_alloc(size);

		check(block != NULL && (uintptr_t)block % 64 == 0);
		for (size_t i = 0; i < size; i++)
			check(block[i] == 0);
		memset(block, 1, size);
		eft_decoder_free(block);
		check_usage(before);
	}
	for (uint64_t n = 0; n < 1000; n += 1 + n / 4) {
		struct files_usage before = files_usage();
		char *block;

		eft_alloc_fail_after(n);
		block = eft_decoder_alloc(3000000);
		eft_alloc_fail_after(UINT64_MAX);
		check(n < 700 ? block == NULL : true);
		eft_decoder_free(block);
		check_usage(before);
	}
	check(eft_decoder_alloc(SIZE_MAX) == NULL);
	check(eft_decoder_alloc(SIZE_MAX - 1000) == NULL);
	check(eft_decoder_calloc(SIZE_MAX / 2, 3) == NULL);
}
