// SPDX-License-Identifier: BSD-3-Clause
/*
 * Have an interrupted thread go on in the program's handlers of signals: in
 * images that have some.
 */
#include "core/arch/x86_64/context.h"
#include "core/arch/x86_64/switch.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/valgrind.h"

enum { FXSAVE_BYTES = 512 };
enum { DIRECTION = 0x400 }; /* of the flags */

/*
 * Have the thread go on in the program's handler, on its own stack: the frame
 * moves there, from this one, which is the CPU's.
 */
void eft_plat_process_divert(struct eft_context *c, const struct eft_trap *trap)
{
	uintptr_t top = trap->stack_top;
	struct eft_context *to;
	void *vectors;

	eft_linuxu_find_xsave(c);
	/* Below the stack pointer is nothing, in valgrind's eyes. */
	eft_linuxu_valgrind(EFT_VG_MAKE_MEM_DEFINED, top - EFT_LINUXU_LAID_MAX,
			    EFT_LINUXU_LAID_MAX);
	to = eft_context_lay(top,
			     eft_xsave_bytes ? eft_xsave_bytes : FXSAVE_BYTES);
	vectors = to->vectors;
	*to = *c;
	memset(to->mask, 0, sizeof(to->mask));
	to->vectors = vectors;
	to->flags =
		EFT_CONTEXT_LIVE | (eft_xsave_bytes ? EFT_CONTEXT_XSAVE : 0);
	to->signal = trap->signal;
	to->code = trap->code;
	to->address = trap->address;
	c->rip = (uintptr_t)eft_context_entry;
	c->rsp = (uintptr_t)to;
	c->rflags &= ~DIRECTION;
}
