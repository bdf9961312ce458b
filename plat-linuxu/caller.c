// SPDX-License-Identifier: BSD-3-Clause
/*
 * What exec has handed on that is a number.
 */
#include "core/dev/caller.h"
#include "plat-linuxu/linuxu.h"

enum { PRIO_PROCESS = 0 };

void eft_linuxu_limit(int resource, uint64_t ret_limit[2])
{
	ret_limit[0] = ret_limit[1] = UINT64_MAX;
	eft_linux4(SYS_prlimit64, 0, resource, 0, (long)ret_limit);
}

void eft_plat_caller_limit(int resource, uint64_t limit[2])
{
	const uint64_t *before = NULL;

	if (eft_plat != &eft_linuxu_plat)
		return;
	if (resource == EFT_RLIMIT_NOFILE && eft_linuxu_limit_before != NULL)
		before = eft_linuxu_limit_before();
	if (resource == EFT_RLIMIT_FSIZE &&
	    eft_linuxu_file_limit_before != NULL)
		before = eft_linuxu_file_limit_before();
	if (before == NULL)
		eft_linuxu_limit(resource, limit);
	else
		memcpy(limit, before, 2 * sizeof(*limit));
}

/* The system call answers 20 less the nice value (getpriority(2)). */
void eft_plat_caller_nice(int *nice)
{
	long answer = -1;

	if (eft_plat == &eft_linuxu_plat)
		answer = eft_linux3(SYS_getpriority, PRIO_PROCESS, 0, 0);
	if (answer > 0)
		*nice = 20 - (int)answer;
}
