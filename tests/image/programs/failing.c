// SPDX-License-Identifier: BSD-3-Clause
/*
 * After each line of input tries what cannot work, in many ways, and answers
 * with a line. "close": closes its input, after a poll() of it that ended by
 * its time, answers and stays for a while.
 * Expected: the host has no descriptor open then that it had not before.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/un.h>
#include <unistd.h>

static int mistakes;

/* It fails. */
#define no(call)                                         \
	do {                                             \
		if ((long)(call) != -1) {                \
			printf("it works: %s\n", #call); \
			mistakes++;                      \
		}                                        \
	} while (0)

static void opening(void)
{
	int file = open("file", O_RDWR | O_CREAT, 0600);

	no(open("nothing", O_RDONLY));
	no(open("no/where", O_CREAT | O_RDWR, 0600));
	no(open("file", O_CREAT | O_EXCL | O_RDWR, 0600));
	no(open("file", O_DIRECTORY | O_RDONLY));
	no(open(".", O_WRONLY));
	no(openat(file, "x", O_RDONLY));
	no(openat(1000, "x", O_RDONLY));
	no(open("link", O_NOFOLLOW | O_RDONLY));
	no(open("loop", O_RDONLY));
	close(file);
}

/* Those paths are walked by the libOS itself. */
static void own_paths(void)
{
	struct stat st;

	no(open("/dev/fd/1000", O_RDONLY));
	no(open("/dev/fd/x", O_RDONLY));
	no(open("//proc/self/fd/1000", O_RDONLY));
	no(open("//proc/self/nothing", O_RDONLY));
	no(open("/dev/fd/0/x", O_RDONLY));
	no(stat("/proc/../proc/self/fd/1000", &st));
	no(stat("//proc/self/fd/0/x/y", &st));
	no(chmod("//proc/self/nothing", 0600));
	no(open("/proc/self/fd/../../nothing/self", O_RDONLY));
	no(chdir("/dev/stdin"));
	stat("/dev/stdin", &st);
	stat("//proc/self/cwd/file", &st);
	access("//proc/self/exe", R_OK);
}

static void files(void)
{
	int file = open("file", O_RDONLY), epoll = epoll_create1(0);
	struct epoll_event event = {.events = EPOLLIN};
	struct statfs fs;
	char buf[16];

	no(ftruncate(file, 4));
	no(write(file, "x", 1));
	no(mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, file, 0));
	no(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, file, 1));
	no(epoll_ctl(epoll, EPOLL_CTL_ADD, file, &event));
	no(epoll_ctl(epoll, EPOLL_CTL_MOD, 0, &event));
	no(epoll_ctl(epoll, EPOLL_CTL_ADD, epoll, &event));
	no(statfs("nothing", &fs));
	no(readlink("file", buf, sizeof(buf)));
	no(chdir("file"));
	no(truncate("nothing", 1));
	no(dup2(file, 1 << 20));
	close(epoll);
	close(file);
}

static void sockets(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX,
				   .sun_path = "nothing"};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	no(connect(fd, (void *)&name, sizeof(name)));
	strcpy(name.sun_path, "file");
	no(connect(fd, (void *)&name, sizeof(name)));
	no(bind(fd, (void *)&name, sizeof(name)));
	no(accept(fd, NULL, NULL));
	close(fd);
}

/* There is no number for what was opened. */
static void too_many(void)
{
	struct rlimit limit, few;

	getrlimit(RLIMIT_NOFILE, &limit);
	few = limit;
	few.rlim_cur = 3;
	setrlimit(RLIMIT_NOFILE, &few);
	no(open("file", O_RDONLY));
	no(open("/dev/fd/0", O_RDONLY));
	no(open("new", O_CREAT | O_RDWR, 0600));
	no(dup(0));
	no(epoll_create1(0));
	setrlimit(RLIMIT_NOFILE, &limit);
}

int main(void)
{
	struct pollfd input = {.fd = 0, .events = POLLIN};
	char line[32];

	(void)!symlink("file", "link");
	(void)!symlink("loop", "loop");
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) != NULL) {
		if (strcmp(line, "close\n") == 0)
			break;
		for (int i = 0; i < 20; i++) {
			opening();
			own_paths();
			files();
			sockets();
			too_many();
			poll(&input, 1, 1);
		}
		puts(mistakes ? "something works" : "all failed");
		fflush(stdout);
	}
	poll(&input, 1, 50);
	close(0);
	puts("closed");
	fflush(stdout);
	sleep(60);
	return 0;
}
