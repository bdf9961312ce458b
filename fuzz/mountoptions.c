// SPDX-License-Identifier: BSD-3-Clause
/*
 * The options mount.PATH (core/vfs/mount_option.c), with text from outside: what
 * can be mounted is, the rest is an error that names its path. The words of
 * mount(2) for ext4 are read too. All that was mounted can be unmounted.
 */
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"
#include "fuzz/fuzz.h"
#include "tests/fake/disk.h"
#include "tests/fake/needs.h"

enum { TEXT = 200, OPTIONS = 6 };

static const struct eft_fs_type *const needs_type __attribute__((used)) =
	&eft_ext4_type;

static struct fake_disk disk;
static char keys[OPTIONS][TEXT], values[OPTIONS][TEXT];

static void find_block(struct eft_device_class *class)
{
	eft_device_add(class, &disk.block.device);
}

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	fake_find_block = find_block;
	fake_disk_init(&disk, 1 << 16); /* no ext4 */
	fake_disk_begin(&disk);
	eft_fd_init();
	eft_root_init(NULL, 0);
}

/* Words that mean something, among letters. */
static void make_text(char *text, const char *const *words, unsigned count)
{
	size_t len = 0;

	for (unsigned parts = fuzz_below(8); parts > 0; parts--) {
		char letters[20];
		const char *word = words[fuzz_below(count)];

		if (fuzz_below(8) == 7) {
			fuzz_string(letters, sizeof(letters));
			word = letters;
		}
		len += eft_strlcpy(text + len, word, TEXT - len);
		if (len >= TEXT)
			return;
	}
}

static void make_option(unsigned i)
{
	static const char *const paths[] = {"/",  "/a",	   "/b/c", "/..",
					    "/.", "/proc", "/dev", "//"};
	static const char *const words[] = {
		"ext4",	  "ramfs",  "tmpfs",	"proc",	   "devtmpfs",
		"hostfs", ":",	    ":vda",	":vdb",	   ",",
		",ro",	  ",rw",    ",nosuid",	",noexec", ",relatime",
		",size=", ",ro,ro", ",noatime",
	};
	size_t len = eft_strlcpy(keys[i], "mount.", TEXT);

	make_text(keys[i] + len, paths, eft_array_size(paths));
	keys[i][TEXT - 1] = '\0';
	make_text(values[i], words, eft_array_size(words));
}

static void unmount_all(void)
{
	struct eft_mount *mount = NULL, *last = NULL;

	while ((mount = eft_mount_next(mount)) != NULL) {
		if (mount != &eft_root_mount)
			last = mount;
	}
	while (last != NULL) {
		struct eft_place place = {last, NULL, &last->root->node};
		struct eft_file *file;

		fuzz_check(eft_node_open(&place, O_PATH, &file) == 0);
		fuzz_check(eft_umount(file, MNT_DETACH) == 0);
		eft_file_put(file);
		last = NULL;
		while ((mount = eft_mount_next(mount)) != NULL) {
			if (mount != &eft_root_mount)
				last = mount;
		}
	}
}

void fuzz_one(void)
{
	unsigned count = fuzz_below(OPTIONS + 1), taken = 0;
	const char *path = NULL;
	int error;

	for (unsigned i = 0; i < count; i++) {
		make_option(i);
		taken += eft_mount_option(keys[i], values[i]);
	}
	error = eft_mount_each(fuzz_below(4) == 3, &path);
	fuzz_check(error <= 0 && path != NULL && *path == '/');
	fuzz_check(taken > 0 || error == 0);
	unmount_all();
	fake_disk_begin(&disk); /* which forgets what was done */
}
