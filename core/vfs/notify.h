// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What the VFS tells those who watch (core/ipc/watches.c). Only images that watch have
 * it: for others each of these is a comparison.
 */
#include "core/inotify.h"
#include "core/vfs/vfs.h"

/*
 * Tell those who watch (dir) of the entry (name) that (node) has there, and of
 * (mask). Context: thread; (dir) is locked, or the rename mutex.
 */
void eft_watch_entry(struct eft_dir *dir, const char *name, size_t len,
		     struct eft_node *node, uint32_t mask,
		     uint32_t cookie) eft_weak;
/* The same to those who watch (node) itself. Context: thread. */
void eft_watch_node(struct eft_node *node, uint32_t mask) eft_weak;
/* Both. No lock from the rename mutex on is held. */
void eft_watch_place(const struct eft_place *place, uint32_t mask) eft_weak;

/* (from) was moved to (dir) as (name), and (replaced), NULL: none, is no more. */
void eft_watch_move(struct eft_dir *old_dir, const char *old_name,
		    size_t old_len, struct eft_dir *dir, const char *name,
		    size_t len, struct eft_node *node,
		    struct eft_node *replaced) eft_weak;

/* eft_dir_remove_locked(), and tell of it. Returns 0. */
int eft_watch_removal(struct eft_dentry *dentry) eft_weak;

/* A reference to (node), which may be gone, was dropped. Context: thread. */
void eft_watch_dropped(struct eft_node *node) eft_weak;
/* Nothing of the file system (dev) is in use but by watches. */
void eft_watch_unmount(uint32_t dev) eft_weak;

/* See core/inotify.h. */
extern __typeof__(eft_watch_ops) eft_watch_ops eft_weak;
