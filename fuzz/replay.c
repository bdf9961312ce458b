// SPDX-License-Identifier: BSD-3-Clause
/*
 * Goes through a corpus: usage: NAME FILE|FOLDER…
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

void fuzz_world_create(void);
void fuzz_world_run(const uint8_t *data, size_t size);

static unsigned passed;

/* From a block of its very size, so that reading past its end shows. */
static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (file == NULL || fstat(fileno(file), &st) < 0) {
		perror(path);
		exit(1);
	}
	data = malloc(st.st_size);
	if (fread(data, 1, st.st_size, file) != (size_t)st.st_size) {
		perror(path);
		exit(1);
	}
	fclose(file);
	fprintf(stderr, "%s\n", path); /* the last line names the culprit */
	fuzz_world_run(data, st.st_size);
	free(data);
	passed++;
}

static void run_folder(const char *path)
{
	struct dirent **names;
	int count = scandir(path, &names, NULL, alphasort);

	for (int i = 0; i < count; i++) {
		char file[4096];

		snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			run_file(file);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	fuzz_world_create();
	fuzz_world_run((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		struct stat st;

		if (stat(argv[i], &st) < 0) {
			perror(argv[i]);
			return 1;
		}
		if (S_ISDIR(st.st_mode))
			run_folder(argv[i]);
		else
			run_file(argv[i]);
	}
	printf("%u passed, 0 failed\n", passed);
	return passed > 0 ? 0 : 1;
}
