// SPDX-License-Identifier: BSD-3-Clause
/* Counts the lines and words of a text, by two threads. */
#pragma once

#include <pthread.h>
#include <stddef.h>

struct tally {
	pthread_mutex_t lines_lock, words_lock;
	size_t lines, words;
};

void tally_init(struct tally *tally);
void tally_text(struct tally *tally, const char *text, size_t len);
