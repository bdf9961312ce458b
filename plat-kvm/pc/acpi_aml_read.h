// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * ACPI's machine language, as far as its constants: what acpi_aml.c and
 * acpi_ged.c read the DSDT with.
 *
 * A cursor never passes its end, and each step either takes bytes or fails,
 * with the cursor then anywhere before the end.
 */
#include "plat-kvm/pc/acpi_aml.h"

enum { /* ACPI 6.4 §20.2, table 20.2 */
       AML_ZERO = 0x00,
       AML_ONE = 0x01,
       AML_NAME = 0x08,
       AML_BYTE = 0x0a,
       AML_WORD = 0x0b,
       AML_DWORD = 0x0c,
       AML_STRING = 0x0d,
       AML_QWORD = 0x0e,
       AML_SCOPE = 0x10,
       AML_BUFFER = 0x11,
       AML_PACKAGE = 0x12,
       AML_VAR_PACKAGE = 0x13,
       AML_METHOD = 0x14,
       AML_DUAL_NAME = 0x2e,
       AML_MULTI_NAME = 0x2f,
       AML_EXTENDED = 0x5b,
       AML_ROOT = '\\',
       AML_PARENT = '^',
       AML_LOCAL0 = 0x60,
       AML_AND = 0x7b,
       AML_NOTIFY = 0x86,
       AML_ONES = 0xff,
       /* After AML_EXTENDED. */
       AML_REGION = 0x80,
       AML_FIELD = 0x81,
       AML_DEVICE = 0x82,
};

struct eft_aml {
	const uint8_t *at, *end;
};

static inline size_t eft_aml_left(const struct eft_aml *c)
{
	return c->end - c->at;
}

bool eft_aml_skip(struct eft_aml *c, uint64_t bytes);

/* A number of (bytes) bytes, 8 at most, the lowest first. */
bool eft_aml_number(struct eft_aml *c, unsigned bytes, uint64_t *ret);

/*
 * A package's length (§20.2.4), which counts its own bytes: (*ret) is what
 * follows it, and (c) is behind that.
 */
bool eft_aml_package(struct eft_aml *c, struct eft_aml *ret);

/* §20.2.2; (*ret) are its last four letters, of none "" ones. */
bool eft_aml_name(struct eft_aml *c, char ret[4]);

struct eft_aml_object {
	uint8_t op;
	uint64_t value;	       /* of a number */
	struct eft_aml inside; /* of a string, without NUL; of the others */
};

/* A constant (§20.2.3). */
bool eft_aml_object(struct eft_aml *c, struct eft_aml_object *ret);

/* Is (o) the string (text), of (len) bytes? */
bool eft_aml_is_string(const struct eft_aml_object *o, const char *text,
		       size_t len);

enum { EFT_AML_MEMORY = 1, EFT_AML_LINE = 2 };

/*
 * The first fixed range of memory and the first interrupt of the resources
 * (crs), a constant (§6.4).
 *
 * Returns   which of the two there are; of the other (ret) says nothing
 */
unsigned eft_aml_resources(const struct eft_aml_object *crs,
			   struct eft_kvm_mmio_device *ret);

/*
 * The next device at or after offset (*at) of (dsdt), 0 for the first: its name
 * (§20.2.5.2), and what is within it. (*at) is then behind its head.
 *
 * Returns   whether there is one
 */
bool eft_aml_next_device(const void *dsdt, size_t len, size_t *at, char ret[4],
			 struct eft_aml *ret_body);
