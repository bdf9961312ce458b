// SPDX-License-Identifier: BSD-3-Clause
/*
 * What an error leaves behind: nothing. Each scenario makes its sockets, fails
 * in one way, and ends them; blocks, pages and what counts as being on its way
 * are then as before.
 */
#include "tests/unit/sockets.h"

eft_needs(eft_unix_path_make);

enum { TIMES = 3, LIMIT = 50 };

static const int types[] = {SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM};
static int type; /* of the scenario's sockets */

static struct eft_socket_name abstract, path, other, directory, file;

static int make_pair(struct eft_socket *pair[2])
{
	return eft_socket_family(AF_UNIX)->pair(type, 0, pair);
}

static struct eft_socket *bound(const struct eft_socket_name *name)
{
	struct eft_socket *socket = new_socket(type);

	check_eq(socket->ops->bind(socket, name), 0);
	return socket;
}

static struct eft_socket *listening(const struct eft_socket_name *name,
				    int backlog)
{
	struct eft_socket *socket = bound(name);

	if (type != SOCK_DGRAM)
		check_eq(socket->ops->listen(socket, backlog), 0);
	return socket;
}

/* Send with rights to (name), or to the peer; the error. */
static int send_rights(struct eft_socket *socket, struct eft_socket_name *name,
		       size_t len)
{
	static char data[1 << 20];
	struct eft_iovec iov = {data, len};
	struct eft_message message = {.iov = &iov,
				      .count = 1,
				      .name = name,
				      .rights = eft_rights_create(2)};
	ssize_t n;

	message.rights->files[0] = eft_file_get(&socket->file);
	message.rights->files[1] = eft_file_get(&socket->file);
	n = socket->ops->send(socket, &message);
	check_eq(message.rights == NULL, n >= 0);
	eft_rights_destroy(message.rights);
	return n < 0 ? (int)n : 0;
}

/*
 * Names.
 */
static int name_in_use(void)
{
	struct eft_socket *a = bound(&abstract), *b = new_socket(type);
	int error = b->ops->bind(b, &abstract);

	drop(a);
	drop(b);
	return error;
}

static int path_in_use(void)
{
	struct eft_socket *a = bound(&path), *b = new_socket(type);
	int error = b->ops->bind(b, &path);

	drop(a);
	drop(b);
	f_unlink("/path");
	return error;
}

static int bound_twice(void)
{
	struct eft_socket *a = bound(&abstract);
	int error = a->ops->bind(a, &other);

	drop(a);
	return error;
}

static int path_bound_twice(void)
{
	struct eft_socket *a = bound(&abstract);
	int error = a->ops->bind(a, &path);

	check_eq(f_try("/path", O_PATH), -ENOENT);
	drop(a);
	return error;
}

static int nowhere(void)
{
	struct eft_socket *a = new_socket(type);
	int error = a->ops->bind(a, &directory);

	drop(a);
	return error;
}

/*
 * Connecting.
 */
static int connect_to(const struct eft_socket_name *name)
{
	struct eft_socket *a = new_socket(type);
	int error = a->ops->connect(a, name, 0);

	drop(a);
	return error;
}

static int nobody(void)
{
	return connect_to(&abstract);
}

static int nobody_at_path(void)
{
	return connect_to(&path);
}

static int no_socket(void)
{
	return connect_to(&file);
}

static int not_listening(void)
{
	struct eft_socket *server = bound(&abstract);
	int error = connect_to(&abstract);

	drop(server);
	return error;
}

static int another_type(void)
{
	struct eft_socket *server = listening(&path, 1), *client;
	int was = type, error;

	type = type == SOCK_DGRAM ? SOCK_STREAM : SOCK_DGRAM;
	client = new_socket(type);
	type = was;
	error = client->ops->connect(client, &path, 0);
	drop(client);
	drop(server);
	f_unlink("/path");
	return error;
}

/* The backlog of 0 has room for one. */
static int backlog_full(void)
{
	struct eft_socket *server = listening(&abstract, 0), *clients[2];
	int error = 0;

	for (unsigned i = 0; i < 2; i++) {
		clients[i] = new_socket(type);
		check_eq(error, 0);
		error = clients[i]->ops->connect(clients[i], &abstract, 0);
	}
	drop(clients[0]);
	drop(clients[1]);
	drop(server);
	return error;
}

static int connected_already(void)
{
	struct eft_socket *server = listening(&abstract, 1);
	struct eft_socket *client = new_socket(type);
	int error;

	check_eq(client->ops->connect(client, &abstract, 0), 0);
	error = client->ops->connect(client, &abstract, 0);
	drop(client);
	drop(server);
	return error;
}

static int nothing_to_accept(void)
{
	struct eft_socket *server = listening(&abstract, 1), *made;
	int error = server->ops->accept(server, 0, &made);

	drop(server);
	return error;
}

/*
 * Messages, with descriptions.
 */
static int peer_gone(void)
{
	struct eft_socket *pair[2];
	int error;

	check_eq(make_pair(pair), 0);
	drop(pair[1]);
	error = send_rights(pair[0], NULL, 1);
	drop(pair[0]);
	return error;
}

static int shut_down(void)
{
	struct eft_socket *pair[2];
	int error;

	check_eq(make_pair(pair), 0);
	check_eq(pair[0]->ops->shutdown(pair[0], SHUT_WR), 0);
	error = send_rights(pair[0], NULL, 1);
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

static int peer_shut_down(void)
{
	struct eft_socket *pair[2];
	int error;

	check_eq(make_pair(pair), 0);
	check_eq(pair[1]->ops->shutdown(pair[1], SHUT_RD), 0);
	error = send_rights(pair[0], NULL, 1);
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

static int not_connected(void)
{
	struct eft_socket *a = new_socket(type);
	int error = send_rights(a, NULL, 1);

	drop(a);
	return error;
}

/* Nobody reads: at last there is no room. */
static int no_room(void)
{
	struct eft_socket *pair[2];
	int error;

	check_eq(make_pair(pair), 0);
	while ((error = send_with(pair[0], types, sizeof(types), NULL)) > 0)
		;
	check_eq(error, -EAGAIN);
	error = send_rights(pair[0], NULL, 1000);
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

static int too_large(void)
{
	struct eft_socket *pair[2];
	int error;

	check_eq(make_pair(pair), 0);
	error = send_rights(pair[0], NULL, 1 << 20);
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

static int sent_to_nobody(void)
{
	struct eft_socket *a = new_socket(type);
	int error = send_rights(a, &abstract, 1);

	drop(a);
	return error;
}

static int sent_to_no_socket(void)
{
	struct eft_socket *a = new_socket(type);
	int error = send_rights(a, &file, 1);

	drop(a);
	return error;
}

static int sent_to_another_type(void)
{
	struct eft_socket *a = new_socket(type), *server;
	int error;

	type = SOCK_STREAM;
	server = listening(&abstract, 1);
	type = SOCK_DGRAM;
	error = send_rights(a, &abstract, 1);
	drop(a);
	drop(server);
	return error;
}

/* Whose name is sent to has another peer. */
static int has_another_peer(void)
{
	struct eft_socket *a = bound(&abstract), *b = bound(&other);
	struct eft_socket *c = new_socket(type);
	int error;

	check_eq(a->ops->connect(a, &other, 0), 0);
	error = send_rights(c, &abstract, 1);
	drop(a);
	drop(b);
	drop(c);
	return error;
}

static int too_many_on_their_way(void)
{
	struct eft_socket *pair[2];
	int error = 0;

	check_eq(make_pair(pair), 0);
	for (unsigned i = 0; i < LIMIT; i++) {
		check_eq(error, 0);
		error = pass(pair[0], &pair[0]->file);
	}
	check_eq(error, 0);
	error = send_rights(pair[0], NULL, 1);
	drop(pair[1]);
	drop(pair[0]);
	return error;
}

static int nothing_to_receive(void)
{
	struct eft_socket *pair[2];
	struct eft_rights *rights;
	char c;
	int error;

	check_eq(make_pair(pair), 0);
	error = (int)receive_with(pair[0], &c, 1, 0, &rights);
	drop(pair[0]);
	drop(pair[1]);
	return error;
}

/* A peer that left what it was sent unread resets who sent it. */
static int reset(void)
{
	struct eft_socket *pair[2];
	char c;
	int error;

	check_eq(make_pair(pair), 0);
	check_eq(send_with(pair[0], "x", 1, NULL), 1);
	drop(pair[1]);
	error = (int)receive_with(pair[0], &c, 1, 0, NULL);
	drop(pair[0]);
	return error;
}

struct scenario {
	const char *name;
	int (*run)(void);
	int wanted[3]; /* by the types above; 0: it is not of that type */
};

static const struct scenario scenarios[] = {
	{"a name in use", name_in_use, {-EADDRINUSE, -EADDRINUSE, -EADDRINUSE}},
	{"a path in use", path_in_use, {-EADDRINUSE, -EADDRINUSE, -EADDRINUSE}},
	{"bound twice", bound_twice, {-EINVAL, -EINVAL, -EINVAL}},
	{"bound to a path, twice",
	 path_bound_twice,
	 {-EINVAL, -EINVAL, -EINVAL}},
	{"bound nowhere", nowhere, {-ENOENT, -ENOENT, -ENOENT}},
	{"nobody has the name",
	 nobody,
	 {-ECONNREFUSED, -ECONNREFUSED, -ECONNREFUSED}},
	{"nobody has the path", nobody_at_path, {-ENOENT, -ENOENT, -ENOENT}},
	{"a file", no_socket, {-ECONNREFUSED, -ECONNREFUSED, -ECONNREFUSED}},
	{"who does not listen",
	 not_listening,
	 {-ECONNREFUSED, -ECONNREFUSED, 0}},
	{"another type", another_type, {-EPROTOTYPE, -EPROTOTYPE, -EPROTOTYPE}},
	{"a backlog that is full", backlog_full, {-EAGAIN, -EAGAIN, 0}},
	{"connected already", connected_already, {-EISCONN, -EISCONN, 0}},
	{"nothing to accept", nothing_to_accept, {-EAGAIN, -EAGAIN, 0}},
	{"the peer is gone", peer_gone, {-EPIPE, -EPIPE, -ECONNREFUSED}},
	{"shut down", shut_down, {-EPIPE, -EPIPE, -EPIPE}},
	{"the peer is shut down", peer_shut_down, {-EPIPE, -EPIPE, -EPIPE}},
	{"not connected", not_connected, {-ENOTCONN, -ENOTCONN, -ENOTCONN}},
	{"no room", no_room, {-EAGAIN, -EAGAIN, -EAGAIN}},
	{"too large", too_large, {0, -EMSGSIZE, -EMSGSIZE}},
	{"sent to nobody", sent_to_nobody, {0, 0, -ECONNREFUSED}},
	{"sent to a file", sent_to_no_socket, {0, 0, -ECONNREFUSED}},
	{"sent to another type", sent_to_another_type, {0, 0, -ECONNREFUSED}},
	{"sent to who has another peer", has_another_peer, {0, 0, -EPERM}},
	{"too many on their way",
	 too_many_on_their_way,
	 {-ETOOMANYREFS, -ETOOMANYREFS, -ETOOMANYREFS}},
	{"nothing to receive", nothing_to_receive, {-EAGAIN, -EAGAIN, -EAGAIN}},
	{"reset", reset, {-ECONNRESET, -ECONNRESET, 0}},
};

/* As many descriptions can be on their way as before. */
static void check_none_on_its_way(void)
{
	struct eft_socket *pair[2];
	unsigned count = 0;

	type = SOCK_STREAM;
	check_eq(make_pair(pair), 0);
	while (pass(pair[0], &pair[0]->file) == 0)
		count++;
	check_eq(count, LIMIT);
	drop(pair[1]);
	drop(pair[0]);
}

static void run(const struct scenario *scenario, unsigned which)
{
	struct files_usage before = files_usage();

	for (unsigned i = 0; i < TIMES; i++) {
		int error;

		type = types[which];
		error = scenario->run();
		if (error != scenario->wanted[which])
			cr_log_error("%s, type %d: %d", scenario->name,
				     types[which], error);
		check_eq(error, scenario->wanted[which]);
	}
	check_usage(before);
	check_none_on_its_way();
	check_usage(before);
}

Test(socket_errors, leave_nothing)
{
	abstract = name_of("\0name", 5);
	path = name_of("/path", 6);
	other = name_of("\0other", 6);
	directory = name_of("/none/path", 11);
	file = name_of("/file", 6);
	files_boot(NULL, 0);
	eft_fd_limit(LIMIT);
	eft_file_put(f_must("/file", O_CREAT | O_RDWR));
	check_none_on_its_way(); /* what is kept for good is made now */
	for (unsigned i = 0; i < eft_array_size(scenarios); i++) {
		for (unsigned k = 0; k < 3; k++) {
			if (scenarios[i].wanted[k] != 0)
				run(&scenarios[i], k);
		}
	}
}
