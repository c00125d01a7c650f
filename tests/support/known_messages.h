/* SPDX-License-Identifier: Apache-2.0 */
/*
 * known_messages.h - messages as tools and devices print them, with names filled in,
 * and lines of builds that went well.
 */
#pragma once

#include <stddef.h>

struct known_message {
	const char *id; /* of the entry that it is about */
	const char *text;
};

extern const struct known_message known_messages[];
extern const size_t known_message_count;

/* Nothing is wrong in these. */
extern const char *const ordinary_lines[];
extern const size_t ordinary_line_count;
