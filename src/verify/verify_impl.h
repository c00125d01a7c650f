/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify_impl.h - what the checks share, for verify/ only.
 */
#pragma once

#include "bundle/seal.h"
#include "codesign/signature.h"
#include "crypto/ocsp.h"
#include "macho/read.h"
#include "profile/profile.h"
#include "verify/verify.h"

/* What kind of judgement a piece of code gets. */
enum judge_as {
	JUDGE_DEVICE,    /* iOS and its kin: everything */
	JUDGE_SIMULATOR, /* seals and pages; ad hoc is fine */
	JUDGE_MACOS,     /* seals, pages, signature; no iOS profile */
};

/* One bundle or loose file while it is judged. */
struct subject {
	const struct bundle *bundle;
	const struct code *code; /* as it was scanned */
	struct macho macho;
	bool has_code; /* read and parsed */
	/* the profile embedded in this bundle */
	struct buf profile_bytes;
	struct profile profile;
	bool has_profile;    /* read and parsed */
	bool profile_is_odd; /* there, but not to be read */
	/* of the first slice's signature */
	char *team, *signer_cn;       /* owned; NULL: none */
	bool store_signed;            /* by Apple's App Store certificate */
	bool cert_asked, cert_listed; /* whether its profile lists the certificate */
	char *cert_text;              /* owned: which, and among how many */
	bool has_cd_platform;         /* a code directory was read: what it says */
	uint8_t cd_platform;
	enum cert_kind signer_kind; /* of the last slice's certificate */
	char *identifier;           /* owned: of the first code directory; NULL: none */
	char *old_form; /* owned: what iOS 15 misses in the signature; NULL: nothing */
	struct pl *entitlements;    /* that count: DER, else XML; NULL: none */
	struct buf resources, info; /* files as they are */
	bool has_resources, has_info;
};

struct judgement {
	const struct container *c;
	const struct verify_request *request;
	const struct verify_device *device; /* that is asked; NULL: what all find */
	struct verdict *out;
	enum ocsp_answer ocsp_best[VERIFY_MAX_OCSP]; /* of each response: all it said */
	struct findings *to; /* where report() puts what is found */
	enum judge_as as;
	struct scan scan;
	struct bundle_tree tree;
	struct subject *subjects; /* one a bundle of the tree, same index */
};

/* One slice of a file, and what is known of its signature. */
struct slice_view {
	struct judgement *j;
	struct subject *s;
	const struct macho_slice *m;
	struct signature signature;
	struct slice resources, info;
};

/* "17" as the device's os_version has it. */
#define VERIFY_OS(major) ((uint32_t)(major) << 16)

/*
 * Report; texts are taken over.  What has been said already is not said again (a
 * file of two slices has every fault twice), and what would be refused at install
 * in a bundle is refused at launch in a loose library: nobody looks earlier (9.2).
 */
void report(struct judgement *j, const struct subject *s, const char *rule,
            char *expected, char *found, char *hint);

/* ---- what to do: new strings for report() ---- */

/* sealring verify APP --crl LIST */
char *fix_list(const struct judgement *j);
/* sealring sign APP -o APP-signed ... */
char *fix_sign(const struct judgement *j);
/* Correct this key of the bundle's Info.plist, and sign again. */
char *fix_info(const struct judgement *j, const struct subject *s, const char *key);
/* Another bundle id, inside of outer's. */
char *fix_rename(const struct judgement *j, const struct subject *s, const char *outer);
/* Without this extension or app. */
char *fix_remove(const struct judgement *j, const struct subject *s);
/* This profile made anew, and signed again with it. */
char *fix_profile(const struct judgement *j, const struct profile *p);
/* The same with one more device. */
char *fix_device(const struct judgement *j, const struct profile *p, const char *udid);
/* The same when the App ID may do more: what this entitlement says. */
char *fix_capability(const struct judgement *j, const struct subject *s,
                     const char *key);
/* A profile that fits the bundle's App ID; one for devices. */
char *fix_app_id(const struct judgement *j, const struct subject *s);
char *fix_adhoc(const struct judgement *j, const struct subject *s);
char *fix_appstore(const struct judgement *j, const struct subject *s);
/* A new certificate, and the profile made anew with it. */
char *fix_certificate(const struct judgement *j, const struct subject *s);
/* The same for the store. */
char *fix_distribution(const struct judgement *j, const struct subject *s);
/* Signed again with the entitlements that the profile grants. */
char *fix_granted(const struct judgement *j);
/* A file in place of this link. */
char *fix_replace(const struct judgement *j, const char *path);

/* The index of the bundle's parent in the tree; the app's own for itself. */
const struct subject *parent_subject(const struct judgement *j,
                                     const struct subject *s);

/* The moment to judge at: the request's, or that of the signature. */
int64_t judge_time(const struct judgement *j, const struct cms *cms);

/* ---- what every device finds ---- */

void check_symlinks(struct judgement *j);
void check_metadata(struct judgement *j, struct subject *s);
void check_info_keys(struct judgement *j, struct subject *s);
void check_extension(struct judgement *j, struct subject *s);
void check_intents(struct judgement *j, struct subject *s);
void check_watch(struct judgement *j, struct subject *s);
/* What bundles are together. */
void check_duplicate_ids(struct judgement *j);
void check_extensions(struct judgement *j);
void check_intents_together(struct judgement *j);
void check_watches(struct judgement *j);
/* What is embedded is named for what embeds it. */
void check_prefix(struct judgement *j, struct subject *s, const struct bundle *outer,
                  const char *rule);
/* Is it a watch app, or inside of one? */
bool is_on_watch(const struct bundle *b);
#define POINT_WATCHKIT "com.apple.watchkit"
#define POINT_INTENTS  "com.apple.intents-service"
/* NSExtensionPointIdentifier of an extension; else "". */
const char *extension_point(const struct bundle *b);
/* A value of its NSExtensionAttributes, or NULL. */
const struct pl *extension_attribute(const struct bundle *b, const char *key);
void check_profile(struct judgement *j, struct subject *s);
void check_profile_dates(struct judgement *j, struct subject *s, int64_t now);
/* Everything about the signature of each slice. */
void check_code(struct judgement *j, struct subject *s);
/* The signed message, and all that follows from who signed it. */
void check_message(const struct slice_view *v);
/* The signature's certificate against chain, dates and profile (9.2 e to g). */
void check_signer(struct judgement *j, struct subject *s, const struct cms *cms,
                  const struct codedir *cd);
/* What the OCSP responses say of the chain; and which said nothing of any. */
void check_ocsp(struct judgement *j, struct subject *s, const struct trust_chain *chain,
                int64_t now);
void check_ocsp_used(struct judgement *j);
void check_entitlements(struct judgement *j, struct subject *s,
                        const struct signature *signature, const struct codedir *cd);
NODISCARD bool check_seal(struct judgement *j, struct subject *s, struct error *err);
void check_libraries(struct judgement *j);
void check_stated_requirement(struct judgement *j, struct subject *app);
/* Of App Store Connect, behind all others: what they found is in j->out. */
void check_store(struct judgement *j);
void check_store_claims(struct judgement *j, const struct subject *s);
void check_store_code(struct judgement *j);
void check_store_info(struct judgement *j, const struct subject *s);
void check_store_ids(struct judgement *j);
void check_store_layout(struct judgement *j);

/* ---- what j->device finds ---- */

void check_device(struct judgement *j);
void check_point_on_device(struct judgement *j, struct subject *s);
/* The device's side of the profile. */
void check_profile_on_device(struct judgement *j, struct subject *s);

/* ---- what is told besides ---- */

/* The four tests of the profile that decides; j->device is the one that was asked. */
void tell_tests(struct judgement *j, struct verdict *v);
