// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: web PORT [FILE]
 *
 * A server of one page over HTTP/1.1, for ./eft demo web: plain POSIX and epoll,
 * which knows nothing of Eft. It ends when it is asked for /end.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST_MAX = 4096, EVENTS = 64, PAGE_MAX = 65536, HEAD_MAX = 256 };

struct connection {
	int fd;
	size_t have;
	char request[REQUEST_MAX + 1];
};

static const char default_page[] =
	"<!DOCTYPE html>\n<title>Eft</title>\n<h1>Hello from Eft!</h1>\n";

static char answer[HEAD_MAX + PAGE_MAX];
static size_t answer_len;
static int poller;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

/* The answer is the same for all, and made once. */
static void make_answer(const char *name)
{
	static char page[PAGE_MAX];
	size_t len = sizeof(default_page) - 1;
	FILE *file;
	int head;

	memcpy(page, default_page, len);
	if (name != NULL) {
		file = fopen(name, "r");
		if (file == NULL)
			fail(name);
		len = fread(page, 1, sizeof(page), file);
		fclose(file);
	}
	head = snprintf(answer, HEAD_MAX,
			"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"
			"Content-Length: %zu\r\n\r\n",
			len);
	memcpy(answer + head, page, len);
	answer_len = head + len;
}

static int listen_at(int port)
{
	struct sockaddr_in at = {.sin_family = AF_INET,
				 .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int on = 1;

	if (fd < 0)
		fail("socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		fail("bind");
	if (listen(fd, 128) != 0)
		fail("listen");
	return fd;
}

/* A connection whose data is NULL is the listener. */
static void watch(int fd, struct connection *connection)
{
	struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};

	if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) != 0)
		fail("epoll_ctl");
}

static void take(int listener)
{
	int fd = accept(listener, NULL, NULL);
	struct connection *connection;
	int on = 1;

	if (fd < 0)
		return;
	connection = calloc(1, sizeof(*connection));
	if (connection == NULL) {
		close(fd);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	connection->fd = fd;
	watch(fd, connection);
}

static void drop(struct connection *connection)
{
	close(connection->fd);
	free(connection);
}

/* The pages are small: they fit into what the socket holds. */
static bool send_answer(int fd)
{
	size_t sent = 0;

	while (sent < answer_len) {
		ssize_t n = send(fd, answer + sent, answer_len - sent,
				 MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		sent += n;
	}
	return true;
}

/* Answer all requests that are whole; false if the connection is over. */
static bool serve_requests(struct connection *connection)
{
	char *begin = connection->request, *end;

	while ((end = strstr(begin, "\r\n\r\n")) != NULL) {
		if (!send_answer(connection->fd))
			return false;
		if (strncmp(begin, "GET /end ", 9) == 0)
			exit(0);
		begin = end + 4;
	}
	connection->have -= begin - connection->request;
	memmove(connection->request, begin, connection->have + 1);
	return connection->have < REQUEST_MAX;
}

static void serve(struct connection *connection)
{
	char *free_part = connection->request + connection->have;
	ssize_t n = recv(connection->fd, free_part,
			 REQUEST_MAX - connection->have, 0);

	if (n <= 0) {
		drop(connection);
		return;
	}
	connection->have += n;
	free_part[n] = '\0';
	if (!serve_requests(connection))
		drop(connection);
}

int main(int argc, char **argv)
{
	struct epoll_event events[EVENTS];
	int listener, count;

	if (argc < 2) {
		fprintf(stderr, "usage: web PORT [FILE]\n");
		return 2;
	}
	make_answer(argv[2]);
	poller = epoll_create1(0);
	if (poller < 0)
		fail("epoll_create1");
	listener = listen_at(atoi(argv[1]));
	watch(listener, NULL);
	for (;;) {
		count = epoll_wait(poller, events, EVENTS, -1);
		for (int i = 0; i < count; i++) {
			if (events[i].data.ptr == NULL)
				take(listener);
			else
				serve(events[i].data.ptr);
		}
	}
}
