// SPDX-License-Identifier: BSD-3-Clause
/*
 * What compilers' start files have: code whose functions run at the end says by
 * its address of which shared object it is (Itanium C++ ABI, 3.3.6.3). An image
 * is one object.
 */
#include <features.h>

extern hidden void *const __dso_handle;
void *const __dso_handle = 0;
