// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * An inotify of the libOS's own. Private to core.
 *
 *	inotify.c   its description
 *	watches.c   what is watched, and events of it
 */
#include "core/inotify.h"
#include "core/thread.h"

struct eft_event {
	struct eft_event *next;
	struct eft_inotify_event head;
	char name[];
};

struct eft_inotify {
	struct eft_file file;
	struct eft_waitq readers;
	/* Owned by eft_watches_lock. */
	struct eft_watch *watches;
	struct eft_event *first, *last;
	unsigned count;
	int last_wd;
};

struct eft_watch {
	struct eft_watch *next;	    /* of its bucket, or of those to be freed */
	struct eft_watch *of_owner; /* the next one of its owner */
	struct eft_inotify *owner;
	struct eft_node *node; /* counted */
	int wd;
	uint32_t mask;
};

extern struct eft_lock eft_watches_lock;

/* Watch (node), or change how: as eft_inotify_add(). */
int eft_watch_add(struct eft_inotify *inotify, struct eft_node *node,
		  uint32_t mask);
int eft_watch_remove(struct eft_inotify *inotify, int wd); /* 0; -EINVAL */
/* (inotify) is about to be freed. Its events stay. */
void eft_watch_remove_all(struct eft_inotify *inotify);
