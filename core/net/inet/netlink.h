// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * rtnetlink (rtnetlink(7); Linux: include/uapi/linux/netlink.h, rtnetlink.h,
 * if_link.h, if_addr.h): what is asked of interfaces, addresses and routes, and
 * how it is answered. Private to core/net/inet.
 */
#include "core/net/inet/inet.h"

struct eft_nlmsghdr {
	uint32_t len;
	uint16_t type, flags;
	uint32_t seq, pid;
};

/* Types. */
enum {
	EFT_NLMSG_ERROR = 2,
	EFT_NLMSG_DONE = 3,
	EFT_NLMSG_MIN_TYPE = 16,
	EFT_RTM_NEWLINK = 16,
	EFT_RTM_GETLINK = 18,
	EFT_RTM_NEWADDR = 20,
	EFT_RTM_GETADDR = 22,
	EFT_RTM_NEWROUTE = 24,
	EFT_RTM_GETROUTE = 26,
};

/* Flags. */
enum {
	EFT_NLM_F_REQUEST = 1,
	EFT_NLM_F_MULTI = 2,
	EFT_NLM_F_ACK = 4,
	EFT_NLM_F_CAPPED = 0x100, /* an answer's */
	EFT_NLM_F_DUMP = 0x300,	  /* one of these two is enough */
};

/* Of interface indexes and names, what RTM_GETLINK asks for. */
struct eft_ifinfomsg {
	uint8_t family, pad;
	uint16_t type;
	int32_t index;
	uint32_t flags, change;
};

/* Datagrams of answers, which grow by one message after the other. */
struct eft_netlink_answer {
	struct eft_netlink_answer *next;
	uint32_t len;
	char data[4080];
};

struct eft_netlink_answers {
	struct eft_netlink_answer *first, *last;
	uint32_t pid; /* whom they go to */
	bool failed;  /* there was no memory for all */
};

/*
 * Answer what (data), (len) bytes of requests, asks. What cannot be read is left
 * out, as Linux does.
 *
 * Context   thread, with the stack's mutex
 */
void eft_netlink_answer(struct eft_netlink_answers *to, const char *data,
			size_t len);
