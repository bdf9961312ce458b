// SPDX-License-Identifier: BSD-3-Clause
/*
 * What valgrind makes of a fault in a string instruction that is repeated (REP,
 * SDM vol. 2): it has RCX one less by then, though nothing was moved, and the
 * instruction, tried again, would do one too few. (Its translation takes one from
 * RCX, and then moves: dis_REP_op() in VEX's guest_amd64_toIR.c.)
 */
#include "plat-linuxu/valgrind.h"
#include "core/arch/x86_64/context.h"
#include "plat-linuxu/linuxu.h"
#include "plat-linuxu/paging.h"

enum { PREFIX_MAX = 4 };

static bool is_string(uint8_t opcode)
{
	return (opcode >= 0xa4 && opcode <= 0xa7) || /* MOVS, CMPS */
	       (opcode >= 0xaa && opcode <= 0xaf);   /* STOS, LODS, SCAS */
}

bool eft_linuxu_is_repeated(const uint8_t *instruction)
{
	bool repeated = false;

	for (unsigned i = 0; i < PREFIX_MAX; i++) {
		uint8_t byte = instruction[i];

		if (byte == 0xf2 || byte == 0xf3)
			repeated = true;
		else if (byte != 0x66 && (byte & 0xf0) != 0x40)
			return repeated && is_string(byte);
	}
	return false;
}

/* The bytes of what is executed can be read, unless that is the fault. */
void eft_linuxu_repair_fault(struct eft_context *c)
{
	enum { PAGE_FAULT = 14, ERROR_FETCH = 16 }; /* SDM vol. 3 §4.7 */

	if (c->vector == PAGE_FAULT && !(c->error & ERROR_FETCH) &&
	    c->rip != c->cr2 && eft_linuxu_under_valgrind() &&
	    eft_linuxu_is_repeated((const uint8_t *)c->rip))
		c->rcx++;
}
