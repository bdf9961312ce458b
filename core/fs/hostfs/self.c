// SPDX-License-Identifier: BSD-3-Clause
/*
 * Paths of the host's that lead to what its /proc says of our process: they are
 * about the program, and so the tree's /proc/self is meant, whatever they are
 * spelled like (/dev/fd/3, //proc/self, /proc/PID, links to these).
 *
 * Such a path is walked here, one component after the other. That is slow: so
 * only those are that have a component by which they may be one, and those of
 * which the host says, when it opens them, that they are in its /proc or went
 * through a link of it that leads to an open file.
 */
#include "core/boot.h"
#include "core/dev/host.h"
#include "core/fs/hostfs/hostfs.h"
#include "core/lib.h"
#include "core/mem.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/vfs/components.h"
#include "core/vfs/root.h"
#include "core/vfs/vfs.h"

enum { LINKS_MAX = 40, NUMBER_BYTES = 16 };
enum { PROC_ROOT_INO = 1 };

struct walker {
	struct eft_file *here;
	struct eft_file *proc; /* the host's, that we came by; or NULL */
	struct eft_node *self; /* the program's directory in it, then */
	unsigned links;
	char name[NAME_MAX + 1];
};

static const struct eft_host_paths *host(void)
{
	return eft_plat_host_paths();
}

static bool may_be_self(const char *name, size_t len)
{
	static const char names[] = "proc\0self\0thread-self\0fd\0stdin\0"
				    "stdout\0stderr\0mounts\0net\0";
	char pid[NUMBER_BYTES];
	size_t n;

	for (const char *s = names; (n = eft_strlen(s)) > 0; s += n + 1) {
		if (n == len && memcmp(s, name, len) == 0)
			return true;
	}
	if (*name < '1' || *name > '9')
		return false;
	eft_snprintf(pid, sizeof(pid), "%d", eft_process()->identity.pid);
	return eft_strlen(pid) == len && memcmp(pid, name, len) == 0;
}

static bool may_lead_to_self(const char *path)
{
	size_t len;

	for (path = eft_skip_slashes(path); *path != '\0';
	     path = eft_skip_slashes(path + len)) {
		len = eft_component_len(path);
		if (may_be_self(path, len))
			return true;
	}
	return false;
}

static void move_to(struct walker *walker, struct eft_file *file)
{
	eft_file_put(walker->here);
	walker->here = file;
}

/* Move to the host's (handle), which may be an error. */
static int move_to_handle(struct walker *walker, int handle)
{
	struct eft_file *file;
	int error = handle;

	if (handle >= 0)
		error = eft_hostfile_create(handle, O_PATH, &eft_hostfs, &file);
	if (error == 0)
		move_to(walker, file);
	return error;
}

static bool is_proc_root(struct eft_file *file)
{
	struct eft_stat st;

	return file->ops->stat(file, &st) == 0 && st.ino == PROC_ROOT_INO &&
	       host()->is_proc(eft_hostfile_handle(file));
}

/* Is (name), in the root of a /proc of the host's, our process? */
static bool is_self(int proc, const char *name)
{
	char self[NUMBER_BYTES] = "";
	ssize_t len = host()->readlink(proc, "self", self, sizeof(self) - 1);

	if (eft_strcmp(name, "self") == 0)
		return true;
	return len > 0 && eft_strcmp(name, self) == 0;
}

/* Leave the host's /proc for the program's. */
static int enter_self(struct walker *walker, bool thread)
{
	char path[48] = "/proc/self";
	struct eft_file *file;
	int error;

	if (thread)
		eft_snprintf(path, sizeof(path), "/proc/self/task/%d",
			     eft_thread_number());
	error = eft_path_open(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0, &file);
	if (error != 0)
		return error;
	eft_file_put(walker->proc);
	walker->proc = walker->here;
	walker->here = file;
	walker->self = eft_node_of(file);
	return 0;
}

static int walk(struct walker *walker, const char **path, bool to_end);

/* Go where the link at (walker)'s name leads, which is the host's (handle). */
static int follow(struct walker *walker, int handle)
{
	char *text = eft_alloc(PATH_MAX);
	const char *path = text;
	ssize_t len = -ENOMEM;

	if (text != NULL)
		len = host()->readlink(handle, "", text, PATH_MAX - 1);
	if (++walker->links > LINKS_MAX)
		len = -ELOOP;
	if (len >= 0) {
		text[len] = '\0';
		len = walk(walker, &path, true);
	}
	eft_free(text);
	return (int)len;
}

/* Links in a /proc lead to open files, but for those in its root. */
static int step_on_host(struct walker *walker)
{
	int here = eft_hostfile_handle(walker->here), handle, error;
	bool root = is_proc_root(walker->here);
	struct eft_stat st = {0};

	if (root && is_self(here, walker->name))
		return enter_self(walker, false);
	if (root && eft_strcmp(walker->name, "thread-self") == 0)
		return enter_self(walker, true);
	handle = host()->open(here, walker->name, O_PATH | O_NOFOLLOW, 0);
	if (handle < 0)
		return handle;
	error = eft_plat_host_files()->stat(handle, &st);
	if (error != 0 || (st.mode & S_IFMT) != S_IFLNK)
		return move_to_handle(walker, handle);
	error = -ELOOP;
	if (root || !host()->is_proc(handle))
		error = follow(walker, handle);
	eft_plat_host_files()->close(handle);
	return error;
}

static int step(struct walker *walker, const char *name, size_t len)
{
	struct eft_file *file;
	int error;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (walker->here->fs == NULL)
		return -ENOTDIR;
	memcpy(walker->name, name, len);
	walker->name[len] = '\0';
	if (walker->here->fs == &eft_hostfs)
		return step_on_host(walker);
	if (eft_node_of(walker->here) == walker->self &&
	    eft_strcmp(walker->name, "..") == 0) {
		move_to(walker, eft_file_get(walker->proc));
		return 0;
	}
	error = walker->here->fs->open(walker->here, walker->name, O_PATH, 0,
				       &file);
	if (error == 0)
		move_to(walker, file);
	return error;
}

/* A walk from (at), which is kept; a working directory gets a handle. */
static int begin(struct walker *walker, struct eft_file *at)
{
	*walker = (struct walker){.here = eft_file_get(at)};
	if (at->fs != &eft_hostfs || eft_hostfile_handle(at) != EFT_HOST_CWD)
		return 0;
	return move_to_handle(walker,
			      host()->open(EFT_HOST_CWD, ".", O_PATH, 0));
}

/* To the end of (*path), or to what is left: its last component. */
static int walk(struct walker *walker, const char **path, bool to_end)
{
	int error = 0;

	if (**path == '/')
		error = move_to_handle(
			walker, host()->open(EFT_HOST_CWD, "/", O_PATH, 0));
	*path = eft_skip_slashes(*path);
	while (error == 0 && **path != '\0') {
		size_t len = eft_component_len(*path);

		if (!to_end && (*path)[len] == '\0')
			break;
		error = step(walker, *path, len);
		*path = eft_skip_slashes(*path + len);
	}
	return error;
}

/* Is what (walker) came to in the file system that the path started in? */
static bool has_stayed(const struct walker *walker, bool on_host)
{
	return on_host ? walker->proc == NULL : walker->here->fs != &eft_hostfs;
}

int eft_hostself_start(struct eft_at *at)
{
	bool on_host = at->file->fs == &eft_hostfs;
	struct walker walker;
	const char *path = at->path;
	int error;

	if (on_host ? !may_lead_to_self(path) : !eft_root_is_host)
		return 0;
	if (!on_host)
		path = eft_skip_slashes(path); /* from the tree's root */
	error = begin(&walker, at->file);
	if (error == 0)
		error = walk(&walker, &path, false);
	if (has_stayed(&walker, on_host)) { /* it finds it, or says why not */
		eft_file_put(walker.here);
		eft_file_put(walker.proc);
		return 0;
	}
	if (error == 0 && walker.here->fs == NULL)
		error = -ENOTDIR;
	eft_file_put(walker.proc);
	eft_file_put(at->file);
	at->file = walker.here;
	at->path = *path != '\0' ? path : ".";
	return error;
}

struct eft_file *eft_hostself_find(struct eft_file *at, const char *path,
				   bool surely)
{
	struct walker walker;
	int error;

	if (!surely && !may_lead_to_self(path))
		return NULL;
	error = begin(&walker, at);
	if (error == 0)
		error = walk(&walker, &path, true);
	if (error != 0 || walker.proc == NULL) {
		eft_file_put(walker.here);
		walker.here = NULL;
	}
	eft_file_put(walker.proc);
	return walker.here;
}
