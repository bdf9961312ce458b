// SPDX-License-Identifier: BSD-3-Clause
#include "posix/fs/path.h"
#include "core/mem.h"

static int get_long(struct eft_user_string *ret_string,
		    const char eft_user *from)
{
	char *text = eft_alloc(PATH_MAX);
	ssize_t len;

	ret_string->text = (char *)ret_string->few;
	if (text == NULL)
		return -ENOMEM;
	len = eft_copy_string_in(text, from, PATH_MAX);
	if (len >= 0 && len < PATH_MAX) {
		ret_string->text = text;
		return 0;
	}
	eft_free(text);
	return len < 0 ? (int)len : -ENAMETOOLONG;
}

eft_inline int get_string(struct eft_user_string *ret_string,
			  const char eft_user *from)
{
	char *few = (char *)ret_string->few;
	ssize_t len = eft_copy_string_in(few, from, EFT_PATH_FEW);

	if (len == EFT_PATH_FEW)
		return get_long(ret_string, from);
	ret_string->text = few;
	return len < 0 ? (int)len : 0;
}

int eft_string_get(struct eft_user_string *ret_string,
		   const char eft_user *from)
{
	return get_string(ret_string, from);
}

void eft_string_put(struct eft_user_string *string)
{
	if (string->text != (char *)string->few)
		eft_free(string->text);
}

int eft_user_path_start(int fd, const char eft_user *path, bool empty,
			struct eft_user_at *ret_at)
{
	int error = get_string(&ret_at->string, path);

	if (error != 0)
		return error;
	error = eft_path_start(fd, ret_at->string.text, empty, &ret_at->at);
	if (error != 0)
		eft_string_put(&ret_at->string);
	return error;
}

void eft_user_path_end(struct eft_user_at *at)
{
	eft_file_put(at->file);
	eft_string_put(&at->string);
}

int eft_user_path_open(int fd, const char eft_user *path, int flags,
		       unsigned mode, struct eft_file **ret_file)
{
	struct eft_user_string string;
	int error = eft_string_get(&string, path);

	if (error != 0)
		return error;
	error = eft_path_open(fd, string.text, flags, mode, ret_file);
	eft_string_put(&string);
	return error;
}
