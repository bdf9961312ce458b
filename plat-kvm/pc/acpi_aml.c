// SPDX-License-Identifier: BSD-3-Clause
/*
 * HOW  Any bytes are read in time linear in their number for each device head
 *	among them (acpi_aml_read.h).
 */
#include "plat-kvm/pc/acpi_aml.h"
#include "plat-kvm/pc/acpi_aml_read.h"

/* A term that has a length; false at one that does not. */
static bool skip_term(struct eft_aml *c)
{
	struct eft_aml inside;
	uint64_t op;

	if (!eft_aml_number(c, 1, &op))
		return false;
	if (op == AML_EXTENDED)
		return eft_aml_number(c, 1, &op) &&
		       (op == AML_FIELD || op == AML_DEVICE) &&
		       eft_aml_package(c, &inside);
	return (op == AML_METHOD || op == AML_SCOPE) &&
	       eft_aml_package(c, &inside);
}

/* The terms within a device, as far as they are understood. */
static bool read_body(struct eft_aml c, struct eft_kvm_mmio_device *device)
{
	bool is_virtio = false, has_resources = false, is_present = true;
	struct eft_aml_object value;
	char word[4];

	while (eft_aml_left(&c) > 0) {
		if (*c.at != AML_NAME) {
			if (!skip_term(&c))
				break;
			continue;
		}
		if (!eft_aml_skip(&c, 1) || !eft_aml_name(&c, word) ||
		    !eft_aml_object(&c, &value))
			break;
		if (memcmp(word, "_HID", 4) == 0)
			is_virtio = eft_aml_is_string(&value, "LNRO0005", 8);
		else if (memcmp(word, "_STA", 4) == 0)
			is_present = value.value & 1;
		else if (memcmp(word, "_CRS", 4) == 0)
			has_resources = eft_aml_resources(&value, device) ==
					(EFT_AML_MEMORY | EFT_AML_LINE);
	}
	return is_virtio && has_resources && is_present;
}

bool eft_kvm_acpi_next_virtio(const void *dsdt, size_t len, size_t *at,
			      struct eft_kvm_mmio_device *ret)
{
	struct eft_kvm_mmio_device device;
	struct eft_aml body;
	char word[4];

	while (eft_aml_next_device(dsdt, len, at, word, &body)) {
		if (!read_body(body, &device))
			continue;
		*ret = device;
		return true;
	}
	return false;
}
