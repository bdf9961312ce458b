// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/maps and smaps: the image, and the program's ranges.
 */
#include "core/arch/x86_64/image.h"
#include "core/fs/procfs/proc.h"
#include "core/options.h"

/* The program's name: the last component of argv[0], 15 bytes at most. */
static const char *program_name(size_t *ret_len)
{
	const char *name = eft_program_name();

	for (const char *s = name; *s != '\0'; s++) {
		if (*s == '/' && s[1] != '\0')
			name = s + 1;
	}
	*ret_len = eft_strnlen(name, 15);
	return name;
}

/* All of a mapping is there, and used by one process. */
static void put_details(struct eft_text *text, const struct eft_range *range)
{
	uint64_t size = (range->end - range->start) / 1024;
	bool is_file = range->file != NULL && !(range->flags & EFT_RANGE_COPY);

	eft_text_printf(text,
			"Size:           %8lu kB\nKernelPageSize:        4 kB\n"
			"MMUPageSize:           4 kB\nRss:            %8lu kB\n"
			"Pss:            %8lu kB\nShared_Clean:          0 kB\n"
			"Shared_Dirty:          0 kB\nPrivate_Clean:  %8lu kB\n"
			"Private_Dirty:  %8lu kB\n",
			size, size, size, is_file ? size : 0,
			is_file ? 0 : size);
	eft_text_printf(text,
			"Referenced:     %8lu kB\nAnonymous:      %8lu kB\n"
			"Swap:                  0 kB\nLocked:         %8lu kB\n"
			"VmFlags:%s%s%s%s%s\n",
			size, is_file ? 0 : size,
			range->flags & EFT_RANGE_LOCKED ? size : 0,
			range->prot & EFT_PROT_READ ? " rd" : "",
			range->prot & EFT_PROT_WRITE ? " wr" : "",
			range->prot & EFT_PROT_EXEC ? " ex" : "",
			range->flags & EFT_RANGE_SHARED ? " sh" : "",
			range->flags & EFT_RANGE_LOCKED ? " lo" : "");
}

/* One line of maps; (name) begins at column 74, as on Linux. */
static void put_mapping(struct eft_text *text, const struct eft_range *range,
			const char *name, size_t name_len)
{
	struct eft_stat st = {.dev = 0};
	char line[128];
	size_t len;

	if (range->file != NULL)
		range->file->ops->stat(range->file, &st);
	len = eft_snprintf(
		line, sizeof(line), "%08lx-%08lx %c%c%c%c %08lx %02x:%02x %lu ",
		range->start, range->end,
		range->prot & EFT_PROT_READ ? 'r' : '-',
		range->prot & EFT_PROT_WRITE ? 'w' : '-',
		range->prot & EFT_PROT_EXEC ? 'x' : '-',
		range->flags & EFT_RANGE_SHARED ? 's' : 'p',
		(uint64_t)range->offset, (unsigned)(st.dev >> 8 & 0xfff),
		(unsigned)(st.dev & 0xff), st.ino);
	if (name_len > 0)
		eft_text_printf(text, "%-73s", line);
	else
		eft_text_append(text, line, len);
	eft_text_append(text, name, name_len);
	eft_text_append(text, "\n", 1);
	if (text->details)
		put_details(text, range);
}

static void put_image(struct eft_text *text, const char *name, size_t name_len)
{
	const struct eft_range parts[] = {
		{.start = (uintptr_t)eft_image_start,
		 .end = (uintptr_t)eft_image_text,
		 .prot = EFT_PROT_READ},
		{.start = (uintptr_t)eft_image_text,
		 .end = (uintptr_t)eft_image_text_end,
		 .prot = EFT_PROT_READ | EFT_PROT_EXEC},
		{.start = (uintptr_t)eft_image_rodata,
		 .end = (uintptr_t)eft_image_rodata_end,
		 .prot = EFT_PROT_READ},
		{.start = (uintptr_t)eft_image_data,
		 .end = (uintptr_t)eft_image_end,
		 .prot = EFT_PROT_READ | EFT_PROT_WRITE},
	};

	for (size_t i = 0; i < eft_array_size(parts); i++) {
		if (parts[i].start < parts[i].end)
			put_mapping(text, &parts[i], name, name_len);
	}
}

/* Only images that map files, or ask for paths, have it. */
#pragma weak eft_file_path

/* What the mapping is called; a file's path goes to (buf). */
static const char *name_mapping(const struct eft_range *range, char *buf,
				size_t size, size_t *ret_len)
{
	const char *name = "";
	ssize_t len;

	if (range->file != NULL && eft_file_path != NULL) {
		len = eft_file_path(range->file, buf, size);
		*ret_len = len > 0 ? (size_t)len : 0;
		return buf;
	}
	if (range->flags & EFT_RANGE_STACK)
		name = "[stack]";
	else if (range->flags & EFT_RANGE_HEAP)
		name = "[heap]";
	*ret_len = eft_strlen(name);
	return name;
}

static void put_all(struct eft_text *text)
{
	char *buf = eft_alloc(PATH_MAX);
	struct eft_range range;
	const char *name;
	size_t len;

	if (buf == NULL) {
		text->error = -ENOMEM;
		return;
	}
	name = program_name(&len);
	put_image(text, name, len);
	for (uintptr_t at = 0; eft_range_next(at, &range); at = range.end) {
		name = name_mapping(&range, buf, PATH_MAX, &len);
		put_mapping(text, &range, name, len);
		eft_file_put(range.file);
	}
	eft_free(buf);
}

void eft_proc_maps(struct eft_text *text)
{
	put_all(text);
}

void eft_proc_smaps(struct eft_text *text)
{
	text->details = true;
	put_all(text);
}
