// SPDX-License-Identifier: BSD-3-Clause
/*
 * What our own file has, or the debug file beside it (NAME.debug): names for a
 * crash report, and the tracer. They are looked for only when one is wanted.
 */
#include "core/abi.h"
#include "core/plat.h"
#include "plat-linuxu/elf.h"
#include "plat-linuxu/linuxu.h"

/* Only some images open files while they run. */
#pragma weak eft_linuxu_note_given

/* A whole file, mapped; size 0: none. */
struct file {
	const char *data;
	size_t size;
};

static struct file map_file(const char *path)
{
	struct file file = {0};
	struct eft_stat st;
	long fd = eft_linux4(SYS_openat, AT_FDCWD, (long)path, O_CLOEXEC, 0);
	long at;

	if (fd < 0)
		return file;
	if (eft_linux3(SYS_fstat, fd, (long)&st, 0) == 0 && st.size > 0) {
		at = eft_linux6(SYS_mmap, 0, st.size, EFT_PROT_READ,
				MAP_PRIVATE, fd, 0);
		if (at > 0)
			file = (struct file){(const char *)at, st.size};
	}
	eft_linux3(SYS_close, fd, 0, 0);
	return file;
}

static bool inside(const struct file *file, uint64_t offset, uint64_t size)
{
	return offset <= file->size && size <= file->size - offset;
}

/* The sections of (file); none where they are not all inside. */
static const struct eft_elf_section *sections_of(const struct file *file,
						 unsigned *ret_count)
{
	const struct eft_elf_section *sections = NULL;

	*ret_count = 0;
	if (file->size < sizeof(struct eft_elf_header))
		return NULL;
	sections = eft_elf_sections(file->data, ret_count);
	if (!inside(file, (const char *)sections - file->data,
		    *ret_count * sizeof(*sections)))
		*ret_count = 0;
	return sections;
}

/* The section of (file) that has its symbols, or NULL. */
static const struct eft_elf_section *find_symtab(const struct file *file)
{
	unsigned count;
	const struct eft_elf_section *sections = sections_of(file, &count);

	for (unsigned i = 0; i < count; i++) {
		const struct eft_elf_section *s = &sections[i];

		if (s->type == EFT_ELF_SYMTAB && s->link < count &&
		    inside(file, s->offset, s->size) &&
		    inside(file, sections[s->link].offset,
			   sections[s->link].size))
			return s;
	}
	return NULL;
}

/* The file that has symbols: the debug file, or ourselves. */
static const struct file *symbol_file(void)
{
	static struct file file;
	static bool looked;
	char path[512];
	long len;

	if (looked)
		return &file;
	looked = true;
	len = eft_linux4(SYS_readlinkat, AT_FDCWD, (long)"/proc/self/exe",
			 (long)path, sizeof(path) - sizeof(".debug"));
	if (len <= 0)
		return &file;
	memcpy(path + len, ".debug", sizeof(".debug"));
	file = map_file(path);
	if (find_symtab(&file) == NULL) {
		path[len] = '\0';
		file = map_file(path);
	}
	return &file;
}

const char *eft_linuxu_symbol(uintptr_t address, uintptr_t *ret_start)
{
	const struct file *file = symbol_file();
	const struct eft_elf_section *table = find_symtab(file), *names;
	const struct eft_elf_symbol *symbol;
	unsigned count;

	if (table == NULL)
		return NULL;
	names = &eft_elf_sections(file->data, &count)[table->link];
	symbol = (const void *)(file->data + table->offset);
	for (size_t n = table->size / sizeof(*symbol); n > 0; n--, symbol++) {
		if ((symbol->info & 15) != EFT_ELF_FUNC ||
		    address - symbol->value >= symbol->size ||
		    symbol->name >= names->size)
			continue;
		*ret_start = symbol->value;
		return file->data + names->offset + symbol->name;
	}
	return NULL;
}

ssize_t eft_linuxu_read_tracer(void *buf, size_t size)
{
	static const char name[] = EFT_TRACER_SECTION;
	const struct file *file = symbol_file();
	unsigned count;
	const struct eft_elf_section *s = sections_of(file, &count), *names;

	if (eft_linuxu_note_given != NULL) /* a trace's file comes next */
		eft_linuxu_note_given();
	if (count == 0)
		return -ENOENT;
	names = &s[((const struct eft_elf_header *)file->data)->shstrndx];
	if (names >= &s[count])
		return -ENOENT;
	for (; count > 0; count--, s++) {
		if (s->size <= size && inside(file, s->offset, s->size) &&
		    inside(file, names->offset + s->name, sizeof(name)) &&
		    memcmp(file->data + names->offset + s->name, name,
			   sizeof(name)) == 0) {
			memcpy(buf, file->data + s->offset, s->size);
			return s->size;
		}
	}
	return -ENOENT;
}
