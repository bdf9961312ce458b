// SPDX-License-Identifier: BSD-3-Clause
/*
 * There are no processes but one, and so nothing to prepare for another: the
 * answer is vfork's.
 */
#include <spawn.h>

#include "syscall.h"

int posix_spawn(pid_t *restrict res, const char *restrict path,
		const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *restrict attributes,
		char *const argv[restrict], char *const envp[restrict])
{
	return -__syscall(SYS_vfork);
}
