// SPDX-License-Identifier: BSD-3-Clause
/*
 * System calls whose arguments and results take many shapes: trace=syscall has
 * to show them as strace does (tests/image/trace.py). What lies between the
 * rmdir of "begin" and of "end" is compared.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static void handle(int signal)
{
	(void)signal;
}

static void files(void)
{
	static const char odd[] = "tab\tquote\"\\ nul\0"
				  "1 bell\a end\n";
	struct timespec times[2] = {{1, 2}, {0, UTIME_OMIT}};
	struct iovec parts[] = {{"one", 3},
				{"two, which is cut, being longer "
				 "than what is shown",
				 50}};
	char buf[64];
	struct stat st;
	int fd = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	write(fd, odd, sizeof(odd) - 1);
	writev(fd, parts, 2);
	pwrite(fd, "x", 1, 3);
	lseek(fd, 0, SEEK_SET);
	read(fd, buf, 10);
	pread(fd, buf, sizeof(buf), 5);
	fstat(fd, &st);
	ftruncate(fd, 5);
	fchmod(fd, 0600);
	flock(fd, LOCK_EX | LOCK_NB);
	fcntl(fd, F_GETFL);
	fcntl(fd, F_SETFL, O_RDWR | O_APPEND);
	fcntl(fd, F_GETFD);
	fcntl(fd, F_DUPFD_CLOEXEC, 20);
	futimens(fd, times);
	ioctl(fd, TIOCGWINSZ, buf);
	dup2(fd, 30);
	close(fd);
	close(99);
	write(99, (void *)8, 5);
	open("missing/file", O_RDONLY);
	open(".", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	access("file", R_OK | W_OK);
	stat("file", &st);
	stat("missing", &st);
	mkdir("folder", 0755);
	rename("file", "folder/file");
	symlink("folder/file", "link");
	readlink("link", buf, sizeof(buf));
	lstat("link", &st);
	unlink("link");
	unlinkat(AT_FDCWD, "folder/file", 0);
	unlinkat(AT_FDCWD, "folder", AT_REMOVEDIR);
	umask(022);
}

static void memory(void)
{
	char *at = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	mprotect(at, 4096, PROT_NONE);
	madvise(at + 4096, 4096, MADV_DONTNEED);
	munmap(at, 8192);
	mmap(NULL, 0, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void signals(void)
{
	struct sigaction action = {.sa_handler = handle,
				   .sa_flags = SA_RESTART};
	struct rlimit limit = {0, 4096};
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGTERM);
	sigaction(SIGUSR1, &action, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	signal(SIGUSR2, SIG_IGN);
	setrlimit(RLIMIT_CORE, &limit);
	getrlimit(RLIMIT_CORE, &limit);
}

static void waiting(void)
{
	struct timespec moment = {0, 1000};
	struct timeval now = {0, 0};
	struct epoll_event event = {.events = EPOLLIN | EPOLLET, .data.u32 = 7};
	struct itimerspec setting = {{0, 0}, {100, 0}};
	struct pollfd fds[2];
	uint64_t one = 1;
	int pair[2], epoll, counter, timer;
	fd_set in;

	nanosleep(&moment, NULL);
	pipe2(pair, O_CLOEXEC);
	fds[0] = (struct pollfd){pair[0], POLLIN, 0};
	fds[1] = (struct pollfd){pair[1], POLLOUT, 0};
	poll(fds, 1, 0);
	poll(fds, 2, -1);
	FD_ZERO(&in);
	FD_SET(pair[0], &in);
	select(pair[0] + 1, &in, NULL, NULL, &now);
	epoll = epoll_create1(EPOLL_CLOEXEC);
	counter = eventfd(0, EFD_NONBLOCK);
	epoll_ctl(epoll, EPOLL_CTL_ADD, counter, &event);
	write(counter, &one, sizeof(one));
	epoll_wait(epoll, &event, 4, 1000);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	timerfd_settime(timer, 0, &setting, NULL);
	read(timer, &one, sizeof(one));
}

static void sockets(void)
{
	struct sockaddr_un name = {AF_UNIX, "socket"};
	int pair[2], value = 0;
	socklen_t len = sizeof(value);
	char buf[16];

	socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	send(pair[0], "hello", 5, MSG_NOSIGNAL);
	recv(pair[1], buf, sizeof(buf), MSG_DONTWAIT);
	getsockopt(pair[0], SOL_SOCKET, SO_TYPE, &value, &len);
	bind(pair[0], (struct sockaddr *)&name, sizeof(name));
	shutdown(pair[0], SHUT_RDWR);
	socket(AF_UNIX, 9, 0);
}

int main(void)
{
	rmdir("begin");
	files();
	memory();
	signals();
	waiting();
	sockets();
	rmdir("end");
	kill(getpid(), SIGUSR1);
	return 3;
}
