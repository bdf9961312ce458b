// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW  The event device's terms lie in one another. They are looked for at each
 *	byte of its body, in their order: the last mask before a notification of
 *	the button is the button's.
 */
#include "plat-kvm/pc/acpi_button.h"
#include "plat-kvm/pc/acpi_aml_read.h"

enum {
	FADT_CONTROL_METHOD_BUTTON = 1 << 4, /* §5.2.9, table 5.10 */
	FADT_HW_REDUCED = 1 << 20,
	ISA_IRQS = 16,
	SYSTEM_MEMORY = 0,    /* §20.2.5.2 */
	PRESSED = 0x80,	      /* §5.6.6, table 5.160 */
	PNP0C0C = 0x0c0cd041, /* as EISA compresses it: §19.3.4 */
};

/*
 * A block of events: the first half of its bytes is status, the second says
 * which of them interrupt (§4.8.3.1).
 */
static bool find_block(uint32_t port, unsigned bytes,
		       struct eft_kvm_fixed_button *button, unsigned n)
{
	if (port == 0 || port > 0x10000 - bytes)
		return false;
	button->status[n] = port;
	button->enable[n] = port + bytes / 2;
	return true;
}

bool eft_kvm_find_fixed_button(const struct eft_kvm_fadt *fadt,
			       struct eft_kvm_fixed_button *ret)
{
	*ret = (struct eft_kvm_fixed_button){.irq = fadt->sci};
	if (fadt->flags & (FADT_CONTROL_METHOD_BUTTON | FADT_HW_REDUCED) ||
	    fadt->sci == 0 || fadt->sci >= ISA_IRQS || fadt->pm1_event_len < 4)
		return false;
	find_block(fadt->pm1b_event, fadt->pm1_event_len, ret, 1);
	return find_block(fadt->pm1a_event, fadt->pm1_event_len, ret, 0);
}

/* Does what is in a device begin with its _HID, which it gives? */
static bool hid(struct eft_aml body, struct eft_aml_object *ret)
{
	char word[4];

	return eft_aml_left(&body) > 0 && *body.at == AML_NAME &&
	       eft_aml_skip(&body, 1) && eft_aml_name(&body, word) &&
	       memcmp(word, "_HID", 4) == 0 && eft_aml_object(&body, ret);
}

static bool is_button(const struct eft_aml_object *id)
{
	return (id->op == AML_DWORD && id->value == PNP0C0C) ||
	       eft_aml_is_string(id, "PNP0C0C", 7);
}

static bool is_event_device(const struct eft_aml_object *id)
{
	return eft_aml_is_string(id, "ACPI0013", 8);
}

/* The next device whose id (is_it). */
static bool next(const void *dsdt, size_t len, size_t *at,
		 bool (*is_it)(const struct eft_aml_object *id),
		 char ret_name[4], struct eft_aml *ret_body)
{
	struct eft_aml_object id;

	while (eft_aml_next_device(dsdt, len, at, ret_name, ret_body))
		if (hid(*ret_body, &id) && is_it(&id))
			return true;
	return false;
}

struct found {
	struct eft_kvm_event_button button;
	bool has_line, has_register;
	uint64_t mask; /* the last, or 0 */
};

static void see_name(struct eft_aml c, struct found *found)
{
	struct eft_kvm_mmio_device device;
	struct eft_aml_object value;
	char word[4];

	if (found->has_line || !eft_aml_name(&c, word) ||
	    memcmp(word, "_CRS", 4) != 0 || !eft_aml_object(&c, &value) ||
	    !(eft_aml_resources(&value, &device) & EFT_AML_LINE))
		return;
	found->button.line = device.line;
	found->has_line = true;
}

/* OperationRegion (§20.2.5.2): its name, space, offset and length. */
static void see_region(struct eft_aml c, struct found *found)
{
	struct eft_aml_object offset, bytes;
	uint64_t op, space;
	char word[4];

	if (found->has_register || !eft_aml_number(&c, 1, &op) ||
	    op != AML_REGION || !eft_aml_name(&c, word) ||
	    !eft_aml_number(&c, 1, &space) || space != SYSTEM_MEMORY ||
	    !eft_aml_object(&c, &offset) || !eft_aml_object(&c, &bytes))
		return;
	if ((bytes.value != 1 && bytes.value != 2 && bytes.value != 4) ||
	    offset.op == AML_STRING || offset.value % bytes.value != 0)
		return;
	found->button.phys = offset.value;
	found->button.bytes = bytes.value;
	found->has_register = true;
}

/* And(Local0, mask). */
static void see_and(struct eft_aml c, struct found *found)
{
	struct eft_aml_object mask;
	uint64_t operand;

	if (eft_aml_number(&c, 1, &operand) && operand == AML_LOCAL0 &&
	    eft_aml_object(&c, &mask) && mask.op != AML_STRING)
		found->mask = mask.value;
}

/* Notify(button, 0x80). */
static void see_notify(struct eft_aml c, struct found *found,
		       const char button[4])
{
	struct eft_aml_object value;
	char word[4];

	if (found->button.mask == 0 && eft_aml_name(&c, word) &&
	    memcmp(word, button, 4) == 0 && eft_aml_object(&c, &value) &&
	    value.value == PRESSED)
		found->button.mask = found->mask;
}

static bool read_body(struct eft_aml c, const char button[4],
		      struct eft_kvm_event_button *ret)
{
	struct found found = {.has_line = false};

	while (eft_aml_left(&c) > 0) {
		uint8_t op = *c.at++;

		if (op == AML_NAME)
			see_name(c, &found);
		else if (op == AML_EXTENDED)
			see_region(c, &found);
		else if (op == AML_AND)
			see_and(c, &found);
		else if (op == AML_NOTIFY)
			see_notify(c, &found, button);
	}
	if (!found.has_line || !found.has_register || found.button.mask == 0)
		return false;
	*ret = found.button;
	return true;
}

bool eft_kvm_find_event_button(const void *dsdt, size_t len,
			       struct eft_kvm_event_button *ret)
{
	char button[4], name[4];
	struct eft_aml body;
	size_t at = 0;

	if (!next(dsdt, len, &at, is_button, button, &body))
		return false;
	at = 0;
	return next(dsdt, len, &at, is_event_device, name, &body) &&
	       read_body(body, button, ret);
}
