/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile/profile.h - provisioning profiles (spec codesign.md section 7): who may
 * sign, what app, where, until when, how much.
 */
#pragma once

#include "crypto/cms.h"
#include "util/plist.h"

#define PROFILE_MAX_BYTES   ((size_t)16 << 20)
#define PROFILE_MAX_DEVICES ((size_t)100000)
#define PROFILE_MAX_CERTS   ((size_t)10000)

enum profile_kind {
	PROFILE_DEVELOPMENT,
	PROFILE_ADHOC,
	PROFILE_APPSTORE,
	PROFILE_ENTERPRISE,
	PROFILE_DEVELOPER_ID,
};

struct profile {
	struct cms cms;  /* the envelope */
	struct pl *root; /* the property list */
	/* read from it; borrowed from root */
	const char *name, *uuid, *team_id, *team_name, *app_id_name;
	const char *app_id; /* "PREFIX.com.acme.shop" or "PREFIX.*" */
	const char *prefix; /* first ApplicationIdentifierPrefix */
	const struct pl *prefixes, *platforms; /* arrays; platforms may be NULL */
	const struct pl *devices;              /* array, or NULL */
	const struct pl *entitlements;
	int64_t created_s, expires_s;
	int64_t time_to_live_days;
	bool all_devices, is_xcode_managed, is_local, ppq_check;
	enum profile_kind kind;
	bool is_free;             /* free development: LocalProvision or 7 days */
	struct cert_list certs;   /* DeveloperCertificates, parsed */
	struct slice der_profile; /* DER-Encoded-Profile; empty: none */
};

/*
 * Read a profile; does not judge who signed it.  Certificates that cannot be
 * parsed are an error, unknown keys are ignored.
 * Errors: ERROR_FORMAT (also empty files, HTML pages, plain property lists: the
 * cause says which), ERROR_LIMIT.
 */
NODISCARD bool profile_parse(struct profile *out, struct slice file, struct error *err);
void profile_free(struct profile *p); /* for AUTO() */

const char *profile_kind_name(enum profile_kind kind); /* "ad hoc" */
const char *profile_kind_word(enum profile_kind kind); /* "adhoc", as in commands */

enum profile_signature {
	PROFILE_SIGNATURE_OK,
	PROFILE_SIGNATURE_BAD,          /* the CMS signature does not fit the content */
	PROFILE_SIGNATURE_UNTRUSTED,    /* another signer than the trust store knows */
	PROFILE_SIGNATURE_WRONG_SIGNER, /* trusted root, but not a profile signer (7.1) */
};
/*
 * Judge the envelope (7.1): exactly one signer, chain of three to a root of the
 * store, marker or name of a profile signer and its CA, no date check.
 * why: text for people, at least 256 bytes.
 */
enum profile_signature profile_check_signature(const struct profile *p,
                                               const struct trust *trust,
                                               char why[256]);

/*
 * Does DER-Encoded-Profile, if there is one, say the same as the property list,
 * and is its signature good?  true: yes, or there is none.
 */
bool profile_check_der(const struct profile *p, const struct trust *trust,
                       char why[256]);

/* Does the pattern (profile app id) cover this application-identifier?  P.com.x.*
 * needs at least one more character. */
bool profile_covers(const char *pattern, const char *application_id);

/* Is the device among ProvisionedDevices (ignoring case), or are all allowed? */
bool profile_has_device(const struct profile *p, const char *udid);

/* Is exactly this certificate among DeveloperCertificates? */
bool profile_has_cert(const struct profile *p, const struct cert *cert);
