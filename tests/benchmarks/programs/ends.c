// SPDX-License-Identifier: BSD-3-Clause
/* Ends at once: what starting and ending a program costs by itself. */

int main(void)
{
	return 0;
}
