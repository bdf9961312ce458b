// SPDX-License-Identifier: BSD-3-Clause
/*
 * Extended attributes: by path, by the path of a link itself, by descriptor. As
 * in Linux, the name and the value are looked at first.
 */
#include "core/xattr.h"
#include "core/mem.h"
#include "posix/fs/path.h"
#include "posix/syscalls.h"

/* What a call is about. */
struct subject {
	const char eft_user *path; /* or NULL: a descriptor */
	int fd;
	bool follow;
	bool by_path;
};

static struct subject by_path(const char eft_user *path, bool follow)
{
	return (struct subject){
		.path = path, .follow = follow, .by_path = true};
}

static struct subject by_fd(int fd)
{
	return (struct subject){.fd = fd};
}

static long call_path(const struct subject *subject,
		      const struct eft_xattr_call *call)
{
	struct eft_user_at at;
	long result = eft_user_path_start(AT_FDCWD, subject->path, false, &at);

	if (result < 0)
		return result;
	result = eft_xattr_at(at.file, at.path, subject->follow, call);
	eft_user_path_end(&at);
	return result;
}

static long call_subject(const struct subject *subject,
			 const struct eft_xattr_call *call)
{
	struct eft_file *file;
	long result;

	if (subject->by_path)
		return call_path(subject, call);
	file = eft_fd_get_opened(subject->fd);
	if (file == NULL)
		return -EBADF;
	result = eft_xattr(file, call);
	eft_file_put(file);
	return result;
}

/* A copy of (name), freed by eft_free(). */
static int get_name(const char eft_user *name, char **ret_name)
{
	char *copy = eft_alloc(EFT_XATTR_NAME_MAX + 1);
	ssize_t len;

	if (copy == NULL)
		return -ENOMEM;
	len = eft_copy_string_in(copy, name, EFT_XATTR_NAME_MAX + 1);
	if (len > 0 && len <= EFT_XATTR_NAME_MAX) {
		*ret_name = copy;
		return 0;
	}
	eft_free(copy);
	return len < 0 ? (int)len : -ERANGE;
}

/* Have (call) ask into memory of ours, and copy what it got to (to). */
static long ask(const struct subject *subject, struct eft_xattr_call *call,
		void eft_user *to)
{
	long result;

	if (call->size > 0) {
		call->data = eft_alloc(call->size);
		if (call->data == NULL)
			return -ENOMEM;
	}
	result = call_subject(subject, call);
	if (result > 0 && call->size > 0 &&
	    eft_copy_out(to, call->data, (size_t)result) != 0)
		result = -EFAULT;
	eft_free(call->data);
	return result;
}

static long set(struct subject subject, const char eft_user *name,
		const void eft_user *value, size_t size, int flags)
{
	struct eft_xattr_call call = {
		.operation = EFT_XATTR_SET, .flags = flags, .size = size};
	char *copy;
	long result;

	if (flags & ~(EFT_XATTR_CREATE | EFT_XATTR_REPLACE))
		return -EINVAL;
	result = get_name(name, &copy);
	if (result != 0)
		return result;
	call.name = copy;
	if (size > EFT_XATTR_VALUE_MAX)
		result = -E2BIG;
	else if ((call.data = eft_alloc(eft_max(size, 1))) == NULL)
		result = -ENOMEM;
	else if (eft_copy_in(call.data, value, size) != 0)
		result = -EFAULT;
	else
		result = call_subject(&subject, &call);
	eft_free(call.data);
	eft_free(copy);
	return result;
}

static long get(struct subject subject, const char eft_user *name,
		void eft_user *value, size_t size)
{
	struct eft_xattr_call call = {
		.operation = EFT_XATTR_GET,
		.size = eft_min(size, EFT_XATTR_VALUE_MAX),
	};
	char *copy;
	long result = get_name(name, &copy);

	if (result != 0)
		return result;
	call.name = copy;
	result = ask(&subject, &call, value);
	eft_free(copy);
	return result;
}

static long list(struct subject subject, char eft_user *names, size_t size)
{
	struct eft_xattr_call call = {
		.operation = EFT_XATTR_LIST,
		.size = eft_min(size, EFT_XATTR_LIST_MAX),
	};

	return ask(&subject, &call, names);
}

static long take_away(struct subject subject, const char eft_user *name)
{
	struct eft_xattr_call call = {.operation = EFT_XATTR_REMOVE};
	char *copy;
	long result = get_name(name, &copy);

	if (result != 0)
		return result;
	call.name = copy;
	result = call_subject(&subject, &call);
	eft_free(copy);
	return result;
}

long eft_sys_setxattr(const char eft_user *path, const char eft_user *name,
		      const void eft_user *value, size_t size, int flags)
{
	return set(by_path(path, true), name, value, size, flags);
}

long eft_sys_lsetxattr(const char eft_user *path, const char eft_user *name,
		       const void eft_user *value, size_t size, int flags)
{
	return set(by_path(path, false), name, value, size, flags);
}

long eft_sys_fsetxattr(int fd, const char eft_user *name,
		       const void eft_user *value, size_t size, int flags)
{
	return set(by_fd(fd), name, value, size, flags);
}

long eft_sys_getxattr(const char eft_user *path, const char eft_user *name,
		      void eft_user *value, size_t size)
{
	return get(by_path(path, true), name, value, size);
}

long eft_sys_lgetxattr(const char eft_user *path, const char eft_user *name,
		       void eft_user *value, size_t size)
{
	return get(by_path(path, false), name, value, size);
}

long eft_sys_fgetxattr(int fd, const char eft_user *name, void eft_user *value,
		       size_t size)
{
	return get(by_fd(fd), name, value, size);
}

long eft_sys_listxattr(const char eft_user *path, char eft_user *names,
		       size_t size)
{
	return list(by_path(path, true), names, size);
}

long eft_sys_llistxattr(const char eft_user *path, char eft_user *names,
			size_t size)
{
	return list(by_path(path, false), names, size);
}

long eft_sys_flistxattr(int fd, char eft_user *names, size_t size)
{
	return list(by_fd(fd), names, size);
}

long eft_sys_removexattr(const char eft_user *path, const char eft_user *name)
{
	return take_away(by_path(path, true), name);
}

long eft_sys_lremovexattr(const char eft_user *path, const char eft_user *name)
{
	return take_away(by_path(path, false), name);
}

long eft_sys_fremovexattr(int fd, const char eft_user *name)
{
	return take_away(by_fd(fd), name);
}
