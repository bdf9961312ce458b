// SPDX-License-Identifier: BSD-3-Clause
/*
 * memfd_create(2), and seals.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

static int seals_of(int fd)
{
	return fcntl(fd, F_GET_SEALS);
}

static void as_a_file(void)
{
	int fd = memfd_create("a name", MFD_CLOEXEC), again;
	char link[64], text[64];
	struct stat st;
	struct statfs fs;
	ssize_t n;

	ok(fd >= 0, "memfd_create");
	ok(fcntl(fd, F_GETFD) == FD_CLOEXEC, "MFD_CLOEXEC");
	ok((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR, "to read and write");
	ok(fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0 &&
		   st.st_nlink == 0 && (st.st_mode & 07777) == 0777,
	   "a regular file without a name");
	ok(fstatfs(fd, &fs) == 0 && fs.f_type == 0x01021994, "in tmpfs");
	ok(write(fd, "some text", 9) == 9 && fd_has_text(fd, "some text"),
	   "it keeps what is written");
	ok(lseek(fd, 0, SEEK_END) == 9 && ftruncate(fd, 4) == 0 &&
		   fd_has_text(fd, "some"),
	   "it can be cut");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, text, sizeof(text));
	ok(n == 23 && memcmp(text, "/memfd:a name (deleted)", 23) == 0,
	   "its link in /proc");
	again = open(link, O_RDWR);
	ok(again >= 0 && fd_has_text(again, "some"), "it can be opened again");
	ok(seals_of(fd) == F_SEAL_SEAL, "no seals may be added");
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM, "to this one");
	close(again), close(fd);
}

static void refuses(void)
{
	char name[300];
	int fd, ends[2];

	memset(name, 'x', sizeof(name));
	name[250] = '\0';
	answers(memfd_create(name, 0), EINVAL, "a name of 250 bytes");
	name[249] = '\0';
	answers(fd = memfd_create(name, 0), 0, "of 249");
	close(fd);
	answers(fd = memfd_create("", 0), 0, "of none");
	close(fd);
	answers(memfd_create("a/b", 0x8000), EINVAL, "bad flags");
	need(pipe(ends) == 0);
	answers(fcntl(ends[0], F_GET_SEALS), EINVAL, "seals of a pipe");
	answers(fcntl(ends[1], F_ADD_SEALS, F_SEAL_WRITE), EINVAL,
		"to add to one");
	close(ends[0]), close(ends[1]);
}

static void of_size(void)
{
	int fd = memfd_create("s", MFD_ALLOW_SEALING);

	need(fd >= 0 && seals_of(fd) == 0 && ftruncate(fd, 8192) == 0);
	answers(fcntl(fd, F_ADD_SEALS, 0x8000), EINVAL, "a seal nobody knows");
	ok(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) == 0 &&
		   seals_of(fd) == F_SEAL_SHRINK,
	   "F_SEAL_SHRINK");
	answers(ftruncate(fd, 8191), EPERM, "it cannot be cut");
	answers(ftruncate(fd, 8193), 0, "it may grow");
	ok(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW) == 0 &&
		   seals_of(fd) == (F_SEAL_SHRINK | F_SEAL_GROW),
	   "F_SEAL_GROW");
	answers(ftruncate(fd, 8194), EPERM, "it cannot grow");
	answers(ftruncate(fd, 8193), 0, "its size is fine");
	answers(pwrite(fd, "abcd", 4, 8193), EPERM, "nor by a write");
	ok(pwrite(fd, "abcd", 4, 8189) == 4, "within it there may be writes");
	answers(fallocate(fd, 0, 8000, 1000), EPERM, "nor by fallocate");
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL), 0, "F_SEAL_SEAL");
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EPERM, "is the last");
	close(fd);
}

static void of_contents(void)
{
	int fd = memfd_create("w", MFD_ALLOW_SEALING), read_only;
	char link[64];
	char *map;

	need(fd >= 0 && ftruncate(fd, 4096) == 0);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	need(map != MAP_FAILED);
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), EBUSY,
		"F_SEAL_WRITE of one that is mapped");
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE), 0,
		"F_SEAL_FUTURE_WRITE");
	map[0] = 'x';
	answers(pwrite(fd, "abcd", 4, 0), EPERM, "forbids writes");
	answers(write(fd, "", 0), 0, "but of nothing");
	ok(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) ==
			   MAP_FAILED &&
		   errno == EPERM,
	   "and mappings");
	ok(fd_has_text(fd, "") == 0 && pread(fd, link, 1, 0) == 1 &&
		   link[0] == 'x',
	   "the old one still writes");
	munmap(map, 4096);
	map = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	ok(map != MAP_FAILED && map[0] == 'x', "a new one reads");
	answers(mprotect(map, 4096, PROT_READ | PROT_WRITE), EACCES,
		"and no more later");
	answers(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0, "F_SEAL_WRITE");
	answers(mprotect(map, 4096, PROT_READ | PROT_WRITE), EACCES,
		"as little as before");
	munmap(map, 4096);
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	ok(map != MAP_FAILED && (map[0] = 'y') == 'y', "a private mapping");
	munmap(map, 4096);
	answers(ftruncate(fd, 5000), 0, "its size may change");
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	read_only = open(link, O_RDONLY);
	need(read_only >= 0);
	answers(fcntl(read_only, F_ADD_SEALS, F_SEAL_GROW), EPERM,
		"not by one that reads");
	ok(seals_of(read_only) == (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE),
	   "which sees them");
	close(read_only), close(fd);
}

enum { ROUNDS = 100 };

static void *write_on(void *arg)
{
	int fd = *(int *)arg;
	uint64_t n = 1;

	while (pwrite(fd, &n, sizeof(n), 0) == sizeof(n))
		n++;
	return NULL;
}

/* No write that began before comes later. */
static void of_writers(void)
{
	uint64_t before, after;
	pthread_t thread;
	int same = 0;

	for (int i = 0; i < ROUNDS; i++) {
		int fd = memfd_create("w", MFD_ALLOW_SEALING);

		need(fd >= 0);
		need(pthread_create(&thread, NULL, write_on, &fd) == 0);
		do
			before = 0;
		while (pread(fd, &before, sizeof(before), 0) == 0 ||
		       before < 20);
		need(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == 0);
		need(pread(fd, &before, sizeof(before), 0) == sizeof(before));
		need(pthread_join(thread, NULL) == 0);
		need(pread(fd, &after, sizeof(after), 0) == sizeof(after));
		same += before == after;
		close(fd);
	}
	ok(same == ROUNDS, "what is sealed stays as it is");
}

int main(void)
{
	as_a_file();
	refuses();
	of_size();
	of_contents();
	of_writers();
	return done();
}
