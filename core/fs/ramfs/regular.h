// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Regular files in memory: regular.c, sparse.c, allocate.c. Private to core.
 */
#include "core/fs/ramfs/pages.h"
#include "core/log.h"
#include "core/vfs/vfs.h"

/* As in Linux's tmpfs, nearly: what page indices of 31 bits reach. */
#define EFT_REGULAR_SIZE_MAX (INT64_C(1) << 43)

struct eft_regular {
	struct eft_node node;
	struct eft_pages pages;
	int64_t size; /* changed with node.lock held; atomic */
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

static inline void eft_regular_store_size(struct eft_regular *reg, int64_t size)
{
	eft_assert(size >= 0 && size <= EFT_REGULAR_SIZE_MAX);
	__atomic_store_n(&reg->size, size, __ATOMIC_RELEASE);
}

/* sparse.c */
off_t eft_regular_seek(struct eft_file *file, off_t offset, int whence);
