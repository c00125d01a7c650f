/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relate.h - which of the things found belong together, for doctor/ only.  What no
 * relation ties is left alone: a folder may hold the files of several apps.
 */
#pragma once

#include "doctor/doctor_impl.h"

/* Profiles that are files of their own. */
bool relate_next_profile(struct exam_profile *p, const struct exam *x);

/* Does the profile's App ID cover the bundle id?  With any prefix. */
bool relate_covers(const struct artifact_profile *p, const char *bundle_id);

/* Is one of its certificates an identity here: with its key? */
bool relate_has_identity(const struct exam *x, const struct artifact_profile *p);

/*
 * The profile that a target names, by name or UUID.  False: it names none, or the one
 * is not here; *name is what it says (borrowed; NULL: nothing), *is_uuid how.
 */
bool relate_named(struct exam_profile *out, const char **name, bool *is_uuid,
                  const struct exam *x, const struct exam_target *t);

/* Something that needs a profile of its own: an app, extension, watch app, clip. */
bool relate_is_process(const struct artifact_bundle *b);

/* "Shop.xcodeproj: Shop, Release"; new. */
char *relate_target_name(const struct exam_target *t);
