// SPDX-License-Identifier: BSD-3-Clause
/*
 * usage: bulk serve PORT: a connection after the other, send what there is room
 * for, or receive all there is, as the first byte that comes says: 's', 'r'.
 *
 * usage: bulk send|receive ADDRESS PORT MS: do that for so long with one that
 * serves; say how many bytes went in a second.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BYTES = 131072 };

static char bytes[BYTES];

static void need(int met)
{
	if (!met) {
		perror("bulk");
		exit(EXIT_FAILURE);
	}
}

static struct sockaddr_in name_of(const char *address, const char *port)
{
	struct sockaddr_in name = {.sin_family = AF_INET};

	name.sin_addr.s_addr = inet_addr(address);
	name.sin_port = htons((unsigned short)atoi(port));
	return name;
}

static double now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

/* Until the other side ends it, or (seconds) have passed; bytes in a second. */
static double move(int fd, int sends, double seconds)
{
	double start = now_s(), took = 0, moved = 0;
	ssize_t n = 1;

	while (n > 0 && took < seconds) {
		n = sends ? write(fd, bytes, BYTES) : read(fd, bytes, BYTES);
		moved += n > 0 ? n : 0;
		took = now_s() - start;
	}
	return moved / took;
}

static void serve(const char *port)
{
	struct sockaddr_in name = name_of("0.0.0.0", port);
	int listener = socket(AF_INET, SOCK_STREAM, 0), fd;
	char what;

	need(listener >= 0);
	need(bind(listener, (struct sockaddr *)&name, sizeof(name)) == 0);
	need(listen(listener, 16) == 0);
	for (;;) {
		fd = accept(listener, NULL, NULL);
		need(fd >= 0);
		if (read(fd, &what, 1) == 1)
			move(fd, what == 's', 1e9);
		close(fd);
	}
}

static void use(const char *what, struct sockaddr_in name, double seconds)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), sends = *what == 's';

	need(fd >= 0);
	need(connect(fd, (struct sockaddr *)&name, sizeof(name)) == 0);
	need(write(fd, sends ? "r" : "s", 1) == 1);
	printf("%.0f\n", move(fd, sends, seconds));
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		serve(argv[2]);
	else if (argc == 5)
		use(argv[1], name_of(argv[2], argv[3]), atof(argv[4]) / 1000);
	else
		return EXIT_FAILURE;
	return EXIT_SUCCESS;
}
