/* SPDX-License-Identifier: Apache-2.0 */
/*
 * artifact/artifact.h - any file of iOS code signing, read into one value that answers
 * the five questions: who, what, where, until when, how.
 *
 *     AUTO(artifact_free) struct artifact a = { 0 };
 *     const struct artifact_how how = { .trust = &trust };
 *     if (!artifact_read(&a, "Shop.ipa", &how, err))
 *             return false;
 *
 *     who    certs (of the file), profile->certs, bundles[i].signer, key, request
 *     what   profile->app_id, bundles[i].id, artifact_app_id()
 *     where  profile->devices, profile->platforms, bundles[i].platform
 *     until  ends, artifact_end()
 *     how    artifact_entitlements(), bundles[i].entitlements
 *
 * All is plain data, owned by the artifact: nothing refers to the file any more.
 * Reading describes, it does not judge: verify/ does.
 */
#pragma once

#include "bundle/bundle.h"
#include "crypto/p12.h"
#include "profile/profile.h"

enum artifact_kind {
	ARTIFACT_UNKNOWN,
	ARTIFACT_CERT,    /* .cer, .pem, .crt: one certificate or several */
	ARTIFACT_KEY,     /* a private key */
	ARTIFACT_P12,     /* key and certificate */
	ARTIFACT_CSR,     /* certificate request */
	ARTIFACT_PROFILE, /* .mobileprovision, .provisionprofile */
	ARTIFACT_APP,     /* .ipa, .zip, .app, .appex, .framework, .xcarchive, ... */
	ARTIFACT_CODE,    /* a Mach-O file of its own */
	ARTIFACT_ENTITLEMENTS,
	ARTIFACT_EXPORT_OPTIONS, /* ExportOptions.plist of xcodebuild */
	ARTIFACT_INFO_PLIST,
	ARTIFACT_PROJECT, /* .xcodeproj: found and named; xcode/ reads it */
	ARTIFACT_KIND_COUNT
};
const char *artifact_kind_name(enum artifact_kind kind); /* "provisioning profile" */
const char *artifact_kind_word(enum artifact_kind kind); /* "profile", in JSON */

/* ---- the parts ---- */

/* What a certificate says, and what is known of its issuer. */
struct artifact_cert {
	char *cn, *team, *org, *uid; /* "" where absent; team: OU */
	char *issuer;                /* its CN */
	char *generation; /* of Apple's issuers: "G1", "G3", ...; "" for others */
	char *root; /* CN of the root that the chain ends in; "" if it is not sound */
	char serial[64]; /* lower-case hexadecimal */
	unsigned char sha1[20], sha256[32];
	unsigned char key_sha256[32]; /* as key_fingerprint(): whose key it is */
	const char *key_family;       /* "RSA", "EC" */
	unsigned key_bits;
	enum cert_kind kind;
	int64_t not_before_s, not_after_s;
	bool has_issuer; /* the issuer is known and no root: its end counts */
	int64_t issuer_not_after_s;
	bool is_self_signed;
	enum trust_problem trust; /* TRUST_OK: sound up to a root of the store */
};

struct artifact_profile {
	char *name, *uuid, *team_id, *team_name, *app_id_name;
	char *app_id; /* "PREFIX.com.acme.shop" or "PREFIX.*" */
	char *prefix;
	bool is_wildcard;
	enum profile_kind kind;
	bool all_devices, is_xcode_managed, is_free;
	int64_t created_s, expires_s;
	struct pl *platforms, *devices; /* arrays of strings; NULL: none are named */
	struct pl *entitlements;
	struct artifact_cert *certs;
	size_t cert_count;
	enum profile_signature signature;
	char *authority;   /* why: a text for people */
	char *der_problem; /* what DER-Encoded-Profile says else; NULL: nothing */
};

enum artifact_seal {
	ARTIFACT_UNSIGNED,
	ARTIFACT_ADHOC,      /* sealed by nobody */
	ARTIFACT_SIGNED,     /* signer says by whom; nothing is verified here */
	ARTIFACT_UNREADABLE, /* there is a signature that cannot be read */
};

/* One thing of an app that is signed: a bundle, or a piece of loose code. */
struct artifact_bundle {
	char *path; /* in the container: "Payload/X.app/PlugIns/Y.appex" */
	enum bundle_kind kind;
	size_t depth;
	char *id;                     /* CFBundleIdentifier; NULL: none */
	char *identifier;             /* of the code directory; NULL: not signed */
	char *name, *version, *build; /* of Info.plist; NULL: none */
	char *problem;                /* why it cannot be read; NULL: nothing */
	enum artifact_seal seal;
	struct artifact_cert *signer; /* ARTIFACT_SIGNED only, else NULL */
	int64_t signed_s;             /* 0: not said */
	enum macho_platform platform; /* of the newest slice, with min_os */
	char min_os[MACHO_VERSION_TEXT];
	char *archs;                      /* "arm64, armv7"; NULL: no code */
	struct pl *entitlements;          /* what it claims; NULL: none */
	struct artifact_profile *profile; /* embedded; NULL: none */
	char *profile_problem;            /* it is there and cannot be read; NULL */
};

struct artifact_key {
	const char *type; /* "RSA 2048" */
	unsigned char sha256[32];
	enum key_type key_type;
};

struct artifact_csr {
	char *cn, *email, *org, *country;
	const char *key_family;
	unsigned key_bits;
	unsigned char key_sha256[32];
};

enum artifact_end_kind {
	ARTIFACT_END_CERT,
	ARTIFACT_END_ISSUER,
	ARTIFACT_END_PROFILE,
	/* Of a profile's certificates the one that lasts longest: later nobody can sign
	 * with it, and nothing that was signed runs. */
	ARTIFACT_END_LAST_CERT,
};
const char *artifact_end_kind_name(enum artifact_end_kind kind); /* "certificate" */

/* One thing that ends. */
struct artifact_end {
	enum artifact_end_kind kind;
	const char *name;   /* of the certificate or profile; borrowed */
	const char *bundle; /* path of the bundle that it is about, or NULL; borrowed */
	int64_t until_s;
};

struct artifact {
	enum artifact_kind kind;
	char *path;
	/* The name says another kind than the content, which is what counts. */
	bool is_misnamed;

	/* ARTIFACT_KEY, ARTIFACT_P12: encrypted, and no password was given: nothing
	 * but p12 is known. */
	bool is_locked;
	bool has_key;
	struct artifact_key key; /* ARTIFACT_KEY, ARTIFACT_P12 */
	bool is_key_encrypted;
	struct p12_info p12; /* ARTIFACT_P12; of a locked one what is not encrypted */

	struct artifact_cert *certs; /* ARTIFACT_CERT; ARTIFACT_P12: its own first */
	size_t cert_count;
	struct artifact_csr *csr;
	struct artifact_profile *profile; /* ARTIFACT_PROFILE */

	enum container_kind container;   /* ARTIFACT_APP */
	struct artifact_bundle *bundles; /* of an app or code; [0] is the app */
	size_t bundle_count;

	struct pl *plist; /* ARTIFACT_ENTITLEMENTS, _EXPORT_OPTIONS, _INFO_PLIST */

	/* What ends, earliest first; none: nothing does. */
	struct artifact_end *ends;
	size_t end_count;
};

/* ---- reading ---- */

struct artifact_how {
	const struct trust *trust;
	const struct secret *password; /* of .p12 and keys; NULL: none is known */
	unsigned threads; /* for apps; 0: as many as there are processors */
	/* Do not check who signed profiles, which takes half of the time: signature is
	 * PROFILE_SIGNATURE_UNTRUSTED then, authority "not checked". */
	bool skip_profile_check;
};

/*
 * Read the file or folder.  The content decides what it is, then the name.
 *
 * A .p12 or key whose password is needed and not known is no error: is_locked.
 * What is broken inside an app (a bundle, a profile) is in its bundle's problem.
 * Errors: ERROR_NOT_FOUND, ERROR_FORMAT (nothing that we know, or damaged),
 * ERROR_LIMIT, ERROR_AUTH (the password is wrong), ERROR_IO.
 */
NODISCARD bool artifact_read(struct artifact *out, const char *path,
                             const struct artifact_how *how, struct error *err);

/*
 * The same of bytes; name is what the file is called.  Apps and code need a file:
 * ERROR_USAGE.
 */
NODISCARD bool artifact_parse(struct artifact *out, const char *name,
                              struct slice bytes, const struct artifact_how *how,
                              struct error *err);
void artifact_free(struct artifact *a); /* for AUTO(); zeros are fine */

/*
 * What bytes are, and what a name says; ARTIFACT_UNKNOWN where they do not say.  All
 * of the bytes are to be there, of long ones ARTIFACT_SNIFF_BYTES.
 */
#define ARTIFACT_SNIFF_BYTES ((size_t)16 << 10)
enum artifact_kind artifact_sniff(struct slice bytes);
enum artifact_kind artifact_kind_of_name(const char *path);

/*
 * Append what is inside the file that was read, byte for byte: of a profile the
 * property list that is signed, of an app or code its entitlements as XML, else the
 * file.  out->max: ARTIFACT_RAW_MAX is enough.
 * Errors: ERROR_REFUSED: it has a private key; ERROR_NOT_FOUND: no entitlements; as
 * file_map().
 */
#define ARTIFACT_RAW_MAX ((size_t)64 << 20)
NODISCARD bool artifact_raw(struct buf *out, const struct artifact *a,
                            struct error *err);

/* ---- answers ---- */

/* The end that decides, or NULL: the earliest. */
const struct artifact_end *artifact_end(const struct artifact *a);

/* "PREFIX.com.acme.shop": the profile's, or what the app or entitlements claim; else
 * the bundle id.  Borrowed; NULL: none. */
const char *artifact_app_id(const struct artifact *a);

/* What the app claims, the profile allows or the file lists; NULL: none. */
const struct pl *artifact_entitlements(const struct artifact *a);

/* The profile of the file, or that of the app itself; NULL: none. */
const struct artifact_profile *artifact_profile(const struct artifact *a);

/* The certificate of the file, or of who signed the app; NULL: none, or several. */
const struct artifact_cert *artifact_signer(const struct artifact *a);

/* Is the key with this fingerprint that of the certificate? */
bool artifact_cert_has_key(const struct artifact_cert *cert,
                           const unsigned char key_sha256[32]);

/* The profile's certificate that is the same as this one; NULL: it is not listed. */
const struct artifact_cert *artifact_profile_cert(const struct artifact_profile *p,
                                                  const unsigned char sha256[32]);

/* ---- ExportOptions.plist ---- */

struct artifact_export {
	const char *method; /* as written; NULL: xcodebuild takes "development" */
	bool is_known; /* the method is one that xcodebuild knows, and kind is it */
	enum profile_kind kind;
	const char *team_id, *style, *certificate; /* NULL: not said */
	const struct pl *profiles; /* bundle id -> name or UUID, or NULL */
};
/* Of an ARTIFACT_EXPORT_OPTIONS; borrows from its plist. */
struct artifact_export artifact_export(const struct artifact *a);

/* Export methods of xcodebuild, old and new names: "ad-hoc", "release-testing". */
bool artifact_export_method(enum profile_kind *out, const char *method);
