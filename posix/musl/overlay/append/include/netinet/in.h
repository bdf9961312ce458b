/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef EFT_NETINET_IN_H
#define EFT_NETINET_IN_H
/* Whatever includes this may have internet sockets: the linker looks for them. */
__asm__(".globl eft_inet_family");
#endif
