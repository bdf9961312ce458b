// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * The components of a path, and the slashes between them. Private to core.
 */
#include <stddef.h>

static inline const char *eft_skip_slashes(const char *path)
{
	while (*path == '/')
		path++;
	return path;
}

/* Of the component that (path) begins with; 0: of none. */
static inline size_t eft_component_len(const char *path)
{
	size_t len = 0;

	while (path[len] != '\0' && path[len] != '/')
		len++;
	return len;
}
