// SPDX-License-Identifier: BSD-3-Clause
#include "tests/unit/ext4_image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static char path[64];

static void remove_it(void)
{
	unlink(path);
}

const char *image_path(void)
{
	if (path[0] == '\0') {
		snprintf(path, sizeof(path), "/tmp/eft-ext4-%d.img",
			 (int)getpid());
		atexit(remove_it);
	}
	return path;
}

int image_run(const char *fmt)
{
	char command[1024];
	int status;

	snprintf(command, sizeof(command), fmt, image_path());
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void must(int ok, const char *what)
{
	if (!ok) {
		perror(what);
		abort();
	}
}

static void write_file(const char *name, const void *data, size_t bytes)
{
	FILE *file = fopen(name, "w");

	must(file != NULL, name);
	must(fwrite(data, 1, bytes, file) == bytes, name);
	must(fclose(file) == 0, name);
}

void image_save(const uint8_t *data, size_t bytes)
{
	write_file(image_path(), data, bytes);
}

void image_write(const char *suffix, const char *text, size_t len)
{
	char name[96];

	snprintf(name, sizeof(name), "%s.%s", image_path(), suffix);
	write_file(name, text, len);
}

void image_load(uint8_t *data, size_t bytes)
{
	FILE *file = fopen(image_path(), "r");

	must(file != NULL, path);
	must(fread(data, 1, bytes, file) == bytes, path);
	fclose(file);
}

void image_make(const char *options, uint8_t *data, size_t bytes)
{
	char command[512];

	remove(image_path());
	snprintf(command, sizeof(command),
		 "mkfs.ext4 -q -F %s %%s %zuk >/dev/null", options,
		 bytes / 1024);
	must(image_run(command) == 0, command);
	image_load(data, bytes);
}

int image_check(const uint8_t *data, size_t bytes)
{
	static char last[64];
	int status;

	image_save(data, bytes);
	snprintf(last, sizeof(last), "%s.log", image_path());
	status = image_run("e2fsck -fn %1$s >%1$s.log 2>&1");
	if (status != 0)
		image_run("cat %1$s.log >&2");
	unlink(last);
	return status;
}
