// SPDX-License-Identifier: BSD-3-Clause
/*
 * inotify(7) of what is mounted: a watch is no reason against umount(2), and is
 * told of it. Of each file system the same is told.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mounting.h"
#include "tap.h"

static int in;

static int comes(int wd, uint32_t mask, const char *name)
{
	char event[sizeof(struct inotify_event) + 16]
		__attribute__((aligned(8)));
	const struct inotify_event *head = (const void *)event;
	ssize_t n = read(in, event, sizeof(event));

	return n >= (ssize_t)sizeof(*head) && head->wd == wd &&
	       head->mask == mask &&
	       strcmp(head->len > 0 ? head->name : "", name) == 0;
}

/* Of each of two watches: that it is unmounted, and then ignored. */
static int both_end(int first, int second)
{
	char events[1024] __attribute__((aligned(8)));
	ssize_t n = read(in, events, sizeof(events)), at = 0;
	unsigned told[2] = {0, 0};

	while (at < n) {
		const struct inotify_event *head = (const void *)(events + at);
		unsigned *mask = &told[head->wd == second];

		if (head->wd != first && head->wd != second)
			return 0;
		if (head->mask == IN_IGNORED && !(*mask & IN_UNMOUNT))
			return 0;
		*mask |= head->mask;
		at += (ssize_t)(sizeof(*head) + head->len);
	}
	return told[0] == (IN_UNMOUNT | IN_ISDIR | IN_IGNORED) &&
	       told[1] == (IN_UNMOUNT | IN_IGNORED);
}

static void of_a_mount(const char *type)
{
	int wd, file;

	need(mount("none", "m", type, 0, NULL) == 0);
	wd = inotify_add_watch(in, "m", IN_CREATE | IN_MODIFY);
	need(wd > 0);
	put_text("m/f", "text");
	file = inotify_add_watch(in, "m/f", IN_ATTRIB);
	need(file > 0 && chmod("m/f", 0400) == 0);
	ok(comes(wd, IN_CREATE, "f") && comes(wd, IN_MODIFY, "f") &&
		   comes(file, IN_ATTRIB, ""),
	   "what happens there is told");
	ok(umount("m") == 0, "it can be unmounted");
	ok(both_end(wd, file), "and that is told");
	fails(inotify_rm_watch(in, wd), EINVAL, "the watch is gone");
	fails(inotify_rm_watch(in, file), EINVAL, "as is the file's");
}

int main(void)
{
	begin_mounting();
	need(mkdir("m", 0755) == 0);
	in = inotify_init1(IN_NONBLOCK);
	need(in >= 0);
	of_a_mount("tmpfs");
	of_a_mount("ramfs");
	close(in);
	return done();
}
