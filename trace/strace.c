// SPDX-License-Identifier: BSD-3-Clause
/*
 * System calls on the console, in strace's words.
 *
 * LINES   A call's line begins before the call: one that never returns shows.
 *         What it gives back is added when it is over. Where another thread's
 *         line came between, both halves say so.
 * MEMORY  What the arguments lead to is the program's and may fault: it is put
 *         into a line with nothing held, on no stack of the program's, and only
 *         then written under the lock.
 */
#include "core/abi.h"
#include "core/lib.h"
#include "core/mem.h"
#include "core/plat.h"
#include "core/thread.h"
#include "trace/kind.h"
#include "trace/tracer.h"

enum { RESULT_COLUMN = 40, SLOTS = 32 };

/* Lines that are being put together. */
static struct slot {
	struct line line;
	bool used; /* atomic */
} slots[SLOTS];

static struct line *take_line(void)
{
	for (unsigned turn = 0;; turn++) {
		unsigned i = turn % SLOTS;

		if (!__atomic_exchange_n(&slots[i].used, true,
					 __ATOMIC_ACQUIRE)) {
			slots[i].line.len = 0;
			return &slots[i].line;
		}
		services.spin(turn);
	}
}

static void give_line(struct line *line)
{
	struct slot *slot = eft_container_of(line, struct slot, line);

	__atomic_store_n(&slot->used, false, __ATOMIC_RELEASE);
}

/* The console. */
static struct {
	struct lock lock;
	int open;      /* the thread whose line has no end yet; 0: none */
	size_t column; /* where that is */
	bool threads;  /* there are several: lines say whose they are */
} console;

static void write(const char *text, size_t len)
{
	services.console_write(text, len);
}

/* What begins each line: whose it is, and when. */
static void put_head(struct line *line, int thread)
{
	uint64_t us = now_ns() / 1000;

	console.threads |= thread != number_of(NULL);
	if (console.threads)
		put(line, "[pid %5d] ", thread);
	if (wanted.times)
		put(line, "%6lu.%06lu ", us / 1000000, us % 1000000);
}

static void write_line(const struct line *line)
{
	write(line->text, line->len);
}

/* Another thread's line ends here for now. The lock is held. */
static void break_line(void)
{
	static const char words[] = " <unfinished ...>\n";

	if (console.open != 0)
		write(words, sizeof(words) - 1);
	console.open = 0;
}

static void begin(struct line *line)
{
	int thread = number_of(eft_current());
	struct line *head = take_line();

	lock(&console.lock);
	break_line();
	put_head(head, thread);
	write_line(head);
	write_line(line);
	console.open = thread;
	console.column = head->len + line->len;
	unlock(&console.lock);
	give_line(head);
}

/* (rest) of a call's line, to where the result stands, and (result). */
static void end(const char *name, const struct line *rest,
		const struct line *result)
{
	static const char blanks[RESULT_COLUMN] =
		"                                        ";
	int thread = number_of(eft_current());
	struct line *head = take_line();
	size_t column;

	lock(&console.lock);
	if (console.open != thread) {
		break_line();
		put_head(head, thread);
		put(head, "<... %s resumed>", name);
		write_line(head);
		console.column = head->len;
	}
	write_line(rest);
	column = console.column + rest->len;
	write(blanks, column < RESULT_COLUMN ? RESULT_COLUMN - column : 1);
	write_line(result);
	console.open = 0;
	unlock(&console.lock);
	give_line(head);
}

static void whole_line(const struct line *line)
{
	struct line *head = take_line();

	lock(&console.lock);
	break_line();
	put_head(head, number_of(eft_current()));
	write_line(head);
	write_line(line);
	unlock(&console.lock);
	give_line(head);
}

/* The argument that is first known when the call is over; or their count. */
static unsigned first_out(const struct call *call)
{
	unsigned i = 0;

	while (i < call->count && !call->args[i]->out)
		i++;
	return i;
}

static void put_arguments(struct line *line, const struct called *called,
			  unsigned from, unsigned to)
{
	for (unsigned i = from; i < to; i++) {
		if (i > 0)
			put(line, ", ");
		called->call->args[i]->print(line, called, i);
	}
}

/* What posix/syscalls.def does not have. */
static const struct call unknown = {.name = "syscall"};

static const struct call *find(unsigned number)
{
	return number < calls_count && calls[number].name != NULL
		       ? &calls[number]
		       : &unknown;
}

const char *call_name(unsigned number)
{
	return find(number)->name;
}

void strace_enter(unsigned number, const long args[6])
{
	const struct call *call = find(number);
	const struct called called = {.call = call, .args = args};
	struct line *line = take_line();
	unsigned known = first_out(call);

	put(line, call == &unknown ? "%s_0x%x(" : "%s(", call->name, number);
	put_arguments(line, &called, 0, known);
	if (known < call->count && known > 0)
		put(line, ", ");
	begin(line);
	give_line(line);
}

/* fcntl(2) gives numbers, and sets of flags. */
static bool is_hex(const struct called *called)
{
	unsigned flags = called->call->flags;

	return flags & CALL_POINTER ||
	       (flags & CALL_FLAGS && called->result != 0 &&
		(called->args[1] == F_GETFL || called->args[1] == F_GETFD));
}

static void put_result(struct line *line, const struct called *called)
{
	const char *error = NULL;

	if (FAILED(called))
		error = error_name((int)-called->result);
	if (error != NULL)
		put(line, "= -1 %s (%s)", error,
		    error_words((int)-called->result));
	else if (is_hex(called))
		put(line, "= 0x%lx", called->result);
	else if (called->call->flags & CALL_OCTAL)
		put(line, "= 0%02lo", called->result);
	else
		put(line, "= %ld", called->result);
	if (called->call->note != NULL)
		called->call->note(line, called);
}

void strace_leave(unsigned number, const long args[6], long result,
		  uint64_t took_ns)
{
	const struct call *call = find(number);
	const struct called called = {
		.call = call, .args = args, .result = result};
	struct line *rest = take_line(), *after = take_line();
	unsigned known = first_out(call);

	put_arguments(rest, &called, known, call->count);
	if (known > 0 && known < call->count) { /* that comma is there */
		rest->len -= 2;
		memmove(rest->text, rest->text + 2, rest->len);
	}
	put_char(rest, ')');
	put_result(after, &called);
	if (wanted.times)
		put(after, " <%lu.%06lu>", took_ns / 1000000000,
		    took_ns / 1000 % 1000000);
	put_char(after, '\n');
	end(call->name, rest, after);
	give_line(after);
	give_line(rest);
}

/* The call that is under way never returns. */
static void end_open(void)
{
	struct line *rest = take_line(), *after = take_line();

	if (console.open == number_of(eft_current())) {
		put_char(rest, ')');
		put(after, "= ?\n");
		end("?", rest, after);
	}
	give_line(after);
	give_line(rest);
}

/* The newest fault; the last of all is the one that nothing could help. */
static struct {
	uintptr_t addr;
	enum eft_fault how;
} fault;

void strace_fault(uintptr_t addr)
{
	fault.addr = addr;
}

void strace_fault_end(unsigned how)
{
	fault.how = how;
}

/* What a signal without a handler says of its fault. */
static void put_fault(struct line *line, int signal)
{
	const char *code = signal == SIGBUS		      ? "BUS_ADRERR"
			   : fault.how == EFT_FAULT_UNMAPPED ? "SEGV_MAPERR"
							     : "SEGV_ACCERR";

	put(line, "--- ");
	put_signal_name(line, signal);
	put(line, " {si_signo=");
	put_signal_name(line, signal);
	put(line, ", si_code=%s, si_addr=", code);
	put_address(line, fault.addr);
	put(line, "} ---\n");
	whole_line(line);
	line->len = 0;
}

void strace_event(enum eft_trace_event event, uintptr_t a)
{
	struct line *line = take_line();

	switch (event) {
	case EFT_TRACE_SIGNAL:
		put(line, "--- ");
		put_signal_name(line, *(const int *)a);
		put_char(line, ' ');
		put_siginfo(line, a);
		put(line, " ---\n");
		break;
	case EFT_TRACE_EXIT:
		end_open();
		put(line, "+++ exited with %lu +++\n", a);
		break;
	default:
		end_open();
		if ((a == SIGSEGV || a == SIGBUS) &&
		    fault.how != EFT_FAULT_RESOLVED)
			put_fault(line, (int)a);
		put(line, "+++ killed by ");
		put_signal_name(line, (int)a);
		put(line, " +++\n");
	}
	whole_line(line);
	give_line(line);
}
