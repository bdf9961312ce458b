// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every system call, by its number, with bad pointers in each argument: what it
 * answers is what Linux answers. The calls and their arguments are those of
 * posix/syscalls.def (efault_table.h, by posix/gen.py): one that is added later
 * is tried too, with what its arguments' names and types say is good.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "efault_table.h"

enum { PAGE = 4096, ARGUMENTS = 6, VALUE = 16 };

/* What a pointer may lead to. */
enum { GOOD, NONE, FIRST_PAGE, UNMAPPED, CLOSED, READ_ONLY, PAGE_END, KINDS };
static const char *const kind_names[KINDS] = {
	"good",	     "NULL",	  "the first page", "unmapped",
	"PROT_NONE", "read-only", "a page's end"};

static char *good[ARGUMENTS]; /* a page each */
static char *unmapped, *closed, *read_only, *page_end;

static int watcher, directory, file, pipes[2], packets[2], listener, polled,
	timer_fd;
static int timer_id;

/*
 * Good arguments.
 */

static int is(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static int begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static long descriptor_for(const char *call, const char *name)
{
	if (is(name, "dirfd") || is(name, "to_dirfd"))
		return AT_FDCWD;
	if (begins(call, "epoll"))
		return is(name, "epfd") ? polled : pipes[0];
	if (begins(call, "timerfd"))
		return timer_fd;
	if (begins(call, "signalfd"))
		return -1;
	if (begins(call, "accept"))
		return listener;
	if (is(call, "sendfile") || is(call, "splice"))
		return is(name, "in_fd") ? file : pipes[1];
	if (begins(call, "getdents"))
		return directory;
	if (strstr(call, "sock") || strstr(call, "send") ||
	    strstr(call, "recv") || is(call, "bind") || is(call, "connect") ||
	    is(call, "getpeername"))
		return packets[0];
	if (is(call, "ioctl"))
		return pipes[0];
	if (begins(call, "inotify"))
		return watcher;
	if (is(call, "vmsplice"))
		return pipes[1];
	return file;
}

/* A number that is no descriptor. */
static long number_for(const char *call, const char *name)
{
	if (strstr(call, "signal") && is(name, "signal"))
		return SIGURG;
	if (is(name, "signal"))
		return begins(call, "rt_sig") ? SIGURG : 0;
	if (is(name, "pid") || is(name, "tid"))
		return strstr(call, "queueinfo") ? getpid() : 0;
	if (is(name, "request"))
		return FIONREAD;
	if (is(name, "level"))
		return SOL_SOCKET;
	if (is(name, "option"))
		return begins(call, "get") ? SO_TYPE : SO_KEEPALIVE;
	if (is(name, "domain"))
		return AF_UNIX;
	if (is(name, "type"))
		return SOCK_STREAM;
	if (is(name, "operation"))
		return EPOLL_CTL_MOD;
	if (is(name, "events") || is(name, "room") || is(name, "segments"))
		return 1;
	if (begins(call, "inotify") && is(name, "mask"))
		return IN_ATTRIB;
	if (is(name, "clock"))
		return begins(call, "clock_nano") ? CLOCK_MONOTONIC
						  : CLOCK_REALTIME;
	if (is(name, "op"))
		return 128; /* FUTEX_WAIT, private */
	if (is(name, "id"))
		return timer_id;
	if (is(name, "resource"))
		return 4; /* RLIMIT_CORE */
	if (is(name, "n"))
		return 8;
	if (is(name, "count"))
		return strstr(call, "v") || strstr(call, "poll") ||
				       strstr(call, "mmsg")
			       ? 1
			       : VALUE;
	if (is(name, "size") || is(name, "len")) {
		if (begins(call, "rt_") || begins(call, "signalfd") ||
		    begins(call, "epoll") || begins(call, "ppoll"))
			return 8;
		if (begins(call, "sched_"))
			return 8;
		if (is(call, "set_robust_list"))
			return 24;
		if (is(call, "setgroups") || is(call, "setsockopt"))
			return is(call, "setgroups") ? 1 : 4;
		if (is(call, "getgroups"))
			return 64;
		if (is(call, "getcwd"))
			return 2048;
		if (is(call, "getdents64"))
			return 512;
		if (is(call, "truncate"))
			return 8;
		if (is(call, "openat2"))
			return 24; /* struct open_how */
		return VALUE;
	}
	if (is(call, "waitid") && is(name, "options"))
		return 4; /* WEXITED */
	return 0;
}

/* Fill the page that a good pointer of (name) leads to. */
static void fill(char *page, const char *call, const char *name, int number)
{
	struct timespec *time = (void *)page;
	struct iovec *iov = (void *)page;
	struct msghdr *message = (void *)page;

	memset(page, 0, PAGE);
	if (is(name, "path") || is(name, "target"))
		strcpy(page, begins(call, "mount") || begins(call, "umount")
				     ? "missing"
			     : begins(call, "readlink") ? "link"
			     : begins(call, "rmdir")	? "missing"
			     : begins(call, "unlink")	? "missing"
			     : begins(call, "rename")	? "missing"
			     : begins(call, "mk")	? "file"
			     : begins(call, "chdir")	? "."
			     : begins(call, "symlink") && is(name, "path")
				     ? "file"
				     : "file");
	else if (is(name, "name") && strstr(call, "xattr"))
		strcpy(page, "user.name");
	else if (is(name, "to"))
		strcpy(page, "file");
	else if (is(name, "source") || is(name, "type"))
		strcpy(page, "none");
	else if (is(name, "iov")) {
		iov->iov_base = good[5];
		iov->iov_len = VALUE;
	} else if (is(name, "message") || is(name, "messages")) {
		message->msg_iov = (void *)(page + 512);
		message->msg_iovlen = 1;
		message->msg_iov->iov_base = good[5];
		message->msg_iov->iov_len = VALUE;
	} else if (is(name, "name") && number > 0)
		((struct sockaddr *)page)->sa_family = AF_UNSPEC;
	else if (is(name, "len"))
		*(unsigned *)page = VALUE;
	else if (is(name, "fds") && begins(call, "p"))
		*(struct pollfd *)page = (struct pollfd){pipes[0], POLLIN, 0};
	else if (is(call, "timer_create"))
		((struct sigevent *)page)->sigev_signo = SIGURG;
	else if (is(name, "event"))
		*(int *)page = EPOLLIN;
	else if (is(call, "clock_settime"))
		time->tv_nsec = -1; /* nobody's clock is set */
	else if (is(name, "info"))
		((siginfo_t *)page)->si_code = SI_QUEUE;
	else if (is(name, "priority"))
		*(int *)page = 0;
	else if (is(name, "mask") && begins(call, "sched"))
		*(uint64_t *)page = UINT64_MAX;
	else if (is(name, "mask") && is(call, "rt_sigsuspend"))
		memset(page, 0xff, 8);
}

/* There is something to read, and a connection to accept. */
static void prepare(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX,
				   .sun_path = "listener"};
	static const char bytes[VALUE] = "0123456789abcde";
	char buf[64];
	int fd;

	while (recv(packets[0], buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	while (recv(packets[1], buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	if (send(packets[1], bytes, sizeof(bytes), MSG_DONTWAIT) < 0)
		abort();
	lseek(file, 0, SEEK_SET);
	lseek(directory, 0, SEEK_SET);
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0)
		close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	connect(fd, (struct sockaddr *)&name, sizeof(name));
	close(fd);
	umask(022);
}

/*
 * Trying.
 */

static char *pointer_to(int kind, int argument)
{
	switch (kind) {
	case GOOD:
		return good[argument];
	case NONE:
		return NULL;
	case FIRST_PAGE:
		return (char *)16;
	case UNMAPPED:
		return unmapped;
	case CLOSED:
		return closed;
	case READ_ONLY:
		return read_only;
	default: /* as much as one byte is there, of what is good */
		memcpy(page_end + PAGE - 1, good[argument], 1);
		return page_end + PAGE - 1;
	}
}

static int is_pointer(const char *type)
{
	return strchr(type, '*') != NULL;
}

static int moves_bytes(const char *call)
{
	static const char *const calls[] = {"read",
					    "write",
					    "pread64",
					    "pwrite64",
					    "readv",
					    "writev",
					    "preadv",
					    "pwritev",
					    "preadv2",
					    "pwritev2",
					    "recvfrom",
					    "recvmsg",
					    "sendto",
					    "sendmsg",
					    "poll",
					    "ppoll",
					    "select",
					    "readlink",
					    "readlinkat",
					    "getrandom",
					    "pselect6",
					    "sendmmsg",
					    "recvmmsg",
					    "sendfile",
					    "copy_file_range",
					    "splice",
					    "vmsplice"};

	for (unsigned i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (is(call, calls[i]))
			return 1;
	}
	return 0;
}

static void close_new(void)
{
	for (int fd = timer_fd + 1; fd < timer_fd + 8; fd++)
		close(fd);
}

static void tell(const char *call, const char *argument, const char *kind,
		 long result)
{
	printf("%s(%s: %s) ", call, argument, kind);
	if (result < 0)
		printf("%s\n", strerror(errno));
	else if (moves_bytes(call))
		printf("%ld\n", result);
	else
		printf("succeeds\n");
	fflush(stdout);
}

static void try(const struct call *call, int argument, int kind)
{
	long args[ARGUMENTS] = {0}, result;

	prepare();
	for (int i = 0; i < call->count; i++) {
		const char *name = call->arguments[i].name;
		const char *type = call->arguments[i].type;

		if (is_pointer(type)) {
			fill(good[i], call->name, name, i);
			args[i] = (long)pointer_to(i == argument ? kind : GOOD,
						   i);
		} else if (strstr(name, "fd")) {
			args[i] = descriptor_for(call->name, name);
		} else {
			args[i] = number_for(call->name, name);
		}
	}
	result = syscall(call->number, args[0], args[1], args[2], args[3],
			 args[4], args[5]);
	tell(call->name, call->arguments[argument].name, kind_names[kind],
	     result);
	close_new();
}

/* What cannot be tried: it would wait for ever with a good pointer. */
static int waits(const char *call, int kind)
{
	return (is(call, "rt_sigsuspend") && kind != NONE &&
		kind != FIRST_PAGE && kind != UNMAPPED && kind != CLOSED) ||
	       (strstr(call, "rt_sigtimedwait") && kind == NONE);
}

/*
 * A NULL that another number of the call makes good: a wait without an end.
 */
static int waits_without(const char *call, const char *name, int kind)
{
	return kind == NONE && is(name, "timeout") &&
	       (strstr(call, "poll") || strstr(call, "select") ||
		is(call, "futex") || is(call, "epoll_pwait2"));
}

static void try_all(const struct call *call)
{
	for (int i = 0; i < call->count; i++) {
		if (!is_pointer(call->arguments[i].type))
			continue;
		for (int kind = 0; kind < KINDS; kind++) {
			if (!waits(call->name, kind) &&
			    !waits_without(call->name, call->arguments[i].name,
					   kind))
				try(call, i, kind);
		}
	}
}

static void set_up(void)
{
	struct sockaddr_un name = {.sun_family = AF_UNIX,
				   .sun_path = "listener"};
	struct epoll_event event = {.events = EPOLLIN};
	char *pages = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (int i = 0; i < ARGUMENTS; i++)
		good[i] = pages + i * PAGE;
	page_end = pages + 7 * PAGE;
	unmapped = pages + 8 * PAGE;
	closed = pages + 10 * PAGE;
	read_only = pages + 12 * PAGE;
	munmap(unmapped, PAGE);
	mprotect(closed, PAGE, PROT_NONE);
	mprotect(read_only, PAGE, PROT_READ);
	signal(SIGURG, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	directory = open(".", O_RDONLY | O_DIRECTORY);
	file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);
	if (write(file, "The bytes of a file.", 20) != 20 || pipe(pipes) != 0 ||
	    write(pipes[1], "x", 1) != 1 || symlink("file", "link") != 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, packets))
		abort();
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (bind(listener, (struct sockaddr *)&name, sizeof(name)) != 0 ||
	    listen(listener, 4) != 0)
		abort();
	polled = epoll_create1(0);
	watcher = inotify_init1(IN_NONBLOCK);
	epoll_ctl(polled, EPOLL_CTL_ADD, pipes[0], &event);
	syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer_id);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, 0);
}

int main(void)
{
	set_up();
	for (unsigned i = 0; i < sizeof(calls) / sizeof(*calls); i++)
		try_all(&calls[i]);
	return 0;
}
