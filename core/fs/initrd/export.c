// SPDX-License-Identifier: BSD-3-Clause
/*
 * What the program has left in memory, for who started it: option out=.
 *
 * WHAT   All directories, and the files and links that were made or changed
 *        since the program began, go out as records when it ends: a directory's
 *        entries follow it, one level deeper. A record of no name ends the
 *        list.
 * HOW    By the entries' numbers (core/vfs/dir.c), up and down again without
 *        recursion. A file's contents are pieces, of which one of no bytes is
 *        the last.
 * LOCKS  The rename mutex, and each file's in turn. A crash leaves out what
 *        somebody has locked, which may be the crashed thread itself.
 * SOURCE tools/collect reads this.
 */
#include "core/dev/export.h"
#include "core/arch/x86_64/cpu.h"
#include "core/boot.h"
#include "core/fs/ramfs/regular.h"
#include "core/time.h"
#include "core/trap.h"
#include "core/vfs/root.h"

#define NS_PER_S 1000000000

struct record {
	struct eft_stat st; /* Linux's, for x86-64 */
	uint32_t depth;	    /* 0: in the root */
	uint32_t name_len;  /* the name follows; of a link, its target too */
};

struct piece {
	uint64_t offset, len;
	uint64_t address; /* physical; 0: the bytes follow */
};

uint64_t eft_export_to;
static const struct eft_export *out;
static uint64_t began_ns; /* by the wall clock; the list begins with it */

void eft_export_begin(void)
{
	if (eft_export_to == 0)
		return;
	began_ns = eft_realtime_ns();
	out = eft_plat_process_export(eft_export_to);
	if (out == NULL)
		out = eft_plat_guest_export();
}

static void put_piece(uint64_t offset, const void *bytes, uint64_t len)
{
	struct piece piece = {.offset = offset, .len = len};

	if (len > 0 && out->address != NULL)
		piece.address = out->address(bytes);
	out->write(&piece, sizeof(piece));
	if (piece.address == 0)
		out->write(bytes, len);
}

static void put_contents(struct eft_regular *reg)
{
	static char buffer[EFT_PAGE_SIZE];
	struct eft_pages *pages = &reg->pages;
	uint64_t size, index = 0, offset;

	eft_mutex_lock(&reg->node.lock);
	size = (uint64_t)eft_regular_size(reg);
	while (index = eft_pages_next(pages, index, true),
	       offset = index * EFT_PAGE_SIZE,
	       index != UINT64_MAX && offset < size) {
		const void *page = eft_pages_peek(pages, index++, buffer);

		put_piece(offset, page, eft_min(EFT_PAGE_SIZE, size - offset));
	}
	eft_mutex_unlock(&reg->node.lock);
	put_piece(0, NULL, 0);
}

/* Directories, and what has changed of files and links. */
static void put_entry(const struct eft_dentry *dentry, struct record *record)
{
	struct eft_node *node = dentry->node;
	uint32_t type = node->mode & S_IFMT;

	eft_node_stat(node, &record->st);
	if (type != S_IFDIR &&
	    ((type != S_IFREG && type != S_IFLNK) ||
	     (uint64_t)record->st.ctime.sec * NS_PER_S +
			     (uint64_t)record->st.ctime.nsec <
		     began_ns))
		return;
	record->name_len = dentry->len;
	out->write(record, sizeof(*record));
	out->write(dentry->name, dentry->len);
	if (type == S_IFREG) {
		put_contents(eft_regular(node));
	} else if (type == S_IFLNK) {
		const char *target;

		node->type->target(node, NULL, &target); /* in memory */
		out->write(target, (size_t)record->st.size);
	}
}

/* May (mutex) be taken? A crash waits for nobody. */
static bool may_lock(const struct eft_mutex *mutex, bool crash)
{
	return !crash || eft_mutex_holder(mutex) == NULL;
}

/* The next entry of (dir) at or after *cookie, counted, or NULL. */
static struct eft_dentry *next_entry(struct eft_dir *dir, uint64_t *cookie,
				     bool crash)
{
	struct eft_dentry *dentry = NULL;
	struct eft_treap_node *at;

	if (!may_lock(&dir->lock, crash))
		return NULL;
	eft_mutex_lock(&dir->lock);
	at = eft_treap_at_or_after(&dir->by_cookie, *cookie);
	if (at != NULL) {
		dentry = eft_container_of(at, struct eft_dentry, by_cookie);
		*cookie = at->key + 1;
		eft_dentry_get(dentry);
	}
	eft_mutex_unlock(&dir->lock);
	return dentry;
}

/* The directory that this is in counts: it may be removed meanwhile. */
static void put_all_locked(bool crash)
{
	struct eft_dir *root = eft_root_mount.root, *dir = root;
	struct record record = {.depth = 0};
	struct eft_dentry *dentry;
	uint64_t cookie = 0;

	while ((dentry = next_entry(dir, &cookie, crash)) != NULL ||
	       dir != root) {
		struct eft_dir *left = dir;

		if (dentry == NULL) {
			cookie = dir->cookie + 1;
			dir = dir->parent;
			record.depth--;
			eft_node_put(&left->node);
			continue;
		}
		if (may_lock(&dentry->node->lock, crash)) {
			put_entry(dentry, &record);
			if (eft_dentry_dir(dentry) != NULL) {
				dir = eft_dentry_dir(dentry);
				eft_node_get(&dir->node);
				cookie = 0;
				record.depth++;
			}
		}
		eft_dentry_put(dentry);
	}
	record.name_len = 0;
	out->write(&record, sizeof(record));
}

/* A report has turned interrupts off, a spin lock has once more. */
static bool holds_spin_lock(void)
{
	return eft_irq_depth() > (eft_report_is_here() ? 1 : 0);
}

void eft_export_files(bool crash)
{
	static bool begun;

	if (out == NULL || begun ||
	    (crash && (holds_spin_lock() || eft_rename_is_locked())))
		return;
	begun = true; /* a crash on the way does not begin again */
	eft_rename_lock();
	out->write(&began_ns, sizeof(began_ns));
	put_all_locked(crash);
	eft_rename_unlock();
}
