// SPDX-License-Identifier: BSD-3-Clause
/*
 * AF_UNIX names that are paths.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "sockets.h"

static int can_connect(const char *path)
{
	int fd = new_socket(SOCK_STREAM);
	int result = connect_to(fd, path);

	close(fd);
	return result;
}

static void names_of(int server)
{
	struct sockaddr_un un;
	socklen_t len = sizeof(un);
	int fd = new_socket(SOCK_STREAM), other;

	ok(getsockname(fd, (struct sockaddr *)&un, &len) == 0 &&
		   len == sizeof(sa_family_t) && un.sun_family == AF_UNIX,
	   "a new socket has no name");
	fails(getpeername(fd, (struct sockaddr *)&un, &len), ENOTCONN,
	      "and no peer");
	ok(connect_to(fd, "server") == 0, "connect");
	len = sizeof(un);
	ok(getpeername(fd, (struct sockaddr *)&un, &len) == 0 &&
		   is_name(&un, len, "server"),
	   "the peer's name is the server's");
	len = sizeof(un);
	other = accept(server, (struct sockaddr *)&un, &len);
	ok(other >= 0 && len == sizeof(sa_family_t), "the client has none");
	len = sizeof(un);
	ok(getsockname(other, (struct sockaddr *)&un, &len) == 0 &&
		   is_name(&un, len, "server"),
	   "the accepted one has the server's");
	len = 5;
	ok(getsockname(other, (struct sockaddr *)&un, &len) == 0 &&
		   len == sizeof(sa_family_t) + sizeof("server"),
	   "a short buffer learns the length");
	close(fd);
	close(other);
}

static void nodes(int server)
{
	struct stat st;
	int fd = new_socket(SOCK_STREAM);

	umask(022);
	ok(stat("server", &st) == 0 && S_ISSOCK(st.st_mode) &&
		   (st.st_mode & 07777) == 0755,
	   "the name is a socket in the directory");
	fails(open("server", O_RDWR), ENXIO, "which nobody opens");
	fails(bind_to(fd, "server"), EADDRINUSE, "nor binds to again");
	fails(bind_to(server, "other"), EINVAL, "a socket has one name");
	fails(bind_to(fd, "none/server"), ENOENT, "a directory that is not");
	ok(rename("server", "renamed") == 0 && can_connect("renamed") == 0,
	   "it can be renamed");
	fails(can_connect("server"), ENOENT, "so the old name is free");
	ok(symlink("renamed", "link") == 0 && can_connect("link") == 0,
	   "a link leads to it");
	fails(bind_to(fd, "link"), EADDRINUSE, "but is a name itself");
	ok(link("renamed", "server") == 0 && can_connect("server") == 0,
	   "and a second name is as good");
	close(fd);
}

static void nobody(int server)
{
	int fd = new_socket(SOCK_STREAM);

	close(server);
	fails(can_connect("server"), ECONNREFUSED, "nobody listens any more");
	fails(bind_to(fd, "server"), EADDRINUSE, "the name is still there");
	ok(unlink("server") == 0, "until it is removed");
	fails(can_connect("server"), ENOENT, "then it is gone");
	ok(bind_to(fd, "server") == 0, "and can be bound to");
	fails(can_connect("server"), ECONNREFUSED, "not yet listening");
	ok(listen(fd, 3) == 0 && can_connect("server") == 0, "now it is");
	need(unlink("server") == 0);
	fails(can_connect("server"), ENOENT, "listening without a name");
	close(fd);
	fd = open("file", O_CREAT | O_WRONLY, 0644);
	need(fd >= 0);
	close(fd);
	fails(can_connect("file"), ECONNREFUSED, "a file is no socket");
	fails(can_connect("file/x"), ENOTDIR, "nor a directory");
}

static void nodes_without(void)
{
	struct stat st;

	ok(mknod("node", S_IFSOCK | 0600, 0) == 0 && stat("node", &st) == 0 &&
		   S_ISSOCK(st.st_mode),
	   "mknod makes one that nobody is bound to");
	fails(can_connect("node"), ECONNREFUSED, "so nobody answers");
	ok(unlink("node") == 0, "and it can be removed");
}

int main(void)
{
	int server;

	umask(022);
	server = listening(SOCK_STREAM, "server", 5);
	names_of(server);
	nodes(server);
	nobody(server);
	nodes_without();
	unlink("renamed");
	unlink("link");
	unlink("file");
	return done();
}
