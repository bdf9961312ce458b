// SPDX-License-Identifier: BSD-3-Clause
/* The release's own, which notes who took it. */
#include "../eft_mutex.h"

#include "../pthread_mutex_trylock.c"
