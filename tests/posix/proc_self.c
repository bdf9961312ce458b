// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self describes the process: its program, arguments, descriptors,
 * mappings and status, as Linux programs parse them.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static void links(void)
{
	char buf[PATH_MAX], pid[32];
	struct stat st, self;
	ssize_t size = readlink("/proc/self/exe", buf, sizeof(buf));

	ok(size > 1 && buf[0] == '/', "exe is an absolute path");
	size = readlink("/proc/self", buf, sizeof(buf) - 1);
	need(size > 0);
	buf[size] = 0;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	ok(!strcmp(buf, pid), "self is the process's number");
	ok(stat("/proc/self/", &self) == 0 && S_ISDIR(self.st_mode),
	   "and a directory");
	ok(stat("/proc/self/cwd", &self) == 0 && stat(".", &st) == 0 &&
		   self.st_ino == st.st_ino && self.st_dev == st.st_dev,
	   "cwd is the working directory");
}

static int lists(const char *path, const char *name)
{
	DIR *dir = opendir(path);
	struct dirent *entry;
	int found = 0;

	need(dir);
	while ((entry = readdir(dir)) != NULL)
		found += !strcmp(entry->d_name, name);
	closedir(dir);
	return found;
}

static void descriptors(void)
{
	char path[64], text[PATH_MAX];
	char *number = path + strlen("/proc/self/fd/");
	struct stat st, by_path;
	int fd;
	ssize_t size;

	put_text("file", "via fd");
	/* A number that opendir() does not take itself. */
	fd = open("file", O_RDWR);
	need(fd >= 0 && dup2(fd, 50) == 50 && close(fd) == 0);
	fd = 50;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ok(lists("/proc/self/fd", number) == 1, "fd lists an open descriptor");
	ok(has_text(path, "via fd"), "which opens again");
	ok(stat(path, &st) == 0 && stat("file", &by_path) == 0 &&
		   st.st_ino == by_path.st_ino,
	   "and is that file");
	size = readlink(path, text, sizeof(text));
	ok(size >= 5 && !memcmp(text + size - 5, "/file", 5), "by its path");
	close(fd);
	ok(lists("/proc/self/fd", number) == 0, "a closed one it does not");
	fails(open(path, O_RDONLY), ENOENT, "nor does it open");
}

/* The line of maps that holds (address) has these rights. */
static int mapped(const void *address, const char *rights)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	uintptr_t start, end;
	char line[PATH_MAX + 128], mode[8];
	int found = 0, lines = 0, parsed = 0;

	need(maps);
	while (fgets(line, sizeof(line), maps)) {
		lines++;
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s", &start, &end,
			   mode) != 3)
			continue;
		parsed++;
		found += (uintptr_t)address >= start &&
			 (uintptr_t)address < end && !strcmp(mode, rights);
	}
	fclose(maps);
	return found == 1 && parsed == lines;
}

/* The lines of maps with (name). */
static int named(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[PATH_MAX + 128];
	int found = 0;

	need(maps);
	while (fgets(line, sizeof(line), maps))
		found += strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

static void maps(void)
{
	char *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *text;
	int (*function)(void) = done;

	need(at != MAP_FAILED);
	memcpy(&text, &function, sizeof(text));
	ok(mapped(at, "rw-p"), "maps holds a mapping");
	ok(mapped(&at, "rw-p") && named("[stack]") == 1, "and the stack, once");
	ok(mprotect(at, 4096, PROT_READ) == 0 && mapped(at, "r--p"),
	   "with its rights of now");
	ok(mapped(text, "r-xp"), "and the program's code");
	munmap(at, 4096);
}

static void texts(const char *name)
{
	char buf[4096];
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t size = read(fd, buf, sizeof(buf));
	FILE *file = fopen("/proc/self/status", "r");
	int pid = 0;

	close(fd);
	ok(size == (ssize_t)strlen(name) + 1 && !memcmp(buf, name, size),
	   "cmdline is the arguments");
	need(file);
	while (fgets(buf, sizeof(buf), file) && pid == 0)
		sscanf(buf, "Pid: %d", &pid);
	fclose(file);
	ok(pid == getpid(), "status tells the process's number");
	file = fopen("/proc/self/stat", "r");
	need(file && fgets(buf, sizeof(buf), file));
	fclose(file);
	ok(sscanf(buf, "%d (", &pid) == 1 && pid == getpid() &&
		   strrchr(buf, ')') && strrchr(buf, ')')[2] == 'R',
	   "stat too, and that it runs");
	ok(stat("/proc/self/maps", &(struct stat){0}) == 0 &&
		   access("/proc/self/missing", F_OK) == -1,
	   "what is missing is missing");
}

int main(int argc, char **argv)
{
	need(argc == 1);
	links();
	descriptors();
	maps();
	texts(argv[0]);
	return done();
}
