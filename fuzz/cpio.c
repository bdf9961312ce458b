// SPDX-License-Identifier: BSD-3-Clause
/*
 * cpio archives (core/fs/initrd): the input is one or several, compressed or not,
 * unpacked into the tree; then all that came of it is walked through, written
 * to, and removed.
 */
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"
#include "fuzz/calls.h"

enum { DEPTH = 64, NAME = 256, BUFFER = 4096 };

static struct eft_file *root;

void fuzz_boot(void)
{
	struct fake_config config = FUZZ_WORLD;

	fake_boot(&config);
	eft_fd_init();
	eft_root_init(NULL, 0);
	fuzz_check(eft_path_open(AT_FDCWD, "/", O_DIRECTORY, 0, &root) == 0);
}

/* The first entry of (dir) that is not `.`, `..` or of the libOS's own. */
static bool first_entry(struct eft_file *dir, char *name, unsigned *ret_type)
{
	static char buffer[BUFFER];
	ssize_t len, at = 0;

	dir->ops->seek(dir, 0, SEEK_SET);
	while ((len = dir->ops->getdents(dir, buffer, sizeof(buffer))) > 0) {
		for (at = 0; at < len;) {
			struct eft_dirent *entry = (void *)(buffer + at);

			at += entry->reclen;
			if (entry->name[0] == '.' || entry->name[0] == '\1')
				continue;
			eft_strlcpy(name, entry->name, NAME);
			*ret_type = entry->type;
			return true;
		}
	}
	fuzz_check(len == 0);
	return false;
}

static void use(struct eft_file *dir, const char *name)
{
	static char data[BUFFER];
	struct eft_iovec iov = {data, 5};
	struct eft_file *file;
	struct eft_stat st;

	if (eft_vfs_fs.open(dir, name, O_RDWR, 0, &file) < 0)
		return;
	if (file->ops->stat(file, &st) == 0 && (st.mode & S_IFMT) == S_IFREG) {
		off_t read = eft_file_pread(file, data, sizeof(data), 0);

		fuzz_check(read ==
			   (off_t)eft_min((uint64_t)st.size, sizeof(data)));
		eft_file_write(file, &iov, 1, st.size / 2);
	}
	eft_file_put(file);
}

void fuzz_one(void)
{
	char message[256] = "", name[NAME];
	size_t len;
	const uint8_t *data = fuzz_rest(&len);
	unsigned type;

	if (eft_initrd_decode(data, len, message, sizeof(message)) < 0)
		fuzz_check(message[0] != '\0');
	if (first_entry(root, name, &type))
		use(root, name);
	fuzz_empty_root();
	fuzz_check_left();
}
