/* SPDX-License-Identifier: Apache-2.0 */
/*
 * profile/build.h - making provisioning profiles, as an authority does.
 */
#pragma once

#include "profile/profile.h"

/* Everything is borrowed for the call. */
struct profile_new {
	enum profile_kind kind;
	const char *name, *uuid, *team_id, *team_name, *app_id_name;
	const char *prefix;           /* seed id */
	const char *bundle_id;        /* "com.acme.shop" or "*" or "com.acme.*" */
	const char *const *platforms; /* "iOS", ... */
	size_t platform_count;
	const struct cert *const *certs;
	size_t cert_count;
	const char *const *devices;
	size_t device_count;
	const struct pl *entitlements; /* complete: application-identifier and so on */
	int64_t created_s, expires_s;
	bool omit_der; /* leave DER-Encoded-Profile out (as before 2021) */
};

/* The two signers of a profile: of the envelope, and of the DER form inside. */
struct profile_signers {
	struct signature_party {
		const struct cert *cert;
		const struct cert *const *chain; /* CA, root */
		size_t chain_count;
		struct signer_key key;
	} outer, der;
};

/* Append the .mobileprovision bytes.  Errors: ERROR_CRYPTO, what the keys say. */
NODISCARD bool profile_build(struct buf *out, const struct profile_new *how,
                             const struct profile_signers *signers, struct error *err);
