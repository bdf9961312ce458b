// SPDX-License-Identifier: BSD-3-Clause
/*
 * splice(2), tee(2) and vmsplice(2).
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

enum { LARGE = 300000, FULL = 65536 };

static int ends[2], more[2];

static int holds(int fd, const char *text)
{
	char buf[64];
	ssize_t n = read(fd, buf, sizeof(buf));

	return n == (ssize_t)strlen(text) && memcmp(buf, text, (size_t)n) == 0;
}

static void with_files(int in, int out)
{
	off_t offset = 2;

	ok(splice(in, NULL, ends[1], NULL, 4, 0) == 4 &&
		   lseek(in, 0, SEEK_CUR) == 4 && holds(ends[0], "0123"),
	   "from a file");
	ok(splice(in, &offset, ends[1], NULL, 100, 0) == 8 && offset == 10 &&
		   lseek(in, 0, SEEK_CUR) == 4,
	   "from an offset, up to the end");
	ok(splice(in, &offset, ends[1], NULL, 100, 0) == 0, "at the end");
	ok(splice(ends[0], NULL, out, NULL, 3, 0) == 3 &&
		   lseek(out, 0, SEEK_CUR) == 3 && fd_has_text(out, "234"),
	   "to a file");
	offset = 1;
	ok(splice(ends[0], NULL, out, &offset, 100, 0) == 5 && offset == 6 &&
		   lseek(out, 0, SEEK_CUR) == 3 && fd_has_text(out, "256789"),
	   "to an offset, what there is");
	answers(splice(ends[0], NULL, out, NULL, 1, SPLICE_F_NONBLOCK), EAGAIN,
		"from an empty pipe");
}

static void with_pipes(void)
{
	need(write(ends[1], "abcdef", 6) == 6);
	ok(tee(ends[0], more[1], 4, 0) == 4 && holds(more[0], "abcd"), "tee");
	ok(tee(ends[0], more[1], 100, 0) == 6 && holds(more[0], "abcdef"),
	   "it takes nothing out");
	ok(splice(ends[0], NULL, more[1], NULL, 4, 0) == 4 &&
		   holds(more[0], "abcd") && holds(ends[0], "ef"),
	   "from pipe to pipe");
	answers(splice(ends[0], NULL, more[1], NULL, 4, SPLICE_F_NONBLOCK),
		EAGAIN, "that is empty");
	answers(tee(ends[0], more[1], 4, SPLICE_F_NONBLOCK), EAGAIN,
		"tee of that");
	answers(splice(ends[0], NULL, ends[1], NULL, 1, 0), EINVAL,
		"from a pipe to itself");
	answers(tee(ends[0], ends[1], 1, 0), EINVAL, "tee of itself");
}

static void refuses(int in, int out)
{
	int append = open("out", O_WRONLY | O_APPEND), event = eventfd(0, 0);
	int directory = open(".", O_RDONLY | O_DIRECTORY);
	off_t zero = 0, below = -1;

	need(append >= 0 && event >= 0 && directory >= 0);
	need(write(ends[1], "abc", 3) == 3);
	answers(splice(in, NULL, out, NULL, 1, 0), EINVAL, "without a pipe");
	answers(splice(999, NULL, ends[1], NULL, 1, 0), EBADF, "no source");
	answers(splice(ends[0], NULL, 999, NULL, 1, 0), EBADF, "no target");
	answers(splice(999, NULL, 999, NULL, 0, 0), 0, "of no bytes");
	answers(splice(999, NULL, 999, NULL, 1, 64), EINVAL, "bad flags");
	answers(splice(ends[1], NULL, out, NULL, 1, 0), EBADF,
		"from the end to write");
	answers(splice(in, NULL, ends[0], NULL, 1, 0), EBADF,
		"to the end to read");
	answers(splice(ends[0], &zero, out, NULL, 1, 0), ESPIPE,
		"an offset in a pipe");
	answers(splice(in, NULL, ends[1], &zero, 1, 0), ESPIPE,
		"to write, too");
	answers(splice(in, &below, ends[1], NULL, 1, 0), EINVAL,
		"an offset below 0");
	answers(splice(ends[0], NULL, append, NULL, 1, 0), EINVAL, "O_APPEND");
	answers(splice(ends[0], NULL, event, NULL, 1, 0), EINVAL,
		"to an eventfd");
	answers(splice(directory, NULL, ends[1], NULL, 1, 0), EINVAL,
		"a directory");
	answers(tee(in, ends[1], 1, 0), EINVAL, "tee of a file");
	answers(tee(999, ends[1], 1, 0), EBADF, "of nothing");
	answers(tee(ends[0], ends[1], 1, 64), EINVAL, "by bad flags");
	answers(tee(999, 999, 0, 0), 0, "no bytes");
	ok(holds(ends[0], "abc"), "what is in the pipe stays");
	close(append), close(event), close(directory);
}

/* What a target does not take is still there. */
static void takes_part(void)
{
	int full = open("/dev/full", O_WRONLY), pair[2], total = 0;
	char byte = 'x';

	need(full >= 0 &&
	     socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair) == 0);
	while (write(pair[0], &byte, 1) == 1)
		total++;
	need(total > 0 && write(ends[1], "abcdef", 6) == 6);
	answers(splice(ends[0], NULL, pair[0], NULL, 6, 0), EAGAIN,
		"to a full socket");
	ok(holds(ends[0], "abcdef"), "all comes back");
	close(pair[1]);
	signal(SIGPIPE, SIG_IGN);
	need(write(ends[1], "ghijkl", 6) == 6);
	answers(splice(ends[0], NULL, pair[0], NULL, 6, 0), EPIPE,
		"to one that nobody reads");
	ok(holds(ends[0], "ghijkl"), "so it does");
	close(pair[0]), close(full);
}

static void fills(int in)
{
	char buf[4096];
	ssize_t n, total = 0;
	off_t offset;

	need(ftruncate(in, LARGE) == 0);
	do {
		offset = total;
		n = splice(in, &offset, ends[1], NULL, LARGE,
			   SPLICE_F_NONBLOCK);
		total += n > 0 ? n : 0;
	} while (n > 0);
	ok(total == FULL && errno == EAGAIN, "a pipe is filled");
	need(read(ends[0], buf, sizeof(buf)) == sizeof(buf));
	ok(splice(in, &offset, ends[1], NULL, LARGE, 0) == sizeof(buf),
	   "what was read is filled up");
	for (total = 0; total < FULL; total += n)
		need((n = read(ends[0], buf, sizeof(buf))) > 0);
	ok(total == FULL, "all comes out");
}

static void of_pages(void)
{
	char first[4] = "abc", second[8] = "defghij", got[8];
	struct iovec iov[2] = {{first, 3}, {second, 7}}, in = {got, 8};

	ok(vmsplice(ends[1], iov, 2, 0) == 10, "vmsplice in");
	ok(vmsplice(ends[0], &in, 1, 0) == 8 && memcmp(got, "abcdefgh", 8) == 0,
	   "and out");
	ok(holds(ends[0], "ij"), "the rest");
	answers(vmsplice(ends[0], &in, 1, SPLICE_F_NONBLOCK), EAGAIN,
		"of an empty pipe");
	answers(vmsplice(ends[1], iov, 2, 64), EINVAL, "by bad flags");
	answers(vmsplice(999, iov, 2, 0), EBADF, "of no descriptor");
	answers(vmsplice(ends[1], iov, 0, 0), 0, "of no parts");
	answers(vmsplice(ends[1], iov, 1025, 0), EINVAL, "of too many");
}

static unsigned char large[LARGE], got[LARGE];

static void *pump(void *arg)
{
	ssize_t n;

	(void)arg;
	while ((n = splice(ends[0], NULL, more[1], NULL, LARGE, 0)) > 0)
		;
	close(more[1]);
	return NULL;
}

static void *feed(void *arg)
{
	int in = *(int *)arg;
	off_t offset = 0;

	while (splice(in, &offset, ends[1], NULL, LARGE, 0) > 0)
		;
	close(ends[1]);
	return NULL;
}

/* From a file through two pipes: three threads. */
static void in_chains(int in)
{
	pthread_t threads[2];
	int out = open("large", O_RDWR | O_CREAT | O_TRUNC, 0600);
	ssize_t n, total = 0;

	for (int i = 0; i < LARGE; i++)
		large[i] = (unsigned char)(i * 7 + i / 251);
	need(out >= 0 && pwrite(in, large, LARGE, 0) == LARGE);
	need(pthread_create(&threads[0], NULL, feed, &in) == 0);
	need(pthread_create(&threads[1], NULL, pump, NULL) == 0);
	while ((n = splice(more[0], NULL, out, NULL, LARGE, 0)) > 0)
		total += n;
	for (int i = 0; i < 2; i++)
		need(pthread_join(threads[i], NULL) == 0);
	ok(total == LARGE && pread(out, got, LARGE, 0) == LARGE &&
		   memcmp(got, large, LARGE) == 0,
	   "through two pipes");
	need(unlink("large") == 0);
	close(out);
}

static void note(int sig)
{
	(void)sig;
}

static void interrupted(int in)
{
	struct sigaction action = {.sa_handler = note};
	struct itimerval soon = {{0, 20000}, {0, 20000}};
	struct itimerval never = {{0, 0}, {0, 0}};

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	answers(splice(ends[0], NULL, more[1], NULL, 1, 0), EINTR,
		"a signal ends the wait of splice");
	answers(tee(ends[0], more[1], 1, 0), EINTR, "of tee");
	answers(splice(ends[0], NULL, in, NULL, 1, 0), EINTR,
		"and of one to a file");
	setitimer(ITIMER_REAL, &never, NULL);
}

static void at_ends(int in)
{
	int fds[2];

	need(pipe(fds) == 0);
	close(fds[1]);
	answers(splice(fds[0], NULL, ends[1], NULL, 1, 0), 0,
		"from a pipe that nobody writes");
	answers(tee(fds[0], ends[1], 1, 0), 0, "tee of it");
	close(fds[0]);
	need(pipe(fds) == 0 && write(ends[1], "a", 1) == 1);
	close(fds[0]);
	answers(splice(in, NULL, fds[1], NULL, 1, 0), EPIPE,
		"to a pipe that nobody reads");
	answers(splice(ends[0], NULL, fds[1], NULL, 1, 0), EPIPE,
		"from a pipe, too");
	answers(tee(ends[0], fds[1], 1, 0), EPIPE, "tee as well");
	ok(holds(ends[0], "a"), "and it stays");
	close(fds[1]);
}

int main(void)
{
	int in, out;

	put_text("in", "0123456789");
	in = open("in", O_RDWR);
	out = open("out", O_RDWR | O_CREAT | O_TRUNC, 0600);
	need(in >= 0 && out >= 0 && pipe(ends) == 0 && pipe(more) == 0);
	with_files(in, out);
	with_pipes();
	refuses(in, out);
	takes_part();
	at_ends(in);
	of_pages();
	interrupted(in);
	fills(in);
	in_chains(in);
	need(unlink("in") == 0 && unlink("out") == 0);
	return done();
}
