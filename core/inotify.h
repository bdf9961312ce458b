// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * inotify(7): include/uapi/linux/inotify.h.
 *
 * Who has the host's root watches with the host's inotify, and so sees what
 * others change too. In what the VFS has, only the program itself changes
 * something, and core/ipc/watches.c tells of it.
 */
#include "core/file.h"

enum {
	IN_ACCESS = 1,
	IN_MODIFY = 2,
	IN_ATTRIB = 4,
	IN_CLOSE_WRITE = 8,
	IN_CLOSE_NOWRITE = 0x10,
	IN_OPEN = 0x20,
	IN_MOVED_FROM = 0x40,
	IN_MOVED_TO = 0x80,
	IN_CREATE = 0x100,
	IN_DELETE = 0x200,
	IN_DELETE_SELF = 0x400,
	IN_MOVE_SELF = 0x800,
	IN_ALL_EVENTS = 0xfff,
	IN_UNMOUNT = 0x2000,
	IN_Q_OVERFLOW = 0x4000,
	IN_IGNORED = 0x8000,
	IN_ONLYDIR = 0x1000000,
	IN_DONT_FOLLOW = 0x2000000,
	IN_EXCL_UNLINK = 0x4000000,
	IN_MASK_CREATE = 0x10000000,
	IN_MASK_ADD = 0x20000000,
	IN_ISDIR = 0x40000000,
};
#define IN_ONESHOT 0x80000000u

struct eft_inotify_event {
	int32_t wd;
	uint32_t mask, cookie, len;
};

/*
 * A description of an inotify, without watches. (flags): O_NONBLOCK.
 *
 * Returns   0; -ENOMEM; what the host says
 */
int eft_inotify_create(int flags, struct eft_file **ret_file);

/*
 * Watch what is at (path) from (at), or change how it is watched; (mask) is
 * valid.
 *
 * Returns   its number; -EINVAL (file) is no inotify; -EEXIST; -EXDEV it is not
 *           a file of those that this one watches; what a walk says; -ENOMEM
 */
int eft_inotify_add(struct eft_file *file, const struct eft_at *at,
		    uint32_t mask);
int eft_inotify_remove(struct eft_file *file, int wd); /* 0; -EINVAL */
bool eft_is_inotify(struct eft_file *file);

/*
 * Operations of descriptions of (place) that tell of what they do, and do as
 * (ops) do; these themselves, if it has no name, or if there are too many kinds.
 * For eft_needs(): what opens files refers to it weakly.
 */
const struct eft_file_ops *eft_watch_ops(const struct eft_place *place,
					 const struct eft_file_ops *ops);

/* What is the host's: core/fs/hostfs/watch.c. */
int eft_hostfile_create_inotify(int flags, struct eft_file **ret_file);
bool eft_hostfile_is_inotify(struct eft_file *file);
int eft_hostfile_watch(struct eft_file *file, const struct eft_at *at,
		       uint32_t mask);
int eft_hostfile_unwatch(struct eft_file *file, int wd);
