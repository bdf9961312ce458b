// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: asks PORT CONNECTIONS SECONDS
 *
 * Asks the host's port for / on several connections at once, for some seconds,
 * and prints how many answers there were and how long it took in ms. A program
 * of the host's.
 */
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 64, ANSWER_MAX = 1 << 17 };

static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static int connect_to(int port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		fail("connect");
	return fd;
}

static void ask(int fd)
{
	if (send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) !=
	    sizeof(request) - 1)
		fail("send");
}

/* The length of an answer, which is the same for all, by its head. */
static size_t first_answer(int fd)
{
	static char text[ANSWER_MAX + 1];
	size_t have = 0, wanted = 0;
	char *end, *length;

	ask(fd);
	while (wanted == 0 || have < wanted) {
		ssize_t n = recv(fd, text + have, ANSWER_MAX - have, 0);

		if (n <= 0)
			fail("recv");
		have += n;
		text[have] = '\0';
		end = strstr(text, "\r\n\r\n");
		length = strstr(text, "Content-Length: ");
		if (end != NULL && length != NULL)
			wanted =
				end + 4 - text + strtoul(length + 16, NULL, 10);
	}
	return wanted;
}

/* How many answers came, each to the next request of its connection. */
static uint64_t ask_all(struct pollfd *fds, int count, size_t answer,
			int64_t until)
{
	size_t left[CONNECTIONS_MAX];
	static char text[ANSWER_MAX];
	uint64_t answers = 0;

	for (int i = 0; i < count; i++) {
		left[i] = answer;
		ask(fds[i].fd);
	}
	while (now_ms() < until) {
		if (poll(fds, count, 1000) < 0)
			fail("poll");
		for (int i = 0; i < count; i++) {
			ssize_t n = fds[i].revents == 0
					    ? 0
					    : recv(fds[i].fd, text, left[i], 0);

			if (fds[i].revents != 0 && n <= 0)
				fail("recv");
			left[i] -= n;
			if (left[i] == 0) {
				answers++;
				left[i] = answer;
				ask(fds[i].fd);
			}
		}
	}
	return answers;
}

int main(int argc, char **argv)
{
	struct pollfd fds[CONNECTIONS_MAX];
	int count = argc > 3 ? atoi(argv[2]) : 0;
	size_t answer;
	uint64_t answers;
	int64_t start;

	if (count < 1 || count > CONNECTIONS_MAX) {
		fprintf(stderr, "usage: asks PORT CONNECTIONS SECONDS\n");
		return 2;
	}
	for (int i = 0; i < count; i++) {
		fds[i] = (struct pollfd){.fd = connect_to(atoi(argv[1])),
					 .events = POLLIN};
		answer = first_answer(fds[i].fd);
	}
	start = now_ms();
	answers = ask_all(fds, count, answer, start + 1000 * atoi(argv[3]));
	printf("%llu %lld\n", (unsigned long long)answers,
	       (long long)(now_ms() - start));
	return 0;
}
