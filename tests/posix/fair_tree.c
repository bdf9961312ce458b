// SPDX-License-Identifier: BSD-3-Clause
/* Names: one thread looks up a long path, the other renames a file. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fair.h"

static char dir[] = "/tmp/fair-XXXXXX", path[4096], from[64], to[64];

static void look_up(void)
{
	struct stat st;

	need(stat(path, &st) == 0);
}

static void rename_it(void)
{
	need(rename(from, to) == 0 && rename(to, from) == 0);
}

int main(void)
{
	int fd;

	need(mkdtemp(dir) != NULL);
	snprintf(from, sizeof(from), "%s/from", dir);
	snprintf(to, sizeof(to), "%s/to", dir);
	strcpy(path, dir);
	while (strlen(path) < sizeof(path) - 8)
		strcat(path, "/.");
	fd = open(from, O_WRONLY | O_CREAT, 0600);
	need(fd >= 0 && close(fd) == 0);
	fair(look_up, rename_it, "who renames has its turn");
	need(unlink(from) == 0 && rmdir(dir) == 0);
	return done();
}
