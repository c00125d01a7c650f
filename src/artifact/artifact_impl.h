/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact_impl.h - what the readers of each kind share.
 */
#pragma once

#include "artifact/artifact.h"

/* ---- read_cert.c ---- */

/* extra: certificates that came along, or NULL. */
void artifact_cert_fill(struct artifact_cert *out, const struct cert *cert,
                        const struct cert_list *extra, const struct trust *trust);
void artifact_cert_free(struct artifact_cert *cert);

NODISCARD bool artifact_read_certs(struct artifact *a, struct slice bytes,
                                   const struct artifact_how *how, struct error *err);
NODISCARD bool artifact_read_csr(struct artifact *a, struct slice bytes,
                                 struct error *err);
NODISCARD bool artifact_read_key(struct artifact *a, struct slice bytes,
                                 const struct artifact_how *how, struct error *err);
NODISCARD bool artifact_read_p12(struct artifact *a, struct slice bytes,
                                 const struct artifact_how *how, struct error *err);

/* ---- read_profile.c ---- */

NODISCARD bool artifact_profile_read(struct artifact_profile **out, struct slice bytes,
                                     const struct artifact_how *how, struct error *err);
void artifact_profile_free(struct artifact_profile *p); /* NULL is fine */

/* ---- read_plist.c ---- */

/* What the property list is by its keys. */
enum artifact_kind artifact_kind_of_plist(const struct pl *root);
NODISCARD bool artifact_read_plist(struct artifact *a, struct slice bytes,
                                   struct error *err);

/* ---- read_app.c ---- */

NODISCARD bool artifact_read_app(struct artifact *a, const char *path,
                                 const struct artifact_how *how, struct error *err);
void artifact_bundle_free(struct artifact_bundle *b);

/* ---- ends.c ---- */

void artifact_note_ends(struct artifact *a);
