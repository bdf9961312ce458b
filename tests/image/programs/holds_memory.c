// SPDX-License-Identifier: BSD-3-Clause
/*
 * Says how much memory could be mapped, for each line that it reads: a MiB at a
 * time, and each is written to and read back. Behind a line "keep" it gives none
 * back before the next line, to which it answers "free".
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { MIB = 1 << 20, MOST = 1024 };

static unsigned char *held[MOST];

static int check_all(int count)
{
	for (int i = 0; i < count; i++)
		for (int at = 0; at < MIB; at += 4096)
			if (held[i][at] != i % 251 + 1)
				return 0;
	return 1;
}

static int map_all(void)
{
	int count = 0;

	while (count < MOST) {
		held[count] = mmap(NULL, MIB, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (held[count] == MAP_FAILED)
			break;
		memset(held[count], count % 251 + 1, MIB);
		count++;
	}
	return count;
}

int main(void)
{
	char line[80];
	int count, kept;

	while (fgets(line, sizeof(line), stdin)) {
		count = map_all();
		printf("%d MiB%s\n", count,
		       check_all(count) ? "" : ", other bytes");
		fflush(stdout);
		kept = strcmp(line, "keep\n") == 0 &&
		       fgets(line, sizeof(line), stdin) != NULL;
		for (int i = 0; i < count; i++)
			munmap(held[i], MIB);
		if (kept)
			puts("free");
		fflush(stdout);
	}
	return 0;
}
