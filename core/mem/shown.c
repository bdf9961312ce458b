// SPDX-License-Identifier: BSD-3-Clause
/*
 * Where the program's memory is such that the host cannot use it.
 */
#include "core/file.h"
#include "core/mem.h"

bool eft_range_is_shown(uintptr_t addr, size_t len)
{
	uintptr_t end = addr + len;
	struct eft_range range;
	bool shown = false;

	while (!shown && addr < end && eft_range_next(addr, &range)) {
		shown = range.flags & EFT_RANGE_SHOWN && range.start < end;
		addr = range.end;
		eft_file_put(range.file);
	}
	return shown;
}
