// SPDX-License-Identifier: BSD-3-Clause
/*
 * Bad pointers inside of what a call's pointer leads to, and in the middle of a
 * transfer: what was moved before counts, and nothing else is lost.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "tap.h"

enum { PAGE = 4096 };

static char *page, *beyond; /* memory, and nothing right behind it */
static void *volatile bad = (void *)16; /* the compiler knows nothing of it */

/* (call) answers (want), an error if that is negative. */
#define gives(call, want, what)                                       \
	do {                                                          \
		long gives_ = (long)(call);                           \
		ok((gives_ == -1 ? -errno : gives_) == (want), what); \
	} while (0)

static void a_vector(void)
{
	char text[8] = "abcdefg", got[8] = "";
	struct iovec out[3] = {{text, 3}, {bad, 4}, {text + 3, 4}};
	struct iovec in[2] = {{got, 2}, {bad, 5}};
	int pipes[2], file = open("file", O_RDWR | O_CREAT | O_TRUNC, 0644);

	gives(writev(file, out, 3), 3, "a file: what is before the bad buffer");
	gives(lseek(file, 0, SEEK_CUR), 3, "and that is where it stands");
	gives(pread(file, got, 8, 0), 3, "as much is in it");
	gives(preadv(file, in, 2, 0), 2, "read: what is before the bad buffer");
	gives(writev(file, out + 1, 2), -EFAULT, "the first is bad");
	ok(pipe(pipes) == 0, "pipe");
	gives(writev(pipes[1], out, 3), -EFAULT,
	      "a pipe: one page's bytes, all or none");
	gives(write(pipes[1], "xyz", 3), 3, "write");
	gives(readv(pipes[0], in, 2), -EFAULT, "not all of them can be read");
	gives(read(pipes[0], got, 8), 3, "and so they are still there");
	gives(writev(file, bad, 2), -EFAULT, "the vector");
	gives(writev(file, (void *)(beyond - 16), 2), -EFAULT,
	      "the vector's second half");
	gives(writev(file, bad, 0), 0, "no vector");
	close(file);
	close(pipes[0]);
	close(pipes[1]);
}

/* A transfer that ends where memory does. */
static void an_end(void)
{
	int pipes[2], file = open("long", O_RDWR | O_CREAT | O_TRUNC, 0644);
	char *last = beyond - 100;
	ssize_t zeroes;

	memset(page, 'p', PAGE);
	gives(write(file, last, 4000), 100, "a file takes what there is");
	gives(pwrite(file, page, PAGE, 0), PAGE, "pwrite");
	gives(pread(file, last, 4000, 0), 100, "and gives what fits");
	ok(pipe(pipes) == 0, "pipe");
	gives(write(pipes[1], last, 200), -EFAULT, "a pipe takes all or none");
	gives(write(pipes[1], page, PAGE), PAGE, "write");
	gives(read(pipes[0], last, 200), -EFAULT, "and gives all or none");
	gives(read(pipes[0], last, 100), 100, "read");
	/* How far Linux gets depends on the processor's string instructions. */
	zeroes = read(open("/dev/zero", O_RDONLY), last, 200);
	ok(zeroes < 0 ? errno == EFAULT : zeroes <= 100, "/dev/zero");
	close(file);
}

static void sockets(void)
{
	char text[16] = "sixteen bytes..", got[16] = "";
	struct iovec iov = {text, 16};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *control = (void *)(beyond - CMSG_SPACE(sizeof(int)));
	int streams[2], packets[2];

	ok(socketpair(AF_UNIX, SOCK_STREAM, 0, streams) == 0, "socketpair");
	ok(socketpair(AF_UNIX, SOCK_DGRAM, 0, packets) == 0, "socketpair");
	gives(send(streams[0], beyond - 8, 16, 0), -EFAULT,
	      "a stream: none of it");
	gives(send(streams[0], text, 16, 0), 16, "send");
	gives(recv(streams[1], bad, 16, 0), -EFAULT, "recv");
	gives(recv(streams[1], got, 16, 0), 16,
	      "and the bytes are still there");
	ok(memcmp(text, got, 16) == 0, "as they were");
	iov.iov_base = bad;
	gives(syscall(SYS_sendmsg, packets[0], &message, 0), -EFAULT,
	      "a message's buffer");
	iov.iov_base = text;
	message.msg_control = bad;
	message.msg_controllen = 20;
	gives(syscall(SYS_sendmsg, packets[0], &message, 0), -EFAULT,
	      "its control data");
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int));
	*(int *)CMSG_DATA(control) = streams[0];
	message.msg_control = control;
	message.msg_controllen = CMSG_SPACE(sizeof(int)) + 16;
	gives(syscall(SYS_sendmsg, packets[0], &message, 0), -EFAULT,
	      "that ends too late");
	message.msg_controllen = CMSG_SPACE(sizeof(int));
	gives(syscall(SYS_sendmsg, packets[0], &message, 0), 16, "sendmsg");
	message.msg_name = bad;
	message.msg_namelen = 20;
	message.msg_control = bad;
	gives(syscall(SYS_sendmsg, packets[0], &message, 0), -EFAULT,
	      "the address");
	message.msg_name = NULL;
	message.msg_namelen = 0;
	gives(syscall(SYS_recvmsg, packets[1], &message, 0), 16,
	      "no place for descriptors");
	ok(message.msg_controllen == 0, "none are told of");
	gives(recv(packets[1], got, 16, MSG_DONTWAIT), -EAGAIN, "no more");
}

static void others(void)
{
	struct pollfd *fds = (void *)(beyond - sizeof(*fds));
	uint64_t one = 1, *counter = (void *)(beyond - 4);
	int event = eventfd(3, 0);
	long argument[2] = {16, 8};
	struct timespec now = {0};

	fds->fd = -1;
	gives(poll(fds, 1, 0), 0, "one descriptor");
	gives(poll(fds, 2, 0), -EFAULT, "and a second");
	gives(syscall(SYS_pselect6, 0, 0, 0, 0, &now, argument), -EFAULT,
	      "pselect6's mask");
	gives(syscall(SYS_pselect6, 0, 0, 0, 0, &now, bad), -EFAULT,
	      "and what tells of it");
	gives(write(event, counter, 8), -EFAULT, "an eventfd");
	gives(read(event, counter, 8), -EFAULT, "which loses its value");
	gives(write(event, &one, 8), 8, "write");
	gives(read(event, &one, 8), 8, "read");
	ok(one == 1, "what was written since");
	gives(ioctl(event, FIONBIO, bad), -EFAULT, "FIONBIO");
	gives(fcntl(0, F_GETLK, bad), -EFAULT, "F_GETLK");
	gives(syscall(SYS_prctl, 16, bad, 0, 0, 0), -EFAULT, "PR_GET_NAME");
	gives(syscall(SYS_prctl, 15, bad, 0, 0, 0), -EFAULT, "PR_SET_NAME");
	gives(syscall(SYS_arch_prctl, 0x1003, bad), -EFAULT, "ARCH_GET_FS");
	gives(syscall(SYS_futex, bad, 0, 0, 0, 0, 0), -EFAULT,
	      "a shared futex");
	gives(syscall(SYS_futex, page, 5, 1, 1, bad, 0), -EFAULT,
	      "FUTEX_WAKE_OP");
	gives(syscall(SYS_futex, bad, 6, 0, 0, 0, 0), -EFAULT, "FUTEX_LOCK_PI");
	gives(syscall(SYS_futex, bad, 4, 0, 0, page, 0), -EFAULT,
	      "FUTEX_CMP_REQUEUE");
}

/* A call that fails so keeps no descriptor. */
static void descriptors(void)
{
	int lowest = dup(0);

	close(lowest);
	gives(pipe2(bad, 0), -EFAULT, "pipe2");
	gives(socketpair(AF_UNIX, SOCK_STREAM, 0, bad), -EFAULT, "socketpair");
	gives(open(bad, O_RDONLY), -EFAULT, "open");
	gives(syscall(SYS_signalfd4, -1, bad, 8, 0), -EFAULT, "signalfd4");
	ok(dup(0) == lowest, "all descriptors are free");
	close(lowest);
}

int main(void)
{
	page = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	beyond = page + PAGE;
	munmap(beyond, PAGE);
	a_vector();
	an_end();
	sockets();
	others();
	descriptors();
	return done();
}
