// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A server of files for tests: a tree in memory behind eft_remote_ops, which can
 * fail, lie, be slow, and change by itself.
 */
#include "core/fs/remote/remote.h"

enum { SERVER_DATA = 1 << 20, SERVER_ENTRIES = 400 };

struct inode {
	uint64_t ino;
	uint32_t mode, uid, gid, nlink;
	uint64_t rdev, size;
	struct eft_timespec atime, mtime, ctime;
	unsigned users; /* handles and opens */
	uint8_t *data;	/* contents, or a link's text; with room for (room) */
	size_t room;
	struct entry {
		struct inode *inode; /* NULL: free */
		char name[NAME_MAX + 1];
	} * entries;	      /* of a directory */
	unsigned entry_count; /* with free ones */
};

/* What it says of a file is changed by this, if it is set. */
typedef void server_lie_fn(struct eft_remote_attributes *attributes);

extern struct server {
	struct inode *root;
	/* Handles are files', or each is a path's, as those of QEMU's 9P. */
	bool by_file;
	bool allocates;	    /* it knows fallocate */
	bool seeks, copies; /* SEEK_DATA; copy_file_range */
	int64_t seek_more;  /* what it finds is so much further */
	bool opens_made;    /* what it makes comes with an open */
	unsigned pages;	    /* of a message */
	size_t short_bytes; /* a read or write moves no more; 0: all */

	uint64_t ops, fail_at; /* the (fail_at)th is -EIO; 0: none */
	int refuses;	       /* each that changes something; 0: none */
	bool gone;	       /* each is -EIO */
	uint64_t takes_ns;     /* each does */

	server_lie_fn *lie;
	void (*has_written)(void); /* the same of a write */
	void (*has_read)(void);	   /* a read's answer is under way; once */
	ssize_t more;		   /* reads and writes say so many more */
	const char *bad_name;	   /* directories have it, too */
	bool stuck;		   /* a directory never ends */
	const char *bad_target;

	/* What there is, and how often it was asked. */
	unsigned handles, opens, made;
	unsigned copied; /* times */
	unsigned lookups, reads, writes, asked, syncs, read_dirs;
} server;

extern const struct eft_remote_ops server_ops;

/* A new one, with an empty root. */
void server_begin(void);
/* Nothing of it is in use: free all. */
void server_end(void);
/* Behind the client's back; paths without a slash in front. */
struct inode *server_find(const char *path);
struct inode *server_make(const char *path, uint32_t mode, const char *text);
void server_remove(const char *path);
void server_move(const char *from, const char *to);
void server_link(struct inode *inode, const char *path);
