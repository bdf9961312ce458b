// SPDX-License-Identifier: BSD-3-Clause
/* Write a line into packed.gz and read it back, by zlib. */
#include <stdio.h>
#include <zlib.h>

int main(void)
{
	char line[80] = "";
	gzFile file = gzopen("packed.gz", "w");

	if (!file || gzputs(file, "packed and unpacked\n") < 0 || gzclose(file))
		return 1;
	file = gzopen("packed.gz", "r");
	if (!file || !gzgets(file, line, sizeof(line)) || gzclose(file))
		return 1;
	return fputs(line, stdout) < 0;
}
