// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * cpio archives in a test: written entry by entry; and one that has a bit of all.
 */
#include "tests/unit/files.h"

enum { ROOM = 1 << 20, HEADER = 110 };

static char archive[ROOM];
static size_t len;

struct entry {
	const char *name;
	unsigned mode;
	const char *data;
	unsigned ino, nlink;
	unsigned rdev_major, rdev_minor;
};

static inline void pad(void)
{
	while (len % 4 != 0)
		archive[len++] = '\0';
}

static inline void put_raw(const char *magic, const struct entry *e,
			   size_t namesize, size_t filesize)
{
	size_t data_len = e->data ? strlen(e->data) : 0;
	unsigned sum = 0;
	char header[HEADER + 1];

	for (size_t i = 0; i < data_len; i++)
		sum += (unsigned char)e->data[i];
	if (strcmp(magic, "070702") != 0)
		sum = 0;
	snprintf(header, sizeof(header),
		 "%s%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x",
		 magic, e->ino, e->mode, 7, 8, e->nlink ? e->nlink : 1, 1234,
		 (unsigned)filesize, 0, 0, e->rdev_major, e->rdev_minor,
		 (unsigned)namesize, sum);
	memcpy(archive + len, header, HEADER);
	len += HEADER;
	memcpy(archive + len, e->name, strlen(e->name) + 1);
	len += strlen(e->name) + 1;
	pad();
	memcpy(archive + len, e->data ? e->data : "", data_len);
	len += data_len;
	pad();
}

static inline void put(const struct entry *e)
{
	put_raw("070701", e, strlen(e->name) + 1,
		e->data ? strlen(e->data) : 0);
}

static inline void put_trailer(void)
{
	put(&(struct entry){.name = "TRAILER!!!"});
}

static inline void put_file(const char *name, const char *data)
{
	put(&(struct entry){
		.name = name, .mode = S_IFREG | 0640, .data = data});
}

static inline void put_good(void)
{
	put(&(struct entry){.name = ".", .mode = S_IFDIR | 0700});
	put(&(struct entry){.name = "dir", .mode = S_IFDIR | 0711});
	put_file("dir/file", "text\n");
	put_file("./other", "");
	put(&(struct entry){
		.name = "link", .mode = S_IFLNK | 0777, .data = "dir/file"});
	put(&(struct entry){.name = "null",
			    .mode = S_IFCHR | 0666,
			    .rdev_major = 1,
			    .rdev_minor = 3});
	put(&(struct entry){
		.name = "h1", .mode = S_IFREG | 0600, .ino = 9, .nlink = 2});
	put(&(struct entry){.name = "h2",
			    .mode = S_IFREG | 0600,
			    .data = "hard",
			    .ino = 9,
			    .nlink = 2});
	put_trailer();
}

static inline void check_good(void)
{
	struct eft_stat st, other;

	check_str(f_text("/dir/file"), "text\n");
	check_str(f_text("/link"), "text\n");
	check_str(f_text("/other"), "");
	check_str(f_text("/null"), "");
	f_stat("/null", &st);
	check_eq(st.rdev, 1 << 8 | 3);
	check_str(f_text("/h1"), "hard");
	check_str(f_text("/h2"), "hard");
	f_stat("/dir", &st);
	check_eq(st.mode, S_IFDIR | 0711);
	check_eq(st.uid, 7);
	check_eq(st.gid, 8);
	f_stat("/h1", &st);
	f_stat("/h2", &other);
	check_eq(st.mtime.sec, 1234);
	check_eq(st.ino, other.ino);
	check_eq(st.nlink, 2);
	f_stat("/", &st);
	check_eq(st.mode, S_IFDIR | 0700);
}
