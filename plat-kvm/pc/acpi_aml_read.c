// SPDX-License-Identifier: BSD-3-Clause
#include "plat-kvm/pc/acpi_aml_read.h"

enum { HEADER_BYTES = 36 };

bool eft_aml_skip(struct eft_aml *c, uint64_t bytes)
{
	if (bytes > eft_aml_left(c))
		return false;
	c->at += bytes;
	return true;
}

bool eft_aml_number(struct eft_aml *c, unsigned bytes, uint64_t *ret)
{
	if (bytes > eft_aml_left(c))
		return false;
	*ret = 0;
	memcpy(ret, c->at, bytes);
	c->at += bytes;
	return true;
}

bool eft_aml_package(struct eft_aml *c, struct eft_aml *ret)
{
	const uint8_t *start = c->at;
	uint64_t lead, more = 0, len;

	if (!eft_aml_number(c, 1, &lead) ||
	    !eft_aml_number(c, lead >> 6, &more))
		return false;
	len = lead >> 6 ? (lead & 0xf) | more << 4 : lead & 0x3f;
	if (len < (size_t)(c->at - start) || len > (size_t)(c->end - start))
		return false;
	*ret = (struct eft_aml){c->at, start + len};
	c->at = ret->end;
	return true;
}

bool eft_aml_name(struct eft_aml *c, char ret[4])
{
	uint64_t count = 1;

	while (eft_aml_left(c) > 0 &&
	       (*c->at == AML_ROOT || *c->at == AML_PARENT))
		c->at++;
	if (eft_aml_left(c) == 0)
		return false;
	if (*c->at == AML_ZERO || *c->at == AML_DUAL_NAME)
		count = *c->at++ == AML_ZERO ? 0 : 2;
	else if (*c->at == AML_MULTI_NAME &&
		 (!eft_aml_skip(c, 1) || !eft_aml_number(c, 1, &count)))
		return false;
	if (!eft_aml_skip(c, 4 * count))
		return false;
	memset(ret, 0, 4);
	if (count > 0)
		memcpy(ret, c->at - 4, 4);
	return true;
}

static bool string(struct eft_aml *c, struct eft_aml_object *ret)
{
	const uint8_t *nul = c->at;

	while (nul < c->end && *nul != '\0')
		nul++;
	ret->inside = (struct eft_aml){c->at, nul};
	c->at = nul;
	return eft_aml_skip(c, 1);
}

bool eft_aml_object(struct eft_aml *c, struct eft_aml_object *ret)
{
	if (eft_aml_left(c) == 0)
		return false;
	ret->op = *c->at++;
	ret->value = ret->op;
	switch (ret->op) {
	case AML_ZERO:
	case AML_ONE:
		return true;
	case AML_ONES:
		ret->value = UINT64_MAX;
		return true;
	case AML_BYTE:
		return eft_aml_number(c, 1, &ret->value);
	case AML_WORD:
		return eft_aml_number(c, 2, &ret->value);
	case AML_DWORD:
		return eft_aml_number(c, 4, &ret->value);
	case AML_QWORD:
		return eft_aml_number(c, 8, &ret->value);
	case AML_STRING:
		return string(c, ret);
	case AML_BUFFER:
	case AML_PACKAGE:
	case AML_VAR_PACKAGE:
		return eft_aml_package(c, &ret->inside);
	}
	return false;
}

bool eft_aml_is_string(const struct eft_aml_object *o, const char *text,
		       size_t len)
{
	return o->op == AML_STRING && eft_aml_left(&o->inside) == len &&
	       memcmp(o->inside.at, text, len) == 0;
}

/*
 * Resource descriptors (§6.4.2, §6.4.3): large ones have bit 7 set and two bytes
 * of length, small ones their length in the low three bits.
 */
enum { MEMORY32_FIXED = 0x86, INTERRUPTS = 0x89, END_TAG = 0x78 };
enum { INTERRUPT_EDGE = 2, INTERRUPT_LOW = 4 }; /* §6.4.3.6 */

static bool memory32(struct eft_aml c, struct eft_kvm_mmio_device *device)
{
	return eft_aml_skip(&c, 1) && eft_aml_number(&c, 4, &device->phys) &&
	       eft_aml_number(&c, 4, &device->len) && device->len > 0;
}

/* The first of them. */
static bool interrupt(struct eft_aml c, struct eft_kvm_line *line)
{
	uint64_t flags, count, gsi;

	if (!eft_aml_number(&c, 1, &flags) || !eft_aml_number(&c, 1, &count) ||
	    count == 0 || !eft_aml_number(&c, 4, &gsi))
		return false;
	line->gsi = gsi;
	line->level = !(flags & INTERRUPT_EDGE);
	line->low = flags & INTERRUPT_LOW;
	return true;
}

static bool next_resource(struct eft_aml *c, uint8_t *ret_tag,
			  struct eft_aml *ret)
{
	uint64_t tag, len;

	if (!eft_aml_number(c, 1, &tag))
		return false;
	len = tag & 7;
	if (tag & 0x80 && !eft_aml_number(c, 2, &len))
		return false;
	*ret = (struct eft_aml){c->at, c->at + eft_min(len, eft_aml_left(c))};
	*ret_tag = tag & 0x80 ? tag : tag & 0x78;
	return eft_aml_skip(c, len) && *ret_tag != END_TAG;
}

/* A buffer: its size, then its bytes. */
unsigned eft_aml_resources(const struct eft_aml_object *crs,
			   struct eft_kvm_mmio_device *device)
{
	struct eft_aml c = crs->inside, resource;
	unsigned found = 0;
	struct eft_aml_object size;
	uint8_t tag;

	if (crs->op != AML_BUFFER || !eft_aml_object(&c, &size))
		return 0;
	while (next_resource(&c, &tag, &resource)) {
		if (tag == MEMORY32_FIXED && !(found & EFT_AML_MEMORY) &&
		    memory32(resource, device))
			found |= EFT_AML_MEMORY;
		else if (tag == INTERRUPTS && !(found & EFT_AML_LINE) &&
			 interrupt(resource, &device->line))
			found |= EFT_AML_LINE;
	}
	return found;
}

bool eft_aml_next_device(const void *dsdt, size_t len, size_t *at, char ret[4],
			 struct eft_aml *ret_body)
{
	const uint8_t *table = dsdt;
	struct eft_aml c;

	for (*at = eft_max(*at, HEADER_BYTES); *at + 2 < len; ++*at) {
		if (table[*at] != AML_EXTENDED || table[*at + 1] != AML_DEVICE)
			continue;
		c = (struct eft_aml){table + *at + 2, table + len};
		if (!eft_aml_package(&c, ret_body) ||
		    !eft_aml_name(ret_body, ret))
			continue;
		*at += 2;
		return true;
	}
	return false;
}
