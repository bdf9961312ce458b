// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Watching the host's sockets: see core/dev/hostsockets.h.
 */
#include "core/base.h"

struct eft_host_watch;

int eft_linuxu_socket_watch(int handle, struct eft_host_watch *watch);
void eft_linuxu_socket_unwatch(int handle, struct eft_host_watch *watch);
void eft_linuxu_sockets_look(void);
extern uint64_t eft_linuxu_sockets_round; /* atomic */

/*
 * For notify.c. How many sockets are watched? The handle that is readable when
 * there is news of some; -1: none yet.
 */
unsigned eft_linuxu_sockets_count(void);
int eft_linuxu_sockets_handle(void);
/* Wait until there is news, or another reason, and have all hear of it. */
void eft_linuxu_sockets_wait(uint64_t deadline_ns);
