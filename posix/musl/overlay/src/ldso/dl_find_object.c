// SPDX-License-Identifier: BSD-3-Clause
/*
 * What GCC's unwinder (libgcc_eh.a, as it is made for the host) asks the C
 * library: in which object an address lies, and where the table of that
 * object's frames is. An image is one object.
 */
#include <features.h>
#include <stdint.h>

/* As that library's <dlfcn.h> has it for x86-64. */
struct dl_find_object {
	unsigned long long flags;
	const char *start, *end;
	void *link_map;
	const char *eh_frame_hdr;
	unsigned long long reserved[7];
};

extern const hidden char eft_image_text[], eft_image_text_end[];
extern const hidden char eft_eh_frame_hdr[], eft_eh_frame_hdr_end[];

int _dl_find_object(void *address, struct dl_find_object *ret_object)
{
	uintptr_t where = (uintptr_t)address;

	if (where < (uintptr_t)eft_image_text ||
	    where >= (uintptr_t)eft_image_text_end ||
	    eft_eh_frame_hdr == eft_eh_frame_hdr_end)
		return -1;
	*ret_object = (struct dl_find_object){
		.start = eft_image_text,
		.end = eft_image_text_end,
		.eh_frame_hdr = eft_eh_frame_hdr,
	};
	return 0;
}
