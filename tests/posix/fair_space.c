// SPDX-License-Identifier: BSD-3-Clause
/* The address space: one thread maps and unmaps, the other protects a page. */
#include <sys/mman.h>

#include "fair.h"

enum { SIZE = 256 << 10, PAGE = 4096 };

static char *page;

static void map(void)
{
	char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	need(p != MAP_FAILED && munmap(p, SIZE) == 0);
}

static void protect(void)
{
	need(mprotect(page, PAGE, PROT_READ) == 0);
}

int main(void)
{
	page = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	fair(map, protect, "who protects a page has its turn");
	return done();
}
