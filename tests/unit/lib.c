// SPDX-License-Identifier: BSD-3-Clause
/*
 * core/lib.h: strings, formatted text, lists, trees.
 */
#include "core/lib/crc32c.h"
#include "tests/unit/unit.h"

Test(string, length_compare_prefix)
{
	char buf[4];

	check_eq(eft_strlen(""), 0);
	check_eq(eft_strlen("abc"), 3);
	check_eq(eft_strnlen("abc", 2), 2);
	check_eq(eft_strnlen("abc", 9), 3);
	check_eq(eft_strcmp("a", "a"), 0);
	check(eft_strcmp("a", "b") < 0);
	check(eft_strcmp("\xff", "a") > 0);
	check(eft_strcmp("ab", "a") > 0);
	check(eft_starts_with("abc", ""));
	check(eft_starts_with("abc", "abc"));
	check(!eft_starts_with("ab", "abc"));
	check_eq(eft_strlcpy(buf, "abcdef", sizeof(buf)), 6);
	check_str(buf, "abc");
	check_eq(eft_strlcpy(buf, "x", sizeof(buf)), 1);
	check_str(buf, "x");
	check_eq(eft_strlcpy(buf, "y", 0), 1);
	check_str(buf, "x");
}

struct number {
	const char *text;
	bool suffix;
	int result;
	uint64_t value;
};

Test(string, parse_u64)
{
	static const struct number numbers[] = {
		{"0", false, 0, 0},
		{"00", false, 0, 0},
		{"18446744073709551615", false, 0, UINT64_MAX},
		{"18446744073709551616", false, -ERANGE, 0},
		{"99999999999999999999", false, -ERANGE, 0},
		{"0x0", false, 0, 0},
		{"0XfF", false, 0, 255},
		{"0xffffffffffffffff", false, 0, UINT64_MAX},
		{"0x10000000000000000", false, -ERANGE, 0},
		{"", false, -EINVAL, 0},
		{"", true, -EINVAL, 0},
		{"0x", false, -EINVAL, 0},
		{"x1", false, -EINVAL, 0},
		{"-1", false, -EINVAL, 0},
		{"+1", false, -EINVAL, 0},
		{" 1", false, -EINVAL, 0},
		{"1 ", false, -EINVAL, 0},
		{"1a", false, -EINVAL, 0},
		{"0xg", false, -EINVAL, 0},
		{"1K", false, -EINVAL, 0},
		{"1K", true, 0, 1024},
		{"1k", true, 0, 1024},
		{"3M", true, 0, 3 << 20},
		{"1g", true, 0, 1 << 30},
		{"2T", true, 0, UINT64_C(2) << 40},
		{"1KB", true, -EINVAL, 0},
		{"1B", true, -EINVAL, 0},
		{"K", true, -EINVAL, 0},
		{"16777215T", true, 0, UINT64_C(16777215) << 40},
		{"16777216T", true, -ERANGE, 0},
		{"0x10K", true, 0, 16384},
	};

	for (size_t i = 0; i < eft_array_size(numbers); i++) {
		const struct number *n = &numbers[i];
		uint64_t value = 12345;

		cr_log_info("%s", n->text);
		check_eq(eft_parse_u64(n->text, n->suffix, &value), n->result);
		check_eq(value, n->result == 0 ? n->value : 12345);
	}
}

/*
 * The libOS's memory functions against the simplest ones, each length at each
 * distance, before and after each word: nothing around it changes.
 */
void *eft_memcpy(void *restrict dst, const void *restrict src, size_t n);
void *eft_memmove(void *dst, const void *src, size_t n);
void *eft_memset(void *dst, int c, size_t n);
int eft_memcmp(const void *a, const void *b, size_t n);

enum { AREA = 64, LONGEST = 40 };

static void fill_area(unsigned char *area)
{
	for (int i = 0; i < AREA; i++)
		area[i] = (unsigned char)(i + 1);
}

static void check_area(const unsigned char *a, const unsigned char *b)
{
	for (int i = 0; i < AREA; i++)
		check_eq(a[i], b[i]);
}

static void check_move(size_t to, size_t from, size_t n)
{
	unsigned char area[AREA], model[AREA], copy[AREA];

	fill_area(area);
	fill_area(model);
	fill_area(copy);
	check(eft_memmove(area + to, area + from, n) == area + to);
	for (size_t i = 0; i < n; i++)
		model[to + i] = copy[from + i];
	check_area(area, model);
	if (to + n <= from || from + n <= to) {
		fill_area(area);
		check(eft_memcpy(area + to, area + from, n) == area + to);
		check_area(area, model);
	}
}

Test(memory, moves)
{
	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t to = 0; to + n <= AREA; to++) {
			for (size_t from = 0; from + n <= AREA; from++)
				check_move(to, from, n);
		}
	}
}

Test(memory, sets_and_compares)
{
	unsigned char area[AREA], model[AREA];

	for (size_t n = 0; n <= LONGEST; n++) {
		for (size_t at = 0; at + n <= AREA; at++) {
			fill_area(area);
			fill_area(model);
			check(eft_memset(area + at, 0x1a5, n) == area + at);
			for (size_t i = 0; i < n; i++)
				model[at + i] = 0xa5;
			check_area(area, model);
			if (n == 0)
				continue;
			area[at + n - 1] = 0x25; /* bytes have no sign */
			check(eft_memcmp(area + at, model + at, n) < 0);
			check(eft_memcmp(model + at, area + at, n) > 0);
			check_eq(eft_memcmp(model + at, area + at, n - 1), 0);
		}
	}
}

/* What core prints is what libc prints; in whole and cut to any size. */
#define check_print(...)                                                       \
	do {                                                                   \
		char mine[256], its[256];                                      \
		size_t len = eft_snprintf(mine, sizeof(mine), __VA_ARGS__);    \
                                                                               \
		check_eq(len, snprintf(its, sizeof(its), __VA_ARGS__));        \
		check_str(mine, its);                                          \
		for (size_t size = 0; size <= len + 1; size++) {               \
			memset(mine, 'X', sizeof(mine));                       \
			check_eq(eft_snprintf(mine, size, __VA_ARGS__), len);  \
			check_eq(mine[size], 'X');                             \
			if (size > 0)                                          \
				its[size - 1] = '\0';                          \
			if (size > 0)                                          \
				check_eq(                                      \
					memcmp(mine, its, eft_min(size, len)), \
					0);                                    \
			snprintf(its, sizeof(its), __VA_ARGS__);               \
		}                                                              \
	} while (0)

Test(print, as_libc)
{
	check_print("plain");
	check_print("%d %d %d", 0, -1, 2147483647);
	check_print("%d", -2147483647 - 1);
	check_print("%ld", INT64_MIN);
	check_print("%lu %lx %lo", UINT64_MAX, UINT64_MAX, UINT64_MAX);
	check_print("%llu %llx", ~0ull, 1ull << 63);
	check_print("%zu", sizeof(int));
	check_print("[%5d] [%-5d] [%05d]", 42, 42, 42);
	check_print("[%5d] [%-5d] [%05d]", -42, -42, -42);
	check_print("[%5d] [%-5d] [%05d] [%02d]", -4, -4, -4, -4);
	check_print("[%016lx]", 0xdeadbeeful);
	check_print("[%2u] [%-2u] [%*u]", 12345u, 12345u, 7, 1u);
	check_print("[%s] [%5s] [%-5s] [%.2s] [%5.1s]", "ab", "ab", "ab", "abc",
		    "abc");
	check_print("[%.*s]", 3, "abcdef");
	check_print("[%.0s]", "abcdef");
	check_print("%c%c%c %%", 'a', 'b', 'c');
	check_print("[%3c] [%-3c]", 'a', 'b');
	check_print("%p", (void *)0x1234);
}

Test(print, precision_does_not_read_on)
{
	char *four = malloc(4), buf[8];

	memcpy(four, "abcd", 4);
	check_eq(eft_snprintf(buf, sizeof(buf), "%.4s", four), 4);
	check_str(buf, "abcd");
	free(four);
}

Test(print, odd_formats)
{
	char buf[32];
	const char *volatile lone = "ab%", *volatile unknown = "%q%5y";
	const char *volatile null = NULL;

	check_eq(eft_snprintf(buf, sizeof(buf), "%s", null), 6);
	check_str(buf, "(null)");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
	check_eq(eft_snprintf(buf, sizeof(buf), lone), 2);
	check_str(buf, "ab");
	check_eq(eft_snprintf(buf, sizeof(buf), unknown), 6);
	check_str(buf, "q    y");
#pragma GCC diagnostic pop
}

struct item {
	struct eft_list link;
	int value;
};

Test(list, order)
{
	struct eft_list head;
	struct item items[3] = {{.value = 0}, {.value = 1}, {.value = 2}};
	int n = 0;

	eft_list_init(&head);
	check(eft_list_empty(&head));
	for (int i = 0; i < 3; i++)
		eft_list_insert(&head, &items[i].link);
	for (struct eft_list *at = head.next; at != &head; at = at->next)
		check_eq(eft_container_of(at, struct item, link)->value, n++);
	check_eq(n, 3);
	eft_list_remove(&items[1].link);
	check(eft_list_empty(&items[1].link));
	eft_list_remove(&items[1].link); /* is a list of its own: no harm */
	check(head.next == &items[0].link && head.prev == &items[2].link);
	eft_list_insert(head.next, &items[1].link); /* before the first */
	check(head.next == &items[1].link);
}

/* The tree, against an array of flags. */
enum { NODES = 200, KEYS = 40, TREE_STEPS = 40000 };

static struct eft_treap tree;
static struct eft_treap_node nodes[NODES];
static bool inside[NODES];

/* Count what is reachable, see that it is ordered, a search tree and a heap. */
static unsigned walk(struct eft_treap_node *node, uint64_t low, uint64_t high)
{
	unsigned count = 1;

	if (node == NULL)
		return 0;
	check(node->key >= low && node->key <= high);
	check(inside[node - nodes]);
	if (node->left != NULL)
		check(node->left->priority <= node->priority);
	if (node->right != NULL)
		check(node->right->priority <= node->priority);
	count += walk(node->left, low, node->key);
	count += walk(node->right, node->key, high);
	return count;
}

static uint64_t model_find(uint64_t key, bool after)
{
	uint64_t best = UINT64_MAX;

	for (unsigned i = 0; i < NODES; i++) {
		if (!inside[i] ||
		    (after ? nodes[i].key < key : nodes[i].key > key))
			continue;
		if (best == UINT64_MAX || (nodes[i].key < best) == after)
			best = nodes[i].key;
	}
	return best;
}

static uint64_t key_of(const struct eft_treap_node *node)
{
	return node != NULL ? node->key : UINT64_MAX;
}

Test(tree, against_model)
{
	unsigned count = 0;

	for (unsigned step = 0; step < TREE_STEPS; step++) {
		unsigned i = unit_random(NODES);
		uint64_t key = unit_random(KEYS);

		if (inside[i])
			eft_treap_remove(&tree, &nodes[i]);
		else
			eft_treap_insert(&tree, &nodes[i], key);
		inside[i] = !inside[i];
		count += inside[i] ? 1 : -1;
		if (step % 16 == 0)
			check_eq(walk(tree.root, 0, UINT64_MAX), count);
		key = unit_random(KEYS + 2);
		check_eq(key_of(eft_treap_at_or_after(&tree, key)),
			 model_find(key, true));
		check_eq(key_of(eft_treap_at_or_before(&tree, key)),
			 model_find(key, false));
		check(eft_treap_first(&tree) ==
		      eft_treap_at_or_after(&tree, 0));
	}
}

static unsigned depth(const struct eft_treap_node *node)
{
	if (node == NULL)
		return 0;
	return 1 + (unsigned)eft_max(depth(node->left), depth(node->right));
}

Test(tree, stays_shallow_in_order)
{
	enum { MANY = 4096 };
	struct eft_treap_node *many = malloc(MANY * sizeof(*many));

	for (unsigned i = 0; i < MANY; i++)
		eft_treap_insert(&tree, &many[i], i);
	check(depth(tree.root) < 50); /* 12 is perfect; 4096 is a list */
	free(many);
}

/* Many of one key: every one of them can be found and removed. */
Test(tree, equal_keys)
{
	for (unsigned round = 0; round < 200; round++) {
		for (unsigned i = 0; i < NODES; i++) {
			eft_treap_insert(&tree, &nodes[i], unit_random(3));
			inside[i] = true;
		}
		check_eq(walk(tree.root, 0, 2), NODES);
		for (unsigned n = NODES, i = unit_random(NODES); n > 0; n--) {
			while (!inside[i])
				i = (i + 1) % NODES;
			eft_treap_remove(&tree, &nodes[i]);
			inside[i] = false;
			i = unit_random(NODES);
		}
		check(tree.root == NULL);
	}
}

/* One bit at a time: x^32 by the polynomial 0x1edc6f41, bits reflected. */
static uint32_t crc32c_by_bits(uint32_t crc, const uint8_t *data, size_t len)
{
	for (; len > 0; len--) {
		crc ^= *data++;
		for (int i = 0; i < 8; i++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

Test(crc32c, of_rfc_3720)
{
	uint8_t data[32] = {0};

	check_eq(~eft_crc32c(~0u, data, 32), 0x8a9136aa);
	memset(data, 0xff, 32);
	check_eq(~eft_crc32c(~0u, data, 32), 0x62a8ab43);
	check_eq(~eft_crc32c(~0u, "123456789", 9), 0xe3069283);
	check_eq(eft_crc32c(7, data, 0), 7);
}

Test(crc32c, three_ways)
{
	uint8_t data[100];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)unit_random(256);
	for (size_t from = 0; from < 8; from++) {
		for (size_t len = 0; len <= sizeof(data) - from; len++) {
			uint32_t crc = crc32c_by_bits(from, data + from, len);

			check_eq(eft_crc32c(from, data + from, len), crc);
			check_eq(eft_crc32c_by_table(from, data + from, len),
				 crc);
		}
	}
}
