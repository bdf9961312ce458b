// SPDX-License-Identifier: BSD-3-Clause
#pragma once

/* Do what the program wants done about (signal), now. Context: thread. */
void eft_signal_raise(int signal);
