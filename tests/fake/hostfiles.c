// SPDX-License-Identifier: BSD-3-Clause
/*
 * A host with files: a table of them, in memory. Paths are compared as text,
 * from a handle's path on; there are no links, and `.` is the only component
 * that is resolved. Handles 0 to 2 are a stream, "/dev/stream".
 */
#include "core/abi.h"
#include "core/dev/host.h"
#include "core/dev/hostsockets.h"
#include "core/lib.h"
#include "core/log.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

enum { FILES = 32, HANDLES = 64, TICKETS = 16 };

struct handle {
	struct fake_host_file *file; /* NULL: free */
	int flags;
	off_t position;
	bool inherited; /* exec has left it */
};

struct ticket {
	int handle;
	unsigned events;
	void (*done)(void *arg); /* NULL: free */
	void *arg;
};

bool fake_has_host, fake_has_helpers;
struct eft_host_job *fake_host_job;
size_t fake_host_room = SIZE_MAX;

static const char working_directory[] = "/home";

static struct fake_host_file files[FILES];
static struct handle handles[HANDLES];
static struct ticket tickets[TICKETS];

struct fake_host_file *fake_host_file(const char *path)
{
	for (unsigned i = 0; i < FILES; i++) {
		if (eft_strcmp(files[i].path, path) == 0)
			return &files[i];
	}
	return NULL;
}

static bool write_at(struct fake_host_file *file, size_t at, const void *data,
		     size_t size)
{
	if (at + size > file->room) {
		file->data = host_realloc(file->data, at + size);
		memset(file->data + file->room, 0, at + size - file->room);
		file->room = at + size;
	}
	memcpy(file->data + at, data, size);
	file->size = eft_max(file->size, at + size);
	return true;
}

struct fake_host_file *fake_host_add(const char *path, unsigned mode,
				     const void *data, size_t size)
{
	struct fake_host_file *file = fake_host_file("");

	eft_assert(file != NULL && eft_strlen(path) < sizeof(file->path));
	*file = (struct fake_host_file){.mode = mode};
	eft_strlcpy(file->path, path, sizeof(file->path));
	if ((mode & S_IFMT) == S_IFREG)
		file->ready = POLLIN | POLLOUT;
	if (size > 0)
		write_at(file, 0, data, size);
	return file;
}

unsigned fake_host_open_handles(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < HANDLES; i++)
		count += handles[i].file != NULL;
	return count;
}

/* The first time that anybody looks: what there always is. */
static void set_up(void)
{
	if (handles[0].file != NULL)
		return;
	fake_host_add("/", S_IFDIR | 0755, NULL, 0);
	fake_host_add("/tmp", S_IFDIR | 01777, NULL, 0);
	fake_host_add("/home", S_IFDIR | 0755, NULL, 0);
	fake_host_add("/dev/stream", S_IFCHR | 0600, NULL, 0)->ready = POLLOUT;
	for (unsigned i = 0; i <= 2; i++) {
		handles[i] = (struct handle){
			.file = fake_host_file("/dev/stream"),
			.flags = O_RDWR,
			.inherited = true,
		};
		handles[i].file->handles++;
	}
}

void fake_host_leave(const char *path, unsigned number, int flags)
{
	eft_assert(number < HANDLES && handles[number].file == NULL);
	handles[number] = (struct handle){
		.file = fake_host_file(path),
		.flags = flags,
		.inherited = true,
	};
	handles[number].file->handles++;
}

static struct handle *handle_at(int number)
{
	if (number < 0 || number >= HANDLES || handles[number].file == NULL)
		return NULL;
	return &handles[number];
}

static bool is_stream(const struct handle *handle)
{
	return (handle->file->mode & S_IFMT) == S_IFCHR;
}

/* A stream gives what it has, and is then not ready any more. */
static ssize_t read_some(struct fake_host_file *file, bool stream, void *buf,
			 size_t len, off_t at)
{
	size_t n = 0;

	if ((uint64_t)at < file->size)
		n = eft_min(len, file->size - (size_t)at);
	if (n > 0)
		memcpy(buf, file->data + at, n);
	if (!stream)
		return (ssize_t)n;
	file->size -= n;
	memmove(file->data, file->data + n, file->size);
	if (file->size == 0)
		file->ready &= ~(unsigned)POLLIN;
	return (ssize_t)n;
}

static ssize_t host_read(int number, const struct eft_iovec *iov, int count,
			 off_t at)
{
	struct handle *handle = handle_at(number);
	int error = fake_injected(FAKE_HOST_READ);
	ssize_t done = 0;

	if (handle == NULL)
		return -EBADF;
	if (error < 0)
		return error;
	if ((handle->file->mode & S_IFMT) == S_IFDIR)
		return -EISDIR;
	for (int i = 0; i < count; i++) {
		off_t from = (at < 0 ? handle->position : at) + done;

		done += read_some(handle->file, is_stream(handle), iov[i].base,
				  iov[i].len, is_stream(handle) ? 0 : from);
	}
	if (at < 0)
		handle->position += done;
	return done;
}

static ssize_t host_write(int number, const struct eft_iovec *iov, int count,
			  off_t at)
{
	struct handle *handle = handle_at(number);
	int error = fake_injected(FAKE_HOST_WRITE);
	off_t to = at;

	if (handle == NULL)
		return -EBADF;
	if (error < 0)
		return error;
	if (to < 0)
		to = handle->flags & O_APPEND ? (off_t)handle->file->size
					      : handle->position;
	at = to;
	for (int i = 0; i < count; i++) {
		if (is_stream(handle))
			eft_plat->console_write(iov[i].base, iov[i].len);
		else
			write_at(handle->file, (size_t)to, iov[i].base,
				 iov[i].len);
		to += (off_t)iov[i].len;
	}
	handle->position = to;
	return to - at;
}

static off_t host_seek(int number, off_t offset, int whence)
{
	struct handle *handle = handle_at(number);

	if (handle == NULL)
		return -EBADF;
	if (is_stream(handle))
		return -ESPIPE;
	if ((whence == SEEK_DATA || whence == SEEK_HOLE) &&
	    (uint64_t)offset >= handle->file->size)
		return -ENXIO;
	if (whence == SEEK_HOLE)
		offset = (off_t)handle->file->size;
	else if (whence == SEEK_CUR)
		offset += handle->position;
	else if (whence == SEEK_END)
		offset += (off_t)handle->file->size;
	if (offset < 0)
		return -EINVAL;
	return handle->position = offset;
}

static void fill_stat(const struct fake_host_file *file, struct eft_stat *st)
{
	*st = (struct eft_stat){
		.dev = 77,
		.ino = (uint64_t)(file - files) + 1,
		.nlink = file->path[0] != '\0',
		.mode = file->mode,
		.size = (int64_t)file->size,
		.blksize = EFT_PAGE_SIZE,
		.blocks = ((int64_t)file->size + 511) / 512,
	};
}

static int host_stat(int number, struct eft_stat *ret_stat)
{
	struct handle *handle = handle_at(number);
	struct fake_host_file *file = handle ? handle->file : NULL;
	int error = fake_injected(FAKE_HOST_STAT);

	if (number == EFT_HOST_CWD)
		file = fake_host_file(working_directory);
	if (file == NULL)
		return -EBADF;
	if (error == 0)
		fill_stat(file, ret_stat);
	return error;
}

static int host_statfs(int number, struct eft_statfs *ret_statfs)
{
	if (handle_at(number) == NULL)
		return -EBADF;
	*ret_statfs = (struct eft_statfs){.bsize = EFT_PAGE_SIZE};
	return 0;
}

static int host_set_size(int number, off_t size)
{
	struct handle *handle = handle_at(number);

	if (handle == NULL)
		return -EBADF;
	if (size < 0)
		return -EINVAL;
	if ((size_t)size > handle->file->size)
		write_at(handle->file, (size_t)size, "", 0);
	handle->file->size = (size_t)size;
	return 0;
}

static int host_sync(int number, bool data_only)
{
	return handle_at(number) != NULL ? 0 : -EBADF;
}

static int host_inherited(int number)
{
	set_up();
	if (handle_at(number) == NULL || !handles[number].inherited)
		return -EBADF;
	return handles[number].flags;
}

static int host_set_flags(int number, int flags)
{
	if (handle_at(number) == NULL)
		return -EBADF;
	handles[number].flags = flags;
	return 0;
}

static int host_lock(int number, int command, struct eft_flock *lock)
{
	return fake_injected(FAKE_HOST_LOCK);
}

static int host_flock(int number, int operation)
{
	return fake_injected(FAKE_HOST_LOCK);
}

static int host_close(int number)
{
	struct handle *handle = handle_at(number);

	if (number == EFT_HOST_CWD)
		return 0;
	eft_assert(handle != NULL);
	handle->file->handles--;
	handle->file = NULL;
	return fake_injected(FAKE_HOST_CLOSE);
}

/* A copy of the contents: what is written there later is not seen. */
static int host_map(int number, uintptr_t addr, size_t len, int prot,
		    bool shared, off_t offset)
{
	struct handle *handle = handle_at(number);
	int error = fake_injected(FAKE_HOST_MAP);
	size_t n;

	if (error < 0)
		return error;
	error = fake_plat.map_zero(fake_info.space, addr, len,
				   EFT_PROT_READ | EFT_PROT_WRITE);
	if (error < 0)
		return error;
	n = eft_min(len, handle->file->size -
				 eft_min(handle->file->size, (uint64_t)offset));
	memcpy((void *)addr, handle->file->data + offset, n);
	return fake_plat.protect(fake_info.space, addr, len, prot);
}

/* What a terminal answers. */
static int host_ioctl(int number, unsigned long request, void *arg)
{
	struct handle *handle = handle_at(number);

	if (handle == NULL)
		return -EBADF;
	if (handle->file->termios == NULL)
		return -ENOTTY;
	if (request == TCGETS)
		memcpy(arg, handle->file->termios, sizeof(struct eft_termios));
	else if (request == FIONREAD)
		*(int *)arg = (int)handle->file->size;
	else
		return -EINVAL;
	return 0;
}

static int host_get_flags(int number)
{
	return 0; /* what there is to read is told by ready() */
}

static unsigned host_ready(int number, unsigned events)
{
	struct handle *handle = handle_at(number);

	if (handle == NULL)
		return POLLNVAL;
	return handle->file->ready & (events | POLLHUP | POLLERR);
}

static ssize_t host_read_now(int number, const struct eft_iovec *iov, int count)
{
	if (host_ready(number, POLLIN | POLLHUP) == 0)
		return -EAGAIN;
	return host_read(number, iov, count, EFT_HOST_POSITION);
}

/* One part at a time, as far as there is room. */
static ssize_t host_write_now(int number, const struct eft_iovec *iov,
			      int count)
{
	struct eft_iovec some = {.base = iov->base,
				 .len = eft_min(iov->len, fake_host_room)};

	if (some.len == 0 && iov->len != 0)
		return -EAGAIN;
	fake_host_room -= some.len;
	return host_write(number, &some, 1, EFT_HOST_POSITION);
}

static int host_notify(int number, unsigned events, void (*done)(void *arg),
		       void *arg)
{
	int error = fake_injected(FAKE_HOST_NOTIFY);

	for (int i = 0; i < TICKETS && error == 0; i++) {
		if (tickets[i].done != NULL)
			continue;
		tickets[i] = (struct ticket){number, events, done, arg};
		return i;
	}
	return error < 0 ? error : -ENOMEM;
}

static void host_cancel(int ticket)
{
	tickets[ticket].done = NULL;
}

unsigned fake_host_tickets(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < TICKETS; i++)
		count += tickets[i].done != NULL;
	return count;
}

static void complete(void *arg)
{
	struct ticket *ticket = arg;
	void (*done)(void *) = ticket->done;

	ticket->done = NULL;
	if (done != NULL)
		done(ticket->arg);
}

void fake_host_set_ready(struct fake_host_file *file, unsigned events)
{
	file->ready |= events;
	for (unsigned i = 0; i < TICKETS; i++) {
		if (tickets[i].done != NULL &&
		    handles[tickets[i].handle].file == file &&
		    (tickets[i].events & events))
			fake_interrupt(complete, &tickets[i]);
	}
}

void fake_host_feed(struct fake_host_file *file, const char *text)
{
	write_at(file, file->size, text, eft_strlen(text));
	fake_host_set_ready(file, POLLIN);
}

/*
 * Paths.
 */

/* The absolute path that (path) means from the handle (at). */
static int resolve(int at, const char *path, char *out, size_t size)
{
	const char *base = working_directory;
	size_t len;

	if (at != EFT_HOST_CWD) {
		if (handle_at(at) == NULL)
			return -EBADF;
		base = handle_at(at)->file->path;
	}
	if (eft_strcmp(path, ".") == 0)
		path = "";
	if (*path == '/')
		len = eft_strlcpy(out, path, size);
	else if (*path == '\0')
		len = eft_strlcpy(out, base, size);
	else
		len = eft_snprintf(out, size, "%s%s%s", base,
				   eft_strcmp(base, "/") == 0 ? "" : "/", path);
	return len < size ? 0 : -ENAMETOOLONG;
}

static int lookup(int at, const char *path, struct fake_host_file **ret_file)
{
	char name[sizeof(files[0].path)];
	int error = resolve(at, path, name, sizeof(name));

	if (error == 0)
		error = fake_injected(FAKE_HOST_PATHS);
	if (error < 0)
		return error;
	*ret_file = fake_host_file(name);
	return *ret_file != NULL ? 0 : -ENOENT;
}

static int create(int at, const char *path, unsigned mode,
		  struct fake_host_file **ret_file)
{
	char name[sizeof(files[0].path)];
	struct fake_host_file *file;
	int error = lookup(at, path, &file);

	if (error == 0)
		return -EEXIST;
	if (error != -ENOENT)
		return error;
	resolve(at, path, name, sizeof(name));
	*ret_file = fake_host_add(name, mode, NULL, 0);
	return 0;
}

static int paths_open(int at, const char *path, int flags, unsigned mode)
{
	int error = fake_injected(FAKE_HOST_OPEN), number = 0;
	struct fake_host_file *file = NULL;

	set_up();
	if (error == 0)
		error = lookup(at, path, &file);
	if (error == -ENOENT && (flags & O_CREAT))
		error = create(at, path, S_IFREG | mode, &file);
	else if (error == 0 && (flags & O_CREAT) && (flags & O_EXCL))
		error = -EEXIST;
	if (error < 0)
		return error;
	while (number < HANDLES && handles[number].file != NULL)
		number++;
	if (number == HANDLES)
		return -EMFILE;
	if (flags & O_TRUNC)
		file->size = 0;
	handles[number] = (struct handle){.file = file, .flags = flags};
	file->handles++;
	return number;
}

static int paths_stat(int at, const char *path, int flags,
		      struct eft_stat *ret_stat)
{
	struct fake_host_file *file;
	int error = lookup(at, path, &file);

	if (error == 0)
		fill_stat(file, ret_stat);
	return error;
}

static int paths_access(int at, const char *path, int mode, int flags)
{
	struct fake_host_file *file;

	return lookup(at, path, &file);
}

static int paths_mkdir(int at, const char *path, unsigned mode)
{
	struct fake_host_file *file;

	return create(at, path, S_IFDIR | mode, &file);
}

static int paths_unlink(int at, const char *path, int flags)
{
	struct fake_host_file *file;
	int error = lookup(at, path, &file);

	if (error == 0)
		file->path[0] = '\0';
	return error;
}

static int paths_rename(int from, const char *path, int to, const char *to_path,
			unsigned flags)
{
	char name[sizeof(files[0].path)];
	struct fake_host_file *file, *old;
	int error = lookup(from, path, &file);

	if (error == 0)
		error = resolve(to, to_path, name, sizeof(name));
	if (error < 0)
		return error;
	old = fake_host_file(name);
	if (old != NULL)
		old->path[0] = '\0';
	eft_strlcpy(file->path, name, sizeof(file->path));
	return 0;
}

/* Only /proc/self/fd/N, by which core asks for a handle's path. */
static ssize_t paths_readlink(int at, const char *path, char *buf, size_t size)
{
	static const char prefix[] = "/proc/self/fd/";
	uint64_t number;
	size_t len;

	if (!eft_starts_with(path, prefix) ||
	    eft_parse_u64(path + sizeof(prefix) - 1, false, &number) < 0 ||
	    number >= HANDLES || handles[number].file == NULL)
		return -EINVAL;
	len = eft_min(eft_strlen(handles[number].file->path), size);
	memcpy(buf, handles[number].file->path, len);
	return (ssize_t)len;
}

static bool paths_is_proc(int handle)
{
	return false;
}

static ssize_t paths_getcwd(char *buf, size_t size)
{
	return (ssize_t)eft_strlcpy(buf, "/home", size) + 1;
}

static int paths_next_inherited(int from)
{
	for (; from < HANDLES; from++) {
		if (host_inherited(from) >= 0)
			return from;
	}
	return -1;
}

static unsigned paths_take_umask(void)
{
	return 027;
}

static int host_allocate(int number, int mode, off_t offset, off_t len)
{
	return handle_at(number) != NULL ? fake_injected(FAKE_HOST_ALLOCATE)
					 : -EBADF;
}

int eft_plat_host_memory(void)
{
	int number = 0;
	int error = fake_has_host ? fake_injected(FAKE_HOST_MEMORY) : -ENODEV;

	while (number < HANDLES && handles[number].file != NULL)
		number++;
	if (error < 0 || number == HANDLES)
		return error < 0 ? error : -EMFILE;
	handles[number] = (struct handle){
		.file = fake_host_add("/memory", S_IFREG | 0600, NULL, 0),
		.flags = O_RDWR,
	};
	handles[number].file->handles++;
	return number;
}

const struct eft_host_sockets *eft_plat_host_sockets(void)
{
	return NULL;
}

const struct eft_host_files *eft_plat_host_files(void)
{
	static const struct eft_host_files kind = {
		.write = host_write,
		.seek = host_seek,
		.stat = host_stat,
		.ioctl = host_ioctl,
		.inherited = host_inherited,
		.set_flags = host_set_flags,
		.close = host_close,
		.map = host_map,
	};

	return fake_has_host ? &kind : NULL;
}

const struct eft_host_input *eft_plat_host_input(void)
{
	static const struct eft_host_input kind = {
		.read = host_read,
	};

	return fake_has_host ? &kind : NULL;
}

const struct eft_host_waiting *eft_plat_host_waiting(void)
{
	static const struct eft_host_waiting kind = {
		.read_now = host_read_now,
		.write_now = host_write_now,
		.get_flags = host_get_flags,
		.ready = host_ready,
		.notify = host_notify,
		.cancel = host_cancel,
	};

	return fake_has_host ? &kind : NULL;
}

const struct eft_host_storage *eft_plat_host_storage(void)
{
	static const struct eft_host_storage kind = {
		.allocate = host_allocate,
		.statfs = host_statfs,
		.set_size = host_set_size,
		.sync = host_sync,
		.lock = host_lock,
		.flock = host_flock,
	};

	return fake_has_host ? &kind : NULL;
}

const struct eft_host_paths *eft_plat_host_paths(void)
{
	static const struct eft_host_paths kind = {
		.open = paths_open,
		.open_named = paths_open,
		.stat = paths_stat,
		.access = paths_access,
		.readlink = paths_readlink,
		.is_proc = paths_is_proc,
		.getcwd = paths_getcwd,
		.next_inherited = paths_next_inherited,
		.take_umask = paths_take_umask,
	};

	return fake_has_host ? &kind : NULL;
}

const struct eft_host_names *eft_plat_host_names(void)
{
	static const struct eft_host_names kind = {
		.mkdir = paths_mkdir,
		.unlink = paths_unlink,
		.rename = paths_rename,
	};

	return fake_has_host ? &kind : NULL;
}

/* A host whose files have none. */
static ssize_t no_xattr(const struct eft_xattr_call *call)
{
	return call->operation == EFT_XATTR_LIST ? 0 : -EOPNOTSUPP;
}

static ssize_t paths_xattr(const char *path, bool follow,
			   const struct eft_xattr_call *call)
{
	return no_xattr(call);
}

static ssize_t files_xattr(int handle, const struct eft_xattr_call *call)
{
	return no_xattr(call);
}

const struct eft_host_xattrs *eft_plat_host_xattrs(void)
{
	static const struct eft_host_xattrs kind = {
		.by_path = paths_xattr,
		.by_handle = files_xattr,
	};

	return fake_has_host ? &kind : NULL;
}

void fake_host_end_job(long result)
{
	struct eft_host_job *job = fake_host_job;

	fake_host_job = NULL;
	job->result = result;
	job->told = true;
	job->done(job->arg);
}

static void end_stopped(void *job)
{
	if (fake_host_job == job)
		fake_host_end_job(-EINTR);
}

static int helpers_begin(struct eft_host_job *job)
{
	if (!fake_has_helpers || fake_host_job != NULL)
		return -EAGAIN;
	fake_host_job = job;
	return 0;
}

static void helpers_stop(struct eft_host_job *job)
{
	job->stop = 1;
	fake_interrupt(end_stopped, job);
}

static bool helpers_has_ended(struct eft_host_job *job)
{
	return job->told;
}

/* The last that was done. */
long fake_host_futex_args[6];

static long helpers_futex(const long args[6])
{
	memcpy(fake_host_futex_args, args, sizeof(fake_host_futex_args));
	return 3;
}

const struct eft_host_helpers *eft_plat_host_helpers(void)
{
	static const struct eft_host_helpers kind = {
		.begin = helpers_begin,
		.stop = helpers_stop,
		.has_ended = helpers_has_ended,
		.futex = helpers_futex,
	};

	return fake_has_host ? &kind : NULL;
}

int eft_plat_process_uring(void)
{
	return -ENOSYS;
}

/* Each signal ends one transfer: by turns before it begins, and early. */
unsigned fake_host_signals;

static ssize_t move_bytes(int in, off_t *in_at, int out, off_t *out_at,
			  size_t len)
{
	struct handle *from = handle_at(in), *to = handle_at(out);
	off_t *in_pos = in_at != NULL ? in_at : &from->position;
	off_t *out_pos = out_at != NULL ? out_at : &to->position;

	if (fake_host_signals > 0 && fake_host_signals-- % 2 == 0)
		return -EINTR;
	if (fake_host_signals > 0)
		len = eft_min(len, 7);
	len = eft_min(len, from->file->size -
				   eft_min((size_t)*in_pos, from->file->size));
	write_at(to->file, (size_t)*out_pos, from->file->data + *in_pos, len);
	*in_pos += (off_t)len;
	*out_pos += (off_t)len;
	return (ssize_t)len;
}

static long host_moves(enum eft_host_call call, const long args[6])
{
	if (call == EFT_HOST_SENDFILE)
		return move_bytes((int)args[1], (off_t *)args[2], (int)args[0],
				  NULL, (size_t)args[3]);
	if (call == EFT_HOST_COPY_RANGE)
		return move_bytes((int)args[0], (off_t *)args[1], (int)args[2],
				  (off_t *)args[3], (size_t)args[4]);
	return 0;
}

const struct eft_host_moving *eft_plat_host_moving(void)
{
	static const struct eft_host_moving kind = {.move = host_moves};

	return fake_has_host ? &kind : NULL;
}

/* Nothing is watched by this host. */

const struct eft_host_watching *eft_plat_host_watching(void)
{
	return NULL;
}
