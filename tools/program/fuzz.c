// SPDX-License-Identifier: BSD-3-Clause
/* Called with one input after the other; what is wrong must not go on. */
#include <stdint.h>
#include <stdlib.h>

#include "count.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (count_words((const char *)data, size) > (size + 1) / 2)
		abort();
	return 0;
}
