// SPDX-License-Identifier: BSD-3-Clause
/*
 * getaddrinfo and getnameinfo, as far as they ask nobody.
 */
#include <netdb.h>

#include "inet.h"

static int is(const char *host, const char *service, int family, int flags,
	      const char *address, int port)
{
	struct addrinfo hints = {.ai_family = family,
				 .ai_socktype = SOCK_STREAM,
				 .ai_flags = flags};
	struct addrinfo *list;
	union address found;
	char text[INET6_ADDRSTRLEN] = "";

	if (getaddrinfo(host, service, &hints, &list) != 0)
		return 0;
	memcpy(&found, list->ai_addr, list->ai_addrlen);
	inet_ntop(found.any.sa_family,
		  found.any.sa_family == AF_INET ? (void *)&found.in.sin_addr
						 : &found.in6.sin6_addr,
		  text, sizeof(text));
	freeaddrinfo(list);
	return strcmp(text, address) == 0 && port_of(&found) == port;
}

static int error(const char *host, const char *service, int flags)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = flags};
	struct addrinfo *list;
	int result = getaddrinfo(host, service, &hints, &list);

	if (result == 0)
		freeaddrinfo(list);
	return result;
}

int main(void)
{
	union address address = loopback(AF_INET, 80);
	char host[64], service[16];

	ok(is("192.0.2.7", "80", AF_UNSPEC, 0, "192.0.2.7", 80), "numbers");
	ok(is("2001:db8::7", "81", AF_UNSPEC, 0, "2001:db8::7", 81), "of IPv6");
	ok(is(NULL, "82", AF_INET, 0, "127.0.0.1", 82), "no host");
	ok(is(NULL, "83", AF_INET, AI_PASSIVE, "0.0.0.0", 83), "any host");
	ok(is(NULL, "83", AF_INET6, AI_PASSIVE, "::", 83), "of IPv6");
	ok(is("localhost", "84", AF_INET, 0, "127.0.0.1", 84), "localhost");
	ok(error("no number", "80", AI_NUMERICHOST) == EAI_NONAME, "no number");
	ok(error("192.0.2.7", "no port", AI_NUMERICSERV) == EAI_NONAME,
	   "no port");
	ok(getnameinfo(&address.any, sizeof(address.in), host, sizeof(host),
		       service, sizeof(service),
		       NI_NUMERICHOST | NI_NUMERICSERV) == 0 &&
		   strcmp(host, "127.0.0.1") == 0 && strcmp(service, "80") == 0,
	   "back to text");
	return done();
}
