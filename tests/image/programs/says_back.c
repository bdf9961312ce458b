// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: says_back PORT COUNT      COUNT connections are told what they say
 *        says_back PORT ADDRESS    is told so, of a megabyte
 *
 * It ends at once behind the last byte: all has to arrive nevertheless.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SAID = 1 << 20 };

static unsigned char said[SAID], heard[SAID];

static void need(int good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void send_all(int fd, const unsigned char *data, size_t len)
{
	for (size_t sent = 0; sent < len;) {
		ssize_t n = send(fd, data + sent, len - sent, MSG_NOSIGNAL);

		need(n > 0, "send");
		sent += (size_t)n;
	}
}

static void answer(int listener)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	need(fd >= 0, "accept");
	while ((n = recv(fd, heard, sizeof(heard), 0)) > 0)
		send_all(fd, heard, (size_t)n);
	close(fd);
}

static void *say(void *fd)
{
	send_all(*(int *)fd, said, sizeof(said));
	shutdown(*(int *)fd, SHUT_WR);
	return NULL;
}

static void ask(int fd, const struct sockaddr_in *peer)
{
	pthread_t thread;
	ssize_t n;

	need(connect(fd, (const struct sockaddr *)peer, sizeof(*peer)) == 0,
	     "connect");
	need(pthread_create(&thread, NULL, say, &fd) == 0, "thread");
	for (size_t had = 0; had < sizeof(heard); had += (size_t)n) {
		n = recv(fd, heard + had, sizeof(heard) - had, 0);
		need(n > 0, "recv");
	}
	pthread_join(thread, NULL);
	need(memcmp(said, heard, sizeof(said)) == 0, "other bytes");
	need(recv(fd, heard, 1, 0) == 0, "no end");
	puts("heard all");
}

int main(int argc, char **argv)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	need(fd >= 0 && argc == 3, "usage");
	at.sin_port = htons((unsigned short)atoi(argv[1]));
	for (size_t i = 0; i < sizeof(said); i++)
		said[i] = (unsigned char)(i * 7 + i / 256);
	if (strchr(argv[2], '.') != NULL) {
		need(inet_pton(AF_INET, argv[2], &at.sin_addr) == 1, argv[2]);
		ask(fd, &at);
		return 0;
	}
	need(bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0, "bind");
	need(listen(fd, 5) == 0, "listen");
	puts("listening");
	fflush(stdout);
	for (int i = 0; i < atoi(argv[2]); i++)
		answer(fd);
	return 0;
}
