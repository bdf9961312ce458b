// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/mounts, /proc/self/mounts and mountinfo, of images that mount: others
 * know what there is (system_guest.c). Formats: Linux,
 * Documentation/filesystems/proc.rst, 3.5; fs/proc_namespace.c.
 */
#include "core/fs/procfs/proc.h"
#include "core/lib.h"
#include "core/mem.h"

static void put_escaped(struct eft_text *text, const char *s, size_t len)
{
	for (; len-- > 0; s++) {
		bool odd = *s == ' ' || *s == '\t' || *s == '\n' || *s == '\\';

		eft_text_printf(text, odd ? "\\%03o" : "%c", *s);
	}
}

/* Where (mount) is. */
static void put_path(struct eft_text *text, struct eft_mount *mount)
{
	const struct eft_place place = {mount, NULL, &mount->root->node};
	char *path = eft_alloc(PATH_MAX);
	struct eft_file *file;
	ssize_t len = -ENOMEM;

	if (path != NULL)
		len = eft_node_open(&place, O_PATH, &file);
	if (len == 0) {
		len = eft_file_path(file, path, PATH_MAX);
		eft_file_put(file);
	}
	if (len >= 0)
		put_escaped(text, path, (size_t)len);
	else
		text->error = (int)len;
	eft_free(path);
}

static void put_options(struct eft_text *text, const struct eft_mount *mount)
{
	uint32_t flags = eft_mount_flags(mount);

	eft_text_printf(text, "%s%s%s%s%s%s", flags & MS_RDONLY ? "ro" : "rw",
			flags & MS_NOSUID ? ",nosuid" : "",
			flags & MS_NODEV ? ",nodev" : "",
			flags & MS_NOEXEC ? ",noexec" : "",
			flags & MS_NOATIME	 ? ",noatime"
			: flags & MS_STRICTATIME ? ""
						 : ",relatime",
			flags & MS_NODIRATIME ? ",nodiratime" : "");
}

void eft_proc_list_mounts(struct eft_text *text)
{
	struct eft_mount *mount = NULL;

	while ((mount = eft_mount_next(mount)) != NULL) {
		put_escaped(text, mount->source, eft_strlen(mount->source));
		eft_text_append(text, " ", 1);
		put_path(text, mount);
		eft_text_printf(text, " %s ", mount->super->type->name);
		put_options(text, mount);
		eft_text_printf(text, " 0 0\n");
	}
}

static int id_above(const struct eft_mount *mount)
{
	const struct eft_mount *above;
	int id;

	eft_rename_lock();
	above = mount->covered.mount;
	id = above != NULL ? above->id : mount->id;
	eft_rename_unlock();
	return id;
}

void eft_proc_list_mountinfo(struct eft_text *text)
{
	struct eft_mount *mount = NULL;

	while ((mount = eft_mount_next(mount)) != NULL) {
		uint32_t dev = mount->root->node.dev;

		eft_text_printf(text, "%d %d %u:%u / ", mount->id,
				id_above(mount), dev >> 8 & 0xfff, dev & 0xff);
		put_path(text, mount);
		eft_text_append(text, " ", 1);
		put_options(text, mount);
		eft_text_printf(text, " - %s ", mount->super->type->name);
		put_escaped(text, mount->source, eft_strlen(mount->source));
		eft_text_printf(text, " rw\n");
	}
}
