// SPDX-License-Identifier: BSD-3-Clause
/*
 * String functions of a program that is fuzzed, in place of musl's, which look
 * at whole words: here AddressSanitizer sees every byte, and libFuzzer what is
 * compared with what. memcpy() and its like are AddressSanitizer's own, for
 * musl's stdio and all else that copies for the program, too.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

void *__asan_memcpy(void *to, const void *from, size_t size);
void *__asan_memmove(void *to, const void *from, size_t size);
void *__asan_memset(void *to, int byte, size_t size);

/* libFuzzer's; not there when a corpus is gone through. */
typedef void hook(void *caller, const void *a, const void *b, size_t size,
		  int result);
typedef void string_hook(void *caller, const char *a, const char *b,
			 int result);
__attribute__((weak)) hook __sanitizer_weak_hook_memcmp;
__attribute__((weak)) hook __sanitizer_weak_hook_strncmp;
__attribute__((weak)) string_hook __sanitizer_weak_hook_strcmp;

char *__stpcpy(char *restrict to, const char *restrict from);
char *__stpncpy(char *restrict to, const char *restrict from, size_t size);
char *__strchrnul(const char *s, int byte);
void *__memrchr(const void *mem, int byte, size_t size);

#define CALLER __builtin_return_address(0)
#define PLAIN  __attribute__((no_builtin))

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
	return __asan_memcpy(to, from, size);
}

void *memmove(void *to, const void *from, size_t size)
{
	return __asan_memmove(to, from, size);
}

void *memset(void *to, int byte, size_t size)
{
	return __asan_memset(to, byte, size);
}

PLAIN int memcmp(const void *a, const void *b, size_t size)
{
	const unsigned char *x = a, *y = b;
	int result = 0;

	for (size_t i = 0; i < size && result == 0; i++)
		result = x[i] - y[i];
	if (__sanitizer_weak_hook_memcmp != NULL)
		__sanitizer_weak_hook_memcmp(CALLER, a, b, size, result);
	return result;
}

PLAIN int bcmp(const void *a, const void *b, size_t size)
{
	return memcmp(a, b, size);
}

PLAIN void *memchr(const void *mem, int byte, size_t size)
{
	const unsigned char *at = mem;

	for (size_t i = 0; i < size; i++)
		if (at[i] == (unsigned char)byte)
			return (void *)&at[i];
	return NULL;
}

PLAIN void *__memrchr(const void *mem, int byte, size_t size)
{
	const unsigned char *at = mem;

	while (size-- > 0)
		if (at[size] == (unsigned char)byte)
			return (void *)&at[size];
	return NULL;
}

PLAIN size_t strlen(const char *s)
{
	size_t len = 0;

	while (s[len] != '\0')
		len++;
	return len;
}

PLAIN size_t strnlen(const char *s, size_t size)
{
	size_t len = 0;

	while (len < size && s[len] != '\0')
		len++;
	return len;
}

PLAIN char *__stpcpy(char *restrict to, const char *restrict from)
{
	while ((*to = *from++) != '\0')
		to++;
	return to;
}

char *stpcpy(char *restrict to, const char *restrict from)
{
	return __stpcpy(to, from);
}

char *strcpy(char *restrict to, const char *restrict from)
{
	__stpcpy(to, from);
	return to;
}

PLAIN char *__stpncpy(char *restrict to, const char *restrict from, size_t size)
{
	size_t len = strnlen(from, size);

	memcpy(to, from, len);
	memset(to + len, 0, size - len);
	return to + len;
}

char *stpncpy(char *restrict to, const char *restrict from, size_t size)
{
	return __stpncpy(to, from, size);
}

char *strncpy(char *restrict to, const char *restrict from, size_t size)
{
	__stpncpy(to, from, size);
	return to;
}

char *strcat(char *restrict to, const char *restrict from)
{
	strcpy(to + strlen(to), from);
	return to;
}

PLAIN char *strncat(char *restrict to, const char *restrict from, size_t size)
{
	char *end = to + strlen(to);
	size_t len = strnlen(from, size);

	memcpy(end, from, len);
	end[len] = '\0';
	return to;
}

PLAIN char *__strchrnul(const char *s, int byte)
{
	while (*s != '\0' && *s != (char)byte)
		s++;
	return (char *)s;
}

char *strchrnul(const char *s, int byte)
{
	return __strchrnul(s, byte);
}

char *strchr(const char *s, int byte)
{
	char *found = __strchrnul(s, byte);

	return *found == (char)byte ? found : NULL;
}

char *strrchr(const char *s, int byte)
{
	return __memrchr(s, byte, strlen(s) + 1);
}

PLAIN int strcmp(const char *a, const char *b)
{
	size_t i = 0;
	int result;

	while (a[i] == b[i] && a[i] != '\0')
		i++;
	result = (unsigned char)a[i] - (unsigned char)b[i];
	if (__sanitizer_weak_hook_strcmp != NULL)
		__sanitizer_weak_hook_strcmp(CALLER, a, b, result);
	return result;
}

PLAIN int strncmp(const char *a, const char *b, size_t size)
{
	size_t i = 0;
	int result = 0;

	while (i < size && a[i] == b[i] && a[i] != '\0')
		i++;
	if (i < size)
		result = (unsigned char)a[i] - (unsigned char)b[i];
	if (__sanitizer_weak_hook_strncmp != NULL)
		__sanitizer_weak_hook_strncmp(CALLER, a, b, size, result);
	return result;
}

PLAIN int strncasecmp(const char *a, const char *b, size_t size)
{
	int result = 0;

	for (size_t i = 0; i < size && result == 0; i++) {
		result = tolower((unsigned char)a[i]) -
			 tolower((unsigned char)b[i]);
		if (a[i] == '\0')
			break;
	}
	return result;
}

int strcasecmp(const char *a, const char *b)
{
	return strncasecmp(a, b, SIZE_MAX);
}

PLAIN char *strstr(const char *s, const char *part)
{
	size_t len = strlen(part);

	for (;; s++) {
		if (strncmp(s, part, len) == 0)
			return (char *)s;
		if (*s == '\0')
			return NULL;
	}
}
