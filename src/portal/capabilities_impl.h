/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capabilities_impl.h - capabilities inside another request, for portal/ only.
 */
#pragma once

#include "portal/portal_impl.h"

/*
 * Do what the list of a PATCH of a bundleId says: each item turns a capability on,
 * with settings, or off (asc.md 1.3, undocumented).  relation may be NULL.
 */
bool capabilities_patch(struct call *c, const char *identifier, const json_t *relation);
