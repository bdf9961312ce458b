// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/mounts and mountinfo say what is mounted where.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <mntent.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static char place[PATH_MAX]; /* where this is mounted */

static int is_listed(const char *type, const char *option)
{
	FILE *file = setmntent("/proc/self/mounts", "r");
	struct mntent *entry;
	int listed = 0;

	need(file != NULL);
	while ((entry = getmntent(file)) != NULL) {
		if (strcmp(entry->mnt_dir, place) == 0)
			listed = strcmp(entry->mnt_type, type) == 0 &&
				 hasmntopt(entry, option) != NULL;
	}
	endmntent(file);
	return listed;
}

/* The numbers of the mount and of the one above it, by mountinfo. */
static int find_ids(const char *where, int *id, int *above)
{
	FILE *file = fopen("/proc/self/mountinfo", "r");
	char line[8192], path[4096];
	int found = 0;

	need(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL) {
		int a, b;

		if (sscanf(line, "%d %d %*s %*s %4095s", &a, &b, path) == 3 &&
		    strcmp(path, where) == 0) {
			*id = a;
			*above = b;
			found++;
		}
	}
	fclose(file);
	return found;
}

int main(void)
{
	int id, above, in, in_above;
	char deeper[PATH_MAX + 4];
	struct statfs fs;

	begin_mounting();
	need(mkdir("m", 0755) == 0);
	need(realpath("m", place) != NULL);
	ok(!is_listed("tmpfs", "rw"), "it is not mounted yet");
	need(mount("none", "m", "tmpfs", 0, NULL) == 0);
	ok(is_listed("tmpfs", "rw"), "it is listed");
	need(mount(NULL, "m", NULL,
		   MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NOEXEC, NULL) == 0);
	ok(is_listed("tmpfs", "ro"), "as read-only");
	ok(is_listed("tmpfs", "nosuid") && is_listed("tmpfs", "noexec"),
	   "and without rights");
	need(mount(NULL, "m", NULL, MS_REMOUNT, NULL) == 0);
	ok(is_listed("tmpfs", "rw"), "writable again");
	ok(find_ids(place, &id, &above) == 1 && id != above, "mountinfo");
	need(mkdir("m/d", 0755) == 0);
	need(mount("none", "m/d", "proc", 0, NULL) == 0);
	snprintf(deeper, sizeof(deeper), "%s/d", place);
	ok(find_ids(deeper, &in, &in_above) == 1, "one in it");
	ok(in_above == id, "is below it");
	ok(exists("m/d/self/status"), "/proc is there too");
	ok(statfs("m/d", &fs) == 0 && fs.f_type == 0x9fa0, "of its type");
	ok(statfs("m", &fs) == 0 && fs.f_type == 0x01021994, "as tmpfs is");
	need(umount("m/d") == 0 && umount("m") == 0);
	ok(find_ids(place, &id, &above) == 0, "it is gone");
	return done();
}
