// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What decode.c does in place of the reader of archives in memory, in images
 * that were linked with a decoder. Private to initrd.
 */
#include "core/fs/initrd/cpio.h"

struct eft_node;

/* eft_cpio_next(), which goes on in what is decoded. Returns -ENOMEM too. */
int eft_initrd_next(struct eft_cpio *cpio, struct eft_cpio_entry *ret_entry);

/*
 * The contents of the last entry that eft_initrd_next() gave to (node), a
 * regular file. An error is what eft_initrd_next() returns then.
 */
void eft_initrd_fill(struct eft_node *node, const void *data, size_t len);
