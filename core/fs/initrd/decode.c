// SPDX-License-Identifier: BSD-3-Clause
/*
 * Compressed cpio archives: what Linux's initrd buffer format calls so
 * (Documentation/driver-api/early-userspace/buffer-format.rst).
 *
 * WHAT   Stands between initrd.c and cpio.c, in images that were linked with a
 *        decoder. Archives in memory are read as ever. Where a compressed one
 *        begins, the reader gets a buffer instead of the memory, and what is
 *        decoded passes through that. Other archives may follow.
 * HOW    Before an entry is read, the buffer has its header, its name, and a
 *        link's target. A file's contents are copied to its pages as they come
 *        (eft_initrd_fill()), so that nothing but them and the decoder's window
 *        takes memory.
 * LIMITS What is decoded is in whole archives, as Linux has it. The compressed
 *        bytes themselves stay in memory: they are the platform's.
 */
#include "core/fs/initrd/decode.h"
#include "core/fs/initrd/decoder.h"
#include "core/fs/ramfs/regular.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/vfs/root.h"

#pragma weak eft_initrd_gzip
#pragma weak eft_initrd_lz4
#pragma weak eft_initrd_xz
#pragma weak eft_initrd_zstd

/* Header, name and target, each padded to 4 bytes. */
enum { ENTRY_MAX = 112 + 2 * (PATH_MAX + 4), BUFFER_SIZE = 1 << 16 };

static struct {
	const struct eft_decoder *decoder; /* NULL: in archives in memory */
	void *state;
	struct eft_cpio *cpio;

	/* The memory that it decodes; what is left of it begins at (in). */
	const uint8_t *data, *in;
	size_t len, start;

	/* The buffer's first byte is number (base), a multiple of 4. */
	uint64_t base;
	size_t filled;
	bool ended; /* nothing follows what is in the buffer */

	/* The last entry, whose name and contents go with the buffer's. */
	struct eft_cpio_entry entry;
	const char *problem; /* with its contents */
	int error;
} stream;

static uint8_t buffer[BUFFER_SIZE];
static char name[PATH_MAX + 1]; /* the last entry's */

/* Before each block, which is aligned to it. */
struct block {
	size_t mapped; /* bytes; 0: it is on the heap */
	void *start;
};

enum { BLOCK_ALIGN = 64, HEAP_MAX = EFT_PAGE_SIZE << EFT_PAGE_ORDER_MAX };

/*
 * A guest's pages are brought in now, when there is an answer to give, and not as
 * they are touched, when files have taken what was left.
 */
static bool bring_in(uintptr_t addr, size_t bytes)
{
	if (eft_plat->map_zero != NULL)
		return true;
	for (uintptr_t at = addr; at < addr + bytes; at += EFT_PAGE_SIZE) {
		if (eft_range_fault(at, EFT_PROT_WRITE) != EFT_FAULT_RESOLVED)
			return false;
	}
	return true;
}

/* Larger blocks than the heap has: memory as the program's. */
static void *map(size_t bytes)
{
	intptr_t addr = eft_range_map(0, bytes, EFT_PROT_READ | EFT_PROT_WRITE,
				      0, NULL, 0);

	if (addr < 0)
		return NULL;
	if (bring_in((uintptr_t)addr, bytes))
		return (void *)addr;
	eft_range_unmap((uintptr_t)addr, bytes);
	return NULL;
}

void *eft_decoder_alloc(size_t size)
{
	struct block block = {.mapped = 0};
	size_t bytes = size + 2 * BLOCK_ALIGN;
	uintptr_t at;

	if (bytes < size || bytes > SIZE_MAX - EFT_PAGE_SIZE)
		return NULL;
	if (bytes <= HEAP_MAX) {
		block.start = eft_alloc(bytes);
	} else {
		block.mapped = eft_align_up(bytes, EFT_PAGE_SIZE);
		block.start = map(block.mapped);
	}
	if (block.start == NULL)
		return NULL;
	at = eft_align_up((uintptr_t)block.start + sizeof(block), BLOCK_ALIGN);
	((struct block *)at)[-1] = block;
	return (void *)at;
}

void *eft_decoder_calloc(size_t count, size_t size)
{
	size_t bytes;

	return __builtin_mul_overflow(count, size, &bytes)
		       ? NULL
		       : eft_decoder_alloc(bytes);
}

void eft_decoder_free(void *ptr)
{
	struct block block;

	if (ptr == NULL)
		return;
	block = ((struct block *)ptr)[-1];
	if (block.mapped > 0)
		eft_range_unmap((uintptr_t)block.start, block.mapped);
	else
		eft_free(block.start);
}

/* Which decoder of this image reads what begins at (data), or NULL. */
static const struct eft_decoder *find_decoder(const uint8_t *data, size_t len)
{
	const struct eft_decoder *const decoders[] = {
		&eft_initrd_gzip,
		&eft_initrd_lz4,
		&eft_initrd_xz,
		&eft_initrd_zstd,
	};

	if (len < 2)
		return NULL;
	for (size_t i = 0; i < eft_array_size(decoders); i++) {
		const struct eft_decoder *decoder = decoders[i];

		if (decoder != NULL &&
		    (memcmp(data, decoder->magic[0], 2) == 0 ||
		     memcmp(data, decoder->magic[1], 2) == 0))
			return decoder;
	}
	return NULL;
}

static int fail(int error, const char *message)
{
	stream.cpio->message = message;
	return error;
}

static int out_of_memory(void)
{
	return fail(-ENOMEM, "no memory is left to decode it");
}

static size_t in_len(void)
{
	return stream.len - (size_t)(stream.in - stream.data);
}

/* Decode until the buffer is full or the stream ends. */
static int decode(void)
{
	while (!stream.ended && stream.filled < BUFFER_SIZE) {
		struct eft_decoding decoding = {
			.in = stream.in,
			.in_len = in_len(),
			.out = buffer + stream.filled,
			.out_len = BUFFER_SIZE - stream.filled,
		};
		const struct eft_decoding before = decoding;
		enum eft_decoded result =
			stream.decoder->decode(stream.state, &decoding);

		eft_assert(decoding.in_len <= before.in_len &&
			   decoding.out_len <= before.out_len);
		stream.in = decoding.in;
		stream.filled += before.out_len - decoding.out_len;
		stream.ended = result == EFT_DECODED_END;
		if (result == EFT_DECODED_NO_MEMORY)
			return out_of_memory();
		if (result == EFT_DECODED_UNKNOWN)
			return fail(-EINVAL, "this variant is not supported");
		if (result == EFT_DECODED_CORRUPT)
			return fail(-EINVAL, "the compressed data is corrupt");
		if (!stream.ended && decoding.out_len == before.out_len &&
		    decoding.in_len == 0)
			return fail(-EINVAL, "the compressed data is cut off");
	}
	return 0;
}

/*
 * Go on in the stream, dropping what was read: the first bytes of the buffer,
 * and perhaps more that is not even decoded.
 */
static int refill(void)
{
	struct eft_cpio *cpio = stream.cpio;
	int error = 0;

	do {
		size_t drop =
			eft_align_down(eft_min(cpio->at, stream.filled), 4);

		memmove(buffer, buffer + drop, stream.filled - drop);
		stream.filled -= drop;
		stream.base += drop;
		cpio->at -= drop;
		error = decode();
	} while (error == 0 && !stream.ended && cpio->at >= stream.filled);
	/* Padding may be missing at the end, and so may data. */
	cpio->at = eft_min(cpio->at, stream.filled);
	return error;
}

static int begin(struct eft_cpio *cpio, const struct eft_decoder *decoder)
{
	stream.decoder = decoder;
	stream.cpio = cpio;
	stream.data = cpio->data;
	stream.start = cpio->at;
	stream.in = cpio->data + cpio->at;
	stream.len = cpio->len;
	stream.base = stream.filled = 0;
	stream.ended = false;
	cpio->data = buffer;
	cpio->at = 0;
	cpio->streamed = true;
	cpio->entry = "";
	cpio->entry_at = 0;
	stream.state = decoder->create();
	return stream.state != NULL ? 0 : out_of_memory();
}

/* Back to what follows in memory. */
static void end(void)
{
	struct eft_cpio *cpio = stream.cpio;

	stream.decoder->destroy(stream.state);
	stream.decoder = NULL;
	cpio->data = stream.data;
	cpio->at = (size_t)(stream.in - stream.data);
	cpio->len = stream.len;
	cpio->streamed = false;
}

/* Step over zeroes between archives, and have an entry in the buffer. */
static int prepare(void)
{
	struct eft_cpio *cpio = stream.cpio;
	int error = 0;

	for (;;) {
		while (!cpio->in_archive && cpio->at < stream.filled &&
		       buffer[cpio->at] == 0)
			cpio->at++;
		if (stream.ended || (cpio->at <= stream.filled &&
				     stream.filled - cpio->at >= ENTRY_MAX))
			return 0;
		error = refill();
		if (error != 0) {
			cpio->entry = "";
			cpio->entry_at = stream.base + cpio->at;
			return error;
		}
	}
}

static int next_of_stream(struct eft_cpio_entry *ret_entry)
{
	struct eft_cpio *cpio = stream.cpio;
	int result;

	/* As long as the stream goes on, any length of contents may follow. */
	cpio->len = stream.ended ? stream.filled : SIZE_MAX;
	result = eft_cpio_next(cpio, ret_entry);
	cpio->entry_at += stream.base;
	if (result < 0 && !cpio->in_archive &&
	    find_decoder(buffer + cpio->at, stream.filled - cpio->at) != NULL)
		cpio->message = "is compressed twice";
	if (result > 0 && ret_entry->name != NULL) {
		eft_strlcpy(name, ret_entry->name, sizeof(name));
		ret_entry->name = cpio->entry = name;
		stream.entry = *ret_entry;
	}
	return result;
}

int eft_initrd_next(struct eft_cpio *cpio, struct eft_cpio_entry *ret_entry)
{
	if (stream.error != 0) {
		cpio->message = stream.problem;
		return stream.error;
	}
	for (;;) {
		const struct eft_decoder *decoder = NULL;
		int error;

		while (stream.decoder == NULL && !cpio->in_archive &&
		       cpio->at < cpio->len && cpio->data[cpio->at] == 0)
			cpio->at++;
		if (stream.decoder == NULL && !cpio->in_archive)
			decoder = find_decoder(cpio->data + cpio->at,
					       cpio->len - cpio->at);
		if (stream.decoder == NULL && decoder == NULL)
			return eft_cpio_next(cpio, ret_entry);
		error = decoder != NULL ? begin(cpio, decoder) : 0;
		if (error == 0)
			error = prepare();
		if (error != 0)
			return error;
		if (!stream.ended || cpio->in_archive ||
		    cpio->at < stream.filled)
			return next_of_stream(ret_entry);
		end();
	}
}

/* Write the entry's contents, which begin in the buffer at cpio->at. */
static int fill(struct eft_pages *pages)
{
	struct eft_cpio *cpio = stream.cpio;
	uint32_t check = 0;
	uint64_t done = 0;
	int error = 0;

	while (done < stream.entry.size && error == 0) {
		const uint8_t *data = buffer + cpio->at;
		size_t n = eft_min(stream.entry.size - done,
				   stream.filled - cpio->at);

		eft_pages_write(pages, done, (const char eft_user *)data, n,
				&error);
		if (error != 0)
			return fail(-ENOMEM, "no memory is left");
		check += eft_cpio_sum(data, n);
		cpio->at += n;
		done += n;
		if (cpio->at < stream.filled)
			continue;
		error = refill();
		if (error == 0 && cpio->at == stream.filled &&
		    done < stream.entry.size)
			error = fail(-EINVAL, "is cut off in an entry's data");
	}
	if (error == 0 && stream.entry.checked && check != stream.entry.check)
		error = fail(-EINVAL, "an entry's checksum is wrong");
	return error;
}

void eft_initrd_fill(struct eft_node *node, const void *data, size_t len)
{
	struct eft_pages *pages = &eft_regular(node)->pages;
	struct eft_cpio *cpio = stream.cpio;

	if (stream.decoder == NULL) {
		eft_ramfs_borrow(node, data, len);
		return;
	}
	eft_assert(data == stream.entry.data && len == stream.entry.size);
	eft_pages_resize(pages, 0); /* what another of its names has brought */
	cpio->at = (size_t)((const uint8_t *)data - buffer);
	stream.error = fill(pages);
	stream.problem = cpio->message;
	cpio->at = eft_align_up(cpio->at, 4);
}

int eft_initrd_decode(const void *data, size_t len, char *message,
		      size_t message_size)
{
	char problem[256];
	int error;

	stream.error = 0;
	error = eft_initrd_unpack(data, len, problem, sizeof(problem));
	if (error != 0 && stream.decoder != NULL)
		eft_snprintf(message, message_size, "%s data at byte %zu: %s",
			     stream.decoder->name, stream.start, problem);
	else if (error != 0)
		eft_strlcpy(message, problem, message_size);
	if (stream.decoder != NULL)
		end();
	return error;
}
