// SPDX-License-Identifier: BSD-3-Clause
/*
 * Whom a program runs as: all that it can be asked.
 */
#pragma once

#include <unistd.h>

static inline int are_users(uid_t real, uid_t effective, uid_t saved)
{
	uid_t r, e, s;

	return getresuid(&r, &e, &s) == 0 && r == real && e == effective &&
	       s == saved && getuid() == real && geteuid() == effective;
}

static inline int are_groups(gid_t real, gid_t effective, gid_t saved)
{
	gid_t r, e, s;

	return getresgid(&r, &e, &s) == 0 && r == real && e == effective &&
	       s == saved && getgid() == real && getegid() == effective;
}
