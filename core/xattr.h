// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Extended attributes: xattr(7). Names have a namespace: "user." is there for
 * regular files and directories, "trusted." and "security." for all; there are
 * no "system." ones (access control lists).
 *
 * An image whose calls name none of these functions has nothing of it.
 */
#include "core/abi.h"

struct eft_file;
struct eft_node;

enum { EFT_XATTR_CREATE = 1, EFT_XATTR_REPLACE = 2 }; /* linux/xattr.h */
enum {
	EFT_XATTR_NAME_MAX = 255,
	EFT_XATTR_VALUE_MAX = 65536,
	EFT_XATTR_LIST_MAX = 65536,
};

enum eft_xattr_operation {
	EFT_XATTR_GET,
	EFT_XATTR_SET,
	EFT_XATTR_LIST,
	EFT_XATTR_REMOVE,
};

/* Memory of the libOS's; (size) is at most the largest above. */
struct eft_xattr_call {
	enum eft_xattr_operation operation;
	int flags;	  /* of SET: CREATE or REPLACE */
	const char *name; /* not of LIST; EFT_XATTR_NAME_MAX bytes at most */
	void *data;	  /* the value, or the names: each ends with a NUL */
	size_t size;	  /* 0: GET and LIST say how much there is */
};

/*
 * The same by a file system, of one of its nodes, locked. (name) has a
 * namespace that there is.
 *
 * Returns   get, list: the bytes; -ERANGE more than (size), unless that is 0;
 *           -ENODATA; set: -EEXIST -ENODATA -ENOSPC -ENOMEM -EPERM
 */
struct eft_xattr_ops {
	ssize_t (*get)(struct eft_node *node, const char *name, void *value,
		       size_t size);
	/* (value) NULL: remove it. */
	int (*set)(struct eft_node *node, const char *name, const void *value,
		   size_t size, int flags);
	ssize_t (*list)(struct eft_node *node, char *names, size_t size);
};

/*
 * Do (call), of (file) or of what is at (path) from (at). (follow): a symbolic
 * link at the end.
 *
 * Returns   as xattr(7); 0 of SET and REMOVE. -EOPNOTSUPP (file) has none; its
 *           list is empty
 */
ssize_t eft_xattr(struct eft_file *file, const struct eft_xattr_call *call);
ssize_t eft_xattr_at(struct eft_file *at, const char *path, bool follow,
		     const struct eft_xattr_call *call);

/*
 * A list's next name, at *used of (names): it is added if it fits, or only
 * counted if (size) is 0. 0; -ERANGE
 */
int eft_xattr_add_name(char *names, size_t size, size_t *used,
		       const char *prefix, const char *name, size_t len);
/* What GET returns of a (value) of (len) bytes. */
ssize_t eft_xattr_give(void *to, size_t size, const void *value, size_t len);
