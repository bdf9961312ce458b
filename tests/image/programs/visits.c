// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: visits COUNT SECONDS: so many connections to ourselves, one after the other,
 * a byte each way; every other one is ended by its client first. Then wait, and say
 * what memory is free that was not at first, in KiB, and how many sockets there are.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void need(int met, const char *what)
{
	if (!met) {
		perror(what);
		exit(EXIT_FAILURE);
	}
}

static struct sockaddr_in address = {.sin_family = AF_INET};
static socklen_t address_len = sizeof(address);

static int listen_here(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	need(fd >= 0, "socket");
	need(bind(fd, (struct sockaddr *)&address, address_len) == 0, "bind");
	need(listen(fd, 8) == 0, "listen");
	need(getsockname(fd, (struct sockaddr *)&address, &address_len) == 0,
	     "getsockname");
	return fd;
}

static void pass(int from, int to)
{
	char c = 'x';

	need(write(from, &c, 1) == 1, "write");
	need(read(to, &c, 1) == 1, "read");
}

static void end(int first, int second)
{
	char c;

	close(first);
	need(read(second, &c, 1) == 0, "the end");
	close(second);
}

static void visit(int listener, int client_first)
{
	int client = socket(AF_INET, SOCK_STREAM, 0), server;

	need(client >= 0, "socket");
	need(connect(client, (struct sockaddr *)&address, address_len) == 0,
	     "connect");
	server = accept(listener, NULL, NULL);
	need(server >= 0, "accept");
	pass(client, server);
	pass(server, client);
	if (client_first)
		end(client, server);
	else
		end(server, client);
}

static long free_kib(void)
{
	char line[256];
	long kib = -1;
	FILE *file = fopen("/proc/meminfo", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		sscanf(line, "MemFree: %ld", &kib);
	if (file != NULL)
		fclose(file);
	return kib;
}

/* Lines of /proc/net/tcp, but for its first. */
static int sockets(void)
{
	char line[256];
	int count = -1;
	FILE *file = fopen("/proc/net/tcp", "r");

	while (file != NULL && fgets(line, sizeof(line), file) != NULL)
		count++;
	if (file != NULL)
		fclose(file);
	return count;
}

int main(int argc, char **argv)
{
	long count = argc == 3 ? atol(argv[1]) : 0, before;
	int listener = listen_here();

	visit(listener, 0);
	sockets();
	before = free_kib();
	for (long i = 0; i < count; i++)
		visit(listener, i % 2);
	sleep(argc == 3 ? (unsigned)atoi(argv[2]) : 0);
	printf("sockets %d\n", sockets());
	printf("free %ld KiB more\n", free_kib() - before);
	return EXIT_SUCCESS;
}
