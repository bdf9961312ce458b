// SPDX-License-Identifier: BSD-3-Clause
/*
 * A server with several threads that accept, and many clients.
 */
#include <pthread.h>
#include <stdint.h>

#include "sockets.h"

enum { SERVERS = 3, CLIENTS = 8, ROUNDS = 6, BYTES = 30000 };

static int server;

static uint32_t checksum(const unsigned char *data, size_t len)
{
	uint32_t a = 1, b = 0;

	for (size_t i = 0; i < len; i++) {
		a = (a + data[i]) % 65521;
		b = (b + a) % 65521;
	}
	return b << 16 | a;
}

/* A request is its length and that many bytes, the answer their checksum. */
static int serve_one(int fd)
{
	unsigned char data[BYTES];
	uint32_t len, sum;

	if (receive_all(fd, &len, sizeof(len)) != 0 || len > BYTES)
		return -1;
	if (len == 0)
		return 0;
	if (receive_all(fd, data, len) != 0)
		return -1;
	sum = checksum(data, len);
	send_all(fd, &sum, sizeof(sum));
	return 1;
}

static void *serve(void *arg)
{
	long served = 0;
	int fd, result = 1;

	while (result != 0 && (fd = accept(server, NULL, NULL)) >= 0) {
		result = serve_one(fd);
		served += result > 0;
		close(fd);
	}
	(void)arg;
	return (void *)served;
}

static int ask(unsigned seed, uint32_t len)
{
	unsigned char data[BYTES];
	uint32_t answer;
	int fd = new_socket(SOCK_STREAM), right;

	for (uint32_t i = 0; i < len; i++)
		data[i] = (unsigned char)(i * seed + (i >> 7));
	need(connect_to(fd, "server") == 0);
	need(send_all(fd, &len, sizeof(len)) == 0);
	need(send_all(fd, data, len) == 0);
	right = len == 0 || (receive_all(fd, &answer, sizeof(answer)) == 0 &&
			     answer == checksum(data, len));
	close(fd);
	return right;
}

static void *be_client(void *arg)
{
	unsigned number = (unsigned)(long)arg;
	long right = 0;

	for (unsigned i = 0; i < ROUNDS; i++)
		right += ask(number * 31 + i,
			     1 + (number * 4001 + i * 977) % BYTES);
	return (void *)right;
}

int main(void)
{
	pthread_t servers[SERVERS], clients[CLIENTS];
	long served = 0, right = 0;
	void *result;

	server = listening(SOCK_STREAM, "server", 2);
	for (long i = 0; i < SERVERS; i++)
		need(pthread_create(&servers[i], NULL, serve, NULL) == 0);
	for (long i = 0; i < CLIENTS; i++)
		need(pthread_create(&clients[i], NULL, be_client, (void *)i) ==
		     0);
	for (int i = 0; i < CLIENTS; i++) {
		need(pthread_join(clients[i], &result) == 0);
		right += (long)result;
	}
	for (int i = 0; i < SERVERS; i++)
		need(ask(1, 0));
	for (int i = 0; i < SERVERS; i++) {
		need(pthread_join(servers[i], &result) == 0);
		served += (long)result;
	}
	ok(right == CLIENTS * ROUNDS, "every answer is right");
	ok(served == CLIENTS * ROUNDS, "every request was served once");
	close(server);
	unlink("server");
	return done();
}
