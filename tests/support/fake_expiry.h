/* SPDX-License-Identifier: Apache-2.0 */
/*
 * fake_expiry.h - artifacts made of values, for what is counted from them: no files,
 * no keys.
 */
#pragma once

#include "artifact/artifact.h"

/* 2026-11-25 09:00:00. */
#define FAKE_EXPIRY_NOW_S ((int64_t)1795597200)
#define FAKE_DAY          ((int64_t)86400)

/* A certificate: n makes its hashes; it ends `days` from now. */
struct fake_cert {
	unsigned char n;
	const char *cn;
	int64_t days;
	int64_t issuer_days; /* 0: the issuer's end is not known */
	bool is_self_signed;
};

/* A profile that lists certificates. */
struct fake_profile {
	const char *name, *uuid;
	enum profile_kind kind;
	int64_t days;
	const struct fake_cert *certs;
	size_t cert_count;
	size_t devices;
	bool all_devices;
};

/* A bundle of an app. */
struct fake_bundle {
	const char *path, *id;
	const struct fake_cert *signer;     /* NULL: not signed */
	const struct fake_profile *profile; /* NULL: none */
};

/* All are to be freed with artifact_free(). */
struct artifact fake_cert_file(const char *path, const struct fake_cert *certs,
                               size_t count);
struct artifact fake_identity_file(const char *path, const struct fake_cert *certs,
                                   size_t count);
struct artifact fake_profile_file(const char *path, const struct fake_profile *p);
struct artifact fake_app_file(const char *path, const struct fake_bundle *bundles,
                              size_t count);
