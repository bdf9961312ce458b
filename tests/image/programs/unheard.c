// SPDX-License-Identifier: BSD-3-Clause
/* Says "ready" and computes for ever: no signals and no reading in the image.
 */
#include <stdio.h>

int main(void)
{
	volatile unsigned long count = 0;

	puts("ready");
	fflush(stdout);
	for (;;)
		count++;
}
