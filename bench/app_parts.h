/* SPDX-License-Identifier: Apache-2.0 */
/*
 * app_parts.h - what a made-up app consists of: names, kinds and sizes of its files,
 * in the order of the archive.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "filler.h"

enum part_type {
	PART_FOLDER,
	PART_TEXT, /* the content is in text */
	PART_CODE,
	PART_RESOURCE,
};

struct part {
	char *name; /* in the archive */
	enum part_type type;
	char *text;
	uint32_t filetype;  /* of code: MACHO_EXECUTE, MACHO_DYLIB */
	enum filler filler; /* of a resource */
	uint64_t size;      /* of code and resources */
	uint64_t seed;
};

/* How large things are, in bytes before they are deflated. */
struct app_shape {
	const char *name;
	size_t files; /* resources */
	uint64_t bytes;
	size_t codes; /* the app's own, and frameworks and an extension */
	uint64_t main_bytes, code_bytes;
	uint64_t one_bytes; /* one more resource of this size; 0: none */
};

struct app_parts {
	struct part *items;
	size_t count, cap;
};
void app_parts_make(struct app_parts *out, const struct app_shape *shape,
                    uint64_t seed);
void app_parts_free(struct app_parts *parts); /* for AUTO() */
