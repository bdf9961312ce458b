// SPDX-License-Identifier: BSD-3-Clause
/*
 * /proc/self/fdinfo/N: where a descriptor is, its flags, and what its kind has
 * to tell.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "files.h"
#include "tap.h"

static char text[4096];

static int read_info(int fd)
{
	char path[40];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return 0;
}

/* The number behind (name), in (base). */
static long long number(const char *name, int base)
{
	const char *at = strstr(text, name);

	return at != NULL ? (long long)strtoull(at + strlen(name), NULL, base)
			  : -1;
}

static void files(void)
{
	struct stat st;
	int fd;

	put_text("file", "hello, world");
	fd = open("file", O_RDWR | O_APPEND | O_CLOEXEC);
	need(fd >= 0 && fstat(fd, &st) == 0 && lseek(fd, 7, SEEK_SET) == 7);
	need(read_info(fd) == 0);
	ok(number("pos:", 10) == 7, "the position");
	ok((number("flags:", 8) & (O_ACCMODE | O_APPEND | O_CLOEXEC)) ==
		   (O_RDWR | O_APPEND | O_CLOEXEC),
	   "flags, with O_CLOEXEC");
	ok(number("ino:", 10) == (long long)st.st_ino, "the node's number");
	ok(number("mnt_id:", 10) >= 0, "a mount");
	need(fcntl(fd, F_SETFD, 0) == 0 && lseek(fd, 3, SEEK_SET) == 3);
	need(read_info(fd) == 0);
	ok(number("pos:", 10) == 3 && !(number("flags:", 8) & O_CLOEXEC),
	   "each reading is new");
	close(fd);
	errno = 0;
	ok(read_info(fd) == -1 && errno == ENOENT, "not of what is closed");
	need(unlink("file") == 0);
}

static void counters(void)
{
	int fd = eventfd(300, EFD_NONBLOCK), epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN | EPOLLET,
				    .data.u64 = 0xabcdef};
	struct itimerspec setting = {{3, 0}, {1000, 0}};
	int timer = timerfd_create(CLOCK_MONOTONIC, 0), signals;
	sigset_t set;

	need(fd >= 0 && epoll >= 0 && timer >= 0);
	need(read_info(fd) == 0);
	ok(number("eventfd-count:", 16) == 300, "an eventfd's count");
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
	need(read_info(epoll) == 0);
	ok(number("tfd:", 10) == fd, "what an epoll watches");
	ok((number("events:", 16) & event.events) == event.events, "for what");
	ok(number("data:", 16) == 0xabcdef, "and what it gives then");
	need(timerfd_settime(timer, 0, &setting, NULL) == 0);
	need(read_info(timer) == 0);
	ok(number("clockid:", 10) == CLOCK_MONOTONIC, "a timer's clock");
	ok(number("it_value: (", 10) <= 1000 && number("it_value: (", 10) > 900,
	   "what is left of it");
	ok(number("it_interval: (", 10) == 3, "its interval");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	signals = signalfd(-1, &set, 0);
	need(signals >= 0 && read_info(signals) == 0);
	ok(number("sigmask:", 16) ==
		   (1ll << (SIGUSR1 - 1) | 1ll << (SIGUSR2 - 1)),
	   "what a signalfd takes");
	close(signals);
	close(timer);
	close(epoll);
	close(fd);
}

static void lists(void)
{
	DIR *dir = opendir("/proc/self/fdinfo");
	struct dirent *entry;
	int fd = dup(0), found = 0, all = 1;

	need(dir != NULL && fd >= 0);
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		found += atoi(entry->d_name) == fd;
		all &= entry->d_type == DT_REG;
	}
	ok(found == 1 && all, "the directory lists what is open");
	closedir(dir);
	close(fd);
}

int main(void)
{
	files();
	counters();
	lists();
	return done();
}
