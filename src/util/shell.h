/* SPDX-License-Identifier: Apache-2.0 */
/*
 * shell.h - words of commands that are shown to be typed.
 */
#pragma once

/* The word for a shell: as it is, or 'in quotes'.  Free it with free(). */
char *shell_quoted(const char *text);
