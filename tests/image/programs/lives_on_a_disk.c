// SPDX-License-Identifier: BSD-3-Clause
/*
 * What a program sees whose root is a disk. It prints the same lines wherever
 * it runs.
 *
 *	look     paths, the working directory, /dev, /proc; then makes files
 *	again    is that there?
 *	bare     the root has no /dev and no /proc
 *	wait     writes without a sync, says so, and waits to be ended
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static void say(const char *what, int result)
{
	printf("%s: %s\n", what, result >= 0 ? "yes" : strerror(errno));
}

static void show_file(const char *path)
{
	char line[200];
	FILE *file = fopen(path, "r");

	printf("%s:\n", path);
	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		printf("  %s", line);
	if (file != NULL)
		fclose(file);
}

static ino_t inode(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static dev_t device(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_dev : 0;
}

static void show_links(void)
{
	static const char *const links[] = {"/proc/self/root",
					    "/proc/self/cwd"};
	char text[100];

	for (int i = 0; i < 2; i++) {
		ssize_t n = readlink(links[i], text, sizeof(text) - 1);

		text[n > 0 ? n : 0] = '\0';
		printf("%s: %s\n", links[i], text);
	}
}

static void show_cwd(const char *after)
{
	char cwd[100];

	printf("%s: %s\n", after, getcwd(cwd, sizeof(cwd)));
}

static void walk(void)
{
	show_cwd("at first");
	say("chdir ..", chdir(".."));
	show_cwd("above the root");
	printf("root %lu, /.. %lu, /proc/.. %lu, /proc/self/root %lu\n",
	       inode("/"), inode("/.."), inode("/proc/.."),
	       inode("/proc/self/root"));
	printf("dev is %s\n",
	       device("/dev") == device("/") ? "the disk's" : "another");
	say("mkdir /d", mkdir("/d", 0755));
	say("chdir d", chdir("d"));
	show_cwd("below");
	show_links();
	printf("../.. is %lu\n", inode("../.."));
	say("chdir /", chdir("/"));
}

static void look(void)
{
	char byte[1];
	struct statfs fs;
	int fd;

	walk();
	show_file("/proc/mounts");
	statfs("/", &fs);
	printf("/ is of type %lx\n", (unsigned long)fs.f_type);
	fd = open("/dev/urandom", O_RDONLY);
	say("/dev/urandom", (int)read(fd, byte, 1));
	close(fd);
	say("/dev/vda", access("/dev/vda", F_OK));
	say("/dev/hidden", access("/dev/hidden", F_OK));
	say("rmdir /dev", rmdir("/dev"));
	say("umount /", umount2("/", 0));
	fd = shm_open("/shared", O_CREAT | O_RDWR, 0600);
	say("shm_open", fd);
	fd = open("/d/file", O_CREAT | O_WRONLY | O_EXCL, 0644);
	say("write", (int)write(fd, "kept\n", 5));
	close(fd);
	say("rename", rename("/d/file", "/d/kept"));
}

static void wait_for_the_end(void)
{
	int fd = open("/unsynced", O_CREAT | O_WRONLY, 0644);

	say("write", (int)write(fd, "unsynced\n", 9));
	fflush(stdout);
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	if (strcmp(argv[1], "look") == 0) {
		look();
	} else if (strcmp(argv[1], "again") == 0) {
		show_file("/d/kept");
		say("create", open("/new", O_CREAT | O_WRONLY, 0644));
		say("/dev/null", open("/dev/null", O_RDWR));
	} else if (strcmp(argv[1], "bare") == 0) {
		say("/dev/null", open("/dev/null", O_RDWR));
		say("/proc/self/maps", open("/proc/self/maps", O_RDONLY));
		say("/proc", open("/proc", O_RDONLY));
		say("mkdir /proc", mkdir("/proc", 0555));
		say("mount", mount("proc", "/proc", "proc", 0, NULL));
		show_file("/proc/mounts");
	} else {
		wait_for_the_end();
	}
	return 0;
}
