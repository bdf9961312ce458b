// SPDX-License-Identifier: BSD-3-Clause
#include "eft_clone.h"
#include "pthread_impl.h"
#include <stdarg.h>

/* (…): parent's tid, thread pointer, child's tid, as pthread_create has them.
 */
int __clone(int (*function)(void *), void *stack, int flags, void *arg, ...)
{
	struct eft_clone request = {
		.flags = flags,
		.stack_top = (uintptr_t)stack,
	};
	va_list ap;

	va_start(ap, arg);
	request.parent_tid = va_arg(ap, int *);
	request.tls = va_arg(ap, uintptr_t);
	request.child_tid = va_arg(ap, uint32_t *);
	va_end(ap);
	EFT_NAME_HANDLER(eft_clone);
	return eft_call_clone_thread(function, arg, &request);
}
