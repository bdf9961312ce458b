// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * What lwIP wants of the C library's header of this name.
 */
#include "core/lib.h"

#define strlen		 eft_strlen
#define strncmp(a, b, n) memcmp(a, b, n) /* unused parts of def.c */
