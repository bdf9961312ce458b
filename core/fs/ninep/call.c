// SPDX-License-Identifier: BSD-3-Clause
/*
 * One call: a message to the server, and its answer.
 *
 * HOW    Each tag has memory of its own for a request and an answer, so that
 *        what is written back to free memory needs none. Data go straight
 *        between the server and the pages of whoever wants them.
 * LOCKS  The answer comes in an interrupt, which marks the call under the lock
 *        of the mount. Who waits looks under that lock too, so when it goes on
 *        nobody touches its memory any more.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"

enum { MESSAGES_PER_PAGE = EFT_NINEP_TAGS / EFT_NINEP_MESSAGE_PAGES };

_Static_assert((EFT_NINEP_MESSAGE + EFT_NINEP_ANSWER) * MESSAGES_PER_PAGE ==
		       EFT_PAGE_SIZE,
	       "a page has as many as fit");

static bool has_failed(const struct eft_ninep *fs)
{
	return __atomic_load_n(&fs->failed, __ATOMIC_ACQUIRE);
}

int eft_ninep_nonsense(struct eft_ninep *fs, const char *why)
{
	if (!__atomic_exchange_n(&fs->failed, true, __ATOMIC_ACQ_REL)) {
		eft_log(EFT_LOG_ERROR, "9p: %s: the server %s", fs->share->tag,
			why);
		fs->share->fail(fs->share);
	}
	return -EIO;
}

static uint8_t *message_of(const struct eft_ninep *fs, unsigned tag)
{
	uint8_t *page = fs->message[tag / MESSAGES_PER_PAGE];

	return page +
	       tag % MESSAGES_PER_PAGE * (EFT_NINEP_MESSAGE + EFT_NINEP_ANSWER);
}

static void answered(struct eft_share_request *request)
{
	struct eft_ninep_call *call = request->arg;
	struct eft_ninep *fs = call->fs;

	eft_lock(&fs->lock);
	call->answered = true;
	fs->under_way--;
	eft_thread_wake(call->thread);
	eft_unlock(&fs->lock);
}

static bool is_answered(struct eft_ninep_call *call)
{
	bool answered;

	eft_lock(&call->fs->lock);
	answered = call->answered;
	eft_unlock(&call->fs->lock);
	return answered;
}

/* A wake-up may have been meant for what the thread does around this. */
static void wait_for_answer(struct eft_ninep_call *call)
{
	bool slept = false;

	while (!is_answered(call)) {
		eft_sleep_through();
		slept = true;
	}
	if (slept)
		eft_thread_wake(call->thread);
}

/* *ret_alone: the channel had nothing of ours. */
static int submit(struct eft_ninep_call *call, bool *ret_alone)
{
	struct eft_ninep *fs = call->fs;
	int error;

	eft_lock(&fs->lock);
	*ret_alone = fs->under_way++ == 0;
	eft_unlock(&fs->lock);
	error = fs->share->submit(fs->share, &call->request);
	if (error == 0)
		return 0;
	eft_lock(&fs->lock);
	fs->under_way--;
	eft_unlock(&fs->lock);
	return error;
}

/* A channel without room has some when another call has come back. */
static int submit_in_turn(struct eft_ninep_call *call)
{
	struct eft_ninep *fs = call->fs;
	struct eft_waiter waiter = {0};
	bool alone = false;
	int error = submit(call, &alone);

	if (error != -EAGAIN)
		return error;
	eft_wait_begin(&waiter, &fs->waiting);
	while ((error = submit(call, &alone)) == -EAGAIN && !alone)
		eft_sleep_through();
	eft_wait_end(&waiter);
	eft_thread_wake(call->thread);
	return error == -EAGAIN ? -EIO : error;
}

/*
 * Parts of a request.
 */
static unsigned add_part(struct eft_ninep_call *call, unsigned n, void *data,
			 size_t len)
{
	eft_assert(n < eft_array_size(call->part));
	call->part[n] = (struct eft_share_part){data, (uint32_t)len};
	return n + 1;
}

static unsigned add_data(struct eft_ninep_call *call, unsigned n,
			 const struct eft_remote_data *data)
{
	size_t left = data->bytes;

	for (unsigned i = 0; left > 0; i++) {
		size_t len = eft_min(left, EFT_PAGE_SIZE);

		eft_assert(i < data->count);
		n = add_part(call, n, data->page[i], len);
		left -= len;
	}
	return n;
}

static void make_parts(struct eft_ninep_call *call,
		       const struct eft_remote_data *out,
		       const struct eft_remote_data *in)
{
	uint8_t *room = message_of(call->fs, call->tag) + EFT_NINEP_MESSAGE;
	unsigned n = add_part(call, 0, call->t.data, call->t.at);

	if (out != NULL)
		n = add_data(call, n, out);
	call->request.out = n;
	n = add_part(call, n, room,
		     in == NULL ? EFT_NINEP_ANSWER : EFT_NINEP_DATA_HEAD);
	if (in != NULL)
		n = add_data(call, n, in);
	call->request.in = n - call->request.out;
	call->request.parts = call->part;
}

static void put_head(struct eft_ninep_call *call,
		     const struct eft_remote_data *out)
{
	uint32_t len = call->t.at;
	bool is_version = call->type == EFT_NINEP_VERSION;

	eft_assert(!call->t.bad && len >= EFT_NINEP_HEAD);
	call->t.at = 0;
	eft_ninep_put32(&call->t, len + (out != NULL ? out->bytes : 0));
	eft_ninep_put(&call->t, call->type, 1);
	eft_ninep_put(&call->t, is_version ? EFT_NINEP_NO_TAG : call->tag, 2);
	call->t.at = len;
}

/* What has come, up to (room) bytes, is copied before it is looked at. */
static int read_head(struct eft_ninep_call *call)
{
	const struct eft_share_part *head = &call->part[call->request.out];
	uint32_t came = call->request.len, size;
	bool is_version = call->type == EFT_NINEP_VERSION;
	unsigned type, tag;

	if (came < EFT_NINEP_HEAD)
		return eft_ninep_nonsense(call->fs,
					  "answers with less than a head");
	memcpy(call->answer, head->data, eft_min(came, head->len));
	call->r = (struct eft_ninep_bytes){.data = call->answer,
					   .size = EFT_NINEP_HEAD};
	size = eft_ninep_get32(&call->r);
	type = (unsigned)eft_ninep_get(&call->r, 1);
	tag = (unsigned)eft_ninep_get(&call->r, 2);
	if (size < EFT_NINEP_HEAD || size > came)
		return eft_ninep_nonsense(call->fs,
					  "answers more than it wrote");
	if (tag != (is_version ? EFT_NINEP_NO_TAG : call->tag))
		return eft_ninep_nonsense(call->fs, "answers with another tag");
	call->answer_bytes = size;
	call->r.size = (uint32_t)eft_min(size, head->len);
	if (type == call->type + 1u)
		return 0;
	if (type != EFT_NINEP_LERROR + 1u)
		return eft_ninep_nonsense(call->fs, "answers another question");
	return 1;
}

static int read_error(struct eft_ninep_call *call)
{
	int error = eft_ninep_error(eft_ninep_get32(&call->r));

	if (error == 0 || call->r.bad || call->answer_bytes != call->r.at)
		return eft_ninep_nonsense(call->fs,
					  "gives an error that is none");
	return error;
}

int eft_ninep_talk(struct eft_ninep_call *call,
		   const struct eft_remote_data *out,
		   const struct eft_remote_data *in)
{
	int error;

	if (has_failed(call->fs))
		return -EIO;
	put_head(call, out);
	make_parts(call, out, in);
	error = submit_in_turn(call);
	if (error != 0)
		return error;
	wait_for_answer(call);
	eft_assert(call->request.result <= 0);
	if (call->request.result != 0)
		return -EIO;
	error = read_head(call);
	return error > 0 ? read_error(call) : error;
}

void eft_ninep_begin(struct eft_ninep *fs, struct eft_ninep_call *call,
		     uint8_t type)
{
	call->fs = fs;
	call->type = type;
	call->tag = eft_ninep_tag_take(fs);
	call->thread = eft_current();
	call->answered = false;
	call->request =
		(struct eft_share_request){.done = answered, .arg = call};
	eft_ninep_use_memory(call, message_of(fs, call->tag),
			     EFT_NINEP_MESSAGE);
}

void eft_ninep_use_memory(struct eft_ninep_call *call, void *memory,
			  uint32_t size)
{
	call->t = (struct eft_ninep_bytes){
		.data = memory, .size = size, .at = EFT_NINEP_HEAD};
}

int eft_ninep_end(struct eft_ninep_call *call, int error)
{
	if (error == 0 && (call->r.bad || call->r.at != call->r.size))
		error = eft_ninep_nonsense(call->fs,
					   "answers at another length");
	eft_ninep_tag_give(call->fs, call->tag);
	return error;
}
