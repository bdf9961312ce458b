// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names of threads, one's own and others', and what /proc/self/task says.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tap.h"

enum { THREADS = 3 };

static pthread_barrier_t barrier;
static int tids[THREADS];

static void *stay(void *arg)
{
	*(int *)arg = (int)syscall(SYS_gettid);
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return NULL;
}

/* The first line of a file that begins with (prefix); what comes after it. */
static char *line_of(const char *path, const char *prefix)
{
	static char line[512];
	FILE *file = fopen(path, "r");

	need(file != NULL);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (strncmp(line, prefix, strlen(prefix)) == 0) {
			fclose(file);
			line[strcspn(line, "\n")] = '\0';
			return line + strlen(prefix);
		}
	}
	fclose(file);
	return NULL;
}

static const char *path_of(int tid, const char *name)
{
	static char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%d/%s", tid, name);
	return path;
}

static void names(pthread_t *threads)
{
	char name[16] = "";
	char *text;

	ok(pthread_setname_np(pthread_self(), "sixteen letters.") == ERANGE,
	   "a name that is too long");
	ok(pthread_setname_np(pthread_self(), "first") == 0 &&
		   pthread_getname_np(pthread_self(), name, 16) == 0 &&
		   strcmp(name, "first") == 0,
	   "one's own name");
	ok(pthread_getname_np(pthread_self(), name, 15) == ERANGE,
	   "too little room for it");
	ok(pthread_setname_np(threads[1], "second") == 0, "another's name");
	ok(pthread_getname_np(threads[1], name, 16) == 0 &&
		   strcmp(name, "second") == 0,
	   "is what it was called");
	need(pthread_getname_np(threads[0], name, 16) == 0);
	ok(strcmp(name, "second") != 0, "and the others are not");
	text = line_of(path_of(tids[1], "comm"), "");
	ok(text != NULL && strcmp(text, "second") == 0, "comm");
	text = line_of(path_of(tids[1], "status"), "Name:\t");
	ok(text != NULL && strcmp(text, "second") == 0, "status: its name");
	text = line_of(path_of(tids[1], "status"), "Pid:\t");
	ok(text != NULL && atoi(text) == tids[1], "status: its number");
	text = line_of(path_of(tids[1], "status"), "Tgid:\t");
	ok(text != NULL && atoi(text) == getpid(), "status: the process's");
	text = line_of(path_of(tids[1], "stat"), "");
	ok(text != NULL && atoi(text) == tids[1] &&
		   strstr(text, " (second) ") != NULL,
	   "stat");
	text = line_of("/proc/self/status", "Threads:\t");
	ok(text != NULL && atoi(text) == THREADS + 1, "how many there are");
	text = line_of("/proc/self/comm", "");
	ok(text != NULL && strcmp(text, "first") == 0,
	   "the process has its first thread's name");
}

/* How many of the numbers in the directory are ours; all of them are found. */
static int listed(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	int found = 0, others = 0;

	need(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		int tid = atoi(entry->d_name);

		if (tid == getpid())
			found++;
		for (int i = 0; i < THREADS; i++)
			found += tid == tids[i];
		others += entry->d_name[0] != '.';
	}
	closedir(dir);
	return found == THREADS + 1 && others == found;
}

int main(void)
{
	pthread_t threads[THREADS];

	need(pthread_barrier_init(&barrier, NULL, THREADS + 1) == 0);
	for (int i = 0; i < THREADS; i++)
		need(pthread_create(&threads[i], NULL, stay, &tids[i]) == 0);
	pthread_barrier_wait(&barrier);
	names(threads);
	ok(listed(), "the directory lists all threads");
	fails(open(path_of(0x3ffffff, "comm"), O_RDONLY), ENOENT,
	      "nobody's name");
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < THREADS; i++)
		need(pthread_join(threads[i], NULL) == 0);
	return done();
}
