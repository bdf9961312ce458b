// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The root directory, and what populates it. Private to core.
 */
#include "core/file.h"

/* The host takes whole paths; else the root is mounted here. */
extern bool eft_root_is_host;

/* Why boot cannot do something: "no such file or directory"… */
const char *eft_root_reason(int error);

/* Where the absolute (path) starts; not counted, lives until exit. */
struct eft_file *eft_root_for(const char *path);

/* They start at (file) from now on, of /proc/self too; takes the reference. */
void eft_root_change(struct eft_file *file);

/* Set the first working directory (taking the reference) and umask. */
void eft_path_init(struct eft_file *cwd, unsigned mask);

/*
 * The host's files as a file system.
 */
extern const struct eft_fs_ops eft_hostfs;

/*
 * A description of the host's directory (path), where absolute paths then
 * start. NULL: of the working directory, and absolute paths are the host's.
 */
int eft_hostfs_open_root(const char *path, struct eft_file **ret_file);

/*
 * core/fs/hostfs/self.c: paths of the host's that lead to the program's own
 * /proc/self, and out of it again.
 *
 * start() has (*at) go on from where such a path leads, its last component not
 * counted: 0, or an error with (*at) as good as before.
 * find() gives what (path) leads to, a link at its end followed, or NULL: it is
 * none. (surely): it may be one whatever it looks like.
 */
int eft_hostself_start(struct eft_at *at);
struct eft_file *eft_hostself_find(struct eft_file *at, const char *path,
				   bool surely);

struct eft_dir;

/*
 * What boot makes. 0 or -ENOMEM.
 */
int eft_dev_fill(struct eft_dir *dir); /* devices, in /dev */
/* Block special files of all disks (core/fs/devfs/disk.c). Context: thread. */
int eft_disks(struct eft_dir *dir);
int eft_proc_init(void);       /* /proc/self, and /proc/net */
int eft_proc_init_now(void);   /* the same without /proc/net */
int eft_proc_guest_init(void); /* the rest of /proc, and /etc/hosts */
int eft_proc_guest_init_now(void);
int eft_proc_disks_init(void); /* what is there in images with disks */

/*
 * Export what the program makes and changes from now on
 * (core/fs/initrd/export.c): begin() says where to, at boot.
 */
void eft_export_begin(void);

/*
 * Unpack the cpio archives in (data), which lives until exit, into the root.
 *
 * Returns   0; -EINVAL bad archive, -ENOMEM; (message) says what and where
 */
int eft_initrd_unpack(const void *data, size_t len, char *message,
		      size_t message_size);

/*
 * The same, where some archives may be compressed: what they unpack to is
 * copied (core/fs/initrd/decode.c).
 */
int eft_initrd_decode(const void *data, size_t len, char *message,
		      size_t message_size);
