// SPDX-License-Identifier: BSD-3-Clause
/* libFuzzer's two calls. */
#include "fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	fuzz_world_create();
	fuzz_world_run((const uint8_t *)"", 0); /* what nothing leaves behind */
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_world_run(data, size);
	return 0;
}
