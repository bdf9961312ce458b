// SPDX-License-Identifier: BSD-3-Clause
/*
 * Requests of rtnetlink that nobody's library makes, and how they are answered.
 */
#include <net/if.h>
#include <stddef.h>
#include <stdint.h>

#include "inet.h"

/* Linux: include/uapi/linux/netlink.h, rtnetlink.h, if_link.h. */
enum { ERROR = 2, LAST = 3, NEWLINK = 16, SETLINK = 19, GETLINK = 18 };
enum { GETADDR = 22, REQUEST = 1, MULTI = 2, ACK = 4, ROOT = 0x100 };
enum { IFNAME = 3 };

struct header {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};

static struct {
	struct header head;
	struct {
		uint8_t family, pad;
		uint16_t type;
		int32_t index;
		uint32_t flags, change;
	} info;
	uint16_t attribute[2];
	char name[24];
} request;

static union {
	struct header head;
	char bytes[8192];
} answer;

static int fd;

static ssize_t next(void)
{
	memset(&answer, 0, sizeof(answer));
	return recv(fd, &answer, sizeof(answer), MSG_DONTWAIT);
}

static void prepare(int type, int flags)
{
	memset(&request, 0, sizeof(request));
	request.head.len = offsetof(__typeof__(request), attribute);
	request.head.type = (uint16_t)type;
	request.head.flags = (uint16_t)(REQUEST | flags);
	request.head.seq = 7;
}

static void put_name(const char *name, size_t len)
{
	request.attribute[0] = (uint16_t)(4 + len);
	request.attribute[1] = IFNAME;
	memcpy(request.name, name, len);
	request.head.len = (uint32_t)(offsetof(__typeof__(request), name) +
				      ((len + 3) & ~3u));
}

static void ask(void)
{
	need(send(fd, &request, request.head.len, 0) ==
	     (ssize_t)request.head.len);
}

/* The error that it is answered by; 1: it is another answer; 2: none. */
static int error(void)
{
	int32_t found;

	ask();
	if (next() < (ssize_t)sizeof(answer.head))
		return 2;
	need(answer.head.seq == 7);
	if (answer.head.type != ERROR)
		return 1;
	memcpy(&found, answer.bytes + sizeof(answer.head), sizeof(found));
	return -found;
}

static int answered_by(int type, int flags)
{
	prepare(type, flags);
	return error();
}

static void links(void)
{
	prepare(GETLINK, 0);
	request.info.index = 1;
	ok(error() == 1 && answer.head.type == NEWLINK &&
		   answer.head.flags == 0,
	   "a link by its number");
	request.info.index = 99999;
	ok(error() == ENODEV, "no such number");
	request.info.index = -1;
	ok(error() == EINVAL, "a number that none has");
	prepare(GETLINK, 0);
	ok(error() == EINVAL, "neither number nor name");
	put_name("lo", 3);
	ok(error() == 1 && answer.head.type == NEWLINK, "by its name");
	put_name("none9", 6);
	ok(error() == ENODEV, "no such name");
	put_name("a-name-that-is-too-long", 20);
	ok(error() == ERANGE, "a name that is too long");
	prepare(GETLINK, 0);
	request.head.len = sizeof(request.head) + 4;
	ok(error() == EINVAL, "half a request");
}

static void dumps(void)
{
	uint16_t last = 0, flags = MULTI;
	ssize_t n;

	prepare(GETLINK, ROOT);
	ask();
	while ((n = next()) > 0) {
		struct header head;

		for (ssize_t at = 0; at < n; at += (head.len + 3) & ~3u) {
			memcpy(&head, answer.bytes + at, sizeof(head));
			need(head.len >= sizeof(head) && head.len <= n - at);
			flags &= head.flags;
			last = head.type;
		}
	}
	ok(last == LAST, "a dump has an end");
	ok(flags == MULTI, "and says that there is more before");
	ok(answered_by(GETADDR + 1000, ROOT) == EOPNOTSUPP, "no such dump");
}

static void others(void)
{
	prepare(GETLINK, ACK);
	request.head.len = sizeof(request.head);
	ok(error() == 0, "nothing is acknowledged");
	prepare(GETLINK, 0);
	request.head.len = sizeof(request.head);
	ok(error() == 2, "if that is asked");
	prepare(GETLINK, 0);
	request.head.flags = 0;
	ok(error() == 2, "what is no request has no answer");
	prepare(GETLINK, 0);
	request.head.len = 8;
	need(send(fd, &request, 32, 0) == 32);
	ok(next() < 0, "what is cut has none");
	request.head.len = 64;
	need(send(fd, &request, 32, 0) == 32);
	ok(next() < 0, "nor what goes on");
	fails(listen(fd, 1), EOPNOTSUPP, "nobody connects to it");
}

static void many(void)
{
	int lost = 0, got = 0;
	ssize_t n;

	prepare(GETLINK, 0);
	request.info.index = 99999;
	for (int i = 0; i < 20000; i++)
		ask();
	while ((n = next()) > 0 || (n < 0 && errno == ENOBUFS)) {
		lost += n < 0;
		got += n > 0;
	}
	ok(lost == 1 && got > 0,
	   "who does not read is told that some are lost");
}

int main(void)
{
	fd = socket(AF_NETLINK, SOCK_RAW, 0);
	need(fd >= 0);
	links();
	dumps();
	others();
	many();
	ok(socket(AF_NETLINK, SOCK_STREAM, 0) < 0 && errno == ESOCKTNOSUPPORT,
	   "there are no streams");
	close(fd);
	return done();
}
