// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW  A cursor never passes its end, and each step either takes bytes or
 *	fails, so that any bytes are read in time linear in their number for
 *	each device head among them.
 */
#include "plat-kvm/pc/acpi_aml.h"

enum { HEADER_BYTES = 36 };

enum { /* ACPI 6.4 §20.2, table 20.2 */
       ZERO = 0x00,
       ONE = 0x01,
       NAME = 0x08,
       BYTE = 0x0a,
       WORD = 0x0b,
       DWORD = 0x0c,
       STRING = 0x0d,
       QWORD = 0x0e,
       SCOPE = 0x10,
       BUFFER = 0x11,
       PACKAGE = 0x12,
       VAR_PACKAGE = 0x13,
       METHOD = 0x14,
       DUAL_NAME = 0x2e,
       MULTI_NAME = 0x2f,
       EXTENDED = 0x5b,
       ROOT = '\\',
       PARENT = '^',
       ONES = 0xff,
       /* After EXTENDED. */
       FIELD = 0x81,
       DEVICE = 0x82,
};

struct cursor {
	const uint8_t *at, *end;
};

static size_t left(const struct cursor *c)
{
	return c->end - c->at;
}

static bool skip(struct cursor *c, uint64_t bytes)
{
	if (bytes > left(c))
		return false;
	c->at += bytes;
	return true;
}

/* A number of (bytes) bytes, 8 at most, the lowest first. */
static bool number(struct cursor *c, unsigned bytes, uint64_t *ret)
{
	if (bytes > left(c))
		return false;
	*ret = 0;
	memcpy(ret, c->at, bytes);
	c->at += bytes;
	return true;
}

/*
 * A package's length (§20.2.4), which counts its own bytes: (*ret) is what
 * follows it, and (c) is behind that.
 */
static bool package(struct cursor *c, struct cursor *ret)
{
	const uint8_t *start = c->at;
	uint64_t lead, more = 0, len;

	if (!number(c, 1, &lead) || !number(c, lead >> 6, &more))
		return false;
	len = lead >> 6 ? (lead & 0xf) | more << 4 : lead & 0x3f;
	if (len < (size_t)(c->at - start) || len > (size_t)(c->end - start))
		return false;
	*ret = (struct cursor){c->at, start + len};
	c->at = ret->end;
	return true;
}

/* §20.2.2; (*ret) are its last four letters, of none "" ones. */
static bool name(struct cursor *c, char ret[4])
{
	uint64_t count = 1;

	while (left(c) > 0 && (*c->at == ROOT || *c->at == PARENT))
		c->at++;
	if (left(c) == 0)
		return false;
	if (*c->at == ZERO || *c->at == DUAL_NAME)
		count = *c->at++ == ZERO ? 0 : 2;
	else if (*c->at == MULTI_NAME && (!skip(c, 1) || !number(c, 1, &count)))
		return false;
	if (!skip(c, 4 * count))
		return false;
	memset(ret, 0, 4);
	if (count > 0)
		memcpy(ret, c->at - 4, 4);
	return true;
}

struct object {
	uint8_t op;
	uint64_t value;	      /* of a number */
	struct cursor inside; /* of a string, without its NUL; of the others */
};

static bool string(struct cursor *c, struct object *ret)
{
	const uint8_t *nul = c->at;

	while (nul < c->end && *nul != '\0')
		nul++;
	ret->inside = (struct cursor){c->at, nul};
	c->at = nul;
	return skip(c, 1);
}

/* A constant (§20.2.3). */
static bool object(struct cursor *c, struct object *ret)
{
	if (left(c) == 0)
		return false;
	ret->op = *c->at++;
	ret->value = ret->op;
	switch (ret->op) {
	case ZERO:
	case ONE:
		return true;
	case ONES:
		ret->value = UINT64_MAX;
		return true;
	case BYTE:
		return number(c, 1, &ret->value);
	case WORD:
		return number(c, 2, &ret->value);
	case DWORD:
		return number(c, 4, &ret->value);
	case QWORD:
		return number(c, 8, &ret->value);
	case STRING:
		return string(c, ret);
	case BUFFER:
	case PACKAGE:
	case VAR_PACKAGE:
		return package(c, &ret->inside);
	}
	return false;
}

static bool is_string(const struct object *o, const char *text, size_t len)
{
	return o->op == STRING && left(&o->inside) == len &&
	       memcmp(o->inside.at, text, len) == 0;
}

/*
 * Resource descriptors (§6.4.2, §6.4.3): large ones have bit 7 set and two bytes
 * of length, small ones their length in the low three bits.
 */
enum { MEMORY32_FIXED = 0x86, INTERRUPTS = 0x89, END_TAG = 0x78 };
enum { INTERRUPT_EDGE = 2, INTERRUPT_LOW = 4 }; /* §6.4.3.6 */

static bool memory32(struct cursor c, struct eft_kvm_mmio_device *device)
{
	return skip(&c, 1) && number(&c, 4, &device->phys) &&
	       number(&c, 4, &device->len) && device->len > 0;
}

/* The first of them. */
static bool interrupt(struct cursor c, struct eft_kvm_line *line)
{
	uint64_t flags, count, gsi;

	if (!number(&c, 1, &flags) || !number(&c, 1, &count) || count == 0 ||
	    !number(&c, 4, &gsi))
		return false;
	line->gsi = gsi;
	line->level = !(flags & INTERRUPT_EDGE);
	line->low = flags & INTERRUPT_LOW;
	return true;
}

static bool next_resource(struct cursor *c, uint8_t *ret_tag,
			  struct cursor *ret)
{
	uint64_t tag, len;

	if (!number(c, 1, &tag))
		return false;
	len = tag & 7;
	if (tag & 0x80 && !number(c, 2, &len))
		return false;
	*ret = (struct cursor){c->at, c->at + eft_min(len, left(c))};
	*ret_tag = tag & 0x80 ? tag : tag & 0x78;
	return skip(c, len) && *ret_tag != END_TAG;
}

/* A buffer: its size, then its bytes. */
static bool resources(const struct object *crs,
		      struct eft_kvm_mmio_device *device)
{
	struct cursor c = crs->inside, resource;
	bool has_memory = false, has_line = false;
	struct object size;
	uint8_t tag;

	if (crs->op != BUFFER || !object(&c, &size))
		return false;
	while (next_resource(&c, &tag, &resource)) {
		if (tag == MEMORY32_FIXED && !has_memory)
			has_memory = memory32(resource, device);
		else if (tag == INTERRUPTS && !has_line)
			has_line = interrupt(resource, &device->line);
	}
	return has_memory && has_line;
}

/* A term that has a length; false at one that does not. */
static bool skip_term(struct cursor *c)
{
	struct cursor inside;
	uint64_t op;

	if (!number(c, 1, &op))
		return false;
	if (op == EXTENDED)
		return number(c, 1, &op) && (op == FIELD || op == DEVICE) &&
		       package(c, &inside);
	return (op == METHOD || op == SCOPE) && package(c, &inside);
}

/* The terms within a device, as far as they are understood. */
static bool read_body(struct cursor c, struct eft_kvm_mmio_device *device)
{
	bool is_virtio = false, has_resources = false, is_present = true;
	struct object value;
	char word[4];

	while (left(&c) > 0) {
		if (*c.at != NAME) {
			if (!skip_term(&c))
				break;
			continue;
		}
		if (!skip(&c, 1) || !name(&c, word) || !object(&c, &value))
			break;
		if (memcmp(word, "_HID", 4) == 0)
			is_virtio = is_string(&value, "LNRO0005", 8);
		else if (memcmp(word, "_STA", 4) == 0)
			is_present = value.value & 1;
		else if (memcmp(word, "_CRS", 4) == 0)
			has_resources = resources(&value, device);
	}
	return is_virtio && has_resources && is_present;
}

bool eft_kvm_acpi_next_virtio(const void *dsdt, size_t len, size_t *at,
			      struct eft_kvm_mmio_device *ret)
{
	const uint8_t *table = dsdt;
	struct cursor c, body;
	struct eft_kvm_mmio_device device;
	char word[4];

	for (*at = eft_max(*at, HEADER_BYTES); *at + 2 < len; ++*at) {
		if (table[*at] != EXTENDED || table[*at + 1] != DEVICE)
			continue;
		c = (struct cursor){table + *at + 2, table + len};
		if (!package(&c, &body) || !name(&body, word) ||
		    !read_body(body, &device))
			continue;
		*at += 2;
		*ret = device;
		return true;
	}
	return false;
}
