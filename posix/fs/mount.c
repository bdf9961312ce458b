// SPDX-License-Identifier: BSD-3-Clause
/*
 * Mounting file systems. The caller has root's rights, as in a guest.
 */
#include "posix/fs/path.h"
#include "posix/syscalls.h"

eft_needs(eft_mount_option);

/* A copy of the program's string; of NULL, none: its text is NULL. */
static int get_optional(struct eft_user_string *ret_string,
			const char eft_user *from)
{
	ret_string->text = NULL;
	return from == NULL ? 0 : eft_string_get(ret_string, from);
}

static void put_optional(struct eft_user_string *string)
{
	if (string->text != NULL)
		eft_string_put(string);
}

static long mount_at(const char eft_user *target, const char *source,
		     const char *type, unsigned long flags, const char *data)
{
	struct eft_file *file;
	long result = eft_user_path_open(AT_FDCWD, target, O_PATH, 0, &file);

	if (result < 0)
		return result;
	result = eft_mount(file, source, type, flags, data);
	eft_file_put(file);
	return result;
}

/* The strings in Linux's order (fs/namespace.c): type, source, data, target. */
long eft_sys_mount(const char eft_user *source, const char eft_user *target,
		   const char eft_user *type, unsigned long flags,
		   const void eft_user *data)
{
	struct eft_user_string strings[3] = {0};
	const char eft_user *const from[3] = {type, source, data};
	long result = 0;

	for (int i = 0; i < 3 && result == 0; i++)
		result = get_optional(&strings[i], from[i]);
	if (result == 0)
		result = mount_at(target, strings[1].text, strings[0].text,
				  flags, strings[2].text);
	for (int i = 0; i < 3; i++)
		put_optional(&strings[i]);
	return result;
}

long eft_sys_umount2(const char eft_user *target, int flags)
{
	int follow = flags & UMOUNT_NOFOLLOW ? O_NOFOLLOW : 0;
	struct eft_file *file;
	long result;

	if (flags & ~(MNT_FORCE | MNT_DETACH | UMOUNT_NOFOLLOW))
		return -EINVAL;
	result =
		eft_user_path_open(AT_FDCWD, target, O_PATH | follow, 0, &file);
	if (result < 0)
		return result;
	result = eft_umount(file, flags);
	eft_file_put(file);
	return result;
}
