// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * /proc: nodes whose contents are made when they are opened. Private to
 * core/file.
 *
 *	proc.c        text files; what is there
 *	proc_self.c   the texts of /proc/self
 *	proc_guest.c  the texts about the whole system, in a guest
 *	proc_fd.c     /proc/self/fd
 *	proc_link.c   links to descriptions
 */
#include "core/file/tree.h"

/* Text that grows. */
struct eft_text {
	char *buf;
	size_t len, room;
	bool failed; /* out of memory: the text is not complete */
};

void eft_text_append(struct eft_text *text, const void *data, size_t len);
void eft_text_printf(struct eft_text *text, const char *fmt, ...)
	eft_printf_like(2, 3);

struct eft_proc_entry {
	const char *name;
	void (*generate)(struct eft_text *text);
};

/* Add (count) text files to the directory (path). 0 or -ENOMEM. */
int eft_proc_add(const char *path, const struct eft_proc_entry *entries,
		 size_t count);

extern const struct eft_proc_entry eft_proc_self_entries[];
extern const size_t eft_proc_self_count;

/* /proc/self's links to descriptions; a directory of them. */
enum eft_proc_link { EFT_PROC_CWD, EFT_PROC_EXE, EFT_PROC_ROOT };

/* Open again what (file) describes, by new flags. Takes (file). */
int eft_proc_reopen(struct eft_file *file, int flags,
		    struct eft_file **ret_file);
/* The text of a link to (file), as readlink(2) gives it. Takes (file). */
ssize_t eft_proc_put_path(struct eft_file *file, char *buf, size_t size);

/* NULL: out of memory. */
struct eft_node *eft_proc_link_create(enum eft_proc_link which);
struct eft_dir *eft_proc_fd_create(void);
