// SPDX-License-Identifier: BSD-3-Clause
/* What the tour is about: mistakes, one a function. */
#include "mistakes.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t second = PTHREAD_MUTEX_INITIALIZER;

static size_t length_of(const struct tally *tally)
{
	return tally->words;
}

static void null_pointer(void)
{
	exit((int)length_of(NULL));
}

/* strlen() does not count the byte that ends a string. */
static char *copy_of(const char *text)
{
	return strcpy(malloc(strlen(text)), text);
}

static void overflow(void)
{
	char *copy = copy_of("overflow");

	puts(copy);
	free(copy);
}

static void leak(void)
{
	puts(strdup("leak"));
}

static void *take_both(void *arg)
{
	pthread_mutex_lock(&second);
	usleep(50000);
	pthread_mutex_lock(&first);
	return arg;
}

static void deadlock(void)
{
	pthread_t other;

	pthread_create(&other, NULL, take_both, NULL);
	pthread_mutex_lock(&first);
	usleep(50000);
	pthread_mutex_lock(&second);
}

static const struct {
	const char *name;
	void (*make)(void);
} mistakes[] = {
	{"null", null_pointer},
	{"overflow", overflow},
	{"leak", leak},
	{"deadlock", deadlock},
};

void mistake(const char *name)
{
	for (size_t i = 0; i < sizeof(mistakes) / sizeof(*mistakes); i++)
		if (strcmp(name, mistakes[i].name) == 0)
			mistakes[i].make();
}
