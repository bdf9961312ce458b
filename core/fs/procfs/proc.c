// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc: text files, and what is there. A text is written at open(), into
 * memory of the description, and is read from there.
 */
#include "core/fs/procfs/proc.h"
#include "core/boot.h"
#include "core/log.h"
#include "core/plat.h"
#include "core/process.h"
#include "core/user.h"
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

enum { TEXT_BYTES = EFT_PAGE_SIZE - sizeof(struct eft_text_page *) };

/* (next) is the first: a text's (end) is its last page's. */
struct eft_text_page {
	struct eft_text_page *next;
	char bytes[TEXT_BYTES];
};

void eft_text_append(struct eft_text *text, const void *data, size_t len)
{
	struct eft_text_page *page;
	size_t at, n;

	for (; len > 0; len -= n) {
		at = text->len % TEXT_BYTES;
		if (at == 0) {
			page = eft_alloc(sizeof(*page));
			if (page == NULL) {
				text->error = -ENOMEM;
				return;
			}
			*text->end = page;
			text->end = &page->next;
		}
		page = (struct eft_text_page *)text->end;
		n = eft_min(len, TEXT_BYTES - at);
		memcpy(page->bytes + at, data, n);
		data = (const char *)data + n;
		text->len += n;
	}
}

static void free_text(const struct eft_text *text)
{
	struct eft_text_page *page = text->first, *next;

	for (; page != NULL; page = next) {
		next = page->next;
		eft_free(page);
	}
}

/* Copy what is there of (len) bytes from (from) on. How many were copied. */
static size_t copy_text(const struct eft_text *text, uint64_t from,
			void eft_user *to, size_t len)
{
	const struct eft_text_page *page = text->first;
	size_t done = 0, at, n, copied;

	for (; page != NULL && from >= TEXT_BYTES; from -= TEXT_BYTES)
		page = page->next;
	for (at = from; done < len; at = 0, page = page->next) {
		n = eft_min(len - done, TEXT_BYTES - at);
		copied = eft_copy_out_some((char eft_user *)to + done,
					   page->bytes + at, n);
		done += copied;
		if (copied < n)
			break;
	}
	return done;
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
	int error = 0;

	eft_mutex_lock(&file->lock);
	from = (uint64_t)(at == EFT_AT_POSITION ? file->position : at);
	for (int i = 0; i < count && from + done < text->len && error == 0;
	     i++) {
		size_t n = eft_min(iov[i].len, text->len - from - done);
		size_t copied = copy_text(text, from + done, iov[i].base, n);

		done += copied;
		error = copied < n ? -EFAULT : 0;
	}
	if (at == EFT_AT_POSITION)
		file->position += (off_t)done;
	eft_mutex_unlock(&file->lock);
	return done > 0 ? (ssize_t)done : error;
}

/* Each write is a text of its own, wherever it is. */
static ssize_t proc_write(struct eft_file *file, const struct eft_iovec *iov,
			  int count, off_t at)
{
	const struct proc_node *pn = eft_container_of(
		proc_file(file)->nf.place.node, struct proc_node, node);
	char text[WRITE_MAX];
	size_t len = 0;

	for (int i = 0; i < count; i++) {
		size_t n = eft_min(iov[i].len, sizeof(text) - len);

		if (eft_copy_in(text + len, iov[i].base, n) != 0)
			return -EFAULT;
		len += n;
	}
	return pn->entry->write(pn->tid, text, len);
}

static void proc_release(struct eft_file *file)
{
	struct proc_file *pf = proc_file(file);

	eft_node_file_fini(&pf->nf);
	free_text(&pf->text);
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

static int proc_open(const struct eft_place *place, int flags,
		     struct eft_file **ret_file)
{
	struct proc_node *pn =
		eft_container_of(place->node, struct proc_node, node);
	struct proc_file *pf;

	if (pn->tid == EFT_PROC_HOSTS)
		return eft_proc_host_open(pn->entry->name, flags, ret_file);
	if ((flags & O_ACCMODE) != O_RDONLY && pn->entry->write == NULL)
		return -EACCES;
	pf = eft_alloc(sizeof(*pf));
	if (pf == NULL)
		return -ENOMEM;
	pf->text.tid = pn->tid;
	pf->text.end = &pf->text.first;
	pn->entry->generate(&pf->text);
	if (pf->text.error != 0) {
		int error = pf->text.error;

		free_text(&pf->text);
		eft_free(pf);
		return error;
	}
	eft_node_file_init(&pf->nf, place, &proc_ops, flags);
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

/* Only images that mount, or ask for it, have it. */
#pragma weak eft_procfs_type

/* One of the references is never given back. */
struct eft_super eft_proc_super = {
	.type = &eft_procfs_type,
	.references = 2,
};

int eft_proc_add_node(const char *directory, const char *name,
		      struct eft_node *node)
{
	char path[64];

	if (node == NULL)
		return -ENOMEM;
	eft_snprintf(path, sizeof(path), "%s/%s", directory, name);
	return eft_vfs_add(eft_proc_super.root, path, node, 0755, NULL);
}

static struct eft_mount proc_mount = {.super = &eft_proc_super,
				      .source = "proc"};

/* Mount it on /proc. */
static int mount_proc(void)
{
	struct eft_place place = {.mount = &eft_root_mount};
	int error = eft_vfs_add(eft_root_mount.root, "/proc", NULL, 0755,
				&place.node);

	if (error != 0)
		return error;
	place.dentry = eft_dentry_get(eft_node_dir(place.node)->self);
	proc_mount.root = eft_proc_super.root;
	eft_mount_get(place.mount);
	eft_node_get(&proc_mount.root->node);
	eft_mount_attach(&proc_mount, &place);
	return 0;
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
		error = eft_proc_add_node(path, entries[i].name,
					  eft_proc_text_create(&entries[i], 0));
	return error;
}

/* What the process's directory has beside texts. */
static const struct {
	const char *name;
	const struct eft_node_type *type; /* a directory's */
	uint16_t mode, link;		  /* or a link's kind */
} parts[] = {
	{"fd", &eft_proc_fd_type, 0500, 0},
	{"fdinfo", &eft_proc_fdinfo_type, 0555, 0},
	{"task", &eft_proc_task_type, 0555, 0},
	{"cwd", NULL, 0, EFT_PROC_CWD},
	{"exe", NULL, 0, EFT_PROC_EXE},
	{"root", NULL, 0, EFT_PROC_ROOT},
};

static struct eft_node *create_part(size_t i)
{
	struct eft_dir *dir;

	if (parts[i].type == NULL)
		return eft_proc_link_create(parts[i].link);
	dir = eft_proc_dir_create(parts[i].type, parts[i].mode);
	return dir != NULL ? &dir->node : NULL;
}

/* Add (node), which is taken, unless it is NULL: -ENOMEM. */
static int add_locked(struct eft_dir *dir, const char *name,
		      struct eft_node *node)
{
	int error = -ENOMEM;

	if (node != NULL)
		error = eft_dir_add_locked(dir, name, eft_strlen(name), node,
					   NULL);
	eft_node_put(node);
	return error;
}

int eft_proc_fill_locked(struct eft_dir *dir, int tid)
{
	const struct eft_proc_entry *entry = eft_proc_self_entries;
	int error = 0;

	for (size_t i = 0; i < eft_proc_self_count && error == 0; i++, entry++)
		error = add_locked(dir, entry->name,
				   eft_proc_text_create(entry, tid));
	for (size_t i = 0; i < eft_array_size(parts) && error == 0; i++) {
		if (tid == 0 || parts[i].type != &eft_proc_task_type)
			error = add_locked(dir, parts[i].name, create_part(i));
	}
	dir->fixed = true; /* nobody but us changes it */
	return error;
}

/* Make (dir), the process's. */
static int fill_self(struct eft_dir *dir)
{
	int error;

	eft_mutex_lock(&dir->lock);
	error = eft_proc_fill_locked(dir, 0);
	eft_mutex_unlock(&dir->lock);
	return error;
}

int eft_proc_init_now(void)
{
	struct eft_node *node;
	char self[16];
	int error;

	eft_snprintf(self, sizeof(self), "%d", eft_process()->identity.pid);
	eft_proc_super.root =
		eft_dir_create_root(0555, ++eft_mount_table.last_dev);
	if (eft_proc_super.root == NULL)
		return -ENOMEM;
	error = eft_vfs_add(eft_proc_super.root, self, NULL, 0755, &node);
	if (error != 0)
		return error;
	eft_proc_super.root->fixed = true;
	error = fill_self(eft_node_dir(node));
	eft_node_put(node);
	if (error == 0)
		error = eft_proc_add_node(
			"", "self", eft_symlink_create(self, eft_strlen(self)));
	if (error == 0)
		error = eft_proc_add_node(
			"", "thread-self",
			eft_proc_link_create(EFT_PROC_THREAD));
	if (error == 0)
		error = eft_proc_host_init(self);
	return error != 0 ? error : mount_proc();
}

/* core/net/inet/proc.c has another. */
int eft_proc_init(void) __attribute__((weak, alias("eft_proc_init_now")));
