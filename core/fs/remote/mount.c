// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounts: options, the root, and the end.
 */
#include "core/abi.h"
#include "core/fs/remote/client.h"
#include "core/fs/remote/node.h"
#include "core/lib.h"

/* Who has it says what to mount. */
eft_needs(eft_mount_option);

/*
 * Options.
 */
static bool is_word(const char *word, size_t len, const char *wanted)
{
	return eft_strlen(wanted) == len && memcmp(word, wanted, len) == 0;
}

/* timeout=SECONDS, that an answer is waited for. */
static bool take_timeout(struct eft_remote *remote, const char *word,
			 size_t len)
{
	static const char timeout[] = "timeout=";
	size_t prefix = sizeof(timeout) - 1;
	char digits[8];
	uint64_t value;

	if (remote->client == NULL || len <= prefix ||
	    len - prefix >= sizeof(digits) ||
	    memcmp(word, timeout, prefix) != 0)
		return false;
	memcpy(digits, word + prefix, len - prefix);
	digits[len - prefix] = '\0';
	if (eft_parse_u64(digits, false, &value) != 0 || value == 0 ||
	    value > EFT_REMOTE_PATIENCE_MAX_S)
		return false;
	remote->client->patience_s = (unsigned)value;
	return true;
}

static bool take_common(struct eft_remote *remote, const char *word, size_t len)
{
	static const struct {
		const char *word;
		enum eft_remote_trust trust;
	} caches[] = {
		{"cache=none", EFT_REMOTE_NONE},
		{"cache=mmap", EFT_REMOTE_MMAP},
		{"cache=loose", EFT_REMOTE_LOOSE},
	};

	for (size_t i = 0; i < eft_array_size(caches); i++) {
		if (is_word(word, len, caches[i].word)) {
			remote->trust = caches[i].trust;
			return true;
		}
	}
	if (is_word(word, len, "ro"))
		remote->read_only = true;
	if (take_timeout(remote, word, len))
		return true;
	return len == 0 || is_word(word, len, "ro") || is_word(word, len, "rw");
}

int eft_remote_parse_options(struct eft_remote *remote, const char *options,
			     int (*other)(struct eft_remote *remote,
					  const char *word, size_t len))
{
	int error = 0;

	remote->trust = EFT_REMOTE_MMAP;
	while (options != NULL && *options != '\0' && error == 0) {
		size_t len = 0;

		while (options[len] != '\0' && options[len] != ',')
			len++;
		if (!take_common(remote, options, len))
			error = other != NULL ? other(remote, options, len)
					      : -EINVAL;
		options += len + (options[len] == ',');
	}
	return error;
}

/*
 * The root. It counts (remote), as all nodes do.
 */
static int get_root(struct eft_remote *remote, struct eft_dir **ret_root)
{
	struct eft_remote_attributes attributes;
	struct eft_remote_node *root;
	eft_remote_handle handle;
	int error = remote->ops->root(remote, &handle, &attributes);

	if (error == 0)
		error = eft_remote_node_get(remote, handle, &attributes, true,
					    &root);
	if (error != 0)
		return error;
	if (!eft_node_is(&root->node, S_IFDIR)) {
		eft_node_put(&root->node);
		return -ENOTDIR;
	}
	root->dir.parent = &root->dir;
	*ret_root = &root->dir;
	return 0;
}

int eft_remote_create_root(struct eft_remote *remote, uint32_t dev,
			   struct eft_dir **ret_root)
{
	int error;

	eft_assert(remote->io_pages_max > 0);
	remote->dev = dev;
	remote->nodes = 1; /* ours, until there is a root, or none */
	eft_mutex_init(&remote->table, EFT_RANK_REMOTE_TABLE);
	eft_lock_init(&remote->handles, EFT_RANK_REMOTE_HANDLES);
	error = get_root(remote, ret_root);
	if (__atomic_sub_fetch(&remote->nodes, 1, __ATOMIC_ACQ_REL) == 0)
		remote->ops->destroy(remote);
	return error;
}

void eft_remote_say_lost(const struct eft_remote_node *node)
{
	eft_log(EFT_LOG_ERROR,
		"contents of file %lu are lost: the server does not take them",
		node->node.ino);
}

/* Write what is dirty; what cannot be written is lost. */
static void write_all(struct eft_remote *remote)
{
	struct eft_remote_node *node;
	uint64_t key = 0;

	while ((node = eft_remote_node_next(remote, key)) != NULL) {
		key = node->key + 1;
		if (eft_cached_sync(&node->cached, 0, UINT64_MAX) != 0)
			eft_remote_say_lost(node);
		eft_node_put(&node->node);
		if (key == 0)
			break;
	}
}

void eft_remote_destroy(struct eft_dir *root)
{
	write_all(eft_remote_node(&root->node)->remote);
	eft_cache_leave_all(root);
}

int eft_remote_statfs(struct eft_node *at, struct eft_node *node,
		      struct eft_statfs *ret_statfs)
{
	struct eft_remote_node *root = eft_remote_node(at);
	struct eft_remote *remote = root->remote;
	struct eft_remote_name *name = eft_remote_name_get(root);
	struct eft_statfs statfs = {.namelen = 0};
	int error = remote->ops->statfs(remote, name->handle, &statfs);

	eft_remote_name_put(remote, name);
	if (error != 0)
		return error;
	if (statfs.namelen <= 0 || statfs.namelen > NAME_MAX)
		statfs.namelen = NAME_MAX;
	if (statfs.bsize <= 0)
		statfs.bsize = EFT_PAGE_SIZE;
	if (statfs.frsize <= 0)
		statfs.frsize = statfs.bsize;
	*ret_statfs = statfs;
	return 0;
}
