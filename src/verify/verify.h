/* SPDX-License-Identifier: Apache-2.0 */
/*
 * verify/verify.h - would a device take this app?  (spec codesign.md 9)
 *
 * Shares only parsers with sign/: what one writes the other judges on its own.
 */
#pragma once

#include "bundle/bundle.h"
#include "crypto/trust.h"
#include "verify/finding.h"

struct verify_device {
	const char *udid;    /* NULL: no device is asked; only what all devices check */
	const char *model;   /* "iPhone14,5", or NULL */
	uint32_t os_version; /* 16.8.8 bits; 0: the newest */
	bool developer_mode_off;
	bool user_has_not_trusted; /* enterprise and free profiles */
	unsigned free_apps;        /* other apps with free profiles that it has */
	/* application-identifier of the app that is to be replaced; NULL: none */
	const char *installed_app_id;
};

#define VERIFY_MAX_OCSP 64

struct verify_request {
	const char *name; /* of the app in commands that mend it; NULL: its path */
	const struct trust *trust;
	struct verify_device device;
	int64_t at_s;         /* the device's clock */
	bool at_signing_time; /* use the CMS signing time instead of at_s, per signature */
	unsigned stages;      /* STAGE_BIT()s; 0: STAGES_DEVICE */
	bool strict;          /* also what only some versions of the system refuse */
	struct slice crl;     /* DER or PEM; empty: none */
	const struct slice *ocsp; /* OCSP responses (DER), checked before */
	size_t ocsp_count;        /* at most VERIFY_MAX_OCSP */
	/*
	 * Ask the responder of a certificate; append its response (DER).  Of answers
	 * already given about a certificate none is asked for again.  NULL: nobody is
	 * asked.  Called in the caller's thread, for chains that are trusted only.
	 */
	bool (*ask_responder)(void *ctx, struct buf *out, const struct cert *cert,
	                      const struct cert *issuer, struct error *err);
	void *ask_ctx;
	struct slice requirement; /* blob the app must satisfy too; empty: none */
	/* What the app was made of, read before: files that are packed in the same bytes
	 * are not hashed again.  NULL: none. */
	const struct scan *earlier;
	unsigned threads;
};

/* What was looked at, for printing. */
struct verify_item {
	char *path;
	enum bundle_kind kind;
	bool is_process;
	char *id;           /* or NULL */
	char *signer_cn;    /* or NULL */
	char *team;         /* or NULL */
	char *profile_name; /* or NULL */
	char *archs;        /* "arm64, armv7" */
};

/* One of the four tests that a profile is put to (9.2 f), for printing. */
struct verify_test {
	const char *name; /* "signer" */
	bool ok;
	bool decides; /* it is why the verdict is what it is */
	char *text;
};
#define VERIFY_TESTS 4

struct verdict {
	struct findings findings; /* sorted */
	struct verify_item *items;
	size_t item_count;
	/* Of the bundle whose profile decides; none where another thing does. */
	struct verify_test tests[VERIFY_TESTS];
	size_t test_count;
	bool non_apple_root; /* a root that is not Apple's decided */
	bool unsigned_app;
	size_t sealed_files; /* how many files were hashed */
	size_t code_slices;
	size_t pages;
};

/*
 * Judge.  Errors only for what cannot be read at all; everything else is a
 * finding.
 */
NODISCARD bool verify_container(struct verdict *out, const struct container *c,
                                const struct verify_request *request,
                                struct error *err);
void verdict_free(struct verdict *v); /* for AUTO() */

/*
 * The same for many devices: the app is read and judged once, and each device adds
 * what it alone has to say.  The container outlives it; request.device is not asked.
 */
struct verify_app; /* private */
NODISCARD bool verify_open(struct verify_app **out, const struct container *c,
                           const struct verify_request *request, struct error *err);
void drop_verify_app(struct verify_app **app); /* for AUTO() */
/* What every device finds. */
const struct verdict *verify_common(const struct verify_app *app);
/* What this one finds besides, sorted; findings_first() of both lists decides.  Of one
 * app from one thread at a time. */
void verify_ask(struct findings *out, struct verify_app *app,
                const struct verify_device *device);

/*
 * Does a profile that allows this value of the entitlement (NULL: it does not have the
 * key) permit the claim?  codesign.md 9.4.
 */
bool verify_permits(const char *key, const struct pl *allowed, const struct pl *claim);
