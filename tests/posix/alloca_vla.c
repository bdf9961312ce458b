// SPDX-License-Identifier: BSD-3-Clause
/*
 * alloca() and arrays of variable length live on the stack: apart from each
 * other, aligned, and gone with their function or block.
 */
#define _GNU_SOURCE
#include <alloca.h>
#include <stdint.h>

#include "files.h"
#include "tap.h"

__attribute__((noinline)) static int array(size_t size, int byte)
{
	unsigned char bytes[size];

	memset(bytes, byte, size);
	return sizeof(bytes) == size && all_bytes(bytes, byte, size);
}

__attribute__((noinline)) static int pieces(int count)
{
	unsigned char *piece[50];
	int fine = 1;

	for (int i = 0; i < count; i++) {
		piece[i] = alloca(100 + i);
		memset(piece[i], i, 100 + i);
		fine &= (uintptr_t)piece[i] % 16 == 0;
	}
	for (int i = 0; i < count; i++)
		fine &= all_bytes(piece[i], i, 100 + i);
	return fine;
}

__attribute__((noinline)) static long table(int rows, int columns)
{
	int cell[rows][columns];
	long sum = 0;

	for (int row = 0; row < rows; row++) {
		for (int column = 0; column < columns; column++)
			cell[row][column] = row * column;
	}
	for (int row = 0; row < rows; row++) {
		for (int column = 0; column < columns; column++)
			sum += cell[row][column];
	}
	return sum;
}

int main(void)
{
	int fine = 1;

	ok(array(1, 1) && array(17, 2) && array(4096, 3), "small arrays");
	ok(array(1024 * 1024, 4), "an array of 1 MiB");
	for (int i = 0; i < 1000; i++)
		fine &= array(64 * 1024 + i, i & 255);
	ok(fine, "a thousand of 64 KiB, one after another");
	ok(pieces(50), "fifty pieces of alloca()");
	ok(table(30, 40) == 435L * 780, "two dimensions");
	return done();
}
