// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * /proc: nodes whose contents are made when they are opened. Private to core.
 *
 *	proc.c          text files; what is there
 *	self.c          the texts of /proc/self, but for
 *	maps.c          those about its memory, and
 *	status.c        about the whole of it
 *	system_host.c   what a host says of the process, or a guest makes up
 *	system_guest.c  the texts about the whole system, in a guest
 *	mounts.c        what is mounted, where the root is the libOS's
 *	dir.c           directories of numbers: the next two; readdir.c
 *	fd.c            /proc/self/fd and fdinfo
 *	task.c          /proc/self/task, and what threads are called
 *	link.c          links to descriptions; readlink.c
 */
#include "core/thread.h"
#include "core/vfs/vfs.h"

/* Text that grows, however scattered memory is: in pages, all full but the last. */
struct eft_text_page;

struct eft_text {
	struct eft_text_page *first, **end;
	size_t len;
	int tid;      /* the thread that it is about; 0: the process */
	int error;    /* why it is not complete, or 0 */
	bool details; /* of each mapping */
};

void eft_text_append(struct eft_text *text, const void *data, size_t len);

struct eft_proc_entry {
	const char *name;
	void (*generate)(struct eft_text *text);
	/* What is written there is about (tid), as above. NULL: nothing. */
	ssize_t (*write)(int tid, const char *text, size_t len);
};

/* Add (node), which is taken, at a path in /proc; NULL: -ENOMEM. */
int eft_proc_add_node(const char *directory, const char *name,
		      struct eft_node *node);
/* Add (count) text files to the directory (path) in /proc. 0 or -ENOMEM. */
int eft_proc_add(const char *path, const struct eft_proc_entry *entries,
		 size_t count);

/* Fill the directory of the thread (tid), 0: of the process. 0 or -ENOMEM. */
int eft_proc_fill_locked(struct eft_dir *dir, int tid);

/*
 * A text file (entry) about (tid); NULL: out of memory. EFT_PROC_HOSTS: it is the
 * host's, of that name, and (entry) says only whether it can be written.
 */
enum { EFT_PROC_HOSTS = -1 };
struct eft_node *eft_proc_text_create(const struct eft_proc_entry *entry,
				      int tid);

extern const struct eft_proc_entry eft_proc_self_entries[];
extern const size_t eft_proc_self_count;

/* /proc/self's links to descriptions; a directory of them. */
enum eft_proc_link {
	EFT_PROC_CWD,
	EFT_PROC_EXE,
	EFT_PROC_ROOT,
	EFT_PROC_THREAD, /* /proc/thread-self */
};

/* Open again what (file) describes, by new flags. Takes (file). */
int eft_proc_reopen(struct eft_file *file, int flags,
		    struct eft_file **ret_file);

/* readlink.c: readlink, in images that read links. */
ssize_t eft_proc_cwd_readlink(struct eft_node *node, char *buf, size_t size);
ssize_t eft_proc_exe_readlink(struct eft_node *node, char *buf, size_t size);
ssize_t eft_proc_fd_readlink(struct eft_node *node, char *buf, size_t size);
ssize_t eft_proc_root_readlink(struct eft_node *node, char *buf, size_t size);

/* exe, in a guest: its path, as eft_snprintf() writes it. */
size_t eft_proc_exe_path(char *buf, size_t size);

/* fd/N: the descriptor. */
int eft_proc_fd_number(const struct eft_node *node);

/* NULL: out of memory. */
struct eft_node *eft_proc_link_create(enum eft_proc_link which);

/* getdents of directories of these types: readdir.c */
ssize_t eft_proc_getdents(struct eft_file *file, void eft_user *buf,
			  size_t size);
extern const struct eft_node_type eft_proc_fd_type;
extern const struct eft_node_type eft_proc_fdinfo_type;
extern const struct eft_node_type eft_proc_task_type;
/* NULL: out of memory. */
struct eft_dir *eft_proc_dir_create(const struct eft_node_type *type,
				    unsigned mode);

extern struct eft_super eft_proc_super;

/* The number in decimal that (name) is, or -1. */
int eft_proc_parse_number(const char *name, size_t len);

/* The texts about a thread, and about the first for 0. */
void eft_proc_comm(struct eft_text *text);
void eft_proc_stat(struct eft_text *text);
void eft_proc_status(struct eft_text *text);
void eft_proc_statm(struct eft_text *text);
void eft_proc_maps(struct eft_text *text);
void eft_proc_smaps(struct eft_text *text);
void eft_proc_mounts(struct eft_text *text);
void eft_proc_mountinfo(struct eft_text *text);
/* mounts.c: the same, whatever is mounted. */
void eft_proc_list_mounts(struct eft_text *text);
void eft_proc_list_mountinfo(struct eft_text *text);

/* What only a host, or the guest's tree, has of a process: in (self). */
int eft_proc_host_init(const char *self);
/* Open the host's (name) of this process. Returns as the host's open() does. */
int eft_proc_host_open(const char *name, int flags, struct eft_file **ret_file);
ssize_t eft_proc_set_comm(int tid, const char *text, size_t len);

/*
 * What (tid), 0 for the process, is called and does. -ESRCH: no such thread.
 */
struct eft_proc_thread {
	char comm[EFT_COMM_BYTES];
	int tid;
	unsigned count; /* of all threads */
	bool sleeps;
	uint64_t cpu_ns;
};

int eft_proc_thread(int tid, struct eft_proc_thread *ret_thread);
