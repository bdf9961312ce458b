// SPDX-License-Identifier: BSD-3-Clause
/*
 * inotify(7): what is told of what, and in which order.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include "answers.h"
#include "files.h"

static int in;
static uint32_t cookie; /* of the last event */

/* The next event is (mask) of (wd), with (name). */
static char events[4096] __attribute__((aligned(16)));
static ssize_t have, used;

static const struct inotify_event *next(void)
{
	const struct inotify_event *event;

	if (used == have) {
		used = 0;
		have = read(in, events, sizeof(events));
		if (have <= 0) {
			have = 0;
			return NULL;
		}
	}
	event = (const void *)(events + used);
	used += (ssize_t)sizeof(*event) + event->len;
	return event;
}

static int comes(int wd, uint32_t mask, const char *name)
{
	const struct inotify_event *event = next();
	const char *got = event != NULL && event->len > 0 ? event->name : "";

	if (event == NULL) {
		printf("# nothing comes\n");
		return 0;
	}
	cookie = event->cookie;
	if (event->wd == wd && event->mask == mask && strcmp(got, name) == 0)
		return 1;
	printf("# wd %d mask %x name %s\n", event->wd, event->mask, got);
	return 0;
}

static int no_more(void)
{
	const struct inotify_event *event = next();

	if (event == NULL)
		return errno == EAGAIN;
	printf("# more: wd %d mask %x name %s\n", event->wd, event->mask,
	       event->len > 0 ? event->name : "");
	return 0;
}

static void of_a_directory(void)
{
	int wd = inotify_add_watch(in, "d", IN_ALL_EVENTS), fd;
	char byte;

	ok(wd > 0, "a directory is watched");
	fd = open("d/f", O_RDWR | O_CREAT, 0600);
	need(fd >= 0 && write(fd, "ab", 2) == 2 && write(fd, "cd", 2) == 2 &&
	     pread(fd, &byte, 1, 0) == 1);
	ok(comes(wd, IN_CREATE, "f") && comes(wd, IN_OPEN, "f"), "a new file");
	ok(comes(wd, IN_MODIFY, "f"), "two writes are one event");
	ok(comes(wd, IN_ACCESS, "f"), "it is read");
	need(ftruncate(fd, 1) == 0 && fchmod(fd, 0400) == 0);
	ok(comes(wd, IN_MODIFY, "f") && comes(wd, IN_ATTRIB, "f"),
	   "it is cut, and its mode changes");
	close(fd);
	ok(comes(wd, IN_CLOSE_WRITE, "f") && no_more(), "it is closed");
	close(open("d/f", O_RDONLY));
	ok(comes(wd, IN_OPEN, "f") && comes(wd, IN_CLOSE_NOWRITE, "f"),
	   "it is opened to read");
	close(open("d/f", O_PATH));
	ok(no_more(), "O_PATH is not told of");
	need(link("d/f", "d/g") == 0 && symlink("f", "d/s") == 0 &&
	     mkdir("d/sub", 0700) == 0);
	ok(comes(wd, IN_CREATE, "g") && comes(wd, IN_CREATE, "s") &&
		   comes(wd, IN_CREATE | IN_ISDIR, "sub"),
	   "links and directories");
	need(rename("d/g", "d/h") == 0);
	ok(comes(wd, IN_MOVED_FROM, "g") && cookie != 0, "a name goes");
	fd = (int)cookie;
	ok(comes(wd, IN_MOVED_TO, "h") && (int)cookie == fd,
	   "and comes, with the same cookie");
	need(unlink("d/h") == 0 && unlink("d/s") == 0 && rmdir("d/sub") == 0);
	ok(comes(wd, IN_DELETE, "h") && comes(wd, IN_DELETE, "s") &&
		   comes(wd, IN_DELETE | IN_ISDIR, "sub") && no_more(),
	   "they are removed");
	need(chmod("d", 0755) == 0);
	ok(comes(wd, IN_ATTRIB | IN_ISDIR, ""), "the directory itself");
	ok(inotify_rm_watch(in, wd) == 0 && comes(wd, IN_IGNORED, ""),
	   "inotify_rm_watch");
	answers(inotify_rm_watch(in, wd), EINVAL, "a second time");
	need(unlink("d/f") == 0);
	ok(no_more(), "nothing is told any more");
}

static void of_a_file(void)
{
	int wd, fd;

	put_text("file", "text");
	wd = inotify_add_watch(in, "file", IN_ALL_EVENTS);
	fd = open("file", O_WRONLY);
	need(wd > 0 && fd >= 0 && write(fd, "x", 1) == 1);
	ok(comes(wd, IN_OPEN, "") && comes(wd, IN_MODIFY, ""),
	   "a file is watched");
	need(rename("file", "moved") == 0);
	ok(comes(wd, IN_MOVE_SELF, ""), "it is moved");
	need(link("moved", "other") == 0 && unlink("other") == 0);
	ok(comes(wd, IN_ATTRIB, "") && no_more(), "its links change");
	need(unlink("moved") == 0);
	ok(comes(wd, IN_ATTRIB, "") && no_more(),
	   "its last name goes, but it is open");
	close(fd);
	ok(comes(wd, IN_CLOSE_WRITE, "") && comes(wd, IN_DELETE_SELF, "") &&
		   comes(wd, IN_IGNORED, "") && no_more(),
	   "with the last description it is gone");
	answers(inotify_rm_watch(in, wd), EINVAL, "and its watch");
}

static void of_what_is_replaced(void)
{
	int wd, self;

	put_text("d/a", "a");
	put_text("d/b", "b");
	wd = inotify_add_watch(in, "d", IN_MOVE | IN_DELETE);
	self = inotify_add_watch(in, "d/b", IN_DELETE_SELF | IN_ATTRIB);
	need(rename("d/a", "d/b") == 0);
	ok(comes(wd, IN_MOVED_FROM, "a") && comes(wd, IN_MOVED_TO, "b"),
	   "a file is replaced");
	ok(comes(self, IN_ATTRIB, "") && comes(self, IN_DELETE_SELF, "") &&
		   comes(self, IN_IGNORED, "") && no_more(),
	   "and gone");
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, "") && unlink("d/b") == 0);
	need(mkdir("e", 0700) == 0);
	wd = inotify_add_watch(in, "e", IN_ALL_EVENTS);
	need(rmdir("e") == 0);
	ok(comes(wd, IN_DELETE_SELF, "") && comes(wd, IN_IGNORED, "") &&
		   no_more(),
	   "a directory is removed");
}

static void of_masks(void)
{
	int wd = inotify_add_watch(in, "d", IN_CREATE), again;

	put_text("d/m", "");
	ok(comes(wd, IN_CREATE, "m") && no_more(), "only what is asked for");
	ok(inotify_add_watch(in, "d", IN_DELETE) == wd, "the same watch");
	put_text("d/n", "");
	need(unlink("d/m") == 0);
	ok(comes(wd, IN_DELETE, "m") && no_more(), "with another mask");
	ok(inotify_add_watch(in, "d", IN_CREATE | IN_MASK_ADD) == wd,
	   "IN_MASK_ADD");
	put_text("d/m", "");
	need(unlink("d/m") == 0);
	ok(comes(wd, IN_CREATE, "m") && comes(wd, IN_DELETE, "m"),
	   "adds to it");
	answers(inotify_add_watch(in, "d", IN_CREATE | IN_MASK_CREATE), EEXIST,
		"IN_MASK_CREATE");
	again = inotify_add_watch(in, "d/n", IN_ATTRIB | IN_ONESHOT);
	need(chmod("d/n", 0400) == 0 && chmod("d/n", 0600) == 0);
	ok(again != wd && comes(again, IN_ATTRIB, "") &&
		   comes(again, IN_IGNORED, "") && no_more(),
	   "IN_ONESHOT");
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, "") && unlink("d/n") == 0);
}

static void of_an_open_directory(void)
{
	int wd = inotify_add_watch(in, "d", IN_CLOSE | IN_DELETE), self, fd;

	need(mkdir("d/x", 0700) == 0);
	fd = open("d/x", O_RDONLY | O_DIRECTORY);
	self = inotify_add_watch(in, "d/x", IN_MOVE_SELF);
	need(fd >= 0 && self >= 0 && rename("d/x", "d/y") == 0);
	ok(comes(self, IN_MOVE_SELF, ""), "a directory moves");
	need(inotify_rm_watch(in, self) == 0 && comes(self, IN_IGNORED, ""));
	need(rmdir("d/y") == 0);
	ok(comes(wd, IN_DELETE | IN_ISDIR, "y"), "is removed");
	close(fd);
	ok(comes(wd, IN_CLOSE_NOWRITE | IN_ISDIR, "y") && no_more(),
	   "and closed then");
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, ""));
}

static void refuses(void)
{
	int ends[2];

	need(symlink("d", "to_d") == 0 && pipe(ends) == 0);
	put_text("plain", "");
	answers(inotify_init1(4), EINVAL, "bad flags");
	answers(inotify_add_watch(999, "d", IN_CREATE), EBADF, "no descriptor");
	answers(inotify_add_watch(ends[0], "d", IN_CREATE), EINVAL,
		"one that is no inotify");
	answers(inotify_add_watch(in, "missing", IN_CREATE), ENOENT,
		"no such file");
	answers(inotify_add_watch(in, "d", 0), EINVAL, "no events");
	answers(inotify_add_watch(in, "d", IN_CREATE | 0x00100000), EINVAL,
		"an event that there is not");
	answers(inotify_add_watch(in, "", IN_CREATE), ENOENT, "an empty one");
	answers(inotify_add_watch(in, "plain", IN_CREATE | IN_ONLYDIR), ENOTDIR,
		"IN_ONLYDIR of a file");
	answers(inotify_add_watch(in, "d",
				  IN_CREATE | IN_MASK_ADD | IN_MASK_CREATE),
		EINVAL, "two that exclude each other");
	answers(inotify_rm_watch(in, 77), EINVAL, "no such watch");
	answers(inotify_rm_watch(999, 1), EBADF, "of no descriptor");
	answers(inotify_rm_watch(ends[0], 1), EINVAL, "of a pipe");
	ok(inotify_add_watch(in, "to_d", IN_CREATE) ==
		   inotify_add_watch(in, "d", IN_CREATE),
	   "a link is followed");
	ok(inotify_add_watch(in, "to_d", IN_ATTRIB | IN_DONT_FOLLOW) !=
		   inotify_add_watch(in, "d", IN_CREATE),
	   "or not");
	close(ends[0]), close(ends[1]);
	need(unlink("plain") == 0 && unlink("to_d") == 0);
	while (next() != NULL)
		;
}

static void reads(void)
{
	int wd = inotify_add_watch(in, "d", IN_CREATE), bytes, epoll;
	struct pollfd poll_in = {in, POLLIN | POLLOUT, 0};
	struct epoll_event event = {.events = EPOLLIN};
	char small[40];

	answers(read(in, small, sizeof(small)), EAGAIN, "there is nothing");
	ok(poll(&poll_in, 1, 0) == 0, "poll agrees");
	epoll = epoll_create1(0);
	need(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, in, &event) == 0);
	ok(epoll_wait(epoll, &event, 1, 0) == 0, "so does epoll");
	put_text("d/a", "");
	put_text("d/a name of seventeen", "");
	ok(poll(&poll_in, 1, 0) == 1 && poll_in.revents == POLLIN,
	   "something comes");
	ok(epoll_wait(epoll, &event, 1, 1000) == 1, "epoll tells of it");
	ok(ioctl(in, FIONREAD, &bytes) == 0 && bytes == 32 + 48, "FIONREAD");
	answers(read(in, small, 31), EINVAL, "a buffer that is too small");
	ok(read(in, small, sizeof(small)) == 32, "as many as fit");
	answers(read(in, small, sizeof(small)), EINVAL, "the next does not");
	answers(write(in, small, 1), EBADF, "nothing is written");
	ok(comes(wd, IN_CREATE, "a name of seventeen") && no_more(),
	   "it is still there");
	close(epoll);
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, "") && unlink("d/a") == 0 &&
	     unlink("d/a name of seventeen") == 0);
}

static void *write_later(void *arg)
{
	(void)arg;
	usleep(30000);
	put_text("d/late", "");
	return NULL;
}

static void note(int sig)
{
	(void)sig;
}

static void waits(void)
{
	struct sigaction action = {.sa_handler = note};
	struct itimerval soon = {{0, 20000}, {0, 20000}};
	struct itimerval never = {{0, 0}, {0, 0}};
	int wd = inotify_add_watch(in, "d", IN_CREATE);
	pthread_t thread;

	need(fcntl(in, F_SETFL, 0) == 0);
	need(pthread_create(&thread, NULL, write_later, NULL) == 0);
	ok(comes(wd, IN_CREATE, "late"), "a read waits");
	need(pthread_join(thread, NULL) == 0);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	answers(read(in, events, sizeof(events)), EINTR,
		"until a signal comes");
	setitimer(ITIMER_REAL, &never, NULL);
	need(fcntl(in, F_SETFL, O_NONBLOCK) == 0);
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, "") && unlink("d/late") == 0);
}

/* More than anybody reads. */
static void overflows(void)
{
	const struct inotify_event *event;
	int wd = inotify_add_watch(in, "d", IN_OPEN | IN_CLOSE_NOWRITE);
	int count = 0, last = 0;

	put_text("d/o", "");
	for (int i = 0; i < 9000; i++)
		close(open("d/o", O_RDONLY));
	while ((event = next()) != NULL) {
		count++;
		last = event->wd == -1 && event->mask == IN_Q_OVERFLOW;
	}
	ok(last && count > 1000, "too many events end in one that says so");
	inotify_rm_watch(in, wd);
	need(comes(wd, IN_IGNORED, "") && unlink("d/o") == 0);
}

int main(void)
{
	need(mkdir("d", 0700) == 0);
	in = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ok(in >= 0 && fcntl(in, F_GETFD) == FD_CLOEXEC &&
		   (fcntl(in, F_GETFL) & (O_ACCMODE | O_NONBLOCK)) ==
			   O_NONBLOCK,
	   "inotify_init1");
	of_a_directory();
	of_a_file();
	of_what_is_replaced();
	of_masks();
	of_an_open_directory();
	refuses();
	reads();
	waits();
	overflows();
	close(in);
	return done();
}
