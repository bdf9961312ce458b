// SPDX-License-Identifier: BSD-3-Clause
/*
 * cpio archives, as Linux's initrd buffer format has them
 * (Documentation/driver-api/early-userspace/buffer-format.rst): any number of
 * archives, with zeroes between them; headers of 110 ASCII characters, 8
 * hexadecimal digits a field; header, name and data each padded to 4 bytes,
 * counted from the beginning of the buffer.
 */
#include "core/fs/initrd/cpio.h"
#include "core/abi.h"
#include "core/lib.h"
#include "core/log.h"

enum { HEADER_SIZE = 110 };

static const char trailer[] = "TRAILER!!!";

void eft_cpio_init(struct eft_cpio *cpio, const void *data, size_t len)
{
	*cpio = (struct eft_cpio){.data = data, .len = len, .entry = ""};
}

static int fail(struct eft_cpio *cpio, const char *message)
{
	cpio->message = message;
	return -EINVAL;
}

static size_t left(const struct eft_cpio *cpio)
{
	eft_assert(cpio->at <= cpio->len);
	return cpio->len - cpio->at;
}

/* Step over padding; an archive may end without its last. */
static void align(struct eft_cpio *cpio)
{
	cpio->at = eft_min(eft_align_up(cpio->at, 4), cpio->len);
}

static bool parse_hex(const uint8_t *digits, uint32_t *ret_value)
{
	uint32_t value = 0;

	for (int i = 0; i < 8; i++) {
		uint8_t c = digits[i];

		if (c >= '0' && c <= '9')
			c -= '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			c = (c | 0x20) - 'a' + 10;
		else
			return false;
		value = value << 4 | c;
	}
	*ret_value = value;
	return true;
}

static bool has_magic(const struct eft_cpio *cpio, const char *magic,
		      size_t len)
{
	return left(cpio) >= len &&
	       memcmp(cpio->data + cpio->at, magic, len) == 0;
}

/* What this is, if it is no archive that we can read. */
static const char *describe(struct eft_cpio *cpio)
{
	/* An image has the decoders of the first ones, if it was asked to. */
	static const struct {
		char magic[2], name[5];
	} compressors[] = {
		{"\x1f\x8b", "gzip"}, {"\xfd\x37", "xz"},  {"\x28\xb5", "zstd"},
		{"\x02\x21", "lz4"},  {"\x04\x22", "lz4"}, {"BZ", "bzip2"},
		{"\x5d\0", "lzma"},
	};
	enum { DECODED = 5 };

	for (size_t i = 0; i < eft_array_size(compressors); i++) {
		const char *name = compressors[i].name;

		if (!has_magic(cpio, compressors[i].magic, 2))
			continue;
		eft_snprintf(cpio->made, sizeof(cpio->made),
			     i < DECODED ? "is compressed by %.5s: link with "
					   "-Wl,-u,eft_initrd_%.5s"
					 : "is compressed by %.5s; unpack it "
					   "first",
			     name, name);
		return cpio->made;
	}
	if (has_magic(cpio, "070707", 6) || has_magic(cpio, "\xc7\x71", 2))
		return "is a cpio of the old format; use -H newc";
	return "is not a cpio archive";
}

static int parse_header(struct eft_cpio *cpio, struct eft_cpio_entry *entry)
{
	const uint8_t *header = cpio->data + cpio->at;

	entry->checked = has_magic(cpio, "070702", 6);
	if (!entry->checked && !has_magic(cpio, "070701", 6))
		return fail(cpio, cpio->in_archive ? "no header here"
						   : describe(cpio));
	if (left(cpio) < HEADER_SIZE)
		return fail(cpio, "is cut off in a header");
	for (size_t i = 0; i < eft_array_size(entry->fields); i++) {
		if (!parse_hex(header + 6 + 8 * i, &entry->fields[i]))
			return fail(cpio, "a header's number is not one");
	}
	cpio->at += HEADER_SIZE;
	return 0;
}

static int parse_name(struct eft_cpio *cpio, uint32_t size,
		      const char **ret_name)
{
	const char *name = (const char *)cpio->data + cpio->at;

	if (size > left(cpio))
		return fail(cpio, "is cut off in a name");
	if (size < 2 || size > PATH_MAX)
		return fail(cpio, "a name's length is not possible");
	if (eft_strnlen(name, size) != size - 1)
		return fail(cpio, "a name does not end where it should");
	cpio->at += size;
	align(cpio);
	*ret_name = cpio->entry = name;
	return 0;
}

uint32_t eft_cpio_sum(const uint8_t *data, size_t len)
{
	uint32_t value = 0;

	while (len-- > 0)
		value += *data++;
	return value;
}

static int parse_entry(struct eft_cpio *cpio, struct eft_cpio_entry *ret_entry)
{
	struct eft_cpio_entry entry;
	int error = parse_header(cpio, &entry);

	if (error == 0)
		error = parse_name(cpio, entry.name_size, &entry.name);
	if (error != 0)
		return error;
	if (entry.size > left(cpio))
		return fail(cpio, "is cut off in an entry's data");
	entry.data = cpio->data + cpio->at;
	/* Only contents have one: not a link's text, nor a mere name. */
	if ((entry.mode & S_IFMT) != S_IFREG || entry.size == 0)
		entry.checked = false;
	if (entry.checked && !cpio->streamed &&
	    eft_cpio_sum(entry.data, entry.size) != entry.check)
		return fail(cpio, "an entry's checksum is wrong");
	cpio->at += entry.size;
	align(cpio);
	*ret_entry = entry;
	return 0;
}

int eft_cpio_next(struct eft_cpio *cpio, struct eft_cpio_entry *ret_entry)
{
	struct eft_cpio_entry entry;
	int error;

	while (!cpio->in_archive && left(cpio) > 0 && cpio->data[cpio->at] == 0)
		cpio->at++;
	cpio->entry = "";
	cpio->entry_at = cpio->at;
	if (left(cpio) == 0 && !cpio->in_archive)
		return 0;
	if (left(cpio) == 0)
		return fail(cpio, "is cut off before its last entry");
	if (cpio->at % 4 != 0)
		return fail(cpio, "an archive begins at an odd place");
	error = parse_entry(cpio, &entry);
	if (error != 0)
		return error;
	cpio->in_archive = eft_strcmp(entry.name, trailer) != 0;
	if (!cpio->in_archive)
		entry.name = NULL;
	*ret_entry = entry;
	return 1;
}
