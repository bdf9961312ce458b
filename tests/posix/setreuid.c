// SPDX-License-Identifier: BSD-3-Clause
/*
 * Linux's rules of who may become whom, as root and as somebody with three
 * different numbers (setreuid(2), setresuid(2), kernel/sys.c).
 */
#define _GNU_SOURCE
#include <unistd.h>

#include "tap.h"
#include "users.h"

static void of_root(void)
{
	ok(setresuid(1, 0, 2) == 0 && are_users(1, 0, 2), "any three");
	ok(setreuid(-1, 0) == 0 && are_users(1, 0, 0),
	   "an effective one that is not the real one is saved");
	ok(setresuid(0, 0, 7) == 0 && setreuid(-1, 0) == 0 &&
		   are_users(0, 0, 7),
	   "the real one is not");
	ok(setreuid(5, -1) == 0 && are_users(5, 0, 0), "with a new real one");
	ok(setresuid(0, 0, 0) == 0 && are_users(0, 0, 0), "all root");
	ok(setresgid(10, 11, 12) == 0 && are_groups(10, 11, 12), "groups");
}

static void of_three(void)
{
	ok(setresuid(3, 4, 5) == 0 && are_users(3, 4, 5), "three numbers");
	fails(setresuid(6, -1, -1), EPERM, "a real one that is none of them");
	fails(setresuid(-1, 0, -1), EPERM, "an effective one");
	fails(setresuid(3, 4, 6), EPERM, "a saved one: nothing is changed");
	ok(are_users(3, 4, 5), "they are as before");
	ok(setresuid(5, 3, 4) == 0 && are_users(5, 3, 4), "in another order");
	fails(setreuid(4, -1), EPERM, "the saved one does not become real");
	fails(setuid(3), EPERM, "setuid to the effective one alone");
	ok(setuid(4) == 0 && are_users(5, 4, 4), "setuid to the saved one");
	ok(setreuid(4, 5) == 0 && are_users(4, 5, 5), "an exchange");
	ok(setreuid(-1, 4) == 0 && are_users(4, 4, 5),
	   "the real one becomes effective, and the saved one stays");
	ok(seteuid(5) == 0 && are_users(4, 5, 5), "seteuid to the saved one");
	ok(setuid(4) == 0 && are_users(4, 4, 5), "setuid to the real one");
	fails(setgid(11), EPERM, "a group that is only effective");
	ok(setgid(12) == 0 && are_groups(10, 12, 12), "the saved one");
	fails(setregid(12, 11), EPERM, "no longer any of them");
	ok(setregid(12, 10) == 0 && are_groups(12, 10, 10), "an exchange");
}

int main(void)
{
	if (getuid() != 0)
		skip_all("only root may become anybody");
	of_root();
	of_three();
	return done();
}
