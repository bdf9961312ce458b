// SPDX-License-Identifier: BSD-3-Clause
/*
 * Which fids are used. One that is given back is free when the server has
 * answered: it does not know it any more, whether it says that or gives an error
 * (Plan 9, clunk(5)).
 */
#include "core/abi.h"
#include "core/fs/ninep/ninep.h"
#include "core/log.h"
#include "core/mem.h"

enum { WORDS_FIRST = 4, WORDS_MAX = 1 << 16 };

static bool grow(struct eft_ninep *fs)
{
	unsigned words = fs->fid_words * 2;
	uint64_t *fid;

	words = (unsigned)eft_max(words, WORDS_FIRST);
	if (words > WORDS_MAX)
		return false;
	fid = eft_realloc(fs->fid, words * sizeof(*fid));
	if (fid == NULL)
		return false;
	memset(fid + fs->fid_words, 0, (words - fs->fid_words) * sizeof(*fid));
	fs->fid = fid;
	fs->fid_words = words;
	return true;
}

int eft_ninep_fid_take(struct eft_ninep *fs, uint32_t *ret_fid)
{
	unsigned word;
	bool found;

	eft_lock(&fs->client.lock);
	for (word = fs->fid_low; word < fs->fid_words; word++)
		if (fs->fid[word] != UINT64_MAX)
			break;
	fs->fid_low = word;
	found = word < fs->fid_words || grow(fs);
	if (found) {
		unsigned bit = (unsigned)__builtin_ctzll(~fs->fid[word]);

		fs->fid[word] |= 1ull << bit;
		*ret_fid = word * 64 + bit;
	}
	eft_unlock(&fs->client.lock);
	return found ? 0 : -ENOMEM;
}

void eft_ninep_fid_give(struct eft_ninep *fs, uint32_t fid)
{
	unsigned word = fid / 64;
	uint64_t bit = 1ull << fid % 64;

	eft_lock(&fs->client.lock);
	eft_assert(word < fs->fid_words && (fs->fid[word] & bit) != 0);
	fs->fid[word] &= ~bit;
	fs->fid_low = (unsigned)eft_min(fs->fid_low, word);
	eft_unlock(&fs->client.lock);
}

int eft_ninep_clunk(struct eft_ninep *fs, uint32_t fid)
{
	struct eft_ninep_call call;
	int error;

	eft_ninep_begin(fs, &call, EFT_NINEP_CLUNK);
	eft_ninep_put32(&call.t, fid);
	error = eft_ninep_call(&call);
	eft_ninep_fid_give(fs, fid);
	return error;
}

struct eft_ninep_file *eft_ninep_file_create(struct eft_ninep *fs)
{
	struct eft_ninep_file *file = eft_alloc(sizeof(*file));

	if (file != NULL && eft_ninep_fid_take(fs, &file->fid) == 0)
		return file;
	eft_free(file);
	return NULL;
}

void eft_ninep_file_destroy(struct eft_ninep *fs, struct eft_ninep_file *file)
{
	eft_ninep_fid_give(fs, file->fid);
	eft_free(file);
}

void eft_ninep_forget(struct eft_remote *remote, eft_remote_handle handle)
{
	struct eft_ninep_file *file = eft_ninep_file(handle);

	eft_ninep_clunk(eft_ninep_of(remote), file->fid);
	eft_free(file);
}
