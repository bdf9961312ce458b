// SPDX-License-Identifier: BSD-3-Clause
/* GCC's unwinder: the frames of a program, and clean-ups on the way out. */
#include <setjmp.h>
#include <stdio.h>
#include <unwind.h>

static jmp_buf out;
static int cleaned;

int outer(int depth);
int inner(int depth);

static void clean(int *what)
{
	cleaned += *what;
}

static _Unwind_Reason_Code see(struct _Unwind_Context *context, void *arg)
{
	void *start = _Unwind_FindEnclosingFunction(
		(void *)(_Unwind_GetIP(context) - 1));
	int *seen = arg;

	if (start == (void *)outer)
		seen[0]++;
	if (start == (void *)inner)
		seen[1]++;
	return _URC_NO_REASON;
}

static _Unwind_Reason_Code stop(int version, _Unwind_Action actions,
				_Unwind_Exception_Class kind,
				struct _Unwind_Exception *exception,
				struct _Unwind_Context *context, void *arg)
{
	(void)version, (void)kind, (void)exception, (void)context, (void)arg;
	if (actions & _UA_END_OF_STACK)
		longjmp(out, 1);
	return _URC_NO_REASON;
}

__attribute__((noinline)) int inner(int depth)
{
	int what __attribute__((cleanup(clean))) = 1;
	static struct _Unwind_Exception exception;
	int seen[2] = {0, 0};

	if (depth > 0)
		return outer(depth - 1) + 1;
	_Unwind_Backtrace(see, seen);
	printf("frames: %d of outer, %d of inner\n", seen[0], seen[1]);
	_Unwind_ForcedUnwind(&exception, stop, NULL);
	return what;
}

__attribute__((noinline)) int outer(int depth)
{
	int what __attribute__((cleanup(clean))) = 10;

	return inner(depth) + what;
}

int main(void)
{
	if (setjmp(out) == 0)
		outer(2);
	printf("cleaned: %d\n", cleaned);
	return 0;
}
