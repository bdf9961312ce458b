// SPDX-License-Identifier: BSD-3-Clause
/*
 * IPv6 packets before lwIP looks at them: it reads extension headers and their
 * options (RFC 8200 §4) before it knows whether they are there. Packets whose
 * headers are not all in the first piece are dropped, as fragments are that do
 * not begin with all of them (RFC 7112 §5).
 */
#include <lwip/pbuf.h>
#include <lwip/prot/ip6.h>

#include "core/net/inet/lwip/hooks.h"

enum { EXTENSION_MIN = 8, OPTION_HEADER = 2 };

/* Do the options in [at, end) of a header end where it does? */
static bool options_fit(const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		if (*at == IP6_PAD1_OPTION)
			at++;
		else if (end - at < OPTION_HEADER)
			return false;
		else
			at += OPTION_HEADER + at[1];
	}
	return at == end;
}

/* Bytes of the header (type) at (at), of the (left) that are there; 0: it is cut. */
static unsigned header_bytes(unsigned type, const uint8_t *at, unsigned left)
{
	unsigned bytes;

	if (left < EXTENSION_MIN)
		return 0;
	if (type == IP6_NEXTH_FRAGMENT)
		return EXTENSION_MIN;
	bytes = EXTENSION_MIN * (1 + at[1]);
	if (bytes > left)
		return 0;
	if (type != IP6_NEXTH_ROUTING &&
	    !options_fit(at + OPTION_HEADER, at + bytes))
		return 0;
	return bytes;
}

/* It is a fragment, whose beginning is in another one. */
static bool continues(unsigned type, const uint8_t *at)
{
	return type == IP6_NEXTH_FRAGMENT &&
	       ((at[2] << 8 | at[3]) & IP6_FRAG_OFFSET_MASK) != 0;
}

static bool extensions_fit(const uint8_t *packet, unsigned len)
{
	unsigned type = packet[6], at = IP6_HLEN;

	while (type == IP6_NEXTH_HOPBYHOP || type == IP6_NEXTH_DESTOPTS ||
	       type == IP6_NEXTH_ROUTING || type == IP6_NEXTH_FRAGMENT) {
		unsigned bytes = header_bytes(type, packet + at, len - at);

		if (bytes == 0)
			return false;
		if (continues(type, packet + at))
			return true;
		type = packet[at];
		at += bytes;
	}
	return true;
}

int eft_inet_packet6(struct pbuf *p)
{
	const uint8_t *packet = p->payload;
	unsigned len = p->len;

	if (len >= IP6_HLEN)
		len = eft_min(len, IP6_HLEN + (packet[4] << 8 | packet[5]));
	if (len >= IP6_HLEN && extensions_fit(packet, len))
		return 0;
	pbuf_free(p);
	return 1;
}
