// SPDX-License-Identifier: BSD-3-Clause
/*
 * Says what it finds that exec has handed on: descriptors and what they lead
 * to, signals, limits, niceness, umask, working directory. Where the argument
 * is "use", it also reads and writes them.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DESCRIPTORS = 64 };

static FILE *out;

static void descriptor(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	struct stat st;

	if (flags < 0)
		return;
	fprintf(out, "%d: mode %d%s%s, close-on-exec %d", fd, flags & O_ACCMODE,
		flags & O_NONBLOCK ? " nonblock" : "",
		flags & O_APPEND ? " append" : "", fcntl(fd, F_GETFD));
	if (fstat(fd, &st) == 0)
		fprintf(out, ", type %o", st.st_mode & S_IFMT);
	if (S_ISREG(st.st_mode))
		fprintf(out, ", at %ld of %ld", (long)lseek(fd, 0, SEEK_CUR),
			(long)st.st_size);
	fprintf(out, "\n");
}

static void signals(void)
{
	sigset_t blocked, waiting;

	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigpending(&waiting);
	for (int n = 1; n < NSIG; n++) {
		struct sigaction action;
		int ignored = sigaction(n, NULL, &action) == 0 &&
			      action.sa_handler == SIG_IGN;

		if (ignored || sigismember(&blocked, n) == 1 ||
		    sigismember(&waiting, n) == 1)
			fprintf(out, "signal %d:%s%s%s\n", n,
				ignored ? " ignored" : "",
				sigismember(&blocked, n) == 1 ? " blocked" : "",
				sigismember(&waiting, n) == 1 ? " waits" : "");
	}
}

static void numbers(void)
{
	char buf[4096];
	mode_t mask = umask(0);

	for (int i = 0; i < 16; i++) {
		struct rlimit limit;

		if (getrlimit(i, &limit) == 0)
			fprintf(out, "limit %d: %llu %llu\n", i,
				(unsigned long long)limit.rlim_cur,
				(unsigned long long)limit.rlim_max);
	}
	fprintf(out, "nice %d, umask %o, in %s\n", getpriority(PRIO_PROCESS, 0),
		mask, getcwd(buf, sizeof(buf)));
	umask(mask);
}

/* The numbers that new descriptors get. */
static void fresh(void)
{
	int fds[8];

	fprintf(out, "new:");
	for (int i = 0; i < 8; i++) {
		fds[i] = i % 2 ? dup(fileno(out)) : open("/", O_RDONLY);
		fprintf(out, " %d", fds[i]);
	}
	for (int i = 0; i < 8; i++)
		close(fds[i]);
	fprintf(out, "\n");
}

static void list(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	unsigned long long set = 0;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		int fd = atoi(entry->d_name);

		if (entry->d_name[0] != '.' && fd != dirfd(dir) && fd < 64)
			set |= 1ull << fd;
	}
	fprintf(out, "listed: %llx\n", set);
}

/* Each that can be read: some of it; a directory: a file in it. */
static void use(int fd)
{
	char buf[32] = "";
	struct stat st;
	ssize_t n;

	if (fd == fileno(out) || fstat(fd, &st) != 0)
		return;
	if (S_ISDIR(st.st_mode)) {
		int in = openat(fd, "in", O_RDONLY);

		n = read(in, buf, sizeof(buf) - 1);
		fprintf(out, "%d: in it \"%s\"\n", fd, n > 0 ? buf : "");
		close(in);
		return;
	}
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_WRONLY) {
		struct pollfd p = {.fd = fd, .events = POLLIN};

		n = poll(&p, 1, 0);
		fprintf(out, "%d: poll %d %x,", fd, (int)n, p.revents);
		n = p.revents != 0 ? read(fd, buf, 5) : -1;
		fprintf(out, " read %d \"%s\"\n", (int)n, n > 0 ? buf : "");
	}
	if ((fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY) {
		n = write(fd, "written\n", 8);
		fprintf(out, "%d: write %d %d\n", fd, (int)n,
			n < 0 ? errno : 0);
	}
}

static void closing(int fd)
{
	int first;

	if (fd == fileno(out) || fcntl(fd, F_GETFD) < 0)
		return;
	first = close(fd);
	fprintf(out, "%d: close %d, again %d\n", fd, first, close(fd));
}

/* Those of the signals that wait which end nothing. */
static void take(void)
{
	struct timespec now = {0};
	sigset_t all;

	sigfillset(&all);
	for (int n; (n = sigtimedwait(&all, NULL, &now)) > 0;)
		fprintf(out, "took %d\n", n);
}

int main(int argc, char **argv)
{
	char buf[1];

	out = fopen(argv[1], "w");
	if (out == NULL)
		return 1;
	fprintf(out, "out is %d\n", fileno(out));
	if (argc > 2) /* nothing was asked about it before */
		fprintf(out, "read %d\n", (int)read(20, buf, 1));
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		if (fd != fileno(out))
			descriptor(fd);
	}
	signals();
	numbers();
	list();
	for (int fd = 0; argc > 2 && fd < DESCRIPTORS; fd++)
		use(fd);
	fresh();
	take();
	for (int fd = 0; argc > 2 && fd < DESCRIPTORS; fd++)
		closing(fd);
	fresh();
	return fclose(out) != 0;
}
