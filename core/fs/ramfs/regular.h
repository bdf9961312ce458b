// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Regular files in memory: regular.c, sparse.c, allocate.c, map.c, sync.c, memfd.c.
 * Private to core.
 */
#include "core/log.h"
#include "core/pages.h"
#include "core/vfs/vfs.h"

/* As in Linux's tmpfs, nearly: what page indices of 31 bits reach. */
#define EFT_REGULAR_SIZE_MAX (INT64_C(1) << 43)

struct eft_regular {
	struct eft_node node;
	struct eft_pages pages; /* changed with node.lock held */
};

static inline struct eft_regular *eft_regular(struct eft_node *node)
{
	eft_assert((node->mode & S_IFMT) == S_IFREG);
	return eft_container_of(node, struct eft_regular, node);
}

static inline struct eft_regular *eft_regular_of(struct eft_file *file)
{
	return eft_regular(eft_node_file(file)->place.node);
}

static inline int64_t eft_regular_size(const struct eft_regular *reg)
{
	return (int64_t)__atomic_load_n(&reg->pages.size, __ATOMIC_ACQUIRE);
}

/* regular.c; memfd.c puts seals before them. */
extern const struct eft_file_ops eft_ramfs_ops;
extern const struct eft_node_type eft_regular_type;

/* sparse.c */
off_t eft_regular_seek(struct eft_file *file, off_t offset, int whence);

/* map.c */
struct eft_pages *eft_regular_pages(struct eft_file *file);
int eft_regular_map(struct eft_file *file, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset);
