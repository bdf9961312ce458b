// SPDX-License-Identifier: BSD-3-Clause
/*
 * 9P as a type of file systems that are mounted: the source is the channel's
 * tag. Options are those of Linux's mount, as far as they say what is so.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/lib.h"
#include "core/log.h"
#include "core/vfs/mount_option.h"
#include "core/vfs/root.h"
#include "core/xattr.h"

/* Who has it says what to mount, and where the channels are. */
eft_needs(eft_mount_option);
eft_needs(eft_plat_guest_find_ninep);

/* Its attributes are there for whose calls ask for some (core/vfs/xattr.c). */
static const struct eft_xattr_ops *const needs_xattrs __attribute__((used)) =
	&eft_ninep_xattrs;

enum { MAGIC = 0x01021997 }; /* linux/magic.h: V9FS_MAGIC */
enum { MSIZE_LEAST = 4096 }; /* that Linux takes */

/* What is so in any case: there is one user, and no other way to a server. */
static const char *const usual_options[] = {
	"trans=virtio", "version=9p2000.L", "access=client",
	"access=user",	"access=any",
};

static bool is_word(const char *text, size_t len, const char *word)
{
	return eft_strlen(word) == len && memcmp(text, word, len) == 0;
}

/* More than a call can move is no more use. */
static int set_msize(struct eft_ninep *fs, const char *digits, size_t len)
{
	char text[24];
	uint64_t value;
	int error;

	if (len >= sizeof(text))
		return -EINVAL;
	memcpy(text, digits, len);
	text[len] = '\0';
	error = eft_parse_u64(text, false, &value);
	if (error != 0 || value < MSIZE_LEAST)
		return -EINVAL;
	fs->msize = (uint32_t)eft_min(value, UINT32_MAX);
	return 0;
}

static int refuse(const char *word, size_t len)
{
	char text[48];

	eft_strlcpy(text, word, eft_min(len + 1, sizeof(text)));
	eft_log(EFT_LOG_ERROR, "9p: %s: no option, or one that is not so",
		text);
	return -EINVAL;
}

static int take_word(struct eft_remote *remote, const char *word, size_t len)
{
	static const char msize[] = "msize=";
	size_t prefix = sizeof(msize) - 1;

	for (size_t i = 0; i < eft_array_size(usual_options); i++)
		if (is_word(word, len, usual_options[i]))
			return 0;
	if (is_word(word, len, "noxattr")) {
		eft_ninep_of(remote)->no_xattrs = true;
		return 0;
	}
	if (len > prefix && memcmp(word, msize, prefix) == 0 &&
	    set_msize(eft_ninep_of(remote), word + prefix, len - prefix) == 0)
		return 0;
	return refuse(word, len);
}

static int ninep_create(const char *source, const char *options, uint32_t dev,
			struct eft_dir **ret_root)
{
	struct eft_ninep *fs = eft_ninep_fs_create();
	int error;

	if (fs == NULL)
		return -ENOMEM;
	error = eft_remote_parse_options(&fs->remote, options, take_word);
	if (error == 0)
		error = eft_ninep_connect(fs, source);
	if (error != 0) {
		eft_ninep_destroy(&fs->remote);
		return error;
	}
	return eft_remote_create_root(&fs->remote, dev, ret_root);
}

const struct eft_fs_type eft_ninep_type = {
	.name = "9p",
	.magic = MAGIC,
	.create = ninep_create,
	.writes = true,
	.destroy = eft_remote_destroy,
	.statfs = eft_remote_statfs,
};
