/* SPDX-License-Identifier: BSD-3-Clause */
#pragma once

#include <stddef.h>

/* The number of words in (len) bytes of text. */
size_t count_words(const char *text, size_t len);
