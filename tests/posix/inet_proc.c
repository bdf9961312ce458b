// SPDX-License-Identifier: BSD-3-Clause
/*
 * What /proc/net tells: interfaces, sockets, routes.
 */
#include "inet.h"

/* Is there a line in the file that begins with (start), behind spaces? */
static int has(const char *path, const char *start)
{
	FILE *file = fopen(path, "r");
	char line[512];
	int found = 0;

	if (file == NULL)
		return 0;
	while (fgets(line, sizeof(line), file) != NULL)
		found |= strncmp(line + strspn(line, " "), start,
				 strlen(start)) == 0;
	fclose(file);
	return found;
}

/* A line of a socket at 127.0.0.1 and (fd)'s port, of that state. */
static int has_socket(const char *path, int fd, const char *state)
{
	FILE *file = fopen(path, "r");
	char line[512], text[40];
	int found = 0;

	need(file != NULL);
	snprintf(text, sizeof(text), " 0100007F:%04X ", (unsigned)own_port(fd));
	while (fgets(line, sizeof(line), file) != NULL) {
		char *at = strstr(line, text);

		found |= at != NULL &&
			 strncmp(at + strlen(text) + 14, state, 2) == 0;
	}
	fclose(file);
	return found;
}

int main(void)
{
	int server = listening(AF_INET, 1), udp = bound(AF_INET, SOCK_DGRAM);
	int pair[2];

	ok(has("/proc/net/dev", "lo:"), "dev has lo");
	ok(has("/proc/net/route", "Iface"), "route has a heading");
	ok(has("/proc/net/if_inet6", "00000000000000000000000000000001 01 80"),
	   "if_inet6 has ::1");
	ok(has("/proc/net/tcp6", "sl"), "tcp6 has a heading");
	ok(has("/proc/net/udp6", "sl"), "udp6 too");
	ok(has_socket("/proc/net/tcp", server, "0A"), "a listener");
	ok(has_socket("/proc/net/udp", udp, "07"), "a socket of datagrams");
	connected(AF_INET, pair);
	ok(has_socket("/proc/net/tcp", pair[0], "01"), "a connection");
	close_pair(pair);
	close(udp);
	close(server);
	return done();
}
