// SPDX-License-Identifier: BSD-3-Clause
/*
 * The heap of a program that is fuzzed, in place of musl's: AddressSanitizer's.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz/program.h"

/* musl's own uses of the heap, which nobody is to replace. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *ptr, size_t size);
void __libc_free(void *ptr);
size_t malloc_usable_size(void *ptr);

enum { ALIGN = 16 };

static void *allocate(size_t align, size_t size)
{
	void *ptr = NULL;

	if (!fuzz_program_alloc_fails())
		ptr = fuzz_program_alloc(align, size);
	if (ptr == NULL)
		errno = ENOMEM;
	return ptr;
}

void *malloc(size_t size)
{
	return allocate(ALIGN, size);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *ptr;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	ptr = malloc(bytes);
	return ptr ? memset(ptr, 0, bytes) : NULL;
}

/* Always another block: who kept a pointer to the old one is found out. */
void *realloc(void *ptr, size_t size)
{
	void *other = malloc(size);
	size_t before;

	if (other == NULL || ptr == NULL)
		return other;
	before = fuzz_program_size(ptr);
	memcpy(other, ptr, before < size ? before : size);
	free(ptr);
	return other;
}

void free(void *ptr)
{
	fuzz_program_free(ptr);
}

void *aligned_alloc(size_t align, size_t size)
{
	if (align == 0 || align & (align - 1)) {
		errno = EINVAL;
		return NULL;
	}
	return allocate(align < ALIGN ? ALIGN : align, size);
}

void *memalign(size_t align, size_t size)
{
	return aligned_alloc(align, size);
}

int posix_memalign(void **ret_ptr, size_t align, size_t size)
{
	int before = errno, error;
	void *ptr = NULL;

	errno = EINVAL;
	if (align >= sizeof(void *))
		ptr = aligned_alloc(align, size);
	error = errno;
	errno = before;
	if (ptr == NULL)
		return error;
	*ret_ptr = ptr;
	return 0;
}

size_t malloc_usable_size(void *ptr)
{
	return ptr ? fuzz_program_size(ptr) : 0;
}

void *__libc_malloc(size_t size)
{
	return malloc(size);
}

void *__libc_calloc(size_t count, size_t size)
{
	return calloc(count, size);
}

void *__libc_realloc(void *ptr, size_t size)
{
	return realloc(ptr, size);
}

void __libc_free(void *ptr)
{
	free(ptr);
}
