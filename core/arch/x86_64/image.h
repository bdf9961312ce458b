// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Where the linker script (eft.ld) put the image. All page aligned, in this
 * order; virtual addresses that are physical ones too.
 */
extern char eft_image_start[]; /* ELF header: read only */
extern char eft_image_text[];  /* read and execute */
extern char eft_image_text_end[];
/* The parts of the text that are the libOS and musl; the program comes after.
 */
extern char eft_image_libos_text[], eft_image_libos_text_end[];
extern char eft_image_libc_text_end[];
extern char eft_image_rodata[]; /* read only */
extern char eft_image_rodata_end[];
extern char eft_image_data[]; /* read and write */
extern char eft_image_end[];

/* The program's entry: the C library's start file (crt1.o). */
extern char _start[];
