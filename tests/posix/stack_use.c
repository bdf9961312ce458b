// SPDX-License-Identifier: BSD-3-Clause
/*
 * The stack: 4 MiB of its 8 are there to be used, in small frames and in
 * one large one.
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/resource.h>

#include "files.h"
#include "tap.h"

#define FRAME 1000
#define DEPTH (4 * 1024 * 1024 / 1024)

/* Each level has its own frame, which the levels below leave alone. */
__attribute__((noinline)) static long descend(int depth)
{
	volatile unsigned char frame[FRAME];
	long sum;

	frame[0] = (unsigned char)depth;
	frame[FRAME - 1] = (unsigned char)(depth * 3);
	sum = depth > 0 ? descend(depth - 1) : 0;
	if (frame[0] != (unsigned char)depth ||
	    frame[FRAME - 1] != (unsigned char)(depth * 3))
		return -1000000000;
	return sum + 1;
}

__attribute__((noinline)) static int large_frame(void)
{
	volatile char frame[1536 * 1024];
	int sum = 0;

	for (size_t at = 0; at < sizeof(frame); at += 4096)
		frame[at] = 1;
	for (size_t at = 0; at < sizeof(frame); at += 4096)
		sum += frame[at];
	return sum;
}

__attribute__((noinline)) static int aligned_frame(int depth)
{
	_Alignas(64) volatile char frame[64];

	frame[0] = 0;
	if ((uintptr_t)frame % 64 != 0)
		return 0;
	return depth == 0 ? 1 : aligned_frame(depth - 1) + frame[0];
}

int main(void)
{
	struct rlimit limit;

	ok(getrlimit(RLIMIT_STACK, &limit) == 0 &&
		   limit.rlim_cur >= 8 * 1024 * 1024,
	   "the limit is 8 MiB or more");
	ok(descend(100) == 101, "a hundred frames");
	ok(descend(DEPTH) == DEPTH + 1, "4 MiB of frames");
	ok(descend(DEPTH) == DEPTH + 1, "and again");
	ok(large_frame() == 384, "one frame of 1.5 MiB");
	ok(aligned_frame(20) == 1, "frames aligned to 64 bytes");
	return done();
}
