// SPDX-License-Identifier: BSD-3-Clause
/*
 * Files to connections by sendfile, and connections to pipes by splice.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sys/sendfile.h>

#include "inet.h"

enum { SIZE = 300000 };

static char contents[SIZE], in[SIZE];

static void *send_file(void *arg)
{
	int fd = *(int *)arg, file = open("file", O_RDONLY);
	off_t offset = 1000;
	ssize_t n, total = 0;

	while (offset < SIZE && (n = sendfile(fd, file, &offset, SIZE)) > 0)
		total += n;
	need(total == SIZE - 1000);
	need(shutdown(fd, SHUT_WR) == 0);
	close(file);
	return NULL;
}

static void by_sendfile(void)
{
	pthread_t thread;
	int pair[2];

	connected(AF_INET, pair);
	need(pthread_create(&thread, NULL, send_file, &pair[0]) == 0);
	ok(receive_all(pair[1], in, SIZE - 1000) == 0 && ends(pair[1]),
	   "sendfile sends a file");
	ok(memcmp(in, contents + 1000, SIZE - 1000) == 0, "as it is");
	need(pthread_join(thread, NULL) == 0);
	close_pair(pair);
}

static void by_splice(void)
{
	int pair[2], ends_of[2];
	char buf[5];

	connected(AF_INET, pair);
	need(pipe(ends_of) == 0);
	need(write(ends_of[1], "hello", 5) == 5);
	ok(splice(ends_of[0], NULL, pair[0], NULL, 5, 0) == 5,
	   "splice a pipe to a connection");
	ok(reads(pair[1], "hello"), "arrives");
	need(send_all(pair[1], "world", 5) == 0);
	wait_for(pair[0], POLLIN);
	ok(splice(pair[0], NULL, ends_of[1], NULL, 100, 0) == 5,
	   "splice a connection to a pipe");
	ok(read(ends_of[0], buf, 5) == 5 && memcmp(buf, "world", 5) == 0,
	   "arrives");
	nonblocking(pair[0], 1);
	fails(splice(pair[0], NULL, ends_of[1], NULL, 100, 0), EAGAIN,
	      "nothing more");
	need(shutdown(pair[1], SHUT_WR) == 0);
	wait_for(pair[0], POLLIN);
	ok(splice(pair[0], NULL, ends_of[1], NULL, 100, 0) == 0, "the end");
	close_pair(pair);
	close_pair(ends_of);
}

int main(void)
{
	int file = open("file", O_RDWR | O_CREAT, 0600);

	for (int i = 0; i < SIZE; i++)
		contents[i] = (char)(i * 13 + (i >> 9));
	need(write(file, contents, SIZE) == SIZE);
	by_sendfile();
	by_splice();
	close(file);
	unlink("file");
	return done();
}
