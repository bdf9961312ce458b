// SPDX-License-Identifier: BSD-3-Clause
/*
 * A program to be fuzzed: settings, as a file has them that begins with
 * `settings 1` and goes on with lines `NAME=VALUE`.
 *
 *	./eft fuzz --program fuzz/examples/parser.c
 *
 * finds the bug of it within seconds; with -DFIXED there is none.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef FIXED
#define ROOM 1
#else
#define ROOM 0
#endif

enum { NAME = 8 };

struct setting {
	char name[NAME];
	char *value;
	struct setting *next;
};

/* The bug: a name of NAME bytes has no room for its end. */
static struct setting *parse_line(const char *line)
{
	const char *equals = strchr(line, '=');
	struct setting *setting;
	size_t len;

	if (equals == NULL)
		return NULL;
	len = equals - line;
	if (len == 0 || len + ROOM > NAME)
		return NULL;
	setting = malloc(sizeof(*setting));
	if (setting == NULL)
		return NULL;
	memcpy(setting->name, line, len);
	setting->name[len] = '\0';
	setting->value = strdup(equals + 1);
	setting->next = NULL;
	return setting;
}

static void destroy(struct setting *settings)
{
	while (settings != NULL) {
		struct setting *next = settings->next;

		free(settings->value);
		free(settings);
		settings = next;
	}
}

static struct setting *load(const char *path)
{
	struct setting *settings = NULL, *setting;
	FILE *file = fopen(path, "r");
	char *line = NULL;
	size_t size = 0;

	if (file == NULL)
		return NULL;
	if (getline(&line, &size, file) < 0 ||
	    strcmp(line, "settings 1\n") != 0)
		goto out;
	while (getline(&line, &size, file) >= 0) {
		setting = parse_line(line);
		if (setting == NULL)
			continue;
		setting->next = settings;
		settings = setting;
	}
out:
	free(line);
	fclose(file);
	return settings;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *file = fopen("/etc-settings", "w");
	struct setting *settings;

	if (file == NULL)
		return 0;
	fwrite(data, 1, size, file);
	fclose(file);
	settings = load("/etc-settings");
	if (settings != NULL)
		printf("the last is %s\n", settings->name);
	destroy(settings);
	return 0;
}
