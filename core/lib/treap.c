// SPDX-License-Identifier: BSD-3-Clause
/*
 * A treap: ordered by key as a search tree, by priority as a heap. Both
 * operations walk down one path and relink it in place (no recursion, no
 * parent pointers). C. Aragon, R. Seidel, "Randomized Search Trees", 1989.
 */
#include "core/lib.h"

/* Marsaglia's xorshift32: priorities need to be spread, not secret. */
static uint32_t next_priority(struct eft_treap *tree)
{
	uint32_t x = tree->seed ? tree->seed : 2463534242u;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return tree->seed = x;
}

/* Cut (root) in two: keys below (key) to *(left), the others to *(right). */
static void split(struct eft_treap_node *root, uint64_t key,
		  struct eft_treap_node **left, struct eft_treap_node **right)
{
	while (root != NULL) {
		if (root->key < key) {
			*left = root;
			left = &root->right;
			root = root->right;
		} else {
			*right = root;
			right = &root->left;
			root = root->left;
		}
	}
	*left = *right = NULL;
}

/* Join two trees, all of (left) before all of (right), at *(link). */
static void merge(struct eft_treap_node **link, struct eft_treap_node *left,
		  struct eft_treap_node *right)
{
	while (left != NULL && right != NULL) {
		if (left->priority > right->priority) {
			*link = left;
			link = &left->right;
			left = left->right;
		} else {
			*link = right;
			link = &right->left;
			right = right->left;
		}
	}
	*link = left != NULL ? left : right;
}

void eft_treap_insert(struct eft_treap *tree, struct eft_treap_node *node,
		      uint64_t key)
{
	struct eft_treap_node **link = &tree->root;

	node->key = key;
	node->priority = next_priority(tree);
	while (*link != NULL && (*link)->priority >= node->priority)
		link = key <= (*link)->key ? &(*link)->left : &(*link)->right;
	split(*link, key, &node->left, &node->right);
	*link = node;
}

/*
 * The link that holds (node). Where equal keys lie on both sides of a node
 * (split sends them right, insertion left), both are searched.
 */
static struct eft_treap_node **find_link(struct eft_treap_node **link,
					 struct eft_treap_node *node)
{
	struct eft_treap_node **found;

	while (*link != NULL && *link != node) {
		struct eft_treap_node *at = *link;

		if (node->key == at->key) {
			found = find_link(&at->left, node);
			if (found != NULL)
				return found;
		}
		link = node->key < at->key ? &at->left : &at->right;
	}
	return *link == node ? link : NULL;
}

void eft_treap_remove(struct eft_treap *tree, struct eft_treap_node *node)
{
	struct eft_treap_node **link = find_link(&tree->root, node);

	merge(link, node->left, node->right);
}

struct eft_treap_node *eft_treap_first(const struct eft_treap *tree)
{
	return eft_treap_at_or_after(tree, 0);
}

struct eft_treap_node *eft_treap_at_or_after(const struct eft_treap *tree,
					     uint64_t key)
{
	struct eft_treap_node *best = NULL;

	for (struct eft_treap_node *at = tree->root; at != NULL;) {
		if (at->key >= key) {
			best = at;
			at = at->left;
		} else {
			at = at->right;
		}
	}
	return best;
}

struct eft_treap_node *eft_treap_at_or_before(const struct eft_treap *tree,
					      uint64_t key)
{
	struct eft_treap_node *best = NULL;

	for (struct eft_treap_node *at = tree->root; at != NULL;) {
		if (at->key <= key) {
			best = at;
			at = at->right;
		} else {
			at = at->left;
		}
	}
	return best;
}
