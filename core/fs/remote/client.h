// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Who asks a server of files, by a channel (core/dev/share.h): requests that
 * are under way, waiting for answers, and the end of a server that says
 * nonsense, or nothing. The protocols (core/fs/ninep, core/fs/virtiofs) make
 * and read the messages.
 *
 * SILENCE  A server that does not answer is spoken of in the log after ten
 *          seconds, and given up after (patience_s): the channel fails, since
 *          the server has memory of ours, and all is -EIO from then on. No
 *          signal ends a wait before that. But when the program ends by one, no
 *          answer is waited for longer than five seconds.
 */
#include "core/dev/share.h"
#include "core/lock.h"
#include "core/thread.h"

enum {
	EFT_REMOTE_PATIENCE_S = 120,
	EFT_REMOTE_PATIENCE_MAX_S = 24 * 60 * 60,
};

struct eft_remote_client {
	const char *protocol; /* in the log */
	const char *subject;  /* what nonsense is said of, or empty */
	struct eft_share *share;
	unsigned patience_s;
	bool failed; /* atomic: it said nonsense, or nothing */
	bool slow;   /* atomic: the log says that it does not answer */

	struct eft_lock lock; /* the protocol's own things, too */
	unsigned under_way;   /* requests that the server has; owned by lock */
	unsigned returned;    /* how many have come back; atomic */
	/* One has come back, or what else the protocol waits for. */
	struct eft_waitq room;
};

/* A request that a thread waits for. */
struct eft_remote_question {
	struct eft_share_request request; /* done, arg: ours */
	struct eft_remote_client *client;
	struct eft_thread *thread;
	bool came_back; /* owned by client->lock */
};

void eft_remote_client_init(struct eft_remote_client *client,
			    const char *protocol, const char *subject);

/* It says nonsense, (why): the log says so, once, and the channel fails. -EIO. */
int eft_remote_nonsense(struct eft_remote_client *client, const char *why);

/*
 * Send (question), and sleep until it has come back.
 *
 * Returns   0; -EIO, the memory is the caller's in any case
 * Context   thread
 */
int eft_remote_question_ask(struct eft_remote_client *client,
			    struct eft_remote_question *question);

/*
 * Send (request), whose done() calls eft_remote_client_returned(), and do not
 * wait, but for room. 0; -EIO: it is the caller's still.
 */
int eft_remote_client_send(struct eft_remote_client *client,
			   struct eft_share_request *request);
void eft_remote_client_returned(struct eft_remote_client *client);

/* Sleep until nothing is under way. Context: thread. */
void eft_remote_client_drain(struct eft_remote_client *client);
