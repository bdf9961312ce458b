// SPDX-License-Identifier: BSD-3-Clause
/* libFuzzer's two calls. */
#include <sanitizer/common_interface_defs.h>

#include "fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*
 * It would start with the first report, by fork(), which a thread of the libOS
 * cannot do: its stack is shared memory, the child's as well.
 */
static void start_symbolizer(void)
{
	char text[256];

	__sanitizer_symbolize_pc(__builtin_return_address(0), "%f", text,
				 sizeof(text));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	start_symbolizer();
	fuzz_world_create();
	fuzz_world_run((const uint8_t *)"", 0); /* what nothing leaves behind */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_world_run(data, size);
	return 0;
}
