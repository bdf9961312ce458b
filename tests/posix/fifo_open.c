// SPDX-License-Identifier: BSD-3-Clause
/*
 * FIFOs: made by mkfifo() and mknod(), opened by both sides, who wait for each
 * other or do not; what they are to the calls on files.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tap.h"

static short polled(int fd, short events)
{
	struct pollfd one = {.fd = fd, .events = events};

	return poll(&one, 1, 0) >= 0 ? one.revents : -1;
}

static void names(void)
{
	struct stat st;

	ok(mkfifo("fifo", 0640) == 0, "mkfifo");
	ok(stat("fifo", &st) == 0 && S_ISFIFO(st.st_mode) &&
		   (st.st_mode & 07777) == 0640 && st.st_size == 0 &&
		   st.st_nlink == 1,
	   "stat");
	fails(mkfifo("fifo", 0600), EEXIST, "it is there");
	ok(mknod("other", S_IFIFO | 0600, 0) == 0 && stat("other", &st) == 0 &&
		   S_ISFIFO(st.st_mode),
	   "mknod");
	ok(rename("other", "third") == 0 && link("third", "fourth") == 0 &&
		   unlink("third") == 0 && unlink("fourth") == 0,
	   "it has names like any file");
	fails(truncate("fifo", 0), EINVAL, "but no size");
}

static void not_waiting(void)
{
	int in, out;
	char c;

	fails(open("fifo", O_WRONLY | O_NONBLOCK), ENXIO,
	      "a writer alone does not wait");
	in = open("fifo", O_RDONLY | O_NONBLOCK);
	ok(in >= 0, "a reader does not mind");
	ok(read(in, &c, 1) == 0, "nobody writes: the end");
	ok(polled(in, POLLIN) == 0, "but no hang-up yet");
	out = open("fifo", O_WRONLY | O_NONBLOCK);
	ok(out >= 0, "then a writer comes");
	fails(read(in, &c, 1), EAGAIN, "who has not written");
	ok(write(out, "ab", 2) == 2 && polled(in, POLLIN) == POLLIN &&
		   read(in, &c, 1) == 1 && c == 'a',
	   "and writes");
	close(out);
	ok(polled(in, POLLIN) == (POLLIN | POLLHUP) && read(in, &c, 1) == 1 &&
		   c == 'b' && read(in, &c, 1) == 0 &&
		   polled(in, POLLIN) == POLLHUP,
	   "and leaves");
	out = open("fifo", O_WRONLY | O_NONBLOCK);
	ok(out >= 0 && polled(in, POLLIN) == 0, "and comes again");
	close(in);
	fails(write(out, "x", 1), EPIPE, "the reader left");
	close(out);
}

static void both(void)
{
	int fd = open("fifo", O_RDWR), other;
	char c = 0;

	ok(fd >= 0, "one who reads and writes waits for nobody");
	ok(write(fd, "xy", 2) == 2 && read(fd, &c, 1) == 1 && c == 'x',
	   "and hears itself");
	other = open("fifo", O_RDONLY);
	ok(other >= 0 && read(other, &c, 1) == 1 && c == 'y',
	   "so does another");
	ok(write(fd, "lost", 4) == 4, "what nobody read");
	close(fd);
	close(other);
	fd = open("fifo", O_RDWR | O_NONBLOCK);
	fails(read(fd, &c, 1), EAGAIN, "is lost with the last");
	close(fd);
}

static void *open_to_write(void *arg)
{
	int fd = open("fifo", O_WRONLY);

	if (fd < 0 || write(fd, arg, 5) != 5)
		return NULL;
	close(fd);
	return arg;
}

static void *open_to_read(void *arg)
{
	int fd = open("fifo", O_RDONLY);

	if (fd < 0 || read(fd, arg, 5) != 5)
		return NULL;
	close(fd);
	return arg;
}

static void waiting(void)
{
	char buf[6] = "", text[] = "hello";
	pthread_t thread;
	void *result;

	for (int turn = 0; turn < 2; turn++) {
		memset(buf, 0, sizeof(buf));
		need(pthread_create(&thread, NULL,
				    turn ? open_to_read : open_to_write,
				    turn ? buf : text) == 0);
		for (int i = 0; i < 100; i++)
			sched_yield();
		result = turn ? open_to_write(text) : open_to_read(buf);
		ok(result != NULL, turn ? "a writer" : "a reader");
		need(pthread_join(thread, &result) == 0);
		ok(result != NULL, "and the one who waited for it");
		ok(strcmp(buf, "hello") == 0, "meet");
	}
}

static void unlinked(void)
{
	int fd = open("fifo", O_RDWR);
	struct stat st;
	char c;

	need(fd >= 0);
	ok(unlink("fifo") == 0 && write(fd, "x", 1) == 1 &&
		   read(fd, &c, 1) == 1 && c == 'x',
	   "an open one outlives its name");
	ok(fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) && st.st_nlink == 0,
	   "fstat");
	close(fd);
}

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	umask(0);
	names();
	not_waiting();
	both();
	waiting();
	unlinked();
	return done();
}
