// SPDX-License-Identifier: BSD-3-Clause
/* How many words there are in the files that a program is given. */
#pragma once

struct count {
	const char *path;
	long words;
	int error; /* of errno, or 0 */
};

/* count.c: a thread's function; its argument is a struct count. */
void *count_words(void *arg);

/* show.c */
void show(const struct count *count);
