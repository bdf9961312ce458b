// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Paths that the program gives. They are copied first, for another thread may
 * change them while they are walked; short ones onto the stack.
 */
#include "core/file.h"
#include "core/user.h"

enum { EFT_PATH_FEW = 128 };

/*
 * A copy of the program's string. (few) is filled by one bounded copy: of words,
 * it has no function that holds one guard its stack.
 */
struct eft_user_string {
	char *text;
	uint64_t few[EFT_PATH_FEW / sizeof(uint64_t)];
};

/*
 * Copy (from) with its NUL.
 *
 * Returns   0; -EFAULT; -ENAMETOOLONG longer than a path; -ENOMEM
 * Owns      eft_string_put() gives back what a copy takes
 */
int eft_string_get(struct eft_user_string *ret_string,
		   const char eft_user *from);
void eft_string_put(struct eft_user_string *string);

/* Where a path of the program's starts, and what it is made of. */
struct eft_user_at {
	union {
		struct eft_at at;
		struct {		       /* its members */
			struct eft_file *file; /* with a reference */
			const char *path;
		};
	};
	struct eft_user_string string;
};

_Static_assert(sizeof(struct eft_at) == 2 * sizeof(void *), "all members");

/*
 * eft_path_start() for the program's (path).
 *
 * Returns   also -EFAULT; -ENOMEM
 * Owns      eft_user_path_end() gives back what a start takes
 */
int eft_user_path_start(int fd, const char eft_user *path, bool empty,
			struct eft_user_at *ret_at);
void eft_user_path_end(struct eft_user_at *at);

/* eft_path_open() for the program's (path). */
int eft_user_path_open(int fd, const char eft_user *path, int flags,
		       unsigned mode, struct eft_file **ret_file);
