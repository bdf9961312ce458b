// SPDX-License-Identifier: BSD-3-Clause
/*
 * 9P2000.L (core/fs/ninep) against a server that is a list of what it is asked
 * and what it answers, by hand; and that lies in each part of an answer.
 *
 * Messages are written as digits in pairs and 'text', without their size. The
 * truth is intro(5) of Plan 9 and diod's protocol.md.
 */
#include "core/fs/ninep/ninep.h"
#include "core/cache.h"
#include "core/time.h"
#include "core/vfs/vfs.h"
#include "tests/fake/share.h"
#include "tests/unit/count.h"

enum { PARTS = 34, SCRIPT = 32, BYTES = 8192 };

static struct fake_share channel;
static struct eft_ninep *fs;
static eft_remote_handle root;
static struct eft_remote_attributes attributes;

struct message {
	uint8_t bytes[BYTES];
	uint32_t len;
};

static struct message wanted[SCRIPT], given[SCRIPT];
static unsigned scripted, played;

/*
 * The server.
 */
static void put_number(uint8_t *at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static uint64_t number_at(const uint8_t *at, unsigned bytes)
{
	uint64_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value |= (uint64_t)at[i] << 8 * i;
	return value;
}

static unsigned digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);
}

static void parse(struct message *m, const char *text)
{
	m->len = 4;
	while (*text != '\0') {
		if (*text == ' ') {
			text++;
		} else if (*text == '\'') {
			while (*++text != '\'')
				m->bytes[m->len++] = (uint8_t)*text;
			text++;
		} else {
			m->bytes[m->len++] =
				(uint8_t)(digit(text[0]) << 4 | digit(text[1]));
			text += 2;
		}
	}
	put_number(m->bytes, m->len, 4);
}

/* When it is asked (request), it will say (answer); NULL: nothing. */
static void script(const char *request, const char *answer)
{
	check(scripted < SCRIPT);
	parse(&wanted[scripted], request);
	given[scripted].len = 0;
	if (answer != NULL)
		parse(&given[scripted], answer);
	scripted++;
}

static uint32_t play(struct fake_share *self, const uint8_t *request,
		     uint32_t len, uint8_t *answer)
{
	const struct message *m = &wanted[played];

	check(played < scripted);
	for (uint32_t i = 0; i < len && i < m->len; i++)
		check_eq(request[i], m->bytes[i]);
	check_eq(len, m->len);
	memcpy(answer, given[played].bytes, given[played].len);
	return given[played++].len;
}

static void rewind(void)
{
	check_eq(played, scripted);
	scripted = played = 0;
}

static void find(struct eft_device_class *class)
{
	eft_device_add(class, &channel.share.device);
}

static void boot(void)
{
	fake_boot(NULL);
	eft_log_set_level(EFT_LOG_WARN);
	fake_find_ninep = find;
	fake_share_init(&channel, EFT_SHARE_9P, "src", PARTS);
	channel.answer = play;
}

static void run(void (*function)(void *))
{
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
	check(fs == NULL || fs->tags == 0);
}

#define VERSION	      "64 ffff 18000200 0800'9P2000.L'"
#define VERSION_GIVEN "65 ffff 18000200 0800'9P2000.L'"
#define ATTACH	      "68 0000 00000000 ffffffff 0000 0000 e8030000"
#define GETATTR(fid)  "18 0000" fid "ff07000000000000"
#define QID_DIR	      "80 01000000 0b00000000000000"
#define QID_FILE      "00 02000000 0c00000000000000"
#define QID_LINK      "02 03000000 0d00000000000000"

/* What Rgetattr has behind the qid, from a file's mode on. */
#define STAT(mode)                                                 \
	mode "e8030000 e9030000 0200000000000000 0305000000000000" \
	     "8813000000000000 0010000000000000 1000000000000000"  \
	     "0100000000000000 0200000000000000"                   \
	     "0300000000000000 ffc99a3b00000000"                   \
	     "0500000000000000 0600000000000000"                   \
	     "0000000000000000 0000000000000000 0000000000000000"  \
	     "0000000000000000"
#define STAT_DIR  "19 0000 ff07000000000000" QID_DIR STAT("ed410000")
#define STAT_FILE "19 0000 ff07000000000000" QID_FILE STAT("a4810000")
#define STAT_LINK "19 0000 ff07000000000000" QID_LINK STAT("ffa10000")

static void connect(void)
{
	fs = eft_ninep_fs_create();
	check(fs != NULL);
	fs->msize = UINT32_MAX;
	script(VERSION, VERSION_GIVEN);
	check_eq(eft_ninep_connect(fs, "src"), 0);
	check_eq(fs->msize, 131072 + 24);
	check_eq(fs->remote.io_pages_max, 32);
	script(ATTACH, "69 0000" QID_DIR);
	script(GETATTR("00000000"), STAT_DIR);
	check_eq(eft_ninep_root(&fs->remote, &root, &attributes), 0);
	rewind();
}

static void disconnect(void)
{
	script("78 0000 00000000", "79 0000");
	eft_ninep_forget(&fs->remote, root);
	eft_ninep_destroy(&fs->remote);
	check(!channel.share.taken);
	fs = NULL;
	rewind();
}

/* Run (function), which leaves all as it was; what a first mount finds stays. */
static void count_and_call(void *arg)
{
	void (**function)(void *) = arg;
	struct everything before;

	connect();
	disconnect();
	before = count_everything();
	(*function)(NULL);
	check_everything("it", &before);
}

static void run_counted(void (*function)(void *))
{
	check_eq(fake_run(count_and_call, &function), FAKE_RETURNED);
}

/* (fid) is the file's, of QID_FILE. */
static eft_remote_handle lookup(void)
{
	eft_remote_handle file = 0;

	script("6e 0000 00000000 01000000 0100 0400'file'",
	       "6f 0000 0100" QID_FILE);
	script(GETATTR("01000000"), STAT_FILE);
	check_eq(eft_ninep_lookup(&fs->remote, root, "file", 4, &file,
				  &attributes),
		 0);
	rewind();
	return file;
}

static void forget(eft_remote_handle file)
{
	script("78 0000 01000000", "79 0000");
	eft_ninep_forget(&fs->remote, file);
	rewind();
}

/*
 * Bytes.
 */
Test(ninep, bytes)
{
	uint8_t memory[16] = {0}, copy[4];
	struct eft_ninep_bytes b = {.data = memory, .size = 15};

	eft_ninep_put(&b, 0x1122334455667788, 8);
	eft_ninep_put_string(&b, "abc", 3);
	check_eq(b.at, 13);
	check(!b.bad);
	eft_ninep_put32(&b, 1);
	check(b.bad);
	eft_ninep_put(&b, 1, 1); /* nor this, though there is room */
	check_eq(b.at, 13);
	check_eq(memcmp(memory, "\x88\x77\x66\x55\x44\x33\x22\x11\x03\0abc\0",
			14),
		 0);
	b = (struct eft_ninep_bytes){.data = memory, .size = 13};
	check_eq(eft_ninep_get(&b, 8), 0x1122334455667788);
	check_eq(eft_ninep_get(&b, 2), 3);
	eft_ninep_get_bytes(&b, copy, 3);
	check_eq(memcmp(copy, "abc", 3), 0);
	check(!b.bad);
	check_eq(eft_ninep_get(&b, 1), 0);
	check(b.bad);
	memset(copy, 1, 4);
	eft_ninep_get_bytes(&b, copy, 4);
	check_eq(number_at(copy, 4), 0);
}

Test(ninep, errors_of_a_server)
{
	check_eq(eft_ninep_error(0), 0);
	check_eq(eft_ninep_error(ENOENT), -ENOENT);
	check_eq(eft_ninep_error(133), -133);
	check_eq(eft_ninep_error(134), -EIO);
	check_eq(eft_ninep_error(524), -EIO); /* ENOTSUPP, within Linux */
	check_eq(eft_ninep_error(EINTR), -EIO);
	check_eq(eft_ninep_error(EFAULT), -EIO);
	check_eq(eft_ninep_error(4096), 0);
	check_eq(eft_ninep_error(UINT32_MAX), 0);
}

/*
 * What an honest server is asked.
 */
static void mounts(void *arg)
{
	struct eft_ninep *second;

	connect();
	check_eq(attributes.ino, 11);
	check_eq(attributes.mode, 040755);
	check_eq(attributes.uid, 1000);
	check_eq(attributes.gid, 1001);
	check_eq(attributes.nlink, 2);
	check_eq(attributes.rdev, 0x503);
	check_eq(attributes.size, 5000);
	check_eq(attributes.blksize, 4096);
	check_eq(attributes.blocks, 16);
	check_eq(attributes.atime.sec, 1);
	check_eq(attributes.atime.nsec, 2);
	check_eq(attributes.mtime.nsec, 999999999);
	check_eq(attributes.ctime.sec, 5);
	second = eft_ninep_fs_create();
	check_eq(eft_ninep_connect(second, "src"), -EBUSY);
	eft_ninep_destroy(&second->remote);
	second = eft_ninep_fs_create();
	check_eq(eft_ninep_connect(second, "sr"), -ENOENT);
	eft_ninep_destroy(&second->remote);
	disconnect();
	connect();
	disconnect();
}

Test(ninep, mounts)
{
	boot();
	run_counted(mounts);
}

static void names(void *arg)
{
	struct eft_remote *remote;
	eft_remote_handle file;

	connect();
	remote = &fs->remote;
	file = lookup();
	check_eq(attributes.mode, 0100644);
	script("6e 0000 00000000 02000000 0100 0200'no'", "07 0000 02000000");
	check_eq(eft_ninep_lookup(remote, root, "no", 2, &file, &attributes),
		 -ENOENT);
	script("46 0000 00000000 01000000 0300'two'", "47 0000");
	check_eq(eft_ninep_link(remote, root, "two", 3, file), 0);
	script("4a 0000 00000000 0400'file' 01000000 0100'x'", "4b 0000");
	check_eq(eft_ninep_rename(remote, root, "file", 4, file, "x", 1, false),
		 0);
	check_eq(eft_ninep_rename(remote, root, "file", 4, file, "x", 1, true),
		 -EINVAL);
	script("4c 0000 00000000 0300'two' 00000000", "4d 0000");
	check_eq(eft_ninep_unlink(remote, root, "two", 3, false), 0);
	script("4c 0000 00000000 0300'dir' 00020000", "07 0000 27000000");
	check_eq(eft_ninep_unlink(remote, root, "dir", 3, true), -ENOTEMPTY);
	rewind();
	forget(file);
	disconnect();
}

Test(ninep, names)
{
	boot();
	run(names);
}

static void change(void *arg)
{
	const struct eft_remote_attributes set = {.mode = 0100640,
						  .uid = 7,
						  .gid = 8,
						  .size = 0x102030405,
						  .atime = {9, 10},
						  .mtime = {11, 12}};
	eft_remote_handle file;
	struct eft_statfs st;

	connect();
	file = lookup();
	script("1a 0000 01000000 bf010000 a0810000 07000000 08000000"
	       "0504030201000000 0900000000000000 0a00000000000000"
	       "0b00000000000000 0c00000000000000",
	       "1b 0000");
	script(GETATTR("01000000"), STAT_FILE);
	check_eq(eft_ninep_set_attributes(&fs->remote, file, 63, &set,
					  &attributes),
		 0);
	check_eq(attributes.size, 5000);
	script("1a 0000 01000000 08000000 a0810000 07000000 08000000"
	       "0504030201000000 0900000000000000 0a00000000000000"
	       "0b00000000000000 0c00000000000000",
	       "07 0000 1e000000");
	check_eq(eft_ninep_set_attributes(&fs->remote, file,
					  EFT_REMOTE_SET_SIZE, &set,
					  &attributes),
		 -EROFS);
	script("08 0000 01000000",
	       "09 0000 53ef0000 00100000 0600000000000000 0500000000000000"
	       "0400000000000000 0300000000000000 0200000000000000"
	       "0807060504030201 ff000000");
	check_eq(eft_ninep_statfs(&fs->remote, file, &st), 0);
	check_eq(st.type, 0x01021997);
	check_eq(st.bsize, 4096);
	check_eq(st.blocks, 6);
	check_eq(st.bfree, 5);
	check_eq(st.bavail, 4);
	check_eq(st.files, 3);
	check_eq(st.ffree, 2);
	check_eq(st.fsid[0], 0x05060708);
	check_eq(st.namelen, 255);
	rewind();
	forget(file);
	disconnect();
}

Test(ninep, attributes)
{
	boot();
	run(change);
}

static int create(unsigned mode, uint64_t rdev, const char *target,
		  eft_remote_handle *ret_file, eft_remote_handle *ret_open)
{
	const struct eft_node_spec spec = {
		.mode = mode,
		.gid = 5,
		.rdev = rdev,
		.target = target,
		.target_len = target != NULL ? strlen(target) : 0};

	return eft_ninep_create(&fs->remote, root, "new", 3, &spec, ret_file,
				&attributes, ret_open);
}

static void make(void *arg)
{
	eft_remote_handle file = 0, open = 0;

	connect();
	/* A clone of the directory's fid becomes the open file's. */
	script("6e 0000 00000000 02000000 0000", "6f 0000 0000");
	script("0e 0000 02000000 0300'new' c2000000 80010000 05000000",
	       "0f 0000" QID_FILE "00000000");
	script("6e 0000 00000000 01000000 0100 0300'new'",
	       "6f 0000 0100" QID_FILE);
	script(GETATTR("01000000"), STAT_FILE);
	check_eq(create(0100600, 0, NULL, &file, &open), 0);
	check_eq(open, 2);
	script("78 0000 02000000", "79 0000");
	eft_ninep_close(&fs->remote, file, open);
	script("78 0000 01000000", "79 0000");
	eft_ninep_forget(&fs->remote, file);
	rewind();

	/* A directory, that is another one by now. */
	script("48 0000 00000000 0300'new' ed010000 05000000",
	       "49 0000" QID_LINK);
	script("6e 0000 00000000 01000000 0100 0300'new'",
	       "6f 0000 0100" QID_DIR);
	script(GETATTR("01000000"), STAT_DIR);
	script("78 0000 01000000", "79 0000");
	check_eq(create(040755, 0, NULL, &file, &open), -ESTALE);
	rewind();

	script("10 0000 00000000 0300'new' 0600'target' 05000000",
	       "11 0000" QID_LINK);
	script("6e 0000 00000000 01000000 0100 0300'new'",
	       "6f 0000 0100" QID_LINK);
	script(GETATTR("01000000"), STAT_LINK);
	check_eq(create(0120777, 0, "target", &file, &open), 0);
	check_eq(open, EFT_REMOTE_NO_OPEN);
	rewind();
	forget(file);

	/* Major 0x123, minor 0x45678. */
	script("12 0000 00000000 0300'new' b6210000 23010000 78560400 05000000",
	       "13 0000" QID_FILE);
	script("6e 0000 00000000 01000000 0100 0300'new'", "07 0000 02000000");
	check_eq(create(020666, 0x45612378, NULL, &file, &open), -ENOENT);
	rewind();
	disconnect();
}

Test(ninep, makes_files)
{
	boot();
	run(make);
}

static void make_fails(void *arg)
{
	eft_remote_handle file, open;

	connect();
	script("6e 0000 00000000 02000000 0000", "07 0000 02000000");
	check_eq(create(0100600, 0, NULL, &file, &open), -ENOENT);
	/* What Tlcreate did not open is still a clone of the directory's. */
	script("6e 0000 00000000 02000000 0000", "6f 0000 0000");
	script("0e 0000 02000000 0300'new' c2000000 80010000 05000000",
	       "07 0000 11000000");
	script("78 0000 02000000", "79 0000");
	check_eq(create(0100600, 0, NULL, &file, &open), -EEXIST);
	/* An open file without a handle is closed. */
	script("6e 0000 00000000 02000000 0000", "6f 0000 0000");
	script("0e 0000 02000000 0300'new' c2000000 80010000 05000000",
	       "0f 0000" QID_FILE "00000000");
	script("6e 0000 00000000 01000000 0100 0300'new'",
	       "6f 0000 0100" QID_FILE);
	script(GETATTR("01000000"), "07 0000 0d000000");
	script("78 0000 01000000", "79 0000");
	script("78 0000 02000000", "79 0000");
	check_eq(create(0100600, 0, NULL, &file, &open), -EACCES);
	rewind();
	disconnect();
}

Test(ninep, makes_no_file)
{
	boot();
	run(make_fails);
}

/* The longest that Linux has: it spans the page of an answer. */
static void targets(void *arg)
{
	static char longest[4095], buf[4096], text[2 * 4095 + 64], *at;
	const struct eft_node_spec spec = {.mode = 0120777,
					   .target = longest,
					   .target_len = sizeof(longest)};
	char name[255];
	eft_remote_handle file, open;

	connect();
	file = lookup();
	script("16 0000 01000000", "17 0000 0100'x'");
	check_eq(eft_ninep_readlink(&fs->remote, file, buf, 4096), 1);
	check_eq(buf[0], 'x');
	script("16 0000 01000000", "17 0000 0500'/a/bc'");
	check_eq(eft_ninep_readlink(&fs->remote, file, buf, 4096), 5);
	check_eq(memcmp(buf, "/a/bc", 5), 0);
	script("16 0000 01000000", "07 0000 16000000");
	check_eq(eft_ninep_readlink(&fs->remote, file, buf, 4096), -EINVAL);
	at = text + snprintf(text, 32, "17 0000 ff0f '");
	for (unsigned i = 0; i < sizeof(longest); i++)
		at[i] = longest[i] = (char)('a' + i % 26);
	at[sizeof(longest)] = '\'';
	script("16 0000 01000000", text);
	check_eq(eft_ninep_readlink(&fs->remote, file, buf, 4096), 4095);
	check_eq(memcmp(buf, longest, 4095), 0);
	rewind();

	memset(name, 'n', sizeof(name));
	script("", "07 0000 1c000000");
	memset(wanted[0].bytes, 0, BYTES);
	put_number(wanted[0].bytes + 4, 16, 1);
	put_number(wanted[0].bytes + 11, 255, 2);
	memcpy(wanted[0].bytes + 13, name, 255);
	put_number(wanted[0].bytes + 268, 4095, 2);
	memcpy(wanted[0].bytes + 270, longest, 4095);
	wanted[0].len = 270 + 4095 + 4;
	put_number(wanted[0].bytes, wanted[0].len, 4);
	check_eq(eft_ninep_create(&fs->remote, root, name, 255, &spec, &file,
				  &attributes, &open),
		 -ENOSPC);
	rewind();
}

Test(ninep, targets_of_links)
{
	boot();
	run(targets);
}

/*
 * Open files.
 */
static void *pages[32];

static struct eft_remote_data data(uint64_t offset, size_t bytes)
{
	for (unsigned i = 0; i < 32; i++)
		if (pages[i] == NULL)
			pages[i] = eft_page_alloc(0);
	return (struct eft_remote_data){
		offset, pages, (unsigned)((bytes + 4095) / 4096), bytes};
}

/* The open's fid is 2. */
static eft_remote_handle open_file(eft_remote_handle file)
{
	eft_remote_handle open = 0;

	script("6e 0000 01000000 02000000 0000", "6f 0000 0000");
	script("0c 0000 02000000 02000000", "0d 0000" QID_FILE "00000200");
	check_eq(eft_ninep_open(&fs->remote, file, O_RDWR | O_APPEND | O_TRUNC,
				&open),
		 0);
	check_eq(open, 2);
	rewind();
	return open;
}

static void close_file(eft_remote_handle file, eft_remote_handle open)
{
	script("78 0000 02000000", "79 0000");
	eft_ninep_close(&fs->remote, file, open);
	rewind();
}

/* Read: message 0 of the script, with (count) bytes of data. */
static void script_read(const char *request, uint32_t count)
{
	struct message *m = &given[scripted];

	script(request, "75 0000");
	put_number(m->bytes + 7, count, 4);
	for (uint32_t i = 0; i < count; i++)
		m->bytes[11 + i] = (uint8_t)(i * 7 + i / 256);
	m->len = 11 + count;
	put_number(m->bytes, m->len, 4);
}

static void check_data(uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		check_eq(((uint8_t *)pages[i / 4096])[i % 4096],
			 (uint8_t)(i * 7 + i / 256));
}

static void bytes_of_files(void *arg)
{
	eft_remote_handle file, open;
	struct eft_remote_data d;
	struct message *m;

	connect();
	file = lookup();
	open = open_file(file);
	d = data(0x100000000, 5000);
	script_read("74 0000 02000000 0000000001000000 88130000", 5000);
	check_eq(eft_ninep_read(&fs->remote, file, open, &d), 5000);
	check_data(5000);
	script_read("74 0000 02000000 0000000001000000 88130000", 4097);
	check_eq(eft_ninep_read(&fs->remote, file, open, &d), 4097);
	script_read("74 0000 02000000 0000000001000000 88130000", 0);
	check_eq(eft_ninep_read(&fs->remote, file, open, &d), 0);
	script("74 0000 02000000 0000000001000000 88130000",
	       "07 0000 05000000");
	check_eq(eft_ninep_read(&fs->remote, file, open, &d), -EIO);
	check(!fs->client.failed);
	rewind();

	m = &wanted[0];
	script("76 0000 02000000 0000000001000000 88130000",
	       "77 0000 88130000");
	for (uint32_t i = 0; i < 5000; i++)
		m->bytes[m->len + i] = (uint8_t)(i * 7 + i / 256);
	m->len += 5000;
	put_number(m->bytes, m->len, 4);
	check_eq(eft_ninep_write(&fs->remote, file, open, &d), 5000);
	rewind();
	d = data(1, 1);
	*(char *)pages[0] = 'c';
	script("76 0000 02000000 0100000000000000 01000000 'c'",
	       "07 0000 1c000000");
	check_eq(eft_ninep_write(&fs->remote, file, open, &d), -ENOSPC);
	script("76 0000 02000000 0100000000000000 01000000 'c'",
	       "77 0000 00000000");
	check_eq(eft_ninep_write(&fs->remote, file, open, &d), -EIO);
	check(!fs->client.failed);

	script("32 0000 02000000 01000000", "33 0000");
	check_eq(eft_ninep_sync(&fs->remote, file, open, true), 0);
	script("32 0000 02000000 00000000", "07 0000 05000000");
	check_eq(eft_ninep_sync(&fs->remote, file, open, false), -EIO);
	rewind();
	close_file(file, open);
	forget(file);
	disconnect();
}

Test(ninep, bytes_of_files)
{
	boot();
	run(bytes_of_files);
}

/* As many pages as a message has, each in a part of its own. */
static uint32_t serve_whole(struct fake_share *self, const uint8_t *request,
			    uint32_t len, uint8_t *answer)
{
	uint32_t count = (uint32_t)number_at(request + 19, 4);

	check_eq(count, 32 * 4096);
	put_number(answer, 11 + (request[4] == 116 ? count : 0), 4);
	answer[4] = request[4] + 1;
	put_number(answer + 5, number_at(request + 5, 2), 2);
	put_number(answer + 7, count, 4);
	for (uint32_t i = 0; i < count; i++) {
		if (request[4] == 116)
			answer[11 + i] = (uint8_t)(i * 7 + i / 256);
		else
			check_eq(request[23 + i], (uint8_t)(i * 7 + i / 256));
	}
	return (uint32_t)number_at(answer, 4);
}

static void largest(void *arg)
{
	eft_remote_handle file, open;
	struct eft_remote_data d;

	connect();
	file = lookup();
	open = open_file(file);
	d = data(0, 32 * 4096);
	channel.answer = serve_whole;
	check_eq(eft_ninep_read(&fs->remote, file, open, &d), 32 * 4096);
	check_data(32 * 4096);
	check_eq(eft_ninep_write(&fs->remote, file, open, &d), 32 * 4096);
}

Test(ninep, largest_messages)
{
	boot();
	run(largest);
}

/*
 * Extended attributes. The numbers are diod's, protocol.md.
 */
#define XATTR_WALK(size) \
	script("1e 0000 01000000 02000000 0600'user.a'", "1f 0000" size);
#define XATTR_CREATE(size, flags, answer)                         \
	script("6e 0000 01000000 02000000 0000", "6f 0000 0000"); \
	script("20 0000 02000000 0600'user.a'" size flags, answer);
#define XATTR_CLUNK script("78 0000 02000000", "79 0000")

static const struct eft_remote_xattr_ops *const xattrs = &eft_ninep_xattr_ops;

static ssize_t get_xattr(eft_remote_handle file, size_t room)
{
	struct eft_remote_data d = data(0, room);

	return xattrs->get(&fs->remote, file, "user.a", room > 0 ? &d : NULL);
}

static void gets_xattrs(void *arg)
{
	eft_remote_handle file;
	struct eft_remote_data d;

	connect();
	file = lookup();
	XATTR_WALK("0500000000000000");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 0), 5);
	XATTR_WALK("0500000000000000");
	script("74 0000 02000000 0000000000000000 05000000",
	       "75 0000 05000000 'value'");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 100), 5);
	XATTR_WALK("0500000000000000");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 4), -ERANGE);
	XATTR_WALK("0100010000000000");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 100), -E2BIG);
	XATTR_WALK("ffffffffffffffff");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 0), -E2BIG);
	XATTR_WALK("0000000000000000");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 100), 0);
	/* Half of what there is. */
	XATTR_WALK("0500000000000000");
	script("74 0000 02000000 0000000000000000 05000000",
	       "75 0000 02000000 'va'");
	XATTR_CLUNK;
	check_eq(get_xattr(file, 100), -EIO);
	/* None: and the server does not know the fid. */
	script("1e 0000 01000000 02000000 0600'user.a'", "07 0000 3d000000");
	check_eq(get_xattr(file, 100), -ENODATA);
	/* The names. */
	script("1e 0000 01000000 02000000 0000", "1f 0000 0700000000000000");
	script("74 0000 02000000 0000000000000000 07000000",
	       "75 0000 07000000 'user.a'00");
	XATTR_CLUNK;
	d = data(0, 4096);
	check_eq(xattrs->get(&fs->remote, file, NULL, &d), 7);
	check_str(d.page[0], "user.a");
	rewind();
	fs->no_xattrs = true;
	check_eq(get_xattr(file, 0), -EOPNOTSUPP);
	check(!fs->client.failed);
}

Test(ninep, gets_xattrs)
{
	boot();
	run(gets_xattrs);
}

/* What becomes of it is known when its fid is given back. */
static void sets_xattrs(void *arg)
{
	eft_remote_handle file;
	struct eft_remote_data d;

	connect();
	file = lookup();
	d = data(0, 5);
	memcpy(d.page[0], "value", 5);
	XATTR_CREATE("0500000000000000", "02000000", "21 0000");
	script("76 0000 02000000 0000000000000000 05000000 'value'",
	       "77 0000 05000000");
	XATTR_CLUNK;
	check_eq(xattrs->set(&fs->remote, file, "user.a", &d, 2), 0);
	XATTR_CREATE("0500000000000000", "01000000", "21 0000");
	script("76 0000 02000000 0000000000000000 05000000 'value'",
	       "77 0000 05000000");
	script("78 0000 02000000", "07 0000 11000000");
	check_eq(xattrs->set(&fs->remote, file, "user.a", &d, 1), -EEXIST);
	XATTR_CREATE("0500000000000000", "00000000", "07 0000 1c000000");
	XATTR_CLUNK;
	check_eq(xattrs->set(&fs->remote, file, "user.a", &d, 0), -ENOSPC);
	XATTR_CREATE("0500000000000000", "00000000", "21 0000");
	script("76 0000 02000000 0000000000000000 05000000 'value'",
	       "77 0000 03000000");
	XATTR_CLUNK;
	check_eq(xattrs->set(&fs->remote, file, "user.a", &d, 0), -ENOSPC);
	XATTR_CREATE("0000000000000000", "02000000", "21 0000");
	script("78 0000 02000000", "07 0000 3d000000");
	check_eq(xattrs->remove(&fs->remote, file, "user.a"), -ENODATA);
	rewind();
	/* One without a byte would be removed. */
	check_eq(xattrs->set(&fs->remote, file, "user.a", NULL, 0),
		 -EOPNOTSUPP);
	check(!fs->client.failed);
}

Test(ninep, sets_xattrs)
{
	boot();
	run(sets_xattrs);
}

static void opens(void *arg)
{
	eft_remote_handle file, open = 77;

	connect();
	file = lookup();
	script("6e 0000 01000000 02000000 0000", "07 0000 02000000");
	check_eq(eft_ninep_open(&fs->remote, file, O_RDONLY, &open), -ENOENT);
	script("6e 0000 01000000 02000000 0000", "6f 0000 0000");
	script("0c 0000 02000000 01000000", "07 0000 0d000000");
	script("78 0000 02000000", "79 0000");
	check_eq(eft_ninep_open(&fs->remote, file, O_WRONLY, &open), -EACCES);
	/* The name has got another file. */
	script("6e 0000 01000000 02000000 0000", "6f 0000 0000");
	script("0c 0000 02000000 00000100", "0d 0000" QID_DIR "00000000");
	script("78 0000 02000000", "79 0000");
	check_eq(eft_ninep_open(&fs->remote, file, O_DIRECTORY, &open),
		 -ESTALE);
	script(GETATTR("01000000"), STAT_DIR);
	check_eq(eft_ninep_get_attributes(&fs->remote, file, &attributes),
		 -ESTALE);
	check_eq(open, 77);
	rewind();
	forget(file);
	disconnect();
}

Test(ninep, opens)
{
	boot();
	run(opens);
}

/*
 * Directories.
 */
#define READDIR(cookie) "28 0000 00000000" cookie "00400000"

static char listed[256];
static unsigned enough;

static bool list(void *arg, const char *name, size_t len, uint64_t ino,
		 unsigned type, uint64_t cookie)
{
	size_t at = strlen(listed);

	snprintf(listed + at, sizeof(listed) - at, "%.*s:%lu:%u:%lu ", (int)len,
		 name, (unsigned long)ino, type, (unsigned long)cookie);
	return --enough > 0;
}

static int read_dir(uint64_t cookie, unsigned names)
{
	listed[0] = '\0';
	enough = names;
	return eft_ninep_read_dir(&fs->remote, root, 0, cookie, list, NULL);
}

static void directories(void *arg)
{
	connect();
	script(READDIR("0000000000000000"),
	       "29 0000 34000000"
	       "80 00000000 0500000000000000 0700000000000000 04 0100 '.'"
	       "00 00000000 0600000000000000 0900000000000000 08 0300 'abc'");
	script(READDIR("0900000000000000"), "29 0000 00000000");
	check_eq(read_dir(0, 99), 0);
	check_str(listed, ".:5:4:7 abc:6:8:9 ");
	script(READDIR("0700000000000000"),
	       "29 0000 1b000000"
	       "00 00000000 0600000000000000 0900000000000000 08 0300 'abc'");
	check_eq(read_dir(7, 1), 0);
	check_str(listed, "abc:6:8:9 ");
	script(READDIR("0700000000000000"), "07 0000 02000000");
	check_eq(read_dir(7, 1), -ENOENT);
	check_str(listed, "");
	check(!fs->client.failed);
	rewind();
	disconnect();
}

Test(ninep, directories)
{
	boot();
	run_counted(directories);
}

static const char *const false_names[] = {
	/* no length; too long; half of it; of a head; not what is counted */
	"29 0000 18000000"
	"00 00000000 0600000000000000 0900000000000000 08 0000",
	"29 0000 1b000000"
	"00 00000000 0600000000000000 0900000000000000 08 0001 'abc'",
	"29 0000 1a000000"
	"00 00000000 0600000000000000 0900000000000000 08 0300 'ab'",
	"29 0000 01000000 00",
	"29 0000 1c000000"
	"00 00000000 0600000000000000 0900000000000000 08 0300 'abc'",
	"29 0000 00000001",
	/* no progress */
	"29 0000 1b000000"
	"00 00000000 0600000000000000 0700000000000000 08 0300 'abc'",
};

static void check_failed(void)
{
	const char *line = strstr(fake_console, "9p: src: the server ");

	check(line != NULL && strstr(line + 1, "9p: src:") == NULL);
	check_eq(channel.failures, 1);
	check(fs->client.failed);
	check_eq(eft_ninep_unlink(&fs->remote, root, "x", 1, false), -EIO);
	check_eq(channel.failures, 1);
	rewind();
	eft_ninep_forget(&fs->remote, root);
	eft_ninep_destroy(&fs->remote);
	fs = NULL;
	fake_console_clear();
	channel.failed = false;
	channel.failures = 0;
}

static void false_directories(void *arg)
{
	for (unsigned i = 0; i < eft_array_size(false_names); i++) {
		connect();
		script(READDIR("0700000000000000"), false_names[i]);
		check_eq(read_dir(7, 99), -EIO);
		check_failed();
	}
}

Test(ninep, false_directories)
{
	boot();
	run_counted(false_directories);
}

/*
 * A server that lies. Each of its answers is right, but for one thing.
 */
struct lie {
	const char *why;
	unsigned at; /* of the answer's bytes, or of its end */
	int change;  /* of the byte there; 0: it ends there */
	bool longer; /* (change) bytes are added, and counted */
};

static const struct lie lies[] = {
	{"answers more than it wrote", 0, 1, false},
	{"answers more than it wrote", 3, 1, false},
	{"at another length", 0, -1, false},
	{"at another length", 0, 1, true},
	{"at another length", 0, 64, true},
	{"another question", 4, 1, false},
	{"another question", 4, -1, false}, /* the request itself */
	{"another question", 4, 100, false},
	{"another tag", 5, 1, false},
	{"another tag", 6, 1, false},
	{"less than a head", 6, 0, false},
	{"less than a head", 1, 0, false},
};

static void tell(struct message *m, const struct lie *lie)
{
	if (lie->longer)
		put_number(m->bytes, m->len += (unsigned)lie->change, 4);
	else if (lie->change == 0)
		m->len = lie->at;
	else
		m->bytes[lie->at] = (uint8_t)(m->bytes[lie->at] + lie->change);
}

/* One call with one answer, and what it says if that is right. */
struct question {
	const char *request, *answer;
	int (*ask)(void);
};

static int ask_unlink(void)
{
	return eft_ninep_unlink(&fs->remote, root, "x", 1, false);
}

static int ask_attributes(void)
{
	return eft_ninep_get_attributes(&fs->remote, root, &attributes);
}

static int ask_lookup(void)
{
	eft_remote_handle file;

	return eft_ninep_lookup(&fs->remote, root, "x", 1, &file, &attributes);
}

static int ask_read(void)
{
	struct eft_remote_data d = data(0, 5000);

	return (int)eft_ninep_read(&fs->remote, root, 0, &d);
}

static int ask_write(void)
{
	struct eft_remote_data d = data(0, 1);

	*(char *)pages[0] = 'c';
	return (int)eft_ninep_write(&fs->remote, root, 0, &d);
}

static int ask_target(void)
{
	char buf[16];

	return (int)eft_ninep_readlink(&fs->remote, root, buf, sizeof(buf));
}

static int ask_names(void)
{
	return read_dir(0, 1);
}

static int ask_statfs(void)
{
	struct eft_statfs st;

	return eft_ninep_statfs(&fs->remote, root, &st);
}

static int ask_mkdir(void)
{
	eft_remote_handle file, open;

	return create(040755, 0, NULL, &file, &open);
}

#define ASK_READ "74 0000 00000000 0000000000000000 88130000"

static const struct question questions[] = {
	{"4c 0000 00000000 0100'x' 00000000", "4d 0000", ask_unlink},
	{GETATTR("00000000"), STAT_DIR, ask_attributes},
	{"6e 0000 00000000 01000000 0100 0100'x'", "6f 0000 0100" QID_FILE,
	 ask_lookup},
	{ASK_READ, "75 0000 03000000 'abc'", ask_read},
	{"76 0000 00000000 0000000000000000 01000000 'c'", "77 0000 01000000",
	 ask_write},
	{"16 0000 00000000", "17 0000 0600'target'", ask_target},
	{READDIR("0000000000000000"),
	 "29 0000 1b000000"
	 "00 00000000 0600000000000000 0900000000000000 08 0300 'abc'",
	 ask_names},
	{"08 0000 00000000",
	 "09 0000 53ef0000 00100000 0600000000000000 0500000000000000"
	 "0400000000000000 0300000000000000 0200000000000000"
	 "0807060504030201 ff000000",
	 ask_statfs},
	{"48 0000 00000000 0300'new' ed010000 05000000", "49 0000" QID_DIR,
	 ask_mkdir},
};

static void tell_lies(void *arg)
{
	for (unsigned i = 0; i < eft_array_size(questions); i++) {
		const struct question *q = &questions[i];

		for (unsigned n = 0; n < eft_array_size(lies); n++) {
			connect();
			script(q->request, q->answer);
			tell(&given[0], &lies[n]);
			check_eq(q->ask(), -EIO);
			check(strstr(fake_console, "9p: src: ") != NULL);
			/* Data have counts of their own. */
			if (lies[n].at != 0)
				check(strstr(fake_console, lies[n].why));
			check_failed();
		}
	}
}

Test(ninep, lies)
{
	boot();
	run(tell_lies);
}

/* What is right as a message, and cannot be. */
static const struct question nonsense[] = {
	/* errors that are none */
	{ASK_READ, "07 0000 00000000", ask_read},
	{ASK_READ, "07 0000 00100000", ask_read},
	{ASK_READ, "07 0000 05000000 00", ask_read},
	{ASK_READ, "07 0000 050000", ask_read},
	{ASK_READ, "07 0000", ask_read},
	{GETATTR("00000000"), "07 0000 05000000 00", ask_attributes},
	/* more, or less, than there is; more than was asked for */
	{ASK_READ, "75 0000 04000000 'abc'", ask_read},
	{ASK_READ, "75 0000 02000000 'abc'", ask_read},
	{ASK_READ, "75 0000 00000080 'abc'", ask_read},
	{"76 0000 00000000 0000000000000000 01000000 'c'", "77 0000 02000000",
	 ask_write},
	{"76 0000 00000000 0000000000000000 01000000 'c'", "77 0000 ffffffff",
	 ask_write},
	/* links */
	{"16 0000 00000000", "17 0000 0000", ask_target},
	{"16 0000 00000000", "17 0000 0700'target'", ask_target},
	{"16 0000 00000000", "17 0000 0500'target'", ask_target},
	{"16 0000 00000000", "17 0000 ffff'target'", ask_target},
	{"16 0000 00000000", "17 0000", ask_target},
	/* walks */
	{"6e 0000 00000000 01000000 0100 0100'x'", "6f 0000 0000", ask_lookup},
	{"6e 0000 00000000 01000000 0100 0100'x'",
	 "6f 0000 0200" QID_DIR QID_FILE, ask_lookup},
	/* of two types; not all; a time; a size */
	{GETATTR("00000000"),
	 "19 0000 ff07000000000000" QID_FILE STAT("ed410000"), ask_attributes},
	{GETATTR("00000000"),
	 "19 0000 ff07000000000000" QID_DIR STAT("a4810000"), ask_attributes},
	{GETATTR("00000000"),
	 "19 0000 ff07000000000000" QID_LINK STAT("a4810000"), ask_attributes},
	{GETATTR("00000000"),
	 "19 0000 ff05000000000000" QID_DIR STAT("ed410000"), ask_attributes},
	{"08 0000 00000000",
	 "09 0000 53ef0000 00000000 0600000000000000 0500000000000000"
	 "0400000000000000 0300000000000000 0200000000000000"
	 "0807060504030201 ff000000",
	 ask_statfs},
};

static void talk_nonsense(void *arg)
{
	for (unsigned i = 0; i < eft_array_size(nonsense); i++) {
		connect();
		script(nonsense[i].request, nonsense[i].answer);
		check_eq(nonsense[i].ask(), -EIO);
		check_failed();
	}
	for (unsigned i = 0; i < 3; i++) { /* nanoseconds; the size */
		connect();
		script(GETATTR("00000000"), STAT_DIR);
		put_number(given[0].bytes + (i == 2 ? 56 : 88 + 16 * i),
			   i == 2 ? 1ull << 63 : 1000000000, 8);
		check_eq(ask_attributes(), -EIO);
		check_failed();
	}
}

Test(ninep, nonsense)
{
	boot();
	run(talk_nonsense);
}

/*
 * Versions.
 */
static int version(const char *answer)
{
	int error;

	fs = eft_ninep_fs_create();
	script(VERSION, answer);
	error = eft_ninep_connect(fs, "src");
	eft_ninep_destroy(&fs->remote);
	fs = NULL;
	rewind();
	channel.failed = false;
	return error;
}

static void versions(void *arg)
{
	check_eq(version("65 ffff 18100000 0800'9P2000.L'"), 0);
	check_eq(version("65 ffff 17100000 0800'9P2000.L'"), -EIO);
	check(strstr(fake_console, "no message of a page") != NULL);
	check_eq(channel.failures, 0);
	check_eq(version("65 ffff 18000200 0700'unknown'"), -EPROTONOSUPPORT);
	check(strstr(fake_console, "does not speak 9P2000.L") != NULL);
	check_eq(version("65 ffff 18000200 0800'9P2000.u'"), -EPROTONOSUPPORT);
	check_eq(version("65 ffff 18000200 0900'9P2000.Lx'"), -EPROTONOSUPPORT);
	check_eq(version("65 ffff 18000200 0000"), -EPROTONOSUPPORT);
	check_eq(version("07 ffff 16000000"), -EINVAL);
	check_eq(channel.failures, 0);
	check_eq(version("65 ffff 19000200 0800'9P2000.L'"), -EIO);
	check_eq(version("65 0000 18000200 0800'9P2000.L'"), -EIO);
	check_eq(version("65 ffff 18000200 0900'9P2000.L'"), -EIO);
	check_eq(channel.failures, 3);
}

Test(ninep, versions)
{
	boot();
	run_counted(versions);
}

static void small(void *arg)
{
	fs = eft_ninep_fs_create();
	fs->msize = 20000;
	script("64 ffff 204e0000 0800'9P2000.L'",
	       "65 ffff 00300000 0800'9P2000.L'");
	check_eq(eft_ninep_connect(fs, "src"), 0);
	check_eq(fs->remote.io_pages_max, 2);
	eft_ninep_destroy(&fs->remote);
	rewind();
	fs = eft_ninep_fs_create();
	fs->msize = 4096; /* as little as is possible is a page of data */
	script("64 ffff 18100000 0800'9P2000.L'",
	       "65 ffff 18100000 0800'9P2000.L'");
	check_eq(eft_ninep_connect(fs, "src"), 0);
	check_eq(fs->remote.io_pages_max, 1);
	eft_ninep_destroy(&fs->remote);
	rewind();
	fs = NULL;
}

Test(ninep, small_messages)
{
	boot();
	run(small);
}

/*
 * Options.
 */
static void mount_with(void *arg)
{
	static const char *const none[] = {
		"msize=4095", "msize=x",	  "msize=",    "access=1000",
		"posixacl",   "version=9p2000.u", "trans=tcp", "cache=fscache"};
	struct eft_dir *dir;

	for (unsigned i = 0; i < eft_array_size(none); i++)
		check_eq(eft_ninep_type.create("src", none[i], 9, &dir),
			 -EINVAL);
	check(strstr(fake_console, "9p: access=1000: no option") != NULL);
	check(!channel.share.taken);
	script("64 ffff 00200000 0800'9P2000.L'",
	       "65 ffff 00200000 0800'9P2000.L'");
	script(ATTACH, "69 0000" QID_DIR);
	script(GETATTR("00000000"), STAT_DIR);
	check_eq(eft_ninep_type.create(
			 "src",
			 "trans=virtio,version=9p2000.L,msize=8192,"
			 "access=client,cache=loose,noxattr,ro",
			 9, &dir),
		 0);
	check_eq(dir->node.dev, 9);
	check(channel.share.taken);
	script("78 0000 00000000", "79 0000");
	eft_ninep_type.destroy(dir);
	eft_node_put(&dir->node);
	rewind();
	check(!channel.share.taken);
}

Test(ninep, options)
{
	boot();
	run_counted(mount_with);
}

/*
 * Fids.
 */
static void fids(void *arg)
{
	enum { COUNT = 700 };
	static uint32_t fid[COUNT];
	static bool seen[COUNT];

	connect();
	for (unsigned i = 0; i < COUNT - 1; i++) {
		check_eq(eft_ninep_fid_take(fs, &fid[i]), 0);
		check(fid[i] > 0 && fid[i] < COUNT && !seen[fid[i]]);
		seen[fid[i]] = true;
	}
	eft_ninep_fid_give(fs, 300);
	eft_ninep_fid_give(fs, 5);
	check_eq(eft_ninep_fid_take(fs, fid), 0);
	check_eq(*fid, 5);
	check_eq(eft_ninep_fid_take(fs, fid), 0);
	check_eq(*fid, 300);
	/* The server has forgotten it, whatever it says. */
	script("78 0000 07000000", "07 0000 05000000");
	eft_ninep_clunk(fs, 7);
	check_eq(eft_ninep_fid_take(fs, fid), 0);
	check_eq(*fid, 7);
	check(!fs->client.failed);
	rewind();
	disconnect();
}

Test(ninep, fids)
{
	boot();
	run(fids);
}

/*
 * Several threads. Each reads at offsets of its own, and finds these as data.
 */
enum { THREADS = 24, ROUNDS = 40 };

static unsigned running;
static int results[THREADS];

static uint32_t serve_read(struct fake_share *self, const uint8_t *request,
			   uint32_t len, uint8_t *answer)
{
	check_eq(request[4], 116);
	check_eq(number_at(request + 19, 4), 8);
	put_number(answer, 11 + 8, 4);
	answer[4] = 117;
	put_number(answer + 5, number_at(request + 5, 2), 2);
	put_number(answer + 7, 8, 4);
	put_number(answer + 11, number_at(request + 11, 8), 8);
	return 11 + 8;
}

static void reader(void *arg)
{
	unsigned number = (unsigned)(uintptr_t)arg;
	void *page = eft_page_alloc(0);

	for (unsigned i = 0; i < ROUNDS && results[number] == 0; i++) {
		uint64_t at = number * 1000 + i;
		struct eft_remote_data d = {at, &page, 1, 8};
		ssize_t len = eft_ninep_read(&fs->remote, root, 0, &d);

		if (len < 0)
			results[number] = (int)len;
		else
			check_eq(number_at(page, 8), at);
	}
	eft_page_free(page);
	if (--running == 0)
		fake_return();
}

static void start_readers(void *arg)
{
	connect();
	channel.answer = arg;
	running = THREADS;
	for (unsigned i = 0; i < THREADS; i++)
		check(eft_thread_create("reader", reader, (void *)(uintptr_t)i,
					2) != NULL);
	eft_thread_exit();
}

static void read_in_threads(uint64_t delay_ns, unsigned depth, void *serve,
			    int result)
{
	boot();
	channel.delay_ns = delay_ns;
	channel.depth = depth;
	check_eq(fake_run(start_readers, serve), FAKE_RETURNED);
	for (unsigned i = 0; i < THREADS; i++)
		check_eq(results[i], result);
	check_eq(fs->tags, 0);
	check_eq(eft_share_pending(), 0);
}

Test(ninep, threads_out_of_order)
{
	read_in_threads(1000000, FAKE_SHARE_DEPTH, serve_read, 0);
	check_eq(channel.most, EFT_NINEP_TAGS);
}

Test(ninep, threads_in_a_small_channel)
{
	read_in_threads(1000000, 3, serve_read, 0);
	check_eq(channel.most, 3);
}

static uint32_t serve_some(struct fake_share *self, const uint8_t *request,
			   uint32_t len, uint8_t *answer)
{
	uint32_t count = serve_read(self, request, len, answer);

	if (self->submitted < 100)
		return count;
	if (self->submitted == 110) /* then it lies, and says nothing else */
		answer[4] = 99;
	return self->submitted == 110 ? count : 0;
}

Test(ninep, threads_of_a_server_that_lies)
{
	read_in_threads(1000000, FAKE_SHARE_DEPTH, serve_some, -EIO);
	check_eq(channel.failures, 1);
}

static void fail_channel(void *arg)
{
	channel.share.fail(&channel.share);
}

static uint32_t serve_until(struct fake_share *self, const uint8_t *request,
			    uint32_t len, uint8_t *answer)
{
	if (self->submitted == 100)
		fake_interrupt_at(fake_now + 500000, fail_channel, NULL);
	return self->submitted < 100 ? serve_read(self, request, len, answer)
				     : 0;
}

Test(ninep, threads_of_a_channel_that_fails)
{
	read_in_threads(1000000, FAKE_SHARE_DEPTH, serve_until, -EIO);
	check(!fs->client.failed);
}

/*
 * A server that says nothing.
 */
enum { SECOND = 1000000000 };

static uint32_t serve_nothing(struct fake_share *self, const uint8_t *request,
			      uint32_t len, uint8_t *answer)
{
	return 0;
}

static void falls_silent(void *unused)
{
	connect();
	channel.answer = serve_nothing;
	check_eq(eft_ninep_get_attributes(&fs->remote, root, &attributes),
		 -EIO);
	check(fake_now >= 120ul * SECOND && fake_now < 122ul * SECOND);
	check(strstr(fake_console, "9p: src: the server does not answer") !=
	      NULL);
	check(strstr(fake_console, "9p: src: the server is silent") != NULL);
	check_eq(channel.failures, 1);
	check_eq(eft_ninep_get_attributes(&fs->remote, root, &attributes),
		 -EIO);
	check(fake_now < 122ul * SECOND);
}

Test(ninep, falls_silent)
{
	boot();
	run(falls_silent);
}

static void is_silent_for_all(void (*start)(void *), uint64_t least,
			      uint64_t most)
{
	check_eq(fake_run(start, serve_nothing), FAKE_RETURNED);
	for (unsigned i = 0; i < THREADS; i++)
		check_eq(results[i], -EIO);
	check(fake_now >= least * SECOND && fake_now < most * SECOND);
	check_eq(channel.failures, 1);
	check_eq(fs->tags, 0);
	check_eq(eft_share_pending(), 0);
}

/* More threads than there are tags, or room in the channel. */
Test(ninep, falls_silent_for_threads)
{
	boot();
	channel.depth = 3;
	is_silent_for_all(start_readers, 120, 122);
}

static void end_program(void *arg)
{
	eft_sleep(eft_now_ns() + 20ul * SECOND);
	eft_page_cache_end_by_signal();
	eft_thread_exit();
}

static void start_an_end(void *serve)
{
	check(eft_thread_create("end", end_program, NULL, 2) != NULL);
	start_readers(serve);
}

/* The program ends by a signal meanwhile: then five seconds are enough. */
Test(ninep, falls_silent_as_the_program_ends)
{
	boot();
	is_silent_for_all(start_an_end, 20, 22);
}

/*
 * Memory.
 */
static int make_root(void)
{
	int error;

	fs = eft_ninep_fs_create();
	if (fs == NULL)
		return -ENOMEM;
	script(VERSION, VERSION_GIVEN);
	check_eq(eft_ninep_connect(fs, "src"), 0);
	script(ATTACH, "69 0000" QID_DIR);
	script(GETATTR("00000000"), STAT_DIR);
	error = eft_ninep_root(&fs->remote, &root, &attributes);
	if (error != 0)
		eft_ninep_destroy(&fs->remote);
	return error;
}

/* All that needs memory, one after the other. */
static int use_memory(void)
{
	eft_remote_handle file, open;
	int error;

	script("6e 0000 00000000 02000000 0000", "6f 0000 0000");
	script("0e 0000 02000000 0300'new' c2000000 80010000 05000000",
	       "0f 0000" QID_FILE "00000000");
	script("6e 0000 00000000 01000000 0100 0300'new'",
	       "6f 0000 0100" QID_FILE);
	script(GETATTR("01000000"), STAT_FILE);
	error = create(0100600, 0, NULL, &file, &open);
	if (error != 0) {
		check_eq(played, 3); /* nothing was asked for */
		return error;
	}
	script("78 0000 02000000", "79 0000");
	eft_ninep_close(&fs->remote, file, open);
	script("78 0000 01000000", "79 0000");
	eft_ninep_forget(&fs->remote, file);
	script(questions[5].request, questions[5].answer);
	error = ask_target() == 6 ? 0 : -ENOMEM;
	if (error != 0)
		return error;
	script(questions[6].request, questions[6].answer);
	return ask_names();
}

static void without_memory(void *arg)
{
	const struct everything before = count_everything();
	int error = -1;

	for (unsigned n = 0; error != 0; n++) {
		scripted = played = 0;
		eft_alloc_fail_after(n);
		error = make_root();
		if (error == 0) {
			error = use_memory();
			eft_alloc_fail_after(UINT64_MAX);
			scripted = played;
			disconnect();
		}
		eft_alloc_fail_after(UINT64_MAX);
		check(error == 0 || error == -ENOMEM);
		check_everything("a failure", &before);
		check(n < 100);
	}
}

Test(ninep, without_memory)
{
	boot();
	run_counted(without_memory);
}
