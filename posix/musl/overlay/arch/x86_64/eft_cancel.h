// SPDX-License-Identifier: BSD-3-Clause
/*
 * Is the calling thread asked to cancel? The note is struct pthread's cancel,
 * at 60 of what FS points at.
 */
EFT_INLINE int eft_cancel_asked(void)
{
	int asked;

	__asm__ volatile("cmpl $0, %%fs:60" : "=@ccnz"(asked)::"memory");
	return __builtin_expect(asked, 0);
}
