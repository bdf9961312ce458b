// SPDX-License-Identifier: BSD-3-Clause
/*
 * getrandom() and getentropy() give bytes that look random and differ from
 * call to call, up to their limits.
 */
#define _GNU_SOURCE
#include <sys/random.h>
#include <unistd.h>

#include "tap.h"

#define SIZE 4096

/* In 4 KiB of chance each bit is set about half of the time. */
static int looks_random(const unsigned char *data)
{
	int ones = 0;

	for (int i = 0; i < SIZE; i++)
		ones += __builtin_popcount(data[i]);
	return ones > SIZE * 4 - 1000 && ones < SIZE * 4 + 1000;
}

int main(void)
{
	static unsigned char a[SIZE], b[SIZE];

	ok(getrandom(a, SIZE, 0) == SIZE && getrandom(b, SIZE, 0) == SIZE,
	   "getrandom gives 4 KiB");
	ok(looks_random(a) && looks_random(b), "that look random");
	ok(memcmp(a, b, SIZE) != 0, "and not the same twice");
	memset(a, 0, SIZE);
	ok(getrandom(a, 16, GRND_NONBLOCK) == 16, "GRND_NONBLOCK");
	ok(memcmp(a, b + SIZE - 16, 16) != 0 && a[16] == 0,
	   "fills its bytes and no more");
	ok(getrandom(a, 16, GRND_RANDOM | GRND_NONBLOCK) > 0, "GRND_RANDOM");
	ok(getrandom(a, 0, 0) == 0, "no bytes are no bytes");
	fails(getrandom(a, 16, 0x80), EINVAL, "an unknown flag");
	memset(a, 0, SIZE);
	ok(getentropy(a, 256) == 0, "getentropy gives 256 bytes");
	ok(getentropy(b, 256) == 0 && memcmp(a, b, 256) != 0, "other ones");
	ok(getentropy(a, 0) == 0, "or none");
	fails(getentropy(a, SIZE - 1), EIO, "but no more");
	return done();
}
