// SPDX-License-Identifier: BSD-3-Clause
/*
 * Record locks never stand in their owner's way: one process relocks as it
 * likes; OFD locks and flock() do conflict between open file descriptions.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static int lock(int fd, int command, int type, off_t start, off_t size)
{
	struct flock range = {.l_type = type,
			      .l_whence = SEEK_SET,
			      .l_start = start,
			      .l_len = size};

	return fcntl(fd, command, &range);
}

/* What F_GETLK or F_OFD_GETLK answers for a write lock of the range. */
static struct flock conflict(int fd, int command, off_t start, off_t size)
{
	struct flock range = {.l_type = F_WRLCK,
			      .l_whence = SEEK_SET,
			      .l_start = start,
			      .l_len = size};

	if (fcntl(fd, command, &range) != 0)
		range.l_type = -1;
	return range;
}

static void process_locks(int a, int b)
{
	ok(lock(a, F_SETLK, F_WRLCK, 0, 10) == 0, "a write lock");
	ok(lock(a, F_SETLK, F_RDLCK, 5, 10) == 0, "a read lock over it");
	ok(lock(b, F_SETLK, F_WRLCK, 0, 0) == 0, "the whole by another fd");
	ok(lock(b, F_SETLKW, F_WRLCK, 3, 3) == 0, "F_SETLKW does not wait");
	ok(conflict(b, F_GETLK, 0, 0).l_type == F_UNLCK,
	   "F_GETLK sees no conflict with oneself");
	ok(lock(a, F_SETLK, F_UNLCK, 2, 3) == 0, "unlock a part");
	ok(lock(a, F_SETLK, F_UNLCK, 0, 0) == 0, "unlock all");
	ok(lock(a, F_SETLK, F_UNLCK, 0, 0) == 0, "unlock what is not locked");
}

static void description_locks(int a, int b)
{
	struct flock other;

	ok(lock(a, F_OFD_SETLK, F_WRLCK, 10, 10) == 0, "an OFD write lock");
	ok(lock(a, F_OFD_SETLK, F_WRLCK, 10, 10) == 0, "again by its owner");
	errno = 0;
	ok(lock(b, F_OFD_SETLK, F_RDLCK, 15, 1) == -1 &&
		   (errno == EAGAIN || errno == EACCES),
	   "another description conflicts");
	ok(lock(b, F_OFD_SETLK, F_WRLCK, 0, 10) == 0 &&
		   lock(b, F_OFD_SETLK, F_WRLCK, 20, 5) == 0,
	   "but not before and after it");
	other = conflict(b, F_OFD_GETLK, 0, 0);
	ok(other.l_type == F_WRLCK && other.l_start == 10 &&
		   other.l_len == 10 && other.l_pid == -1,
	   "F_OFD_GETLK describes it");
	ok(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0 &&
		   conflict(b, F_OFD_GETLK, 0, 0).l_type == F_UNLCK,
	   "unlocked, it is gone");
	ok(lock(a, F_OFD_SETLK, F_RDLCK, 50, 5) == 0 &&
		   lock(b, F_OFD_SETLK, F_RDLCK, 50, 5) == 0,
	   "read locks are shared");
}

/* Locks of one kind that touch are one, as another sees them. */
static void joined_locks(int a, int b)
{
	struct flock other;

	need(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0 &&
	     lock(b, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
	need(lock(a, F_OFD_SETLK, F_WRLCK, 10, 10) == 0 &&
	     lock(a, F_OFD_SETLK, F_WRLCK, 20, 10) == 0 &&
	     lock(a, F_OFD_SETLK, F_WRLCK, 5, 8) == 0);
	other = conflict(b, F_OFD_GETLK, 12, 1);
	ok(other.l_start == 5 && other.l_len == 25, "three locks become one");
	need(lock(a, F_OFD_SETLK, F_RDLCK, 30, 10) == 0);
	other = conflict(b, F_OFD_GETLK, 12, 1);
	ok(other.l_start == 5 && other.l_len == 25, "but not of another kind");
	need(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
}

/* Of an owner's locks the first is told; of owners, who came first. */
static void order_of_locks(int a, int b)
{
	struct flock other;

	need(lock(a, F_OFD_SETLK, F_WRLCK, 0, 0) == 0 &&
	     lock(a, F_OFD_SETLK, F_RDLCK, 10, 10) == 0);
	other = conflict(b, F_OFD_GETLK, 0, 0);
	ok(other.l_start == 0 && other.l_len == 10, "the first of three locks");
	need(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
	need(lock(a, F_OFD_SETLK, F_RDLCK, 0, 10) == 0 &&
	     lock(b, F_OFD_SETLK, F_RDLCK, 0, 5) == 0 &&
	     lock(a, F_OFD_SETLK, F_RDLCK, 0, 20) == 0);
	other = conflict(b, F_GETLK, 0, 0);
	ok(other.l_start == 0 && other.l_len == 20, "the first of two owners");
	need(lock(a, F_OFD_SETLK, F_UNLCK, 0, 0) == 0 &&
	     lock(b, F_OFD_SETLK, F_UNLCK, 0, 0) == 0);
}

static void whole_file_locks(int a, int b)
{
	int copy = dup(a);

	ok(flock(a, LOCK_EX) == 0, "flock");
	ok(flock(copy, LOCK_EX | LOCK_NB) == 0, "a duplicate is its owner too");
	fails(flock(b, LOCK_SH | LOCK_NB), EWOULDBLOCK, "another is not");
	ok(flock(a, LOCK_SH) == 0 && flock(b, LOCK_SH | LOCK_NB) == 0,
	   "shared locks are shared");
	fails(flock(b, LOCK_EX | LOCK_NB), EWOULDBLOCK, "until one wants more");
	need(flock(b, LOCK_SH | LOCK_NB) == 0);
	ok(flock(copy, LOCK_UN) == 0 && flock(b, LOCK_EX | LOCK_NB) == 0,
	   "a duplicate unlocks it");
	fails(flock(a, 0), EINVAL, "an unknown operation");
	fails(flock(-1, LOCK_SH), EBADF, "no descriptor");
	close(copy);
}

static void errors(int fd)
{
	int read_only = open("file", O_RDONLY);
	int write_only = open("file", O_WRONLY);
	struct flock other;

	fails(lock(-1, F_SETLK, F_RDLCK, 0, 1), EBADF, "no descriptor");
	fails(lock(fd, F_SETLK, 99, 0, 1), EINVAL, "an unknown lock type");
	fails(lock(fd, F_SETLK, F_RDLCK, -1, 1), EINVAL, "a negative start");
	fails(lock(fd, F_SETLK, F_RDLCK, 2, -5), EINVAL, "a range below zero");
	ok(lock(fd, F_SETLK, F_RDLCK, 100, -5) == 0,
	   "a length may be negative");
	other = conflict(fd, F_OFD_GETLK, 60, 0);
	ok(other.l_start == 95 && other.l_len == 5,
	   "it is of the bytes before the start");
	fails(lock(read_only, F_SETLK, F_WRLCK, 0, 1), EBADF,
	      "a write lock needs a writable descriptor");
	fails(lock(write_only, F_SETLK, F_RDLCK, 0, 1), EBADF,
	      "a read lock a readable one");
	fails(lock(write_only, F_SETLK, F_RDLCK, 2, -5), EINVAL,
	      "the range comes first");
	close(read_only);
	close(write_only);
}

int main(void)
{
	int a = open("file", O_RDWR | O_CREAT, 0600);
	int b = open("file", O_RDWR);

	need(a >= 0 && b >= 0);
	process_locks(a, b);
	description_locks(a, b);
	joined_locks(a, b);
	order_of_locks(a, b);
	whole_file_locks(a, b);
	errors(a);
	close(a);
	close(b);
	return done();
}
