/* SPDX-License-Identifier: Apache-2.0 */
/*
 * doctor/map.h - what was found and how it belongs together, as a drawing: keys,
 * certificates, profiles, apps and targets, devices (spec ux.md 4, picture 3).
 */
#pragma once

#include "doctor/doctor.h"
#include "picture/relation.h"

/*
 * Draw it.  all: of doctor_diagnose(); what they prove or find likely is a broken
 * line with the entry's id.  Errors: ERROR_NOT_FOUND (there is nothing to draw),
 * ERROR_LIMIT (more than RELATION_NODES_MAX).
 */
NODISCARD bool doctor_map(struct picture *out, struct doctor *d,
                          const struct diagnoses *all, struct error *err);
