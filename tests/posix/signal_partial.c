// SPDX-License-Identifier: BSD-3-Clause
/*
 * A call that a signal cuts short returns what it has done, and the handler has
 * run by then. One that leaves by a jump leaves nothing of the call behind.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "tap.h"

static char block[4 << 20];
static int ends[2]; /* what is written to (1) is read from (0) */
static volatile sig_atomic_t handled;
static volatile sig_atomic_t jumps;
static sigjmp_buf target;
static atomic_int over;

static void handler(int signal)
{
	handled = signal;
	if (jumps)
		siglongjmp(target, 1);
}

static void pause_ms(int ms)
{
	nanosleep(&(struct timespec){.tv_nsec = ms * 1000000l}, NULL);
}

/* The bytes that wait in (fd) are (most) at least. */
static int holds(int fd, int most)
{
	int bytes = 0;

	return ioctl(fd, FIONREAD, &bytes) == 0 && bytes >= most;
}

struct call {
	const char *name;
	void (*make)(void);
	long (*call)(void);
	int (*is_stuck)(void); /* all that can be done was done */
};

static void make_pipe(void)
{
	need(pipe(ends) == 0);
}

static void make_stream(void)
{
	need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
}

static void make_stream_with_some(void)
{
	make_stream();
	need(write(ends[1], "abc", 3) == 3);
}

static int is_full(void)
{
	return holds(ends[0], 65536);
}

/* The bytes have left the queue; the call cannot have ended. */
static int is_taken(void)
{
	return !holds(ends[0], 1);
}

static long call_write(void)
{
	return write(ends[1], block, sizeof(block));
}

static const struct iovec two[] = {{block, 3 << 20}, {block, 1 << 20}};

static long call_writev(void)
{
	return writev(ends[1], two, 2);
}

static long call_send(void)
{
	return send(ends[1], block, sizeof(block), 0);
}

static long call_sendmsg(void)
{
	struct msghdr message = {.msg_iov = (struct iovec *)two,
				 .msg_iovlen = 2};

	return sendmsg(ends[1], &message, 0);
}

static long call_recv(void)
{
	return recv(ends[0], block, 1000, MSG_WAITALL);
}

static long call_recvmsg(void)
{
	struct iovec iov = {block, 1000};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	return recvmsg(ends[0], &message, MSG_WAITALL);
}

static const struct call calls[] = {
	{"write to a pipe", make_pipe, call_write, is_full},
	{"writev to a pipe", make_pipe, call_writev, is_full},
	{"write to a stream", make_stream, call_write, is_full},
	{"writev to a stream", make_stream, call_writev, is_full},
	{"send", make_stream, call_send, is_full},
	{"sendmsg", make_stream, call_sendmsg, is_full},
	{"recv of all", make_stream_with_some, call_recv, is_taken},
	{"recvmsg of all", make_stream_with_some, call_recvmsg, is_taken},
};

struct disturber {
	pthread_t whom;
	int (*is_stuck)(void);
};

/* It may be stuck already, and not asleep yet: until it is over. */
static void *disturb(void *arg)
{
	const struct disturber *disturber = arg;

	while (!disturber->is_stuck())
		pause_ms(1);
	while (!over) {
		pause_ms(5);
		if (!over)
			pthread_kill(disturber->whom, SIGUSR1);
	}
	return NULL;
}

static long disturbed(const struct call *call, int flags)
{
	struct sigaction action = {.sa_handler = handler, .sa_flags = flags};
	struct disturber disturber = {pthread_self(), call->is_stuck};
	pthread_t thread;
	long result;
	int seen;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	call->make();
	handled = 0;
	over = 0;
	need(pthread_create(&thread, NULL, disturb, &disturber) == 0);
	result = call->call();
	seen = handled;
	over = 1;
	need(pthread_join(thread, NULL) == 0);
	close(ends[0]);
	close(ends[1]);
	handled = seen;
	return result;
}

static void cut_short(const struct call *call)
{
	char what[80];
	long result = disturbed(call, 0);

	snprintf(what, sizeof(what), "%s: some, and the handler has run",
		 call->name);
	ok(result > 0 && result < (long)sizeof(block) && handled, what);
	result = disturbed(call, SA_RESTART);
	snprintf(what, sizeof(what), "%s: and with SA_RESTART", call->name);
	ok(result > 0 && result < (long)sizeof(block) && handled, what);
}

/* A flag that the handler sets ends a loop of calls: none is made in vain. */
static void *stop_soon(void *whom)
{
	while (!is_full())
		pause_ms(1);
	while (!over) {
		pause_ms(5);
		if (!over)
			pthread_kill(*(pthread_t *)whom, SIGUSR1);
	}
	return NULL;
}

static void loop_ends(void)
{
	struct sigaction action = {.sa_handler = handler};
	pthread_t self = pthread_self(), thread;
	int calls = 0;

	need(sigaction(SIGUSR1, &action, NULL) == 0);
	make_pipe();
	handled = 0;
	over = 0;
	need(pthread_create(&thread, NULL, stop_soon, &self) == 0);
	while (!handled) {
		call_write();
		calls++;
	}
	over = 1;
	need(pthread_join(thread, NULL) == 0);
	close(ends[0]);
	close(ends[1]);
	ok(calls == 1, "a loop of writes until a signal: one");
}

/* Jump out of (call), close what it was made on: the other end hears of it. */
static void *kick(void *whom)
{
	while (!over) {
		pause_ms(5);
		if (!over)
			pthread_kill(*(pthread_t *)whom, SIGUSR1);
	}
	return NULL;
}

static void jump_from(long (*call)(void))
{
	pthread_t self = pthread_self(), thread;

	over = 0;
	need(pthread_create(&thread, NULL, kick, &self) == 0);
	if (sigsetjmp(target, 1) == 0) {
		jumps = 1; /* not before there is a place to jump to */
		call();
		need(0);
	}
	jumps = 0;
	over = 1;
	need(pthread_join(thread, NULL) == 0);
}

static long receive(void)
{
	char byte;

	return recv(ends[0], &byte, 1, 0);
}

static long receive_message(void)
{
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};

	return recvmsg(ends[0], &message, 0);
}

static long read_one(void)
{
	char byte;

	return read(ends[0], &byte, 1);
}

static long accept_one(void)
{
	return accept(ends[0], NULL, NULL);
}

static void jumps_from_receiving(void)
{
	static const struct {
		const char *what;
		long (*call)(void);
	} ways[] = {
		{"a jump from read: the socket can be closed", read_one},
		{"from recv", receive},
		{"from recvmsg", receive_message},
	};
	char byte;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		make_stream();
		jump_from(ways[i].call);
		close(ends[0]);
		ok(recv(ends[1], &byte, 1, MSG_DONTWAIT) == 0, ways[i].what);
		close(ends[1]);
	}
}

static void jumps_from_sending(void)
{
	make_stream();
	need(fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0);
	while (write(ends[1], block, sizeof(block)) > 0)
		continue;
	need(fcntl(ends[1], F_SETFL, 0) == 0);
	jump_from(call_send);
	close(ends[1]);
	while (recv(ends[0], block, sizeof(block), MSG_DONTWAIT) > 0)
		continue;
	ok(recv(ends[0], block, 1, MSG_DONTWAIT) == 0, "from send");
	close(ends[0]);
}

static void jumps_from_accepting(void)
{
	struct sockaddr_un address = {AF_UNIX, "listener"};

	ends[0] = socket(AF_UNIX, SOCK_STREAM, 0);
	ends[1] = socket(AF_UNIX, SOCK_STREAM, 0);
	need(bind(ends[0], (void *)&address, sizeof(address)) == 0);
	need(listen(ends[0], 1) == 0);
	jump_from(accept_one);
	close(ends[0]);
	fails(connect(ends[1], (void *)&address, sizeof(address)), ECONNREFUSED,
	      "from accept: nobody listens any more");
	close(ends[1]);
	unlink("listener");
}

/* A signal that came in the midst of a long call, which nothing cuts short. */
static void long_calls(void)
{
	pthread_t self = pthread_self(), thread;
	long result = 0;
	int seen = 0;

	handled = 0;
	over = 0;
	need(pthread_create(&thread, NULL, kick, &self) == 0);
	while (!handled) {
		result = getrandom(block, sizeof(block), 0);
		seen = handled;
	}
	over = 1;
	need(pthread_join(thread, NULL) == 0);
	ok(result > 0 && seen, "getrandom, too");
}

int main(void)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		cut_short(&calls[i]);
	loop_ends();
	jumps_from_receiving();
	jumps_from_sending();
	jumps_from_accepting();
	long_calls();
	return done();
}
