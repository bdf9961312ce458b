// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads that read one connection: each byte is one's.
 */
#include <stdatomic.h>

#include "inet.h"
#include "together.h"

enum { READERS = 4, WRITERS = 2, EACH = 50000 };

static int pair[2];
static atomic_long got, sum;

static void read_part(void)
{
	unsigned char buf[100];
	ssize_t n;

	while ((n = recv(pair[1], buf, sizeof(buf), 0)) > 0) {
		long part = 0;

		for (ssize_t i = 0; i < n; i++)
			part += buf[i];
		atomic_fetch_add(&got, n);
		atomic_fetch_add(&sum, part);
	}
	need(n == 0);
}

static void write_part(void)
{
	static atomic_int left = WRITERS;
	unsigned char buf[500];

	for (int i = 0; i < 500; i++)
		buf[i] = (unsigned char)i;
	for (int i = 0; i < EACH; i += 500)
		need(send_all(pair[0], buf, sizeof(buf)) == 0);
	if (atomic_fetch_sub(&left, 1) == 1)
		need(shutdown(pair[0], SHUT_WR) == 0);
}

static void *part(void *arg)
{
	if ((long)arg < READERS)
		read_part();
	else
		write_part();
	return NULL;
}

int main(void)
{
	long expected = 0;

	for (int i = 0; i < EACH * WRITERS; i++)
		expected += (unsigned char)(i % 500);
	connected(AF_INET, pair);
	together(READERS + WRITERS, part);
	ok(got == EACH * WRITERS, "all bytes came");
	ok(sum == expected, "each once");
	close_pair(pair);
	return done();
}
