// SPDX-License-Identifier: BSD-3-Clause
/*
 * Waiting for a server.
 *
 * HOW    Who waits counts seconds by a timer of one second: a machine that was
 *        stopped has lost one of them only.
 * LOCKS  A request comes back in an interrupt, which marks the question under
 *        the client's lock. Who waits looks under that lock too, so when it
 *        goes on nobody touches its memory any more.
 * WAKE-UPS  One may have been meant for what the thread does around this, and
 *        is left to it.
 */
#include "core/fs/remote/client.h"
#include "core/abi.h"
#include "core/cache.h"
#include "core/log.h"
#include "core/time.h"

#define STEP_NS 1000000000ul
enum { SPOKEN_OF_S = 10, ENDING_S = 5 };

struct alarm {
	struct eft_timer timer; /* first */
	struct eft_thread *thread;
	bool rang; /* atomic */
};

void eft_remote_client_init(struct eft_remote_client *client,
			    const char *protocol, const char *subject)
{
	client->protocol = protocol;
	client->subject = subject;
	client->patience_s = EFT_REMOTE_PATIENCE_S;
	eft_lock_init(&client->lock, EFT_RANK_IO);
	eft_waitq_init(&client->room);
}

static void give_up(struct eft_remote_client *client, const char *subject,
		    const char *why)
{
	if (__atomic_exchange_n(&client->failed, true, __ATOMIC_ACQ_REL))
		return;
	eft_log(EFT_LOG_ERROR, "%s: %s: %s%s", client->protocol,
		client->share->tag, subject, why);
	client->share->fail(client->share);
}

int eft_remote_nonsense(struct eft_remote_client *client, const char *why)
{
	give_up(client, client->subject, why);
	return -EIO;
}

/*
 * Sending.
 */
static void count(struct eft_remote_client *client, int more)
{
	eft_lock(&client->lock);
	client->under_way += (unsigned)more;
	eft_unlock(&client->lock);
}

static void returned_locked(struct eft_remote_client *client)
{
	eft_assert(client->under_way > 0);
	client->under_way--;
	__atomic_store_n(&client->returned, client->returned + 1,
			 __ATOMIC_RELAXED);
	eft_waitq_wake(&client->room, EFT_WAKE_ALL);
}

void eft_remote_client_returned(struct eft_remote_client *client)
{
	eft_lock(&client->lock);
	returned_locked(client);
	eft_unlock(&client->lock);
}

/* A channel without room that has nothing of ours never has any. */
static bool is_alone(struct eft_remote_client *client)
{
	bool alone;

	eft_lock(&client->lock);
	alone = client->under_way == 1;
	eft_unlock(&client->lock);
	return alone;
}

/*
 * Waiting.
 */
static void came_back(struct eft_share_request *request)
{
	struct eft_remote_question *question = request->arg;
	struct eft_remote_client *client = question->client;

	eft_lock(&client->lock);
	question->came_back = true;
	eft_thread_wake(question->thread);
	returned_locked(client);
	eft_unlock(&client->lock);
}

/* Waits for its answer, or to be sent: (error) says whether it was; or for all. */
struct wait {
	struct eft_remote_client *client;
	const struct eft_remote_question *question;
	struct eft_share_request *request;
	int error;
};

/* There is room once one of those that are under way has come back. */
static bool is_sent(struct wait *wait)
{
	struct eft_share *share = wait->client->share;

	wait->error = share->submit(share, wait->request);
	if (wait->error == -EAGAIN && is_alone(wait->client))
		wait->error = -EIO;
	return wait->error != -EAGAIN;
}

static bool is_over(struct wait *wait)
{
	struct eft_remote_client *client = wait->client;
	bool back;

	if (wait->request != NULL)
		return is_sent(wait);
	eft_lock(&client->lock);
	back = wait->question != NULL ? wait->question->came_back
				      : client->under_way == 0;
	eft_unlock(&client->lock);
	return back;
}

static void ring(struct eft_timer *timer)
{
	struct alarm *alarm = (struct alarm *)timer;

	__atomic_store_n(&alarm->rang, true, __ATOMIC_RELAXED);
	eft_thread_wake(alarm->thread);
}

/* False: STEP_NS have passed. */
static bool wait_a_step(struct wait *wait)
{
	struct alarm alarm = {.timer.expire = ring, .thread = eft_current()};
	bool over;

	eft_timer_set_for_sleep(&alarm.timer, eft_now_ns() + STEP_NS);
	while (!(over = is_over(wait)) &&
	       !__atomic_load_n(&alarm.rang, __ATOMIC_RELAXED))
		eft_sleep_through();
	eft_timer_cancel(&alarm.timer);
	return over;
}

/* Once for all that wait. */
static void say_slow(struct eft_remote_client *client, bool slow)
{
	if (__atomic_exchange_n(&client->slow, slow, __ATOMIC_RELAXED) != slow)
		eft_log(EFT_LOG_ERROR, "%s: %s: the server %s",
			client->protocol, client->share->tag,
			slow ? "does not answer" : "answers again");
}

static unsigned patience(const struct eft_remote_client *client)
{
	return eft_page_cache_is_ending()
		       ? (unsigned)eft_min(client->patience_s, ENDING_S)
		       : client->patience_s;
}

static unsigned count_returned(struct eft_remote_client *client)
{
	return __atomic_load_n(&client->returned, __ATOMIC_RELAXED);
}

/* Who waits for others' answers too is patient with each. */
static void wait_until_over(struct wait *wait)
{
	struct eft_remote_client *client = wait->client;
	unsigned seconds = 0, returned = count_returned(client), now;

	for (; !wait_a_step(wait); returned = now) {
		now = count_returned(client);
		seconds++;
		if (wait->question == NULL && now != returned)
			seconds = 0;
		if (seconds >= patience(client))
			give_up(client, "the server ", "is silent");
		else if (seconds >= SPOKEN_OF_S)
			say_slow(client, true);
	}
}

static int send_in_turn(struct eft_remote_client *client,
			struct eft_share_request *request)
{
	struct wait wait = {.client = client, .request = request};
	struct eft_waiter waiter = {0};

	eft_wait_begin(&waiter, &client->room);
	wait_until_over(&wait);
	eft_wait_end(&waiter);
	eft_thread_wake(eft_current());
	return wait.error;
}

int eft_remote_client_send(struct eft_remote_client *client,
			   struct eft_share_request *request)
{
	struct eft_share *share = client->share;
	int error;

	if (__atomic_load_n(&client->failed, __ATOMIC_ACQUIRE))
		return -EIO;
	count(client, 1);
	error = share->submit(share, request);
	if (error == -EAGAIN)
		error = send_in_turn(client, request);
	if (error != 0)
		count(client, -1);
	return error;
}

int eft_remote_question_ask(struct eft_remote_client *client,
			    struct eft_remote_question *question)
{
	struct wait wait = {.client = client, .question = question};
	int error;

	question->client = client;
	question->thread = eft_current();
	question->came_back = false;
	question->request.done = came_back;
	question->request.arg = question;
	error = eft_remote_client_send(client, &question->request);
	if (error != 0)
		return error;
	wait_until_over(&wait);
	eft_thread_wake(question->thread);
	error = question->request.result;
	eft_assert(error <= 0);
	if (error == 0 && __atomic_load_n(&client->slow, __ATOMIC_RELAXED))
		say_slow(client, false);
	return error == 0 ? 0 : -EIO;
}

void eft_remote_client_drain(struct eft_remote_client *client)
{
	struct wait wait = {.client = client};
	struct eft_waiter waiter = {0};

	eft_wait_begin(&waiter, &client->room);
	wait_until_over(&wait);
	eft_wait_end(&waiter);
	eft_thread_wake(eft_current());
}
