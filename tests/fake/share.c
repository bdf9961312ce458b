// SPDX-License-Identifier: BSD-3-Clause
#include "tests/fake/share.h"
#include "core/abi.h"
#include "core/lib.h"
#include "core/log.h"
#include "tests/fake/fake.h"
#include "tests/fake/host.h"

struct fake_share_request {
	struct fake_share_request *next;
	struct fake_share *share;
	struct eft_share_request *request; /* NULL: it has come back */
	bool is_due;			   /* an interrupt is to come for it */
	uint32_t len;
	uint8_t answer[];
};

static uint8_t *message, *answer; /* FAKE_SHARE_MESSAGE each */

static uint64_t next_random(uint64_t *seed, uint64_t below)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return (*seed * 2685821657736338717u >> 11) % below;
}

static uint32_t gather(const struct eft_share_request *request)
{
	uint32_t len = 0;

	for (unsigned i = 0; i < request->out; i++) {
		const struct eft_share_part *part = &request->parts[i];

		eft_assert(part->len > 0 &&
			   part->len <= FAKE_SHARE_MESSAGE - len);
		memcpy(message + len, part->data, part->len);
		len += part->len;
	}
	return len;
}

/* Returns how many bytes there was room for. */
static uint32_t scatter(const struct eft_share_request *request,
			const uint8_t *from, uint32_t len)
{
	uint32_t at = 0;

	for (unsigned i = 0; i < request->in; i++) {
		const struct eft_share_part *part =
			&request->parts[request->out + i];
		uint32_t now = (uint32_t)eft_min(part->len, len - at);

		eft_assert(part->len > 0);
		memcpy(part->data, from + at, now);
		at += now;
	}
	return at;
}

static void unlist(struct fake_share_request *r)
{
	struct fake_share_request **link = &r->share->first;

	while (*link != r)
		link = &(*link)->next;
	*link = r->next;
}

static void give_back(struct fake_share_request *r, int result)
{
	struct eft_share_request *request = r->request;

	r->request = NULL;
	r->share->pending--;
	unlist(r);
	request->result = result;
	request->len = result == 0 ? scatter(request, r->answer, r->len) : 0;
	request->done(request);
	eft_share_count(-1);
}

/* Interrupt. */
static void come_back(void *arg)
{
	struct fake_share_request *r = arg;

	if (r->request != NULL)
		give_back(r, 0);
	host_free(r);
}

/* Interrupt. */
static void all_fail(void *arg)
{
	struct fake_share *share = arg;

	while (share->first != NULL) {
		struct fake_share_request *r = share->first;
		bool is_due = r->is_due;

		give_back(r, -EIO);
		if (!is_due)
			host_free(r);
	}
}

static void fail(struct eft_share *class)
{
	struct fake_share *share =
		eft_container_of(class, struct fake_share, share);

	share->failures++;
	share->failed = true;
	fake_interrupt(all_fail, share);
}

static int submit(struct eft_share *class, struct eft_share_request *request)
{
	struct fake_share *share =
		eft_container_of(class, struct fake_share, share);
	struct fake_share_request *r;
	uint32_t len;

	eft_assert(request->out + request->in <= class->parts_max);
	if (share->failed)
		return -EIO;
	if (share->pending == share->depth)
		return -EAGAIN;
	share->submitted++;
	len = share->answer(share, message, gather(request), answer);
	r = host_calloc(sizeof(*r) + len);
	*r = (struct fake_share_request){share->first, share, request, len > 0,
					 len};
	memcpy(r->answer, answer, len);
	share->first = r;
	share->most = (unsigned)eft_max(++share->pending, share->most);
	eft_share_count(1);
	if (len == 0)
		return 0;
	if (share->delay_ns == 0)
		fake_interrupt(come_back, r);
	else
		fake_interrupt_at(
			fake_now + next_random(&share->seed, share->delay_ns),
			come_back, r);
	return 0;
}

void fake_share_init(struct fake_share *share, enum eft_share_protocol protocol,
		     const char *tag, unsigned parts_max)
{
	if (message == NULL) {
		message = host_calloc(FAKE_SHARE_MESSAGE);
		answer = host_calloc(FAKE_SHARE_MESSAGE);
	}
	*share = (struct fake_share){
		.share = {.device.name = "fake share",
			  .protocol = protocol,
			  .parts_max = parts_max,
			  .submit = submit,
			  .fail = fail},
		.depth = FAKE_SHARE_DEPTH,
		.seed = 1,
	};
	eft_strlcpy(share->share.tag, tag, sizeof(share->share.tag));
}
