// SPDX-License-Identifier: BSD-3-Clause
/*
 * sendfile(2): offsets and positions, short counts, what it refuses.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { LARGE = 300000 };

static off_t at_of(int fd)
{
	return lseek(fd, 0, SEEK_CUR);
}

static void to_files(int in, int out)
{
	off_t offset = 2;

	ok(sendfile(out, in, NULL, 4) == 4, "to a file");
	ok(at_of(in) == 4 && at_of(out) == 4, "both positions move");
	ok(sendfile(out, in, &offset, 3) == 3 && offset == 5,
	   "an offset moves by what was sent");
	ok(at_of(in) == 4 && at_of(out) == 7, "and the position stays");
	ok(fd_has_text(out, "0123234"), "the bytes");
	offset = 8;
	ok(sendfile(out, in, &offset, 100) == 2 && offset == 10,
	   "less at the end");
	ok(sendfile(out, in, &offset, 100) == 0 && offset == 10, "the end");
	offset = 50;
	ok(sendfile(out, in, &offset, 100) == 0 && offset == 50,
	   "past the end");
	ok(sendfile(out, in, NULL, 0) == 0, "no bytes");
	need(lseek(out, 2, SEEK_SET) == 2 && ftruncate(out, 0) == 0);
	offset = 0;
	ok(sendfile(out, in, &offset, 2) == 2 && size_of("out") == 4,
	   "a hole before it");
}

static void refuses(int in, int out)
{
	int append = open("out", O_WRONLY | O_APPEND), ends[2], pair[2];
	int read_only = open("out", O_RDONLY), event = eventfd(0, 0);
	int directory = open(".", O_RDONLY | O_DIRECTORY);
	int path = open("in", O_PATH);
	off_t offset = -1, zero = 0;

	need(append >= 0 && read_only >= 0 && event >= 0 && directory >= 0 &&
	     path >= 0 && pipe(ends) == 0 &&
	     socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	answers(sendfile(out, 999, NULL, 1), EBADF, "no source");
	answers(sendfile(999, in, NULL, 1), EBADF, "no target");
	answers(sendfile(out, path, NULL, 1), EBADF, "O_PATH");
	answers(sendfile(out, append, NULL, 1), EBADF, "a source to write");
	answers(sendfile(read_only, in, NULL, 1), EBADF, "a target to read");
	answers(sendfile(append, in, NULL, 1), EINVAL, "O_APPEND");
	answers(sendfile(out, directory, NULL, 1), EINVAL, "a directory");
	answers(sendfile(event, in, NULL, 1), EINVAL, "an eventfd");
	answers(sendfile(out, in, &offset, 1), EINVAL, "an offset below 0");
	answers(sendfile(out, ends[0], NULL, 1), EINVAL, "from a pipe");
	answers(sendfile(out, ends[0], &zero, 1), ESPIPE, "at an offset");
	answers(sendfile(out, pair[0], NULL, 1), EINVAL, "from a socket");
	for (int i = 0; i < 2; i++)
		close(ends[i]), close(pair[i]);
	close(append), close(read_only), close(event), close(directory);
	close(path);
}

static void to_pipes(int in)
{
	int ends[2];
	char buf[16];
	off_t offset = 0;

	need(pipe2(ends, O_NONBLOCK) == 0);
	ok(sendfile(ends[1], in, &offset, 4) == 4 && offset == 4 &&
		   read(ends[0], buf, 16) == 4 && memcmp(buf, "0123", 4) == 0,
	   "to a pipe");
	ok(sendfile(ends[1], in, &offset, 100) == 6 && offset == 10 &&
		   read(ends[0], buf, 16) == 6,
	   "less at the end there");
	while (write(ends[1], buf, 1) == 1)
		;
	offset = 0;
	answers(sendfile(ends[1], in, &offset, 1), EAGAIN, "to a full one");
	ok(offset == 0, "nothing moved");
	signal(SIGPIPE, SIG_IGN);
	close(ends[0]);
	answers(sendfile(ends[1], in, &offset, 1), EPIPE, "that nobody reads");
	close(ends[1]);
}

static void to_sockets(int in)
{
	int pair[2];
	char buf[16];
	off_t offset = 1;

	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	ok(sendfile(pair[0], in, &offset, 3) == 3 && offset == 4 &&
		   read(pair[1], buf, 16) == 3 && memcmp(buf, "123", 3) == 0,
	   "to a socket");
	close(pair[1]);
	answers(sendfile(pair[0], in, &offset, 1), EPIPE,
		"that nobody listens at");
	close(pair[0]);
}

static unsigned char large[LARGE], got[LARGE];

static void *read_all(void *arg)
{
	int fd = *(int *)arg;
	size_t done = 0;
	ssize_t n;

	while ((n = read(fd, got + done, LARGE - done)) > 0)
		done += (size_t)n;
	return (void *)done;
}

/* More than a socket holds, and more than Linux moves at once. */
static void sends_much(int in)
{
	int pair[2], out = open("large", O_RDWR | O_CREAT | O_TRUNC, 0600);
	pthread_t reader;
	void *total;
	off_t offset = 0;

	for (int i = 0; i < LARGE; i++)
		large[i] = (unsigned char)(i * 7 + i / 251);
	need(ftruncate(in, 0) == 0 && pwrite(in, large, LARGE, 0) == LARGE);
	ok(sendfile(out, in, &offset, 1 << 30) == LARGE && offset == LARGE,
	   "a large file");
	ok(pread(out, got, LARGE, 0) == LARGE && memcmp(got, large, LARGE) == 0,
	   "is the same");
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	memset(got, 0, LARGE);
	need(pthread_create(&reader, NULL, read_all, &pair[1]) == 0);
	offset = 0;
	while (offset < LARGE)
		need(sendfile(pair[0], in, &offset, LARGE) > 0);
	close(pair[0]);
	need(pthread_join(reader, &total) == 0);
	ok((size_t)total == LARGE && memcmp(got, large, LARGE) == 0,
	   "and through a socket");
	close(pair[1]), close(out);
	need(unlink("large") == 0);
}

static void note(int sig)
{
	(void)sig;
}

static void interrupted(int in)
{
	struct sigaction action = {.sa_handler = note};
	struct itimerval soon = {{0, 20000}, {0, 20000}},
			 never = {{0, 0}, {0, 0}};
	int ends[2];
	char byte = 0;
	off_t offset = 0;

	need(pipe2(ends, O_NONBLOCK) == 0);
	while (write(ends[1], &byte, 1) == 1)
		;
	need(fcntl(ends[1], F_SETFL, 0) == 0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	answers(sendfile(ends[1], in, &offset, 1), EINTR,
		"a signal ends the wait for room");
	setitimer(ITIMER_REAL, &never, NULL);
	close(ends[0]), close(ends[1]);
}

int main(void)
{
	int in, out;

	put_text("in", "0123456789");
	in = open("in", O_RDWR);
	out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	need(in >= 0 && out >= 0);
	to_files(in, out);
	refuses(in, out);
	to_pipes(in);
	to_sockets(in);
	interrupted(in);
	sends_much(in);
	need(unlink("in") == 0 && unlink("out") == 0);
	return done();
}
