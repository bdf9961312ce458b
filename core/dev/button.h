// SPDX-License-Identifier: BSD-3-Clause
#pragma once
/*
 * A machine's power button, by which its host asks a guest to end. Pressed, it
 * is a SIGTERM of the kernel's: the program's handler decides, or else the
 * program ends, and what it has written is written back first.
 *
 * Images whose files may be on a disk or at a server have it; the end of any
 * other loses nothing.
 */

/*
 * Listen to the button, if this is a machine that has one. Says so to who
 * watches, who may then press it.
 *
 * Context   thread; once
 */
void eft_plat_guest_button_start(void);

/* What the platform calls when it was pressed. Context: interrupt. */
void eft_button_pressed(void);
