// SPDX-License-Identifier: BSD-3-Clause
/*
 * What main() gets: an argument vector and an environment that end with
 * NULL, aligned, writable and told by the auxiliary vector and libc too.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "tap.h"

static void auxiliary(void)
{
	const unsigned char *random;

	ok(getauxval(AT_PAGESZ) == 4096, "AT_PAGESZ");
	ok(getauxval(AT_PHDR) != 0 && getauxval(AT_PHNUM) > 0,
	   "the program's headers");
	ok(getauxval(AT_ENTRY) != 0, "AT_ENTRY");
	random = (const unsigned char *)getauxval(AT_RANDOM);
	ok(random != NULL, "AT_RANDOM");
	ok(getauxval(AT_SECURE) == 0, "AT_SECURE");
	ok(getauxval(AT_UID) == getuid() && getauxval(AT_EGID) == getegid(),
	   "AT_UID and AT_EGID");
	errno = 0;
	ok(getauxval(99999) == 0 && errno == ENOENT, "an unknown entry");
}

int main(int argc, char **argv, char **envp)
{
	char *name = argv[0];

	ok(argc == 1, "one argument");
	ok(name && name[0], "the program's name");
	ok(argv[argc] == NULL, "the vector ends with NULL");
	ok(envp == environ, "the environment is environ");
	ok((uintptr_t)argv % sizeof(char *) == 0, "the vector is aligned");
	ok(!strcmp(program_invocation_name, name), "libc knows the name");
	ok(strstr(name, program_invocation_short_name) != NULL &&
		   !strchr(program_invocation_short_name, '/'),
	   "and its last part");
	*(volatile char *)name = '!';
	ok(argv[0][0] == '!', "arguments are writable");
	auxiliary();
	return done();
}
