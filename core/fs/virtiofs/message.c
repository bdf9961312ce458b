// SPDX-License-Identifier: BSD-3-Clause
/*
 * Messages to the server, and their answers.
 *
 * HOW    A message has a page for what is fixed: the server reads its front,
 *        and writes at (REPLY). Data lie in pages of their own. What the
 *        server wrote is copied once, and the copy is checked, since it might
 *        change it at any time.
 *        Where there is no memory, the mount's spare message is waited for, so
 *        that dirty pages can be written when memory is short.
 */
#include "core/abi.h"
#include "core/fs/virtiofs/virtiofs.h"
#include "core/log.h"
#include "core/mem.h"
#include "core/process.h"

enum { REPLY = EFT_PAGE_SIZE - 1024 };
static struct eft_virtiofs_message *create(struct eft_virtiofs *fs)
{
	struct eft_virtiofs_message *message = eft_alloc(sizeof(*message));

	if (message == NULL)
		return NULL;
	message->page = eft_page_alloc(0);
	if (message->page == NULL) {
		eft_free(message);
		return NULL;
	}
	message->fs = fs;
	return message;
}

static void destroy(struct eft_virtiofs_message *message)
{
	eft_page_free(message->page);
	eft_free(message);
}

int eft_virtiofs_make_spare(struct eft_virtiofs *fs)
{
	fs->spare = create(fs);
	return fs->spare != NULL ? 0 : -ENOMEM;
}

void eft_virtiofs_free_spare(struct eft_virtiofs *fs)
{
	eft_assert(fs->spare != NULL);
	destroy(fs->spare);
}

static struct eft_virtiofs_message *take_spare(struct eft_virtiofs *fs)
{
	struct eft_virtiofs_message *message;

	eft_lock(&fs->client.lock);
	message = fs->spare;
	fs->spare = NULL;
	eft_unlock(&fs->client.lock);
	if (message == NULL)
		return NULL;
	*message = (struct eft_virtiofs_message){
		.page = message->page, .fs = fs, .is_spare = true};
	return message;
}

/*
 * A wake-up may have been meant for what the thread does around this, and is
 * left to it.
 */
static struct eft_virtiofs_message *wait_for_spare(struct eft_virtiofs *fs)
{
	struct eft_virtiofs_message *message;
	struct eft_waiter waiter;

	eft_wait_begin(&waiter, &fs->client.room);
	while ((message = take_spare(fs)) == NULL)
		eft_sleep_through();
	eft_wait_end(&waiter);
	eft_thread_wake(eft_current());
	return message;
}

struct eft_virtiofs_message *eft_virtiofs_ask(struct eft_virtiofs *fs,
					      enum eft_fuse_opcode opcode,
					      uint64_t node)
{
	const struct eft_identity *who = &eft_process()->identity;
	struct eft_virtiofs_message *message = create(fs);
	struct eft_fuse_in_header header = {
		.opcode = opcode,
		.node = node,
		.uid = who->euid,
		.gid = who->egid,
		.pid = (uint32_t)who->pid,
	};

	if (message == NULL)
		message = wait_for_spare(fs);
	eft_lock(&fs->client.lock);
	message->unique = header.unique = ++fs->last_unique;
	eft_unlock(&fs->client.lock);
	memset(message->page + REPLY, 0, sizeof(struct eft_fuse_out_header));
	eft_virtiofs_put(message, &header, sizeof(header));
	return message;
}

void eft_virtiofs_end(struct eft_virtiofs_message *message)
{
	struct eft_virtiofs *fs = message->fs;

	if (!message->is_spare) {
		destroy(message);
		return;
	}
	eft_lock(&fs->client.lock);
	eft_assert(fs->spare == NULL);
	fs->spare = message;
	eft_waitq_wake(&fs->client.room, EFT_WAKE_ALL);
	eft_unlock(&fs->client.lock);
}

void eft_virtiofs_put(struct eft_virtiofs_message *message, const void *data,
		      size_t len)
{
	eft_assert(len <= REPLY - message->out_bytes);
	memcpy(message->page + message->out_bytes, data, len);
	message->out_bytes += len;
}

void eft_virtiofs_put_name(struct eft_virtiofs_message *message,
			   const char *name, size_t len)
{
	eft_assert(len > 0 && len <= NAME_MAX);
	eft_virtiofs_put(message, name, len);
	eft_virtiofs_put(message, "", 1);
}

/* part[0] is for what is in the page, and so is the one before the data in. */
void eft_virtiofs_lend(struct eft_virtiofs_message *message,
		       const struct eft_remote_data *data, bool in)
{
	struct eft_share_part *part = message->part + (in ? 2 : 1);
	size_t left = data->bytes;

	eft_assert(data->count <= EFT_VIRTIOFS_PAGES);
	eft_assert(left > 0 && left <= data->count * EFT_PAGE_SIZE);
	for (unsigned i = 0; left > 0; i++) {
		size_t now = eft_min(left, EFT_PAGE_SIZE);

		*part++ = (struct eft_share_part){data->page[i], now};
		left -= now;
		if (in)
			message->question.request.in++;
		else
			message->question.request.out++;
	}
	if (in)
		message->data_in = data->bytes;
	else
		message->data_out = data->bytes;
}

static void make_parts(struct eft_virtiofs_message *message, size_t fixed)
{
	struct eft_share_request *request = &message->question.request;
	uint32_t len = message->out_bytes + message->data_out;

	memcpy(message->page, &len, sizeof(len));
	message->part[0] =
		(struct eft_share_part){message->page, message->out_bytes};
	request->out++;
	message->part[request->out] = (struct eft_share_part){
		message->page + REPLY,
		sizeof(struct eft_fuse_out_header) + fixed};
	request->in++;
	request->parts = message->part;
}

/* What is wrong with this answer? NULL: nothing, and it has *ret_bytes. */
static const char *check_header(const struct eft_virtiofs_message *message,
				const struct eft_fuse_out_header *header,
				uint32_t *ret_bytes)
{
	if (message->question.request.len < sizeof(*header) ||
	    header->len < sizeof(*header) ||
	    header->len > message->question.request.len)
		return "an answer is shorter or longer than it says";
	if (header->unique != message->unique)
		return "an answer is another request's";
	if (header->error > 0 || header->error < -EFT_FUSE_ERROR_MAX)
		return "an answer's error is none";
	*ret_bytes = header->len - sizeof(*header);
	if (header->error != 0 && *ret_bytes != 0)
		return "an error has more to say";
	return NULL;
}

/*
 * What the server says of its own calls is no news of ours, which would be made
 * again (posix/signal/restart.h).
 */
static ssize_t error_of(const struct eft_fuse_out_header *header)
{
	if (header->error == -EINTR || header->error == -EFAULT)
		return -EIO;
	return header->error;
}

static ssize_t judge(struct eft_virtiofs_message *message, void *reply,
		     size_t fixed)
{
	struct eft_fuse_out_header header;
	const char *why;
	uint32_t bytes = 0;

	memcpy(&header, message->page + REPLY, sizeof(header));
	__asm__ volatile("" ::: "memory");
	why = check_header(message, &header, &bytes);
	if (why == NULL && header.error == 0 && bytes < fixed)
		why = "an answer is too short";
	if (why == NULL && bytes > fixed + message->data_in)
		why = "an answer is too long";
	if (why != NULL)
		return eft_virtiofs_nonsense(message->fs, why);
	if (header.error != 0)
		return error_of(&header);
	if (fixed > 0)
		memcpy(reply, message->page + REPLY + sizeof(header), fixed);
	__asm__ volatile("" ::: "memory");
	return (ssize_t)(bytes - fixed);
}

ssize_t eft_virtiofs_call(struct eft_virtiofs_message *message, void *reply,
			  size_t fixed)
{
	int error;

	make_parts(message, fixed);
	error = eft_remote_question_ask(&message->fs->client,
					&message->question);
	return error != 0 ? error : judge(message, reply, fixed);
}

static void told(struct eft_share_request *request)
{
	struct eft_virtiofs_message *message = request->arg;
	struct eft_virtiofs *fs = message->fs;

	if (request->in > 0 && request->result == 0)
		judge(message, NULL, 0);
	eft_virtiofs_end(message);
	eft_remote_client_returned(&fs->client);
}

void eft_virtiofs_tell(struct eft_virtiofs_message *message)
{
	struct eft_share_request *request = &message->question.request;
	uint32_t opcode;

	memcpy(&opcode, message->page + sizeof(uint32_t), sizeof(opcode));
	make_parts(message, 0);
	if (opcode == EFT_FUSE_FORGET) {
		request->in = 0;
		request->urgent = true;
	}
	request->done = told;
	request->arg = message;
	if (eft_remote_client_send(&message->fs->client, request) != 0)
		eft_virtiofs_end(message);
}
