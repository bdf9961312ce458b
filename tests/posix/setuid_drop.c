// SPDX-License-Identifier: BSD-3-Clause
/*
 * Root gives its privileges up, as servers do: groups first, then the user, for
 * good, in all threads. Whoever is not root can do nothing of it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"
#include "users.h"

enum { NOBODY = 65534, MANY = 65537 };

static void groups(void)
{
	static gid_t many[MANY];
	gid_t list[3] = {7, 5, 9}, found[4] = {0};

	ok(setgroups(3, list) == 0 && getgroups(0, NULL) == 3, "three groups");
	ok(getgroups(4, found) == 3, "are listed");
	fails(getgroups(2, found), EINVAL, "where there is room");
	fails(getgroups(-1, found), EINVAL, "which is not negative");
	fails(setgroups(MANY, many), EINVAL, "too many");
	ok(getgroups(0, NULL) == 3, "change nothing");
	ok(setgroups(0, NULL) == 0 && getgroups(4, found) == 0, "none");
	ok(setresgid(1, 2, 3) == 0 && are_groups(1, 2, 3), "setresgid");
	ok(setresgid(-1, 4, -1) == 0 && are_groups(1, 4, 3), "of one");
	ok(setregid(5, -1) == 0 && are_groups(5, 4, 4), "setregid: real");
	ok(setregid(-1, 5) == 0 && are_groups(5, 5, 4), "the same as real");
	ok(setregid(-1, 6) == 0 && are_groups(5, 6, 6), "another");
	fails(setgid(-1), EINVAL, "no group");
	ok(setgid(NOBODY) == 0 && are_groups(NOBODY, NOBODY, NOBODY),
	   "root's setgid sets all");
}

/* Back and forth, while one of the three is root. */
static void borrowed(void)
{
	ok(seteuid(1000) == 0 && are_users(0, 1000, 0), "seteuid");
	fails(setresuid(5, -1, -1), EPERM, "somebody else");
	fails(seteuid(5), EPERM, "effectively");
	fails(setuid(5), EPERM, "by setuid");
	fails(setgroups(0, NULL), EPERM, "groups are root's");
	fails(setresgid(5, -1, -1), EPERM, "its own, too");
	ok(setuid(0) == 0 && are_users(0, 0, 0), "back by setuid");
	ok(setresuid(1, 2, 0) == 0 && are_users(1, 2, 0), "setresuid");
	fails(setreuid(0, -1), EPERM, "a real one of the saved");
	ok(setresuid(0, 0, -1) == 0 && are_users(0, 0, 0), "root again");
	fails(setuid(-1), EINVAL, "no user");
}

/* The owner of a new file. */
static void *owner_of_new(void *name)
{
	struct stat st = {0};
	int fd = open(name, O_CREAT | O_EXCL | O_RDWR, 0600);

	if (fd < 0 || fstat(fd, &st) != 0)
		st.st_uid = 12345;
	close(fd);
	return (void *)(long)(int)st.st_uid;
}

static void *owner_in_thread(const char *name)
{
	pthread_t thread;
	void *owner = NULL;

	need(pthread_create(&thread, NULL, owner_of_new, (void *)name) == 0);
	need(pthread_join(thread, &owner) == 0);
	return owner;
}

static pthread_barrier_t barrier;

static void *waits(void *arg)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	ok(getuid() == NOBODY && geteuid() == NOBODY, "a thread sees it");
	ok(owner_of_new("waiter") == (void *)(long)NOBODY, "and acts so");
	fails(setuid(0), EPERM, "it has no way back either");
	return arg;
}

static void for_good(void)
{
	pthread_t thread;

	need(mkdir("shared", 0777) == 0 && chmod("shared", 0777) == 0 &&
	     chdir("shared") == 0);
	ok(owner_in_thread("root") == NULL, "files are root's");
	need(pthread_barrier_init(&barrier, NULL, 2) == 0);
	need(pthread_create(&thread, NULL, waits, NULL) == 0);
	pthread_barrier_wait(&barrier);
	ok(setuid(NOBODY) == 0 && are_users(NOBODY, NOBODY, NOBODY),
	   "root's setuid sets all");
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	fails(setuid(0), EPERM, "no way back");
	fails(seteuid(0), EPERM, "none of the effective one");
	fails(setgid(0), EPERM, "nor of the group");
	fails(setgroups(0, NULL), EPERM, "nor of groups");
	ok(setuid(NOBODY) == 0 && setresuid(-1, -1, -1) == 0, "nothing new");
	ok(owner_of_new("one") == (void *)(long)NOBODY, "files are nobody's");
	ok(owner_in_thread("two") == (void *)(long)NOBODY, "a thread's too");
}

int main(void)
{
	if (getuid() != 0)
		skip_all("only root has privileges to give up");
	groups();
	borrowed();
	for_good();
	return done();
}
