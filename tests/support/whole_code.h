/* SPDX-License-Identifier: Apache-2.0 */
/*
 * whole_code.h - what the product does with code piece by piece, done with all of it
 * in memory, for tests.
 */
#pragma once

#include "codesign/codedir.h"
#include "macho/layout.h"

/* Append the file that macho_emit() hands over. */
NODISCARD bool whole_code_emit(struct buf *out, const struct macho *m,
                               const struct macho_plan *plan,
                               const struct macho_layout *layouts,
                               const struct slice *signatures, struct error *err);

/*
 * Do the page hashes of cd fit the code (the slice's bytes from 0)?  If not, *bad_page
 * is the first that does not.
 */
bool whole_code_fits(const struct codedir *cd, struct slice code, uint32_t *bad_page);
