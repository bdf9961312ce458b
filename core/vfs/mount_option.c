// SPDX-License-Identifier: BSD-3-Clause
/*
 * The option mount.PATH=TYPE[:SOURCE][,WORD…]. With a root of the host's and
 * such an option the root is a folder that can be mounted on
 * (core/fs/hostfs/folder.c), and not the whole paths that the host takes.
 */
#include "core/vfs/mount_option.h"
#include "core/dev/host.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

eft_needs(eft_root_late);

enum { MOUNTS_MAX = 32, OPTIONS_MAX = 128 };

static struct {
	const char *path;
	char *value;
} asked[MOUNTS_MAX];
static unsigned asked_count;

static const struct {
	const char *word;
	uint32_t set, clear;
} words[] = {
	{"ro", MS_RDONLY, 0},	     {"rw", 0, MS_RDONLY},
	{"nosuid", MS_NOSUID, 0},    {"nodev", MS_NODEV, 0},
	{"noexec", MS_NOEXEC, 0},    {"noatime", MS_NOATIME, 0},
	{"relatime", 0, MS_NOATIME},
};

static bool host_root;	     /* the root is a folder of the host's */
static bool host_root_whole; /* all of it */

bool eft_mount_option(const char *key, char *value)
{
	static const char prefix[] = "mount.";
	const char *path = key + sizeof(prefix) - 1;

	if (!eft_starts_with(key, prefix) || *path != '/' ||
	    asked_count == MOUNTS_MAX)
		return false;
	asked[asked_count].path = path;
	asked[asked_count++].value = value;
	return true;
}

static eft_noreturn void fail(const char *path, int error)
{
	eft_console_printf("eft: mount.%s: %s (error %d)\n", path,
			   eft_root_reason(error), -error);
	eft_plat->exit(1);
}

/* End (text) at the first (c), and return what follows; or NULL. */
static char *cut(char *text, char c)
{
	while (*text != '\0' && *text != c)
		text++;
	if (*text == '\0')
		return NULL;
	*text = '\0';
	return text + 1;
}

/* Words of mount(8)'s are flags, others are the file system's. */
static void take_word(const char *word, unsigned long *flags,
		      char options[OPTIONS_MAX])
{
	size_t len = eft_strlen(options);

	for (size_t i = 0; i < eft_array_size(words); i++) {
		if (eft_strcmp(words[i].word, word) != 0)
			continue;
		*flags = (*flags | words[i].set) & ~(uint64_t)words[i].clear;
		return;
	}
	eft_snprintf(options + len, OPTIONS_MAX - len, "%s%s",
		     len > 0 ? "," : "", word);
}

/* The directory (path), made in memory where nothing is. */
static int open_target(struct eft_file *root, const char *path,
		       struct eft_file **ret_file)
{
	int error = eft_vfs_open(root, path, O_PATH, 0, ret_file);

	if (error != -ENOENT || host_root)
		return error;
	error = eft_vfs_add(eft_root_mount.root, path, NULL, 0755, NULL);
	return error != 0 ? error
			  : eft_vfs_open(root, path, O_PATH, 0, ret_file);
}

static int mount_one(struct eft_file *root, const char *path, char *value)
{
	char *word = cut(value, ','), *source = cut(value, ':');
	char options[OPTIONS_MAX] = "";
	unsigned long flags = 0;
	struct eft_file *file;
	int error;

	while (word != NULL) {
		char *next = cut(word, ',');

		take_word(word, &flags, options);
		word = next;
	}
	error = open_target(root, path, &file);
	if (error != 0)
		return error;
	error = eft_mount(file, source, value, flags, options);
	eft_file_put(file);
	return error;
}

/* The working directory of whoever has started us, where the host's is. */
static void begin_in_host_root(struct eft_file *root)
{
	const struct eft_host_paths *host = eft_plat_host_paths();
	char *cwd = eft_alloc(PATH_MAX);
	struct eft_file *file;

	if (cwd != NULL && host_root_whole)
		host->getcwd(cwd, PATH_MAX);
	if (cwd == NULL ||
	    eft_vfs_open(root, cwd, O_PATH | O_DIRECTORY, 0, &file) != 0)
		file = eft_file_get(root);
	eft_free(cwd);
	eft_path_init(file, host->take_umask());
}

int eft_mount_each(struct eft_file *root, const char **ret_path)
{
	int error = 0;

	if (host_root) {
		begin_in_host_root(root);
		*ret_path = "/proc";
		error = eft_proc_guest_init();
	}
	for (unsigned i = 0; i < asked_count && error == 0; i++) {
		*ret_path = asked[i].path;
		error = mount_one(root, asked[i].path, asked[i].value);
	}
	return error;
}

void eft_mount_all(struct eft_file *root)
{
	const char *path;
	int error = eft_mount_each(root, &path);

	if (error != 0)
		fail(path, error);
}

bool eft_mount_host_root(const char *path)
{
	static struct eft_super super = {
		.type = &eft_folder_type,
		.references = 1,
	};
	int error;

	if (asked_count == 0)
		return false;
	host_root_whole = path == NULL;
	if (path == NULL)
		path = "/";
	error = eft_folder_type.create(path, "", EFT_ROOT_DEV, &super.root);
	if (error != 0)
		fail(path, error);
	host_root = true;
	eft_root_mount.super = &super;
	eft_root_mount.root = super.root;
	return true;
}
