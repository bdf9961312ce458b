// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc: text files, and what is there. A text is written at open(), into
 * memory of the description, and is read from there.
 */
#include "core/fs/procfs/proc.h"
#include "core/boot.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/vfs/root.h"

struct proc_node {
	struct eft_node node;
	const struct eft_proc_entry *entry;
	int tid;
};

enum { WRITE_MAX = 64 }; /* of what a text file takes at once */

struct proc_file {
	struct eft_node_file nf;
	struct eft_text text;
};

void eft_text_append(struct eft_text *text, const void *data, size_t len)
{
	if (text->room - text->len < len) {
		size_t room = eft_max(2 * text->room, text->len + len + 512);
		char *buf = eft_realloc(text->buf, room);

		if (buf == NULL) {
			text->error = -ENOMEM;
			return;
		}
		text->buf = buf;
		text->room = room;
	}
	memcpy(text->buf + text->len, data, len);
	text->len += len;
}

void eft_text_printf(struct eft_text *text, const char *fmt, ...)
{
	char line[512];
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = eft_vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	eft_assert(len < sizeof(line));
	eft_text_append(text, line, len);
}

static struct proc_file *proc_file(struct eft_file *file)
{
	return eft_container_of(file, struct proc_file, nf.file);
}

static ssize_t proc_read(struct eft_file *file, const struct eft_iovec *iov,
			 int count, off_t at)
{
	const struct eft_text *text = &proc_file(file)->text;
	size_t done = 0;
	uint64_t from;

	eft_mutex_lock(&file->lock);
	from = (uint64_t)(at == EFT_AT_POSITION ? file->position : at);
	for (int i = 0; i < count && from + done < text->len; i++) {
		size_t n = eft_min(iov[i].len, text->len - from - done);

		memcpy(iov[i].base, text->buf + from + done, n);
		done += n;
	}
	if (at == EFT_AT_POSITION)
		file->position += (off_t)done;
	eft_mutex_unlock(&file->lock);
	return (ssize_t)done;
}

/* Each write is a text of its own, wherever it is. */
static ssize_t proc_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	const struct proc_node *pn = eft_container_of(proc_file(file)->nf.node,
						      struct proc_node, node);
	char text[WRITE_MAX];
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		size_t n = eft_min(iov[i].len, sizeof(text) - len);

		memcpy(text + len, iov[i].base, n);
		len += n;
	}
	return pn->entry->write(pn->tid, text, len);
}

static void proc_release(struct eft_file *file)
{
	struct proc_file *pf = proc_file(file);

	eft_node_file_fini(&pf->nf);
	eft_free(pf->text.buf);
	eft_free(pf);
}

static const struct eft_file_ops proc_ops = {
	.read = proc_read,
	.write = proc_write,
	.seek = eft_file_seek_position,
	.stat = eft_node_file_stat,
	.statfs = eft_node_file_statfs,
	.path = eft_node_file_path,
	.release = proc_release,
};

static int proc_open(struct eft_node *node, struct eft_dentry *dentry,
		     int flags, struct eft_file **ret_file)
{
	struct proc_node *pn = eft_container_of(node, struct proc_node, node);
	struct proc_file *pf;

	if ((flags & O_ACCMODE) != O_RDONLY && pn->entry->write == NULL)
		return -EACCES;
	pf = eft_alloc(sizeof(*pf));
	if (pf == NULL)
		return -ENOMEM;
	pf->text.tid = pn->tid;
	pn->entry->generate(&pf->text);
	if (pf->text.error != 0) {
		int error = pf->text.error;

		eft_free(pf->text.buf);
		eft_free(pf);
		return error;
	}
	eft_node_file_init(&pf->nf, node, dentry, &proc_ops, flags);
	*ret_file = &pf->nf.file;
	return 0;
}

static void proc_node_release(struct eft_node *node)
{
	eft_free(eft_container_of(node, struct proc_node, node));
}

static const struct eft_node_type proc_type = {
	.open = proc_open,
	.release = proc_node_release,
};

struct eft_node *eft_proc_text_create(const struct eft_proc_entry *entry,
				      int tid)
{
	struct proc_node *pn = eft_alloc(sizeof(*pn));

	if (pn == NULL)
		return NULL;
	eft_node_init(&pn->node, &proc_type,
		      S_IFREG | (entry->write != NULL ? 0644 : 0444));
	pn->entry = entry;
	pn->tid = tid;
	return &pn->node;
}

/* Add (node), which is taken; NULL: -ENOMEM. */
static int add(const char *directory, const char *name, struct eft_node *node)
{
	char path[64];

	if (node == NULL)
		return -ENOMEM;
	eft_snprintf(path, sizeof(path), "%s/%s", directory, name);
	return eft_tree_add(path, node);
}

int eft_proc_parse_number(const char *name, size_t len)
{
	int number = 0;

	if (len == 0 || len > 8 || (name[0] == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		number = number * 10 + (name[i] - '0');
	}
	return number;
}

int eft_proc_add(const char *path, const struct eft_proc_entry *entries,
		 size_t count)
{
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = add(path, entries[i].name,
			    eft_proc_text_create(&entries[i], 0));
	return error;
}

static int add_links(const char *self)
{
	struct eft_dir *fd = eft_proc_fd_create();
	struct eft_dir *info = eft_proc_fdinfo_create();
	struct eft_dir *task = eft_proc_task_create();
	int error = add(self, "fd", fd != NULL ? &fd->node : NULL);

	if (error == 0)
		error = add(self, "fdinfo", info != NULL ? &info->node : NULL);
	if (error == 0)
		error = add(self, "task", task != NULL ? &task->node : NULL);
	if (error == 0)
		error = add(self, "cwd", eft_proc_link_create(EFT_PROC_CWD));
	if (error == 0)
		error = add(self, "exe", eft_proc_link_create(EFT_PROC_EXE));
	if (error == 0)
		error = add(self, "root", eft_proc_link_create(EFT_PROC_ROOT));
	return error;
}

/* Nobody but us changes the directory (path). */
static int fix(const char *path)
{
	struct eft_file *root;
	struct eft_walk walk;
	int error = eft_tree_open_root(&root);

	if (error != 0)
		return error;
	eft_tree_lock();
	error = eft_walk_locked(root, path, EFT_WALK_FOLLOW, &walk);
	eft_assert(error == 0 && walk.node != NULL);
	eft_node_dir(walk.node)->fixed = true;
	eft_tree_unlock();
	eft_file_put(root);
	return 0;
}

int eft_proc_init(void)
{
	char self[32];
	const char *number = self + sizeof("/proc/") - 1;
	int error;

	eft_snprintf(self, sizeof(self), "/proc/%d", eft_identity.pid);
	error = eft_proc_add(self, eft_proc_self_entries, eft_proc_self_count);
	if (error == 0)
		error = add_links(self);
	if (error == 0)
		error = add("/proc", "self",
			    eft_symlink_create(number, eft_strlen(number)));
	if (error == 0)
		error = add("/proc", "thread-self",
			    eft_proc_link_create(EFT_PROC_THREAD));
	if (error == 0)
		error = eft_proc_host_init(self);
	if (error == 0)
		error = fix(self);
	return error != 0 ? error : fix("/proc");
}
