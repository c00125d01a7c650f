/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plist_impl.h - pieces of the property list code, for plist*.c only.
 */
#pragma once

#include "util/plist.h"

/*
 * Look hostile bytes over before libplist sees them: depth, number of values,
 * sharing, references, entities, what follows the end.  *keys counts the keys of
 * all dictionaries (XML), so that duplicates show.
 */
NODISCARD bool pl_guard_xml(size_t *keys, struct slice bytes, const char *what,
                            struct error *err);
NODISCARD bool pl_guard_binary(struct slice bytes, const char *what, struct error *err);
