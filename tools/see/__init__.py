# SPDX-License-Identifier: BSD-3-Clause
"""Pictures and tables of what a program does: ./eft trace, ./eft profile."""
