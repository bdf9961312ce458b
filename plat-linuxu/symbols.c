// SPDX-License-Identifier: BSD-3-Clause
/*
 * Names for a crash report: from the symbols in our own file, or in the debug
 * file beside it (NAME.debug). They are looked for only when one is wanted.
 */
#include "core/abi.h"
#include "plat-linuxu/elf.h"
#include "plat-linuxu/linuxu.h"

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

/* The section of (file) that has its symbols, or NULL. */
static const struct eft_elf_section *find_symtab(const struct file *file)
{
	const struct eft_elf_section *sections;
	unsigned count;

	if (file->size < sizeof(struct eft_elf_header))
		return NULL;
	sections = eft_elf_sections(file->data, &count);
	if (!inside(file, (const char *)sections - file->data,
		    count * sizeof(*sections)))
		return NULL;
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
