// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: echo serve: serve the loopback on a port that is printed, by epoll, as
 * Redis does: wait, and for each connection that is ready a read and a write;
 * until all connections that there were are closed.
 *
 * usage: echo load PORT CONNECTIONS PIPELINE MS [ADDRESS REQUEST LENGTH]: have so
 * many connections, with so many requests each under way; say how many were
 * answered in a second, and how many in all. A request is 36 bytes, which come
 * back, or REQUEST, where \\n is the end of a line, whose answer has LENGTH bytes.
 * With LENGTH 0 the server ends each connection behind its answer, and another
 * takes its place.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { REQUEST = 36, EVENTS = 512, BYTES = 16384, CONNECTIONS_MAX = 20000 };

static int epoll;

static void need(int met)
{
	if (!met) {
		perror("echo");
		abort();
	}
}

static const char *server = "127.0.0.1";

static struct sockaddr_in name_of(int port)
{
	struct sockaddr_in address;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = inet_addr(server);
	address.sin_port = htons((unsigned short)port);
	return address;
}

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.fd = fd}};
	int yes = 1;

	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
	need(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

static int listen_anywhere(void)
{
	struct sockaddr_in address = name_of(0);
	socklen_t len = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	need(fd >= 0);
	need(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	need(listen(fd, 1024) == 0);
	need(getsockname(fd, (struct sockaddr *)&address, &len) == 0);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	return fd;
}

/* False: it has ended. */
static int answer(int fd)
{
	static char bytes[BYTES];
	ssize_t n = read(fd, bytes, sizeof(bytes));

	if (n < 0 && errno == EAGAIN)
		return 1;
	if (n <= 0)
		return 0;
	need(write(fd, bytes, (size_t)n) == n);
	return 1;
}

static void serve(void)
{
	static struct epoll_event events[EVENTS];
	int listener = listen_anywhere(), open = 0, fd;

	watch(listener);
	do {
		int n = epoll_wait(epoll, events, EVENTS, -1);

		need(n > 0);
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == listener) {
				fd = accept4(listener, NULL, NULL,
					     SOCK_NONBLOCK);
				need(fd >= 0);
				watch(fd);
				open++;
			} else if (!answer(events[i].data.fd)) {
				close(events[i].data.fd);
				open--;
			}
		}
	} while (open > 0);
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static char requests[BYTES];
static size_t size, answer_size;     /* of those that go at once */
static size_t left[CONNECTIONS_MAX]; /* by descriptor; of its answers */

static int visits; /* each connection has one request */

static void ask(int fd)
{
	need(write(fd, requests, size) == (ssize_t)size);
	left[fd] = answer_size;
}

static void connect_one(const struct sockaddr_in *address)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	need(fd >= 0 && fd < CONNECTIONS_MAX);
	need(connect(fd, (const struct sockaddr *)address, sizeof(*address)) ==
	     0);
	watch(fd);
	ask(fd);
}

/* Who is answered asks again; the number of them that were. */
static int hear(int n, const struct epoll_event *events,
		const struct sockaddr_in *address)
{
	static char bytes[BYTES];
	int answered = 0;

	for (int i = 0; i < n; i++) {
		int fd = events[i].data.fd;
		ssize_t got = read(fd, bytes, sizeof(bytes));

		if (visits && got > 0)
			continue;
		if (visits) {
			need(got == 0);
			close(fd);
			connect_one(address);
			answered++;
			continue;
		}
		need(got > 0 && (size_t)got <= left[fd]);
		left[fd] -= (size_t)got;
		if (left[fd] == 0) {
			answered++;
			ask(fd);
		}
	}
	return answered;
}

static void load(int port, int connections, int pipeline, double seconds)
{
	static struct epoll_event events[EVENTS];
	struct sockaddr_in address = name_of(port);
	double start, took;
	long answered = 0;

	need(connections < CONNECTIONS_MAX - 16);
	for (int i = 0; i < connections; i++)
		connect_one(&address);
	start = now_s();
	while ((took = now_s() - start) < seconds)
		answered += hear(epoll_wait(epoll, events, EVENTS, -1), events,
				 &address);
	printf("%.0f %ld\n", (double)answered * pipeline / took,
	       answered * pipeline);
}

/* (text) so often, with its ends of lines. */
static void prepare(const char *text, size_t len, int count)
{
	for (; count > 0; count--) {
		for (size_t i = 0; i < len; i++) {
			int end = text[i] == '\\' && text[i + 1] == 'n';

			need(size + 2 < sizeof(requests));
			if (end)
				requests[size++] = '\r';
			requests[size++] = end ? '\n' : text[i];
			i += (size_t)end;
		}
	}
}

int main(int argc, char **argv)
{
	static const char echoed[REQUEST];

	epoll = epoll_create1(0);
	need(epoll >= 0);
	if (argc == 2 && strcmp(argv[1], "serve") == 0)
		serve();
	else if ((argc == 6 || argc == 9) && strcmp(argv[1], "load") == 0) {
		int pipeline = atoi(argv[4]);

		server = argc == 9 ? argv[6] : server;
		prepare(argc == 9 ? argv[7] : echoed,
			argc == 9 ? strlen(argv[7]) : REQUEST, pipeline);
		answer_size =
			(argc == 9 ? strtoul(argv[8], NULL, 10) : REQUEST) *
			(size_t)pipeline;
		visits = answer_size == 0;
		load(atoi(argv[2]), atoi(argv[3]), pipeline,
		     atof(argv[5]) / 1000);
	} else {
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}
