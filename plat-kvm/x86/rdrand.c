// SPDX-License-Identifier: BSD-3-Clause
/*
 * Random bytes from the processor: RDSEED, or RDRAND where it gives none.
 */
#include "plat-kvm/kvm.h"

#define ENODEV 19

/* SDM vol. 1 §7.3.17: RDRAND fails ten times in a row only when broken. */
#define RDRAND_TRIES 10
/* RDSEED runs dry when many ask; Intel's guide: try on, with pauses. */
#define RDSEED_TRIES 100

static bool rdseed(uint64_t *ret)
{
	bool ok = false;

	for (int i = 0; i < RDSEED_TRIES && !ok; i++) {
		__asm__ volatile("rdseed %0" : "=r"(*ret), "=@ccc"(ok));
		if (!ok)
			__builtin_ia32_pause();
	}
	return ok;
}

static bool rdrand(uint64_t *ret)
{
	bool ok = false;

	for (int i = 0; i < RDRAND_TRIES && !ok; i++)
		__asm__ volatile("rdrand %0" : "=r"(*ret), "=@ccc"(ok));
	return ok;
}

int eft_kvm_entropy(void *buf, size_t len)
{
	const struct eft_kvm_features *f = &eft_kvm_features;
	uint8_t *out = buf;

	while (len > 0) {
		size_t n = eft_min(len, sizeof(uint64_t));
		uint64_t word;

		if (!(f->rdseed && rdseed(&word)) &&
		    !(f->rdrand && rdrand(&word)))
			return -ENODEV;
		memcpy(out, &word, n);
		out += n;
		len -= n;
	}
	return 0;
}
