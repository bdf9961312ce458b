// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * Have the descriptor table know what exec has left at the numbers from (first)
 * to (last), which it else finds out when each is named. Context: thread.
 */
void eft_fd_name_inherited(int first, int last);
