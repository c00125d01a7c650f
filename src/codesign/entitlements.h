/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codesign/entitlements.h - entitlements as XML and DER blobs (spec section 3).
 *
 * In memory entitlements are a property list dictionary (struct pl).
 */
#pragma once

#include "codesign/superblob.h"
#include "util/plist.h"

#define ENTITLEMENTS_MAX_BYTES ((size_t)1 << 20)

/* Read the XML blob (slot 5, with header). */
NODISCARD bool entitlements_parse_xml(struct pl **out, struct slice blob,
                                      struct error *err);

/* Read the DER blob (slot 7, with header); both forms of crypto/plistder.h. */
NODISCARD bool entitlements_parse_der(struct pl **out, struct slice blob,
                                      struct error *err);

/* Append the blobs with their headers.
 * Errors: ERROR_USAGE "entitlement "K" is a date: it cannot be represented". */
NODISCARD bool entitlements_build_xml(struct buf *out, const struct pl *entitlements,
                                      struct error *err);
NODISCARD bool entitlements_build_der(struct buf *out, const struct pl *entitlements,
                                      struct error *err);
/* Exec segment flags that follow from them (2.5), without MAIN_BINARY. */
uint64_t entitlements_exec_flags(const struct pl *entitlements);
