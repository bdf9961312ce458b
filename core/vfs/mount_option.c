// SPDX-License-Identifier: BSD-3-Clause
/*
 * The option mount.PATH=TYPE[:SOURCE][,WORD…]. With a root of the host's and
 * such an option the root is a folder that can be mounted on
 * (core/fs/hostfs/folder.c), and not the whole paths that the host takes.
 */
#include "core/vfs/mount_option.h"
#include "core/cache.h"
#include "core/dev/host.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/options.h"
#include "core/plat.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

/* Only images that export files have the one, with disks the other. */
#pragma weak eft_export_to
#pragma weak eft_page_cache_end

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
	{"ro", MS_RDONLY, 0},
	{"rw", 0, MS_RDONLY},
	{"nosuid", MS_NOSUID, 0},
	{"nodev", MS_NODEV, 0},
	{"noexec", MS_NOEXEC, 0},
	{"noatime", MS_NOATIME, 0},
	{"relatime", 0, MS_NOATIME | MS_STRICTATIME},
	{"nodiratime", MS_NODIRATIME, 0},
	{"strictatime", MS_STRICTATIME, MS_NOATIME},
};

static bool host_root;	     /* the root is a folder of the host's */
static bool host_root_whole; /* all of it */
static bool has_root;	     /* another is asked for, once: mount./ */

/* Is (path) the root, by however many slashes? */
static bool is_root(const char *path)
{
	while (*path == '/')
		path++;
	return *path == '\0';
}

bool eft_mount_option(const char *key, char *value)
{
	static const char prefix[] = "mount.";
	const char *path = key + sizeof(prefix) - 1;

	if (!eft_starts_with(key, prefix) || *path != '/' ||
	    asked_count == MOUNTS_MAX || (has_root && is_root(path)))
		return false;
	if (is_root(path)) {
		if (eft_options.root == NULL)
			eft_options.root = "initrd";
		has_root = true;
	}
	asked[asked_count].path = path;
	asked[asked_count++].value = value;
	return true;
}

/* What was mounted before ends as the program would end it. */
static eft_noreturn void fail(const char *path, int error)
{
	if (eft_page_cache_end != NULL)
		eft_page_cache_end();
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

	if (error != -ENOENT || host_root || has_root)
		return error;
	error = eft_vfs_add(eft_root_mount.root, path, NULL, 0755, NULL);
	return error != 0 ? error
			  : eft_vfs_open(root, path, O_PATH, 0, ret_file);
}

static int mount_at(struct eft_file *root, const char *path, const char *source,
		    const char *type, unsigned long flags, const char *options)
{
	struct eft_file *file;
	int error = open_target(root, path, &file);

	if (error != 0)
		return error;
	error = eft_mount(file, source, type, flags, options);
	eft_file_put(file);
	return error;
}

static int mount_one(const char *path, char *value)
{
	char *word = cut(value, ','), *source = cut(value, ':');
	char options[OPTIONS_MAX] = "";
	unsigned long flags = 0;

	while (word != NULL) {
		char *next = cut(word, ',');

		take_word(word, &flags, options);
		word = next;
	}
	if (is_root(path))
		return eft_mount_root(source != NULL ? source : "none", value,
				      flags, options);
	return mount_at(eft_root_for("/"), path, source, value, flags, options);
}

/* Mount those that are, or are not, the root. */
static int mount_those(bool of_root, const char **ret_path)
{
	int error = 0;

	for (unsigned i = 0; i < asked_count && error == 0; i++) {
		if (is_root(asked[i].path) != of_root)
			continue;
		*ret_path = asked[i].path;
		error = mount_one(asked[i].path, asked[i].value);
	}
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

/* Would a root hide what somebody has packed, or wants to have? */
static int check_root(bool has_archive)
{
	const char *hidden = has_archive ? "initrd= has another" : NULL;

	if (&eft_export_to != NULL && eft_export_to != 0)
		hidden = "out= collects what is in memory";
	if (!has_root || hidden == NULL)
		return 0;
	eft_log(EFT_LOG_ERROR, "%s", hidden);
	return -EINVAL;
}

int eft_mount_each(bool has_archive, const char **ret_path)
{
	int error;

	*ret_path = "/";
	error = check_root(has_archive);
	if (host_root) {
		begin_in_host_root(eft_root_for("/"));
		*ret_path = "/proc";
		error = eft_proc_guest_init();
	}
	if (error == 0)
		error = mount_those(true, ret_path);
	return error != 0 ? error : mount_those(false, ret_path);
}

void eft_mount_all(bool has_archive)
{
	const char *path;
	int error = eft_mount_each(has_archive, &path);

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
	if (has_root) {
		eft_log(EFT_LOG_ERROR, "root= says that it is another");
		fail("/", -EINVAL);
	}
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
