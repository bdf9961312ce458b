// SPDX-License-Identifier: BSD-3-Clause
/*
 * One call: a message to the server, and its answer.
 *
 * HOW    Each tag has memory of its own for a request and an answer, so that
 *        what is written back to free memory needs none. Data go straight
 *        between the server and the pages of whoever wants them.
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"

enum { MESSAGES_PER_PAGE = EFT_NINEP_TAGS / EFT_NINEP_MESSAGE_PAGES };

_Static_assert((EFT_NINEP_MESSAGE + EFT_NINEP_ANSWER) * MESSAGES_PER_PAGE ==
		       EFT_PAGE_SIZE,
	       "a page has as many as fit");

static uint8_t *message_of(const struct eft_ninep *fs, unsigned tag)
{
	uint8_t *page = fs->message[tag / MESSAGES_PER_PAGE];

	return page +
	       tag % MESSAGES_PER_PAGE * (EFT_NINEP_MESSAGE + EFT_NINEP_ANSWER);
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
	call->question.request.out = n;
	n = add_part(call, n, room,
		     in == NULL ? EFT_NINEP_ANSWER : EFT_NINEP_DATA_HEAD);
	if (in != NULL)
		n = add_data(call, n, in);
	call->question.request.in = n - call->question.request.out;
	call->question.request.parts = call->part;
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
	const struct eft_share_part *head =
		&call->part[call->question.request.out];
	uint32_t came = call->question.request.len, size;
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

	put_head(call, out);
	make_parts(call, out, in);
	error = eft_remote_question_ask(&call->fs->client, &call->question);
	if (error != 0)
		return error;
	error = read_head(call);
	return error > 0 ? read_error(call) : error;
}

void eft_ninep_begin(struct eft_ninep *fs, struct eft_ninep_call *call,
		     uint8_t type)
{
	call->fs = fs;
	call->type = type;
	call->tag = eft_ninep_tag_take(fs);
	call->question = (struct eft_remote_question){.client = &fs->client};
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
