// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Small tools: strings, formatted text, doubly linked lists, ordered trees.
 * No state, no locks: the caller's lock guards the caller's data.
 */
#include "core/base.h"

/*
 * Strings.
 */
size_t eft_strlen(const char *s);
size_t eft_strnlen(const char *s, size_t max);
int eft_strcmp(const char *a, const char *b);
/* True when (s) begins with (prefix). */
bool eft_starts_with(const char *s, const char *prefix);

/* Copy (src) cut to (size) - 1 bytes and a NUL; returns strlen(src). */
size_t eft_strlcpy(char *dst, const char *src, size_t size);

/*
 * Read an unsigned number: decimal or 0x hexadecimal, the whole of (s).
 * (suffix): also K, M, G, T as powers of 1024.
 *
 * Returns   0; -EINVAL not a number; -ERANGE over 64 bits
 */
int eft_parse_u64(const char *s, bool suffix, uint64_t *ret_value);

/*
 * Formatted text into (buf), always ended by a NUL when size > 0.
 * %s %c %d %u %x %p %%, with l and z, width, 0 and - flags, .N for %s.
 *
 * Returns   the length that the whole text has
 */
size_t eft_snprintf(char *buf, size_t size, const char *fmt, ...)
	eft_printf_like(3, 4);
size_t eft_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

/*
 * Doubly linked lists, circular, with a head that is a link of its own.
 */
struct eft_list {
	struct eft_list *next, *prev;
};

static inline void eft_list_init(struct eft_list *head)
{
	head->next = head->prev = head;
}

/* May be asked without the list's lock, by who looks again with it. */
eft_inline bool eft_list_empty(const struct eft_list *head)
{
	return __atomic_load_n(&head->next, __ATOMIC_RELAXED) == head;
}

/* Insert (link) before (pos): at the tail when (pos) is the head. */
static inline void eft_list_insert(struct eft_list *pos, struct eft_list *link)
{
	link->next = pos;
	link->prev = pos->prev;
	__atomic_store_n(&pos->prev->next, link, __ATOMIC_RELAXED);
	pos->prev = link;
}

/* Remove (link), which then is a list of its own. */
static inline void eft_list_remove(struct eft_list *link)
{
	__atomic_store_n(&link->prev->next, link->next, __ATOMIC_RELAXED);
	link->next->prev = link->prev;
	eft_list_init(link);
}

/*
 * Ordered trees: a treap, whose random priorities keep it balanced whatever
 * the order of insertion. Nodes live in their owners; equal keys are allowed.
 */
struct eft_treap_node {
	struct eft_treap_node *left, *right;
	uint64_t key;
	uint32_t priority;
};

struct eft_treap {
	struct eft_treap_node *root;
	uint32_t seed; /* any value will do */
};

void eft_treap_insert(struct eft_treap *tree, struct eft_treap_node *node,
		      uint64_t key);
void eft_treap_remove(struct eft_treap *tree, struct eft_treap_node *node);
struct eft_treap_node *eft_treap_first(const struct eft_treap *tree);
/* The first node with a key of (key) or more, or NULL. */
struct eft_treap_node *eft_treap_at_or_after(const struct eft_treap *tree,
					     uint64_t key);
/* The last node with a key of (key) or less, or NULL. */
struct eft_treap_node *eft_treap_at_or_before(const struct eft_treap *tree,
					      uint64_t key);
