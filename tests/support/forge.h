/* SPDX-License-Identifier: Apache-2.0 */
/*
 * forge.h - the good app, signed by hand, with one fault: what the judge is tested on
 * (spec codesign.md 11).
 *
 *     static void add_claim(struct forge_code *c)
 *     {
 *             pl_set(c->claims, "aps-environment", pl_new_string("production"));
 *     }
 *
 *     TEST(a_claim_that_the_profile_does_not_permit_is_refused)
 *     {
 *             check_case(&(struct forge_case){ .reason = "ent.not-permitted",
 *                                              .plan = add_claim });
 *     }
 *
 * Everything around a fault is made right again: hashes, seals of the bundles around
 * it, signatures.  It is made of the formats' builders and none of sign/, so that
 * the app is a second opinion on what a good one is.
 *
 * The app is that of good_app.h, signed for development by fake_pki()'s developer,
 * with a profile for every bundle ("*"), at FAKE_NOW_S.
 */
#pragma once

#include "bundle/bundle.h"
#include "codesign/signature.h"
#include "profile/build.h"
#include "support/fake_pki.h"
#include "support/good_app.h"
#include "verify/verify.h"

#define FORGE_MAX_FILE   ((size_t)16 << 20)
#define FORGE_UDID       GOOD_APP_UDID
#define FORGE_APP_ID     FAKE_TEAM "." GOOD_APP_ID
#define FORGE_MAX_CDS    3
#define FORGE_MAX_EXTRA  4
#define FORGE_SLOT(slot) (1U << (slot))

/* Somebody who signs, and who issued the certificate, up to the root. */
struct forge_signer {
	struct fake_party *leaf; /* NULL: nobody, ad hoc */
	const struct fake_party *issuers[4];
	size_t issuer_count;
};
struct forge_signer forge_developer(void);

/* One slice while it is signed.  What is borrowed lives as long as the test. */
struct forge_code {
	const struct bundle *bundle;
	const struct macho_slice *slice;
	struct forge_signer by, also; /* also: a second signer */
	struct pl *claims;     /* entitlements, owned; NULL: none, as for libraries */
	struct pl *der_claims; /* the DER form says this; owned; NULL: the same */
	bool no_xml, no_der;
	struct slice xml, der,
		requirements; /* whole blobs instead; empty: as is right */
	enum digest digests[FORGE_MAX_CDS];
	size_t digest_count;
	/* Identifier, team, flags, page size, exec_seg_flags; .special is filled in. */
	struct codedir_new how;
	struct slice signed_as[CODEDIR_MAX_SPECIAL + 1]; /* hash this instead */
	uint32_t absent;         /* FORGE_SLOT()s without a hash */
	uint32_t short_by;       /* bytes at the end of the code that are not hashed */
	bool no_v1, no_v2;       /* agility attributes that are left out */
	bool wrong_v1, wrong_v2; /* and such with another hash */
	bool leave_unsigned;
	bool sha1_message; /* message digest SHA-1, no agility attributes */
	struct superblob_entry extra[FORGE_MAX_EXTRA]; /* further blobs */
	size_t extra_count;
};

/* One profile while it is made. */
struct forge_profile {
	struct profile_new how;
	struct pl *entitlements; /* owned */
	const struct cert *certs[4];
	const char *devices[4];
	struct pl *more; /* further keys of the property list; owned */
	struct profile_signers signers;
	bool leave_out; /* the bundle gets none */
};

struct forge {
	struct scratch folder;
	char *app; /* path of the .app folder */
	const struct forge_case *how;
	struct verify_request request;
	struct buf crl, ocsp;  /* of the request, where a case fills them */
	struct slice response; /* private */
};

/*
 * A mutation, and what the judge has to say.  Hooks are called in this order; those
 * of a signature only for the bundle or file `at`.
 */
struct forge_case {
	const char *reason; /* what decides; NULL: the app is admitted */
	const char *noted; /* a finding that does not block; NULL: none is looked for */
	const char *unnoted; /* a finding that is not to be there; NULL: any may */
	const char *bundle;  /* where reason, or else noted, is found; NULL: at `at` */
	const char *text;    /* in expected or found; NULL: anything */
	const char *also[6]; /* other reasons to block, further back in the order */
	const char *at; /* in the app: "PlugIns/Share.appex"; NULL: the app itself */
	struct good_how app;

	void (*before)(struct forge *f);          /* files, before all is sealed */
	void (*profile)(struct forge_profile *p); /* at `at`; elsewhere a good one */
	void (*all_profiles)(struct forge_profile *p);
	void (*profile_bytes)(struct buf *bytes);    /* of the one at `at` */
	void (*seal)(struct pl *code_resources);     /* CodeResources of the bundle */
	void (*plan)(struct forge_code *code);       /* before anything is hashed */
	void (*plan_all)(struct forge_code *code);   /* the same, for every code */
	void (*commands)(struct buf *head);          /* header and load commands */
	void (*directory)(struct buf *cd, size_t i); /* i-th code directory, unsigned */
	void (*message)(struct buf *cms);
	void (*blob)(struct buf *superblob);
	void (*after)(struct forge *f); /* files, when all is signed */
	void (*ask)(struct forge *f);   /* f->request */
};

/* Make the app, judge it, compare. */
void check_case_at(const struct forge_case *how, const char *file, int line);
#define check_case(...) check_case_at((__VA_ARGS__), __FILE__, __LINE__)

/* Hooks (plan_all, all_profiles, before) of a good app for the store: another
 * certificate, other claims, no library where only a device takes one. */
void forge_for_store(struct forge_code *c);
void forge_store_profile(struct forge_profile *p);
void forge_store_tidy(struct forge *f);

/* A plan: the designated requirement of another app. */
void forge_requirement_of_another(struct forge_code *c);

/* The signed app alone, for what the cases cannot say. */
NODISCARD bool forge_make(struct forge *out, const struct forge_case *how,
                          struct error *err);
NODISCARD bool forge_judge(struct verdict *out, const struct forge *f,
                           struct error *err);
void forge_free(struct forge *f); /* for AUTO() */

/* Reason ids that cases have tripped so far. */
bool forge_has_tripped(const char *rule_id);
size_t forge_tripped_count(void);

/* ---- for hooks: files of the app; a failure ends the program ---- */

void forge_put(const struct forge *f, const char *name, const char *text);
void forge_put_bytes(const struct forge *f, const char *name, struct slice bytes);
void forge_remove(const struct forge *f, const char *name);
void forge_link(const struct forge *f, const char *name, const char *target);
void forge_read(struct buf *out, const struct forge *f, const char *name);
/* Change one bit of the byte at this offset; from the end if negative. */
void forge_flip(const struct forge *f, const char *name, long offset);
/* Set a key of a property list file; value is taken over; NULL removes the key. */
void forge_info(const struct forge *f, const char *name, const char *key,
                struct pl *value);
/* Put a Mach-O file. */
void forge_macho(const struct forge *f, const char *name, const struct tiny_slice *how,
                 size_t count);
