// SPDX-License-Identifier: BSD-3-Clause
/* The release's own, and what it needs. */
#include "../eft_shared.h"

#include "../sem_post.c"
