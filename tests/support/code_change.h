/* SPDX-License-Identifier: Apache-2.0 */
/*
 * code_change.h - code that is signed again, as far as its bytes go: other ones around
 * what is kept.
 */
#pragma once

#include "bundle/newcode.h"

/*
 * Fill *nc, which was initialised, with the code (of one kept range): its bytes but for
 * the last one before the kept range and the very last one, of which other bits are set.
 */
NODISCARD bool code_change(struct newcode *nc, const struct code *old,
                           unsigned char bits, struct error *err);
