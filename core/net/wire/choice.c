// SPDX-License-Identifier: BSD-3-Clause
/*
 * The value of net=.
 */
#include "core/net/wire/wire.h"

enum { MTU_MIN = 68 /* RFC 791, 3.1 */, MTU_MAX = 65521, MTU_USUAL = 1500 };
enum { KIND_MAX = 8 };

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six bytes in hexadecimal, with colons; and not a group's. */
static bool parse_address(const char *text, uint8_t *ret_address)
{
	uint8_t bytes[EFT_NET_ADDRESS_BYTES];

	for (unsigned i = 0; i < EFT_NET_ADDRESS_BYTES; i++) {
		int high = digit_of(text[0]);
		int low = high < 0 ? -1 : digit_of(text[1]);

		if (low < 0)
			return false;
		bytes[i] = high << 4 | low;
		if (text[2] != (i + 1 < EFT_NET_ADDRESS_BYTES ? ':' : '\0'))
			return false;
		text += 3;
	}
	__builtin_memcpy(ret_address, bytes, sizeof(bytes));
	return !(bytes[0] & 1);
}

static bool parse_mtu(const char *text, uint32_t *ret_mtu)
{
	uint64_t value;

	if (eft_parse_u64(text, false, &value) < 0 || value < MTU_MIN ||
	    value > MTU_MAX)
		return false;
	*ret_mtu = value;
	return true;
}

/* The text from (*text) to the next (end), behind which (*text) is then. */
static bool take_word(const char **text, const char *ends, char *buf,
		      size_t size)
{
	size_t len = 0;

	for (; **text != '\0' && **text != ends[0] && **text != ends[1];
	     *text += 1) {
		if (len + 1 >= size)
			return false;
		buf[len++] = **text;
	}
	buf[len] = '\0';
	return true;
}

static bool starts_with(const char *text, const char *start)
{
	while (*start != '\0')
		if (*text++ != *start++)
			return false;
	return true;
}

static const char *parse_word(const char *word, struct eft_wire_choice *choice)
{
	if (starts_with(word, "mac=") &&
	    parse_address(word + 4, choice->address))
		return NULL;
	if (starts_with(word, "mtu=") && parse_mtu(word + 4, &choice->mtu))
		return NULL;
	return "after the name are mac=ADDRESS and mtu=BYTES";
}

const char *eft_wire_parse(const char *value,
			   struct eft_wire_choice *ret_choice)
{
	struct eft_wire_choice choice = {.mtu = MTU_USUAL};
	const char *why = NULL;
	char word[32];

	if (!take_word(&value, ":,", choice.kind, sizeof(choice.kind)))
		return "it is tap:NAME, unix:PATH, passt or passt:PATH";
	if (*value == ':') {
		value++;
		if (!take_word(&value, ",,", choice.name, sizeof(choice.name)))
			return "its name is too long";
	}
	while (!why && *value == ',') {
		value++;
		if (!take_word(&value, ",,", word, sizeof(word)))
			word[0] = '\0';
		why = parse_word(word, &choice);
	}
	if (!why)
		*ret_choice = choice;
	return why;
}
