// SPDX-License-Identifier: BSD-3-Clause
/*
 * Small files for tests: make one from a string, ask what one holds.
 */
#pragma once

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

/* Make or overwrite the file (path) with (text). */
static inline void put_text(const char *path, const char *text)
{
	size_t size = strlen(text);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);

	need(fd >= 0);
	need(write(fd, text, size) == (ssize_t)size);
	need(close(fd) == 0);
}

/* The open file (fd) holds exactly (text), which is below 4 KiB. */
static inline int fd_has_text(int fd, const char *text)
{
	char buf[4096];
	ssize_t size = pread(fd, buf, sizeof(buf), 0);

	return size == (ssize_t)strlen(text) && memcmp(buf, text, size) == 0;
}

/* The file (path) holds exactly (text), which is below 4 KiB. */
static inline int has_text(const char *path, const char *text)
{
	int fd = open(path, O_RDONLY);
	int same;

	if (fd < 0)
		return 0;
	same = fd_has_text(fd, text);
	close(fd);
	return same;
}

static inline int exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

static inline off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* The (size) bytes at (data) all have the value (byte). */
static inline int all_bytes(const void *data, int byte, size_t size)
{
	const unsigned char *at = data;

	for (size_t i = 0; i < size; i++) {
		if (at[i] != byte)
			return 0;
	}
	return 1;
}
