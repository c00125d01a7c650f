/* SPDX-License-Identifier: Apache-2.0 */
/*
 * relate.h - what belongs together of what was found: targets, bundle ids, profiles,
 * certificates.  For doctor/ only.
 *
 * Profiles here are files of their own: one in an app tells of that app alone.
 */
#pragma once

#include "doctor/doctor_impl.h"

bool relate_next_profile(struct exam_profile *p, const struct exam *x);

/* The profile that is called this: its name, its UUID, or "TEAM/Name"; of several the
 * newest.  false: none is here. */
bool relate_named(struct exam_profile *out, const struct exam *x, const char *name);
/* "TEAM/Name", as Xcode 8 wrote it: the name. */
const char *relate_plain_name(const char *name);

/* Is the profile for this bundle id? */
bool relate_covers(const struct artifact_profile *p, const char *bundle_id);
/* Is a newer one here that is valid, with the same name, or for the same? */
bool relate_is_replaced(const struct exam *x, const struct exam_profile *p);
/* May a certificate of this kind be in the profile? */
bool relate_fits(const struct artifact_profile *p, const struct artifact_cert *c);

/* Is the device among those that the profile names? */
bool relate_lists_device(const struct artifact_profile *p, const char *udid);

/* Does a message about the entry have this value, or no such value at all? */
bool relate_is_said(const struct exam *x, const char *id, const char *name,
                    const char *value);
/* The same of a profile: its name or UUID. */
bool relate_profile_is_said(const struct exam *x, const char *id,
                            const struct artifact_profile *p);

/* Does the profile list what CODE_SIGN_IDENTITY asks for?  true where that is not
 * clear. */
bool relate_has_identity(const struct artifact_profile *p, const char *identity);
/* Is there a .p12 that nobody could open?  It may have the key that is missed. */
bool relate_is_any_locked(const struct exam *x);

/* Something that needs a profile of its own: an app, extension, watch app, clip. */
bool relate_is_process(const struct artifact_bundle *b);

/* Does xcodebuild look for profiles in the options?  Not when it chooses itself. */
bool relate_is_manual(const struct artifact_export *e);

/* "sealring profile create adhoc -a com.ex.app --portal DIR -o
 * com.ex.app.mobileprovision"; new.  Ids are what somebody wrote: they are quoted. */
char *relate_create(const char *kind, const char *id);

/* ---- targets ---- */

/* "Shop.xcodeproj: Shop, Release"; new. */
char *relate_subject(const struct exam_target *t);
/* Of an iPhone, a watch ...; signed, with a profile and an id that is known. */
bool relate_is_signed(const struct exam_target *t);
/* The profile that is chosen by hand, and the setting; NULL: none is. */
const char *relate_chosen(const struct exam_target *t, const char **setting);
/* The one that is chosen and here. */
bool relate_target_profile(struct exam_profile *out, const struct exam *x,
                           const struct exam_target *t);
/* What the target's bundle is called: that of a test runner is a longer one; new. */
char *relate_bundle_id(const struct exam_target *t);
/* As exam_found() about the target.  NULL: another configuration of it has the same, and
 * this one was added. */
struct diagnosis *relate_found(struct exam *x, const struct exam_target *t,
                               enum diagnosis_certainty certainty, char *cause,
                               char *fix);
/* "sealring project show Shop.xcodeproj -t Shop -c Release --settings"; new. */
char *relate_show(const struct exam_target *t);
/* A fact: the line that sets it. */
void relate_fact(struct diagnosis *d, const struct exam_target *t, const char *setting,
                 const struct xcode_value *v);
