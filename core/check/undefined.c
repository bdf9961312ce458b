// SPDX-License-Identifier: BSD-3-Clause
/*
 * What code calls that was compiled with -fsanitize=undefined, where it is
 * about to do what C does not define. A program hears of each place once, on
 * the console, and goes on, or ends (-fno-sanitize-recover); the libOS ends by
 * eft_panic().
 *
 * The compilers call each function with a description of the place and up to
 * two operands. Source: what GCC 12 and clang 14 lay out (compiler-rt's
 * ubsan_handlers.h, ubsan_value.h), and what their own library says.
 */
#include "core/arch/x86_64/image.h"
#include "core/boot.h"
#include "core/lib.h"
#include "core/log.h"

enum { EXIT_STATUS = 1, SAID = ~0, TEXT_BYTES = 48, MESSAGE_BYTES = 256 };

struct place {
	const char *file;
	uint32_t line;
	uint32_t column; /* SAID: it was reported */
};

struct type {
	uint16_t kind; /* 0: an integer, whose (info) has its size and sign */
	uint16_t info;
	char name[]; /* quoted */
};

/* The begin of every description; more follows. */
struct check {
	struct place place;
	const struct type *types[2];
};

struct call {
	struct check *check;
	const void *where;
	bool ends; /* the program */
};

static bool in_libos(const void *where)
{
	return (const char *)where >= eft_image_libos_text &&
	       (const char *)where < eft_image_libos_text_end;
}

static void report(const struct call *call, struct place *place,
		   const char *message)
{
	uint32_t column =
		__atomic_exchange_n(&place->column, SAID, __ATOMIC_RELAXED);

	if (in_libos(call->where))
		eft_panic("%s:%u:%u: runtime error: %s", place->file,
			  place->line, column, message);
	if (column != (uint32_t)SAID)
		eft_console_printf("%s:%u:%u: runtime error: %s\n", place->file,
				   place->line, column, message);
	if (call->ends)
		eft_exit(EXIT_STATUS);
}

static eft_printf_like(2, 3) void say(const struct call *call, const char *fmt,
				      ...)
{
	char message[MESSAGE_BYTES];
	va_list ap;

	va_start(ap, fmt);
	eft_vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	report(call, &call->check->place, message);
}

/*
 * Integers: in a word, or, if they are wider, in memory.
 */

static unsigned bits_of(const struct type *type)
{
	return 1u << (type->info >> 1);
}

static bool is_signed(const struct type *type)
{
	return type->kind == 0 && (type->info & 1);
}

static int64_t extended(const struct type *type, uintptr_t value)
{
	unsigned unused = 64 - eft_min(bits_of(type), 64);

	return (int64_t)(value << unused) >> unused;
}

static bool is_negative(const struct type *type, uintptr_t value)
{
	if (bits_of(type) > 64)
		value = ((const uintptr_t *)value)[1];
	return is_signed(type) && extended(type, value) < 0;
}

static const char *text_of(const struct type *type, uintptr_t value,
			   char text[TEXT_BYTES])
{
	const uintptr_t *words = (const uintptr_t *)value;

	if (type->kind != 0)
		eft_snprintf(text, TEXT_BYTES, "a value");
	else if (bits_of(type) > 64)
		eft_snprintf(text, TEXT_BYTES, "0x%016lx%016lx", words[1],
			     words[0]);
	else if (is_signed(type))
		eft_snprintf(text, TEXT_BYTES, "%ld", extended(type, value));
	else
		eft_snprintf(text, TEXT_BYTES, "%lu", value);
	return text;
}

static void overflow(const struct call *call, const char *op, uintptr_t a,
		     uintptr_t b)
{
	const struct type *type = call->check->types[0];
	char left[TEXT_BYTES], right[TEXT_BYTES];

	say(call,
	    "%s integer overflow: %s %s %s cannot be represented in "
	    "type %s",
	    is_signed(type) ? "signed" : "unsigned", text_of(type, a, left), op,
	    text_of(type, b, right), type->name);
}

static void add_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	overflow(call, "+", a, b);
}

static void sub_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	overflow(call, "-", a, b);
}

static void mul_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	overflow(call, "*", a, b);
}

static void negate_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	const struct type *type = call->check->types[0];
	char text[TEXT_BYTES];

	say(call, "negation of %s cannot be represented in type %s%s",
	    text_of(type, a, text), type->name,
	    is_signed(type) ? "; cast to an unsigned type to negate this value "
			      "to itself"
			    : "");
}

static void divrem_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	const struct type *type = call->check->types[0];
	char text[TEXT_BYTES];

	if (is_negative(type, b))
		say(call,
		    "division of %s by -1 cannot be represented in type "
		    "%s",
		    text_of(type, a, text), type->name);
	else
		say(call, "division by zero");
}

static void shift_out_of_bounds(const struct call *call, uintptr_t a,
				uintptr_t b)
{
	const struct type *left = call->check->types[0];
	const struct type *right = call->check->types[1];
	char value[TEXT_BYTES], places[TEXT_BYTES];

	text_of(left, a, value);
	text_of(right, b, places);
	if (is_negative(right, b))
		say(call, "shift exponent %s is negative", places);
	else if (b >= bits_of(left))
		say(call, "shift exponent %s is too large for %u-bit type %s",
		    places, bits_of(left), left->name);
	else if (is_negative(left, a))
		say(call, "left shift of negative value %s", value);
	else
		say(call,
		    "left shift of %s by %s places cannot be represented "
		    "in type %s",
		    value, places, left->name);
}

static void out_of_bounds(const struct call *call, uintptr_t a, uintptr_t b)
{
	char text[TEXT_BYTES];

	say(call, "index %s out of bounds for type %s",
	    text_of(call->check->types[1], a, text),
	    call->check->types[0]->name);
}

static void vla_bound_not_positive(const struct call *call, uintptr_t a,
				   uintptr_t b)
{
	char text[TEXT_BYTES];

	say(call,
	    "variable length array bound evaluates to non-positive value "
	    "%s",
	    text_of(call->check->types[0], a, text));
}

static void load_invalid_value(const struct call *call, uintptr_t a,
			       uintptr_t b)
{
	char text[TEXT_BYTES];

	say(call, "load of value %s, which is not a valid value for type %s",
	    text_of(call->check->types[0], a, text),
	    call->check->types[0]->name);
}

static void implicit_conversion(const struct call *call, uintptr_t a,
				uintptr_t b)
{
	const struct type *from = call->check->types[0];
	const struct type *to = call->check->types[1];
	char before[TEXT_BYTES], after[TEXT_BYTES];

	say(call,
	    "implicit conversion from type %s of value %s (%u-bit, "
	    "%ssigned) to type %s changed the value to %s (%u-bit, "
	    "%ssigned)",
	    from->name, text_of(from, a, before), bits_of(from),
	    is_signed(from) ? "" : "un", to->name, text_of(to, b, after),
	    bits_of(to), is_signed(to) ? "" : "un");
}

static void float_cast_overflow(const struct call *call, uintptr_t a,
				uintptr_t b)
{
	char text[TEXT_BYTES];

	say(call, "%s is outside the range of representable values of type %s",
	    text_of(call->check->types[0], a, text),
	    call->check->types[1]->name);
}

/*
 * Pointers.
 */

struct mismatch_check {
	struct place place;
	const struct type *type;
	uint8_t log_alignment;
	uint8_t kind;
};

static void type_mismatch_v1(const struct call *call, uintptr_t a, uintptr_t b)
{
	static const char *const kinds[] = {
		"load of",
		"store to",
		"reference binding to",
		"member access within",
		"member call on",
		"constructor call on",
		"downcast of",
		"downcast of",
		"upcast of",
		"cast to virtual base of",
		"_Nonnull binding to",
		"dynamic operation on",
	};
	const struct mismatch_check *check = (const void *)call->check;
	const char *kind = check->kind < eft_array_size(kinds)
				   ? kinds[check->kind]
				   : "use of";
	uintptr_t alignment = 1ul << check->log_alignment;

	if (a == 0)
		say(call, "%s null pointer of type %s", kind,
		    check->type->name);
	else if (a % alignment != 0)
		say(call,
		    "%s misaligned address 0x%012lx for type %s, which "
		    "requires %lu byte alignment",
		    kind, a, check->type->name, alignment);
	else
		say(call,
		    "%s address 0x%012lx with insufficient space for an "
		    "object of type %s",
		    kind, a, check->type->name);
}

static void pointer_overflow(const struct call *call, uintptr_t a, uintptr_t b)
{
	if (a == 0)
		say(call, "applying non-zero offset %lu to null pointer", b);
	else if (b == 0)
		say(call,
		    "applying non-zero offset to non-null pointer "
		    "0x%012lx produced null pointer",
		    a);
	else
		say(call,
		    "pointer index expression with base 0x%012lx "
		    "overflowed to 0x%012lx",
		    a, b);
}

static void alignment_assumption(const struct call *call, uintptr_t a,
				 uintptr_t b)
{
	say(call,
	    "assumption of %lu byte alignment for pointer 0x%012lx "
	    "failed",
	    b, a);
}

/* The place is of the argument, whose number follows those of two places. */
struct nonnull_check {
	struct place place, attribute;
	int argument;
};

static void nonnull_arg(const struct call *call, uintptr_t a, uintptr_t b)
{
	const struct nonnull_check *check = (const void *)call->check;

	say(call,
	    "null pointer passed as argument %d, which is declared to "
	    "never be null",
	    check->argument);
}

/* What is described is the attribute; the place comes apart. */
static void nonnull_return_v1(const struct call *call, uintptr_t a, uintptr_t b)
{
	report(call, (struct place *)a,
	       "null pointer returned from function declared to never return "
	       "null");
}

/*
 * The rest.
 */

static void builtin_unreachable(const struct call *call, uintptr_t a,
				uintptr_t b)
{
	say(call, "execution reached an unreachable program point");
}

static void missing_return(const struct call *call, uintptr_t a, uintptr_t b)
{
	say(call, "execution reached the end of a value-returning function "
		  "without returning a value");
}

struct builtin_check {
	struct place place;
	uint8_t is_clz;
};

static void invalid_builtin(const struct call *call, uintptr_t a, uintptr_t b)
{
	const struct builtin_check *check = (const void *)call->check;

	say(call, "passing zero to %s, which is not a valid argument",
	    check->is_clz ? "clz()" : "ctz()");
}

/*
 * What the compilers call: with _abort, the program is not to go on. (They have
 * prototypes of their own for these names.)
 */
#define HANDLER(check, name, is_end)                                    \
	void eft_undefined_##name(                                      \
		void *data, uintptr_t a,                                \
		uintptr_t b) __asm__("__ubsan_handle_" #name);          \
	void eft_undefined_##name(void *data, uintptr_t a, uintptr_t b) \
	{                                                               \
		struct call call = {data, __builtin_return_address(0),  \
				    is_end};                            \
                                                                        \
		check(&call, a, b);                                     \
	}

#define HANDLERS(name)             \
	HANDLER(name, name, false) \
	HANDLER(name, name##_abort, true)

HANDLERS(add_overflow)
HANDLERS(sub_overflow)
HANDLERS(mul_overflow)
HANDLERS(negate_overflow)
HANDLERS(divrem_overflow)
HANDLERS(shift_out_of_bounds)
HANDLERS(out_of_bounds)
HANDLERS(vla_bound_not_positive)
HANDLERS(load_invalid_value)
HANDLERS(implicit_conversion)
HANDLERS(float_cast_overflow)
HANDLERS(type_mismatch_v1)
HANDLERS(pointer_overflow)
HANDLERS(alignment_assumption)
HANDLERS(nonnull_arg)
HANDLERS(nonnull_return_v1)
HANDLERS(invalid_builtin)

/* These two never return. */
HANDLER(builtin_unreachable, builtin_unreachable, true)
HANDLER(missing_return, missing_return, true)
