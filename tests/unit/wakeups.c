// SPDX-License-Identifier: BSD-3-Clause
/*
 * Every wake-up: threads wait for an object, something happens once, and those
 * who can go on do. All runs on one CPU and in turns, so that whoever is not
 * woken is seen asleep at the end, every time.
 */
#include "core/abi.h"
#include "core/boot.h"
#include "core/process.h"
#include "core/thread.h"
#include "core/time.h"
#include "core/vfs/root.h"
#include "posix/futex/futex.h"
#include "posix/net/socket.h"
#include "posix/settled.h"
#include "posix/signal/signal.h"
#include "tests/unit/files.h"

enum { ORDER = 4, PIPE_BYTES = 65536, ATOMIC = 4096, BLOCK = 0 };

/* What the waiting threads do, and what that said. */
static long (*waits)(void);
static long said[4];
static unsigned began, ended;

static void wait_once(void *arg)
{
	long result;

	began++;
	result = waits();
	said[ended++] = result;
}

/* Let all others come as far as they do. */
static void settle(void)
{
	for (int i = 0; i < 20; i++)
		eft_yield();
}

/* (count) threads that call (function), and now sleep in it. */
static void begin(unsigned count, long (*function)(void))
{
	waits = function;
	began = ended = 0;
	for (unsigned i = 0; i < count; i++)
		check(eft_thread_create("w", wait_once, NULL, ORDER) != NULL);
	settle();
	check_eq(began, count);
	check_eq(ended, 0);
}

/* (count) of them have gone on, and were told (result). */
static void check_ended(unsigned count, long result)
{
	settle();
	check_eq(ended, count);
	for (unsigned i = 0; i < count; i++)
		check_eq(said[i], result);
}

static void run(void (*function)(void *))
{
	struct eft_sigaction ignore = {.handler = SIG_IGN};

	fake_boot(NULL);
	fake_plat.identity(&eft_process()->identity);
	eft_fd_init();
	eft_root_init(NULL, 0);
	eft_sys_rt_sigaction(SIGPIPE, &ignore, NULL, 8);
	check_eq(fake_run(function, NULL), FAKE_RETURNED);
}

static char bytes[PIPE_BYTES];
static int fds[2];

static long read_ten(void)
{
	char ten[10];

	return eft_sys_read(fds[0], ten, sizeof(ten));
}

static long write_atomic(void)
{
	return eft_sys_write(fds[1], bytes, ATOMIC);
}

static void fill(int fd)
{
	int flags = (int)eft_sys_fcntl(fd, F_GETFL, 0);

	eft_sys_fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	while (eft_sys_write(fd, bytes, sizeof(bytes)) > 0)
		;
	eft_sys_fcntl(fd, F_SETFL, flags);
}

static void pipes(void *arg)
{
	check_eq(eft_sys_pipe2(fds, 0), 0);
	begin(3, read_ten);
	check_eq(eft_sys_write(fds[1], bytes, 30), 30);
	check_ended(3, 10);

	begin(2, read_ten);
	eft_sys_close(fds[1]);
	check_ended(2, 0);
	eft_sys_close(fds[0]);

	/* Room for exactly one, then for two at once. */
	check_eq(eft_sys_pipe2(fds, 0), 0);
	fill(fds[1]);
	begin(1, write_atomic);
	check_eq(eft_sys_read(fds[0], bytes, ATOMIC), ATOMIC);
	check_ended(1, ATOMIC);
	begin(2, write_atomic);
	check_eq(eft_sys_read(fds[0], bytes, 2 * ATOMIC), 2 * ATOMIC);
	check_ended(2, ATOMIC);

	/* A larger pipe has room as well. */
	begin(2, write_atomic);
	check_eq(eft_sys_fcntl(fds[1], F_SETPIPE_SZ, 2 * PIPE_BYTES),
		 2 * PIPE_BYTES);
	check_ended(2, ATOMIC);

	fill(fds[1]);
	begin(2, write_atomic);
	eft_sys_close(fds[0]);
	check_ended(2, -EPIPE);
	eft_sys_close(fds[1]);
}

/* A write of PIPE_BUF goes in whole or not at all. */
static void atomic(void *arg)
{
	check_eq(eft_sys_pipe2(fds, O_NONBLOCK), 0);
	check_eq(eft_sys_write(fds[1], bytes, PIPE_BYTES - ATOMIC + 1),
		 PIPE_BYTES - ATOMIC + 1);
	check_eq(eft_sys_write(fds[1], bytes, ATOMIC), -EAGAIN);
	check_eq(eft_sys_write(fds[1], bytes, ATOMIC + 1), ATOMIC - 1);
	check_eq(eft_sys_write(fds[1], bytes, 1), -EAGAIN);
}

static long fifo_open_to_read(void)
{
	return eft_sys_open("/fifo", O_RDONLY, 0) >= 0;
}

static void fifos(void *arg)
{
	long fd;

	check_eq(eft_sys_mknod("/fifo", S_IFIFO | 0600, 0), 0);
	begin(2, fifo_open_to_read);
	fd = eft_sys_open("/fifo", O_WRONLY, 0);
	check(fd >= 0);
	check_ended(2, 1);
}

static struct eft_thread *opener;

static long open_interrupted(void)
{
	struct eft_file *file;

	opener = eft_current();
	return eft_path_open(AT_FDCWD, "/fifo", O_RDONLY, 0, &file);
}

/* Who gave up counts as no reader; and an end is seen by who can. */
static void fifo_ends(void *arg)
{
	struct eft_pollfd fd = {.events = POLLIN};
	long early, late, writer;

	check_eq(eft_sys_mknod("/fifo", S_IFIFO | 0600, 0), 0);
	begin(1, open_interrupted);
	eft_thread_interrupt(opener);
	check_ended(1, -EINTR);
	check_eq(eft_sys_open("/fifo", O_WRONLY | O_NONBLOCK, 0), -ENXIO);

	early = eft_sys_open("/fifo", O_RDONLY | O_NONBLOCK, 0);
	fd.fd = (int)early;
	check_eq(eft_sys_poll(&fd, 1, 0), 0);
	writer = eft_sys_open("/fifo", O_WRONLY | O_NONBLOCK, 0);
	late = eft_sys_open("/fifo", O_RDONLY | O_NONBLOCK, 0);
	check_eq(eft_sys_poll(&fd, 1, 0), 0);
	eft_sys_close((int)writer);
	check_eq(eft_sys_poll(&fd, 1, 0), 1);
	check_eq(fd.revents, POLLHUP);
	fd.fd = (int)late;
	check_eq(eft_sys_poll(&fd, 1, 0), 1);
	check_eq(fd.revents, POLLHUP);
	fd.fd = (int)eft_sys_open("/fifo", O_RDONLY | O_NONBLOCK, 0);
	check_eq(eft_sys_poll(&fd, 1, 0), 0); /* nobody has written to it */
}

/*
 * Counters.
 */
static int counter;

static long take_one(void)
{
	uint64_t value = 0;
	long n = eft_sys_read(counter, &value, 8);

	return n == 8 ? (long)value : n;
}

static long add_one(void)
{
	uint64_t one = 1;

	return eft_sys_write(counter, &one, 8);
}

static void eventfds(void *arg)
{
	uint64_t value = 3;

	counter = (int)eft_sys_eventfd2(0, 1 /* EFD_SEMAPHORE */);
	begin(3, take_one);
	check_eq(eft_sys_write(counter, &value, 8), 8);
	check_ended(3, 1);

	counter = (int)eft_sys_eventfd2(0, 0);
	value = UINT64_MAX - 1;
	check_eq(eft_sys_write(counter, &value, 8), 8);
	begin(2, add_one);
	check_eq(eft_sys_read(counter, &value, 8), 8);
	check_eq(value, UINT64_MAX - 1);
	check_ended(2, 8);
	value = UINT64_MAX;
	check_eq(eft_sys_write(counter, &value, 8), -EINVAL);
}

/*
 * Epolls.
 */
static int epoll;

static long wait_for_one(void)
{
	struct eft_epoll_event event;

	return eft_sys_epoll_wait(epoll, &event, 1, -1);
}

static void watch(int fd, unsigned events)
{
	struct eft_epoll_event event = {.events = events, .data = (uint64_t)fd};

	check_eq(eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), 0);
}

static void epolls(void *arg)
{
	struct eft_epoll_event events[2];
	int other[2];

	epoll = (int)eft_sys_epoll_create1(0);
	check_eq(eft_sys_pipe2(fds, 0), 0);
	check_eq(eft_sys_pipe2(other, 0), 0);
	watch(fds[0], POLLIN);
	watch(other[0], POLLIN);
	begin(2, wait_for_one);
	eft_sys_write(fds[1], "x", 1);
	eft_sys_write(other[1], "x", 1);
	check_ended(2, 1);

	/* Who asks for one at a time is told of each in turn. */
	for (int i = 0; i < 3; i++) {
		check_eq(eft_sys_epoll_wait(epoll, &events[0], 1, 0), 1);
		check_eq(eft_sys_epoll_wait(epoll, &events[1], 1, 0), 1);
		check(events[0].data != events[1].data);
	}

	/* What is taken away while it is ready is told no more. */
	check_eq(eft_sys_epoll_ctl(epoll, EPOLL_CTL_DEL, fds[0], NULL), 0);
	check_eq(eft_sys_epoll_wait(epoll, events, 2, 0), 1);
	eft_sys_close(other[0]);
	check_eq(eft_sys_epoll_wait(epoll, events, 2, 0), 0);
	check_eq(eft_sys_epoll_wait(epoll, events, 2, 1), 0);
}

/* Files that cannot be watched: refused each time, and not kept. */
static int why;

static unsigned refusing_poll(struct eft_file *file, unsigned events,
			      struct eft_poll *poll)
{
	if (why == -EPERM)
		poll->always = true;
	else
		poll->error = why;
	return POLLIN;
}

static void not_watched(void *arg)
{
	static const struct eft_file_ops ops = {.poll = refusing_poll};
	struct eft_epoll_event event = {.events = POLLIN};
	struct eft_file *file = eft_alloc(sizeof(*file));
	int fd;

	eft_file_init(file, &ops, O_RDWR);
	fd = eft_fd_install(file, 0, false);
	epoll = (int)eft_sys_epoll_create1(0);
	for (int i = 0; i < 4; i++) {
		why = i % 2 ? -EPERM : -ENOMEM;
		check_eq(eft_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event),
			 why);
		check_eq(eft_sys_epoll_wait(epoll, &event, 1, 0), 0);
		check_eq(eft_sys_epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL),
			 -ENOENT);
	}
}

/* A file that has news while it is asked, and says nothing of them. */
struct late {
	struct eft_file file;
	struct eft_waitq queue;
	bool news, there;
};

static unsigned late_poll(struct eft_file *file, unsigned events,
			  struct eft_poll *poll)
{
	struct late *late = eft_container_of(file, struct late, file);
	unsigned found = late->there ? POLLIN : 0;

	if (poll->entries != NULL)
		eft_poll_add(poll, &late->queue);
	if (late->news) {
		late->news = false;
		late->there = true;
		eft_waitq_wake(&late->queue, EFT_WAKE_ALL);
	}
	return found;
}

static const struct eft_file_ops late_ops = {.poll = late_poll};

static void news_while_asked(void *arg)
{
	static const unsigned modes[] = {POLLIN, POLLIN | EPOLLET};
	struct eft_epoll_event event;

	for (size_t i = 0; i < eft_array_size(modes); i++) {
		struct late *late = eft_alloc(sizeof(*late));
		int fd;

		eft_file_init(&late->file, &late_ops, O_RDWR);
		eft_waitq_init(&late->queue);
		fd = eft_fd_install(&late->file, 0, false);
		epoll = (int)eft_sys_epoll_create1(0);
		watch(fd, modes[i]);
		eft_waitq_wake(&late->queue, EFT_WAKE_ALL);
		late->news = true;
		if (eft_sys_epoll_wait(epoll, &event, 1, 0) == 0)
			check_eq(eft_sys_epoll_wait(epoll, &event, 1, 0), 1);
		check(late->there);
	}
}

/*
 * Locks on files.
 */
static int mine, theirs;

static long lock_it(void)
{
	return eft_sys_flock(theirs, LOCK_EX);
}

static long lock_record(void)
{
	struct eft_flock lock = {.type = F_WRLCK, .len = 10};

	return eft_sys_fcntl(theirs, F_OFD_SETLKW, (long)&lock);
}

static void file_locks(void *arg)
{
	struct eft_flock lock = {.type = F_WRLCK, .len = 100};
	struct eft_flock part = {.type = F_UNLCK, .len = 10};

	mine = (int)eft_sys_open("/locked", O_CREAT | O_RDWR, 0600);
	theirs = (int)eft_sys_open("/locked", O_RDWR, 0600);
	check_eq(eft_sys_flock(mine, LOCK_EX), 0);
	begin(1, lock_it);
	check_eq(eft_sys_flock(mine, LOCK_UN), 0);
	check_ended(1, 0);
	eft_sys_flock(theirs, LOCK_UN);

	check_eq(eft_sys_flock(mine, LOCK_EX), 0);
	begin(1, lock_it);
	eft_sys_close(mine);
	check_ended(1, 0);

	/* The program's lock goes with any descriptor of the file; dup2() over
	 * one closes it. */
	mine = (int)eft_sys_open("/locked", O_RDWR, 0600);
	check_eq(eft_sys_fcntl(mine, F_SETLK, (long)&lock), 0);
	begin(1, lock_record);
	check_eq(eft_sys_fcntl(mine, F_SETLK, (long)&part), 0);
	check_ended(1, 0);
	part.type = F_UNLCK;
	check_eq(eft_sys_fcntl(theirs, F_OFD_SETLK, (long)&part), 0);
	check_eq(eft_sys_fcntl(mine, F_SETLK, (long)&lock), 0);
	begin(1, lock_record);
	check_eq(eft_sys_dup2(0, mine), mine);
	check_ended(1, 0);
}

/* A lock that is had after its descriptor was closed is given back. */
static long lock_mine(void)
{
	struct eft_flock lock = {.type = F_WRLCK, .len = 10};

	return eft_sys_fcntl(mine, F_SETLKW, (long)&lock);
}

static void lock_after_close(void *arg)
{
	struct eft_flock lock = {.type = F_WRLCK, .len = 10};

	mine = (int)eft_sys_open("/locked", O_CREAT | O_RDWR, 0600);
	theirs = (int)eft_sys_open("/locked", O_RDWR, 0600);
	check_eq(eft_sys_fcntl(theirs, F_OFD_SETLK, (long)&lock), 0);
	begin(1, lock_mine);
	eft_sys_close(mine);
	lock = (struct eft_flock){.type = F_UNLCK, .len = 10};
	check_eq(eft_sys_fcntl(theirs, F_OFD_SETLK, (long)&lock), 0);
	check_ended(1, -EBADF);
	lock.type = F_WRLCK;
	check_eq(eft_sys_fcntl(theirs, F_OFD_SETLK, (long)&lock), 0);
}

/*
 * Sockets.
 */
static const struct {
	uint16_t family;
	char path[4];
} name = {AF_UNIX, {'\0', 'a', 'b', 'c'}};

static long connect_one(void)
{
	long fd = eft_sys_socket(AF_UNIX, SOCK_STREAM, 0);

	return eft_sys_connect((int)fd, &name, sizeof(name));
}

static int server;

static long accept_one(void)
{
	return eft_sys_accept4(server, NULL, NULL, 0) >= 0;
}

static void connections(void *arg)
{
	server = (int)eft_sys_socket(AF_UNIX, SOCK_STREAM, 0);
	check_eq(eft_sys_bind(server, &name, sizeof(name)), 0);
	check_eq(eft_sys_listen(server, 0), 0);
	begin(2, accept_one);
	check_eq(connect_one(), 0);
	check_eq(connect_one(), 0);
	check_ended(2, 1);

	/* One waits beyond a backlog of 0; the others for room. */
	check_eq(connect_one(), 0);
	begin(2, connect_one);
	check(accept_one());
	settle();
	check_eq(ended, 1);
	check(accept_one());
	check_ended(2, 0);
	check_eq(eft_sys_listen(server, 0), 0);
	begin(1, connect_one);
	check_eq(eft_sys_listen(server, 5), 0);
	check_ended(1, 0);
	begin(0, connect_one);
	eft_sys_close(server);
}

static long write_block(void)
{
	return eft_sys_write(fds[1], bytes, 30000);
}

static void streams(void *arg)
{
	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	begin(2, read_ten);
	check_eq(eft_sys_write(fds[1], bytes, 20), 20);
	check_ended(2, 10);
	begin(2, read_ten);
	check_eq(eft_sys_shutdown(fds[1], 1), 0);
	check_ended(2, 0);
	eft_sys_close(fds[0]);
	eft_sys_close(fds[1]);

	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	fill(fds[1]);
	check_eq(eft_sys_sendto(fds[1], bytes, 1, MSG_DONTWAIT, NULL, 0),
		 -EAGAIN);
	begin(1, write_block);
	while (ended == 0 && eft_sys_read(fds[0], bytes, 60000) > 0)
		settle();
	check_ended(1, 30000);
	fill(fds[1]);
	begin(1, write_block);
	eft_sys_close(fds[0]);
	check_ended(1, -EPIPE);
}

static long send_packet(void)
{
	return eft_sys_write(fds[1], bytes, 100);
}

static long poll_to_send(void)
{
	struct eft_pollfd one = {.fd = fds[1], .events = POLLOUT};

	return eft_sys_poll(&one, 1, -1);
}

/* Who polls to send where the queue is full is told as it is read, or ends. */
static void refused(void *arg)
{
	char byte;

	for (int ends = 0; ends < 2; ends++) {
		fds[0] = (int)eft_sys_socket(AF_UNIX, SOCK_DGRAM, 0);
		fds[1] = (int)eft_sys_socket(AF_UNIX, SOCK_DGRAM, 0);
		check_eq(eft_sys_bind(fds[0], &name, sizeof(name)), 0);
		check_eq(eft_sys_connect(fds[1], &name, sizeof(name)), 0);
		while (eft_sys_sendto(fds[1], "x", 1, MSG_DONTWAIT, NULL, 0) ==
		       1)
			;
		begin(1, poll_to_send);
		if (ends)
			eft_sys_close(fds[0]);
		else
			check_eq(eft_sys_read(fds[0], &byte, 1), 1);
		check_ended(1, 1);
		eft_sys_close(fds[1]);
		if (!ends)
			eft_sys_close(fds[0]);
	}
}

static void messages(void *arg)
{
	check_eq(eft_sys_socketpair(AF_UNIX, SOCK_DGRAM, 0, fds), 0);
	begin(2, read_ten);
	check_eq(eft_sys_write(fds[1], bytes, 10), 10);
	check_eq(eft_sys_write(fds[1], bytes, 10), 10);
	check_ended(2, 10);
	while (eft_sys_sendto(fds[1], bytes, 20000, MSG_DONTWAIT, NULL, 0) > 0)
		;
	begin(1, send_packet);
	while (ended == 0 && eft_sys_recvfrom(fds[0], bytes, sizeof(bytes),
					      MSG_DONTWAIT, NULL, NULL) > 0)
		settle();
	check_ended(1, 100);
}

/*
 * Futexes: who is woken is counted, and nobody else.
 */
static uint32_t word, next_bits;

static long wait_for_bits(void)
{
	uint32_t bits = next_bits;

	next_bits <<= 1;
	return eft_sys_futex(&word, FUTEX_WAIT_BITSET | FUTEX_PRIVATE, 0, NULL,
			     NULL, bits) == 0
		       ? bits
		       : 0;
}

static long wake_bits(int count, uint32_t bits)
{
	return eft_sys_futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE,
			     (uint32_t)count, NULL, NULL, bits);
}

static void futex_bits(void *arg)
{
	next_bits = 1;
	begin(4, wait_for_bits); /* 1, 2, 4, 8 */
	check_eq(wake_bits(1, 16), 0);
	check_eq(wake_bits(1, 8 | 4), 1); /* the longest waiting of them */
	settle();
	check_eq(ended, 1);
	check_eq(said[0], 4);
	check_eq(wake_bits(3, 8), 1);
	settle();
	check_eq(ended, 2);
	check_eq(said[1], 8);
	check_eq(wake_bits(4, ~0u), 2);
	settle();
	check_eq(ended, 4);
	check_eq(said[2], 1);
	check_eq(said[3], 2);
	check_eq(wake_bits(4, ~0u), 0);
	check_eq(wake_bits(4, 0), -EINVAL);
}

/*
 * Signals as records.
 */
static int signalfd;

static long read_record(void)
{
	char record[128];

	return eft_sys_read(signalfd, record, sizeof(record));
}

static void signalfds(void *arg)
{
	uint64_t both = eft_signal_bit(SIGURG) | eft_signal_bit(SIGWINCH);
	uint64_t one = eft_signal_bit(SIGWINCH);

	check_eq(eft_sys_rt_sigprocmask(BLOCK, &both, NULL, 8), 0);
	signalfd = (int)eft_sys_signalfd4(-1, &one, 8, 0);
	begin(1, read_record);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGURG), 0);
	settle();
	check_eq(ended, 0);
	check_eq(eft_sys_signalfd4(signalfd, &both, 8, 0), signalfd);
	check_ended(1, 128);
	begin(1, read_record);
	check_eq(eft_sys_kill(eft_process()->identity.pid, SIGWINCH), 0);
	check_ended(1, 128);
}

/*
 * poll(): whoever polls takes nothing from those who are woken one by one.
 */
static struct eft_waitq queue;
static unsigned calls;

static bool called(struct eft_waiter *waiter)
{
	calls++;
	return true;
}

static long wait_in_queue(void)
{
	struct eft_waiter waiter;
	long error;

	eft_wait_begin(&waiter, &queue);
	error = eft_sleep(EFT_FOREVER);
	eft_wait_end(&waiter);
	return error;
}

static void pollers(void *arg)
{
	struct eft_waiter before, after;

	eft_waitq_init(&queue);
	eft_wait_begin_call(&before, &queue, called, NULL, true);
	begin(2, wait_in_queue);
	eft_wait_begin_call(&after, &queue, called, NULL, true);
	eft_waitq_wake_one(&queue);
	settle();
	check_eq(calls, 2);
	check_eq(ended, 1);
	eft_waitq_wake_one(&queue);
	check_ended(2, 0);
	check_eq(calls, 4);
	eft_wait_end(&after);
	eft_wait_end(&before);
}

/*
 * A wake-up for a condition that comes while its waiter waits for a mutex.
 */
static struct eft_mutex mutex;
static bool condition;

static long look_with_mutex(void)
{
	struct eft_waiter waiter;
	int error = 0;

	eft_wait_begin(&waiter, &queue);
	while (!condition && error == 0) {
		eft_mutex_lock(&mutex);
		eft_mutex_unlock(&mutex);
		error = eft_sleep(EFT_FOREVER);
	}
	eft_wait_end(&waiter);
	return error;
}

static void token_of_mutex(void *arg)
{
	eft_waitq_init(&queue);
	eft_mutex_init(&mutex, EFT_RANK_PIPE);
	eft_mutex_lock(&mutex);
	begin(1, look_with_mutex);
	condition = true;
	eft_waitq_wake(&queue, EFT_WAKE_ALL);
	settle();
	eft_mutex_unlock(&mutex);
	check_ended(1, 0);
}

/*
 * The host's streams: who gives up takes its ticket along.
 */
static long read_stream(void)
{
	struct eft_iovec iov = {bytes, 10};
	struct eft_file *file = eft_fd_get(0);
	long n;

	opener = eft_current();
	n = eft_file_read(file, &iov, 1, EFT_AT_POSITION);
	eft_file_put(file);
	return n;
}

static void tickets(void *arg)
{
	for (int i = 0; i < 100; i++) {
		begin(1, read_stream);
		check_eq(fake_host_tickets(), 1);
		eft_thread_interrupt(opener);
		check_ended(1, -EINTR);
		check_eq(fake_host_tickets(), 0);
	}
}

Test(wakeups, tickets_of_the_host)
{
	fake_has_host = true;
	run(tickets);
}

/*
 * Sleeps.
 */
static long sleep_for_ever(void)
{
	return eft_sleep(EFT_FOREVER);
}

static void attention(void *arg)
{
	/* A signal that comes before the sleep ends it. */
	eft_thread_interrupt(eft_current());
	check_eq(eft_sleep(EFT_FOREVER), -EINTR);
	/* And one whose wake-up another sleep has taken. */
	eft_thread_interrupt(eft_current());
	eft_sleep_through();
	check_eq(eft_sleep(EFT_FOREVER), -EINTR);
	eft_thread_attended();
	/* An early end leaves no alarm behind. */
	eft_thread_wake(eft_current());
	check_eq(eft_sleep(fake_now + 1000000000), 0);
	check_eq(eft_timers_next(), EFT_FOREVER);
	begin(1, sleep_for_ever);
}

Test(wakeups, pipes)
{
	run(pipes);
}

Test(wakeups, atomic_writes)
{
	run(atomic);
}

Test(wakeups, fifos)
{
	run(fifos);
}

Test(wakeups, fifo_ends)
{
	run(fifo_ends);
}

Test(wakeups, eventfds)
{
	run(eventfds);
}

Test(wakeups, epolls)
{
	run(epolls);
}

Test(wakeups, epoll_news_while_asked)
{
	run(news_while_asked);
}

Test(wakeups, epoll_of_what_cannot_be_watched)
{
	run(not_watched);
}

Test(wakeups, file_locks)
{
	run(file_locks);
}

Test(wakeups, lock_after_close)
{
	run(lock_after_close);
}

Test(wakeups, connections)
{
	run(connections);
}

Test(wakeups, streams)
{
	run(streams);
}

Test(wakeups, refused)
{
	run(refused);
}

Test(wakeups, messages)
{
	run(messages);
}

Test(wakeups, futex_bits)
{
	run(futex_bits);
}

Test(wakeups, signalfds)
{
	run(signalfds);
}

Test(wakeups, pollers_and_threads)
{
	run(pollers);
}

Test(wakeups, token_of_mutex)
{
	run(token_of_mutex);
}

Test(wakeups, attention)
{
	run(attention);
}
