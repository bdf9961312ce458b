// SPDX-License-Identifier: BSD-3-Clause
/*
 * What sockets refuse.
 */
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <termios.h>

#include "sockets.h"

static void kinds(void)
{
	int pair[2];

	fails(socket(AF_UNIX, 77, 0), EINVAL, "no such type");
	fails(socket(AF_UNIX, SOCK_RDM, 0), ESOCKTNOSUPPORT, "not of AF_UNIX");
	fails(socket(AF_UNIX, SOCK_STREAM, 6), EPROTONOSUPPORT,
	      "nor that protocol");
	fails(socket(AF_UNIX, SOCK_STREAM | 0x100000, 0), EINVAL,
	      "no such flag");
	fails(socket(99, SOCK_STREAM, 0), EAFNOSUPPORT, "no such family");
	fails(socket(-1, SOCK_STREAM, 0), EAFNOSUPPORT, "nor that");
	fails(socketpair(AF_UNIX, SOCK_STREAM, 6, pair), EPROTONOSUPPORT,
	      "no pair of that protocol");
	fails(socketpair(99, SOCK_STREAM, 0, pair), EAFNOSUPPORT,
	      "no pair of that family");
}

static void no_sockets(void)
{
	int file = open(".", O_RDONLY);
	char c = 0;

	fails(send(-1, &c, 1, 0), EBADF, "no descriptor");
	fails(send(file, &c, 1, 0), ENOTSOCK, "send to a directory");
	fails(recv(file, &c, 1, 0), ENOTSOCK, "receive from it");
	fails(listen(file, 1), ENOTSOCK, "listen");
	fails(accept(file, NULL, NULL), ENOTSOCK, "accept");
	fails(shutdown(file, SHUT_RD), ENOTSOCK, "shutdown");
	fails(bind_to(file, "name"), ENOTSOCK, "bind");
	fails(connect_to(file, "name"), ENOTSOCK, "connect");
	fails(setsockopt(file, SOL_SOCKET, SO_KEEPALIVE, &file, sizeof(file)),
	      ENOTSOCK, "an option");
	close(file);
}

static void connect_to_no_name(void)
{
	int fd = new_socket(SOCK_DGRAM);
	struct sockaddr none = {.sa_family = AF_UNSPEC};

	fails(connect(fd, &none, 0), EINVAL, "no name, and no family");
	ok(connect(fd, &none, sizeof(none.sa_family)) == 0,
	   "no name of none ends a connection");
	close(fd);
}

static void states(void)
{
	int fd = new_socket(SOCK_STREAM), server, bytes;
	struct termios terminal;
	char c = 0;

	fails(send(fd, &c, 1, MSG_NOSIGNAL), ENOTCONN, "send unconnected");
	fails(send_to(fd, &c, 1, "name"), EOPNOTSUPP, "send to a name");
	fails(recv(fd, &c, 1, 0), EINVAL, "receive unconnected");
	fails(listen(fd, 1), EINVAL, "listen without a name");
	fails(accept(fd, NULL, NULL), EINVAL, "accept without listening");
	fails(connect_to(fd, "none"), ENOENT, "connect to nothing");
	connect_to_no_name();
	server = listening(SOCK_STREAM, "server", 1);
	fails(connect_to(server, "server"), EINVAL, "a listener that connects");
	fails(recv(server, &c, 1, 0), EINVAL, "or reads");
	fails(send(server, &c, 1, MSG_NOSIGNAL), ENOTCONN, "or writes");
	fails(ioctl(server, FIONREAD, &bytes), EINVAL, "or counts bytes");
	ok(connect_to(fd, "server") == 0, "connect");
	fails(connect_to(fd, "server"), EISCONN, "connect twice");
	fails(listen(fd, 1), EINVAL, "listen connected");
	fails(send_to(fd, &c, 1, "server"), EISCONN, "send elsewhere");
	fails(ioctl(fd, TCGETS, &terminal), ENOTTY, "no such request");
	ok(shutdown(fd, SHUT_RDWR) == 0, "shut down");
	close(fd);
	close(server);
	unlink("server");
}

static void addresses(void)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "x"};
	struct sockaddr_in in = {.sin_family = AF_INET};
	int fd = new_socket(SOCK_STREAM);
	char large[200] = {AF_UNIX};

	fails(bind(fd, (struct sockaddr *)&un, 1), EINVAL, "too short");
	fails(bind(fd, (struct sockaddr *)&un, sizeof(un) + 1), EINVAL,
	      "too long");
	fails(bind(fd, (struct sockaddr *)large, sizeof(large)), EINVAL,
	      "longer than any");
	fails(bind(fd, (struct sockaddr *)&in, sizeof(in)), EINVAL,
	      "another family's");
	fails(connect(fd, (struct sockaddr *)&in, sizeof(in)), EINVAL,
	      "connect to another family's");
	fails(connect(fd, (struct sockaddr *)&un, sizeof(sa_family_t)), EINVAL,
	      "connect to no name");
	fails(bind_to(fd, "no/such/directory"), ENOENT, "no such directory");
	close(fd);
}

static void types(void)
{
	int dgram = bound(SOCK_DGRAM, "name");
	int fd = new_socket(SOCK_STREAM);

	fails(connect_to(fd, "name"), EPROTOTYPE, "a name of another type");
	close(dgram);
	close(fd);
	unlink("name");
}

static void backlog(void)
{
	int server = listening(SOCK_STREAM, "server", 1);
	int fds[8], count = 0;

	while (count < 8) {
		fds[count] = new_socket(SOCK_STREAM | SOCK_NONBLOCK);
		if (connect_to(fds[count], "server") != 0)
			break;
		count++;
	}
	ok(count == 2 && errno == EAGAIN, "one more than the backlog");
	fails(connect_to(fds[0], "server"), EAGAIN, "even of who is connected");
	close(accept(server, NULL, NULL));
	ok(connect_to(fds[count], "server") == 0, "accept makes room");
	need(shutdown(server, SHUT_RD) == 0);
	fails(connect_to(server, "server"), ECONNREFUSED,
	      "a listener that is shut down, by itself");
	for (int i = 0; i <= count; i++)
		close(fds[i]);
	close(server);
	unlink("server");
}

static void no_descriptor(void)
{
	int server = listening(SOCK_STREAM, "server", 1);
	int client = new_socket(SOCK_STREAM), made;
	struct rlimit limit, full;

	need(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	need(connect_to(client, "server") == 0);
	need(send_all(client, "kept", 4) == 0);
	full = limit;
	full.rlim_cur = (rlim_t)client + 1;
	need(setrlimit(RLIMIT_NOFILE, &full) == 0);
	fails(accept(server, NULL, NULL), EMFILE,
	      "accept without a descriptor");
	ok(polled(server, POLLIN) == POLLIN, "leaves the connection");
	need(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	made = accept(server, NULL, NULL);
	ok(made >= 0 && reads(made, "kept"), "for the next accept");
	close(made);
	close(client);
	close(server);
	unlink("server");
}

int main(void)
{
	kinds();
	no_sockets();
	states();
	addresses();
	types();
	backlog();
	no_descriptor();
	return done();
}
