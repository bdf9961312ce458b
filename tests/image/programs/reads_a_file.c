// SPDX-License-Identifier: BSD-3-Clause
/*
 * Prints the first line of a file by stdio: what a program that only reads
 * files has in its image.
 */
#include <stdio.h>

int main(int argc, char **argv)
{
	char line[80];
	FILE *file = fopen(argc > 1 ? argv[1] : "note", "r");

	if (file == NULL)
		return 1;
	if (fgets(line, sizeof(line), file) != NULL)
		fputs(line, stdout);
	return fclose(file) == 0 ? 0 : 1;
}
