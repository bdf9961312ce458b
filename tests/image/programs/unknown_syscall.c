// SPDX-License-Identifier: BSD-3-Clause
/*
 * Makes a system call that does not exist.
 * Expected: "syscall 9999: -1, ENOSYS", exit status 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
	long result = syscall(9999);
	const char *name = errno == ENOSYS ? "ENOSYS" : "another error";

	printf("syscall 9999: %ld, %s\n", result, name);
	return result == -1 && errno == ENOSYS ? 0 : 1;
}
