// SPDX-License-Identifier: BSD-3-Clause
/*
 * uname() answers Linux, a release that parses, a machine and a host name,
 * which gethostname() tells too.
 */
#define _GNU_SOURCE
#include <sys/utsname.h>
#include <unistd.h>

#include "tap.h"

int main(void)
{
	struct utsname name;
	char host[256];
	int major = 0, minor = -1;

	memset(&name, '#', sizeof(name));
	ok(uname(&name) == 0, "uname");
	ok(!strcmp(name.sysname, "Linux"), "the system is Linux");
	ok(sscanf(name.release, "%d.%d", &major, &minor) == 2 && major >= 4 &&
		   minor >= 0,
	   "its release is 4.0 or later");
	ok(memchr(name.version, 0, sizeof(name.version)) && name.version[0],
	   "it has a version");
	ok(memchr(name.nodename, 0, sizeof(name.nodename)),
	   "the host's name ends");
#ifdef __x86_64__
	ok(!strcmp(name.machine, "x86_64"), "the machine's name");
#else
	ok(name.machine[0], "the machine's name");
#endif
	ok(gethostname(host, sizeof(host)) == 0 && !strcmp(host, name.nodename),
	   "gethostname agrees");
	return done();
}
