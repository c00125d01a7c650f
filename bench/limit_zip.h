/* SPDX-License-Identifier: Apache-2.0 */
/*
 * limit_zip.h - the least reading of a zip's central directory that finds the data.
 * Not the product's reader, so that the limit does not move with it; it trusts its
 * input, which make_app made.
 */
#pragma once

#include <stdint.h>

#include "util/compiler.h"
#include "util/error.h"
#include "util/slice.h"

struct limit_entry {
	uint64_t data, packed_size, size; /* data: where the packed bytes begin */
	uint16_t method;
	bool is_code; /* has a mode bit of an executable */
	bool is_main; /* the app's own: sealed by nobody */
};

struct limit_zip {
	struct limit_entry *entries; /* in the order of the archive */
	size_t count;
};

NODISCARD bool limit_zip_read(struct limit_zip *out, struct slice file,
                              struct error *err);
void limit_zip_free(struct limit_zip *zip);
