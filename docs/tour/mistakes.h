// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include "tally.h"

/* Make the mistake of this name; nothing where there is none. */
void mistake(const char *name);
