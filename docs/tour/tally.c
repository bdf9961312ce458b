// SPDX-License-Identifier: BSD-3-Clause
#include "tally.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

struct part {
	struct tally *tally;
	const char *text;
	size_t len;
};

void tally_init(struct tally *tally)
{
	memset(tally, 0, sizeof(*tally));
	pthread_mutex_init(&tally->lines_lock, NULL);
	pthread_mutex_init(&tally->words_lock, NULL);
}

static size_t count_lines(const char *text, size_t len)
{
	size_t lines = 0;

	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	return lines;
}

static size_t count_words(const char *text, size_t len)
{
	size_t words = 0;
	bool inside = false;

	for (size_t i = 0; i < len; i++) {
		bool blank = isspace((unsigned char)text[i]);

		words += !blank && !inside;
		inside = !blank;
	}
	return words;
}

static void *lines_thread(void *arg)
{
	struct part *part = arg;
	size_t lines = count_lines(part->text, part->len);

	pthread_mutex_lock(&part->tally->lines_lock);
	part->tally->lines += lines;
	pthread_mutex_unlock(&part->tally->lines_lock);
	return NULL;
}

static void *words_thread(void *arg)
{
	struct part *part = arg;
	size_t words = count_words(part->text, part->len);

	pthread_mutex_lock(&part->tally->words_lock);
	part->tally->words += words;
	pthread_mutex_unlock(&part->tally->words_lock);
	return NULL;
}

void tally_text(struct tally *tally, const char *text, size_t len)
{
	struct part part = {tally, text, len};
	pthread_t lines, words;

	pthread_create(&lines, NULL, lines_thread, &part);
	pthread_create(&words, NULL, words_thread, &part);
	pthread_join(lines, NULL);
	pthread_join(words, NULL);
}
