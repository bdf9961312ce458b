// SPDX-License-Identifier: BSD-3-Clause
/*
 * Threads with the smallest stacks that can be asked for can do what needs
 * little of it: calls of all kinds.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static int ends[2], sockets[2];

static void *does_nothing(void *arg)
{
	return arg;
}

static void *uses_files(void *arg)
{
	static struct stat status;
	static char text[4];
	int fd;

	if (mkdir("folder", 0700) < 0 || stat("folder", &status) < 0)
		return NULL;
	fd = open("folder/./../folder/file", O_RDWR | O_CREAT, 0600);
	if (fd < 0 || write(fd, "abc", 3) != 3 || lseek(fd, 0, SEEK_SET) != 0 ||
	    read(fd, text, 3) != 3 || ftruncate(fd, 10000) < 0 ||
	    fstat(fd, &status) < 0 || close(fd) < 0)
		return NULL;
	if (rename("folder/file", "folder/other") < 0 ||
	    symlink("folder/other", "link") < 0 || stat("link", &status) < 0 ||
	    unlink("link") < 0 || unlink("folder/other") < 0 ||
	    rmdir("folder") < 0)
		return NULL;
	return status.st_size == 10000 ? arg : NULL;
}

static void *uses_pipes(void *arg)
{
	static char bytes[5000];
	struct pollfd one = {.fd = ends[0], .events = POLLIN};
	struct epoll_event event = {.events = EPOLLIN};
	int epoll = epoll_create1(0), counter = eventfd(1, 0);
	eventfd_t value;

	if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) < 0 ||
	    write(ends[1], bytes, sizeof(bytes)) != sizeof(bytes) ||
	    poll(&one, 1, -1) != 1 || epoll_wait(epoll, &event, 1, -1) != 1 ||
	    read(ends[0], bytes, sizeof(bytes)) != sizeof(bytes) ||
	    eventfd_read(counter, &value) < 0 || close(epoll) < 0 ||
	    close(counter) < 0)
		return NULL;
	return arg;
}

static void *uses_sockets(void *arg)
{
	static char control[CMSG_SPACE(sizeof(int))];
	static struct iovec iov = {control, 1};
	static struct msghdr message = {.msg_iov = &iov,
					.msg_iovlen = 1,
					.msg_control = control,
					.msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	int fd;

	header->cmsg_len = CMSG_LEN(sizeof(int));
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	*(int *)CMSG_DATA(header) = ends[0];
	if (sendmsg(sockets[0], &message, 0) != 1 ||
	    recvmsg(sockets[1], &message, 0) != 1)
		return NULL;
	fd = *(int *)CMSG_DATA(header);
	return close(fd) == 0 ? arg : NULL;
}

static void *uses_memory(void *arg)
{
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return NULL;
	page[5000] = 1;
	if (mprotect(page, 4096, PROT_READ) < 0 ||
	    madvise(page + 4096, 4096, MADV_DONTNEED) < 0 || page[5000] != 0 ||
	    munmap(page, 8192) < 0)
		return NULL;
	page = malloc(100000);
	free(page);
	return page != NULL ? arg : NULL;
}

static void *uses_time(void *arg)
{
	const struct timespec nap = {.tv_nsec = 2000000};
	struct timespec now;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (nanosleep(&nap, NULL) < 0 ||
	    clock_gettime(CLOCK_REALTIME, &now) < 0 ||
	    sigtimedwait(&set, NULL, &nap) != -1 || errno != EAGAIN)
		return NULL;
	return arg;
}

static void *makes_another(void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *result = NULL;

	if (pthread_attr_init(&attr) ||
	    pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN) ||
	    pthread_create(&thread, &attr, does_nothing, arg) ||
	    pthread_join(thread, &result))
		return NULL;
	return result;
}

static void small(void *(*function)(void *), int guard, const char *what)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *result = NULL;

	need(pthread_attr_init(&attr) == 0);
	need(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN) == 0);
	if (!guard)
		need(pthread_attr_setguardsize(&attr, 0) == 0);
	need(pthread_create(&thread, &attr, function, ends) == 0);
	need(pthread_join(thread, &result) == 0);
	ok(result == ends, what);
}

int main(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	need(sigprocmask(SIG_BLOCK, &set, NULL) == 0);
	need(pipe(ends) == 0);
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) == 0);
	for (int guard = 0; guard <= 1; guard++) {
		small(does_nothing, guard, "a thread of PTHREAD_STACK_MIN");
		small(uses_files, guard, "uses files");
		small(uses_pipes, guard, "pipes, poll and epoll");
		small(uses_sockets, guard, "sockets");
		small(uses_memory, guard, "memory");
		small(uses_time, guard, "time");
		small(makes_another, guard, "and makes another such thread");
	}
	return done();
}
