// SPDX-License-Identifier: BSD-3-Clause
/*
 * Devices by the command line: how monitors without ACPI tell of them.
 */
#include "plat-kvm/virtio/virtio.h"

static const char key[] = "virtio_mmio.device=";

static unsigned digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return UINT32_MAX;
}

/* Decimal, or hexadecimal after "0x". */
static bool number(const char **at, uint64_t *ret)
{
	unsigned base = 10, digit;
	const char *start;

	*ret = 0;
	if ((*at)[0] == '0' && ((*at)[1] == 'x' || (*at)[1] == 'X')) {
		base = 16;
		*at += 2;
	}
	for (start = *at; (digit = digit_of(**at)) < base; ++*at) {
		if (*ret > (UINT64_MAX - digit) / base)
			return false;
		*ret = *ret * base + digit;
	}
	return *at > start;
}

static bool size(const char **at, uint64_t *ret)
{
	unsigned shift = 0;

	if (!number(at, ret))
		return false;
	switch (**at) {
	case 'K':
	case 'k':
		shift = 10;
		break;
	case 'M':
	case 'm':
		shift = 20;
		break;
	case 'G':
	case 'g':
		shift = 30;
		break;
	default:
		return true;
	}
	++*at;
	if (*ret > UINT64_MAX >> shift)
		return false;
	*ret <<= shift;
	return true;
}

static bool skip(const char **at, char c)
{
	if (**at != c)
		return false;
	++*at;
	return true;
}

/* Linux has the line as an ISA interrupt's; it is an edge unless overridden. */
static bool parse(const char *at, struct eft_kvm_mmio_device *ret)
{
	struct eft_kvm_mmio_device device = {.len = 0};
	uint64_t gsi, id;

	if (!size(&at, &device.len) || !skip(&at, '@') ||
	    !number(&at, &device.phys) || !skip(&at, ':') ||
	    !number(&at, &gsi) || gsi > UINT32_MAX)
		return false;
	if (skip(&at, ':') && !number(&at, &id))
		return false;
	if (*at != '\0' && *at != ' ')
		return false;
	device.line.gsi = gsi;
	*ret = device;
	return true;
}

static bool starts_with_key(const char *word)
{
	for (size_t i = 0; i < sizeof(key) - 1; i++)
		if (word[i] != key[i])
			return false;
	return true;
}

bool eft_virtio_mmio_word(const char **text, struct eft_kvm_mmio_device *ret)
{
	const char *word = *text;
	bool found = false;

	while (*word != '\0' && !found) {
		found = starts_with_key(word) &&
			parse(word + sizeof(key) - 1, ret);
		while (*word != '\0' && *word != ' ')
			word++;
		while (*word == ' ')
			word++;
	}
	*text = word;
	return found;
}
